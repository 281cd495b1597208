import Foundation
import StageModel
import Testing

@testable import StageStoreSQL

@Suite("SQLite: the write-ahead log")
struct LogCheckpointerTests {
    private static let page = 4096

    private static func size(of path: String) throws -> Int {
        guard FileManager.default.fileExists(atPath: path) else { return 0 }
        return try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber).intValue
    }

    /// Commits values of one page each, and tells how long the log was at most, in bytes.
    private static func longestLog(_ limits: LogCheckpointer.Limits, commits: Int) async throws -> Int {
        var longest = 0
        try await TemporaryFolder.with { folder in
            let database = try SQLiteDatabase(path: folder.database, checkpoints: limits)
            try await database.execute(script: "CREATE TABLE pages (number BIGINT PRIMARY KEY NOT NULL, content BYTEA NOT NULL\n);")
            for number in 0..<commits {
                _ = try await database.write { connection in
                    try connection.run(
                        "INSERT OR REPLACE INTO pages VALUES (?1, ?2)", [SQLValue(number % 50), .blob(Array(repeating: 7, count: Self.page))])
                }
                longest = max(longest, try size(of: folder.database + "-wal"))
            }
            #expect(try await database.read { try $0.row("SELECT count(*) FROM pages", []) { $0.integer(0) } } == Int64(min(50, commits)))
            try await database.close()
            #expect(try size(of: folder.database + "-wal") == 0)
        }
        return longest
    }

    @Test("is brought into the file beside the commits, or by them when they are too fast: it stays short, and what was committed is there")
    func bounded() async throws {
        // Each commit writes three pages or more: half of what a log would have that is never brought in, for a machine that does other things.
        #expect(try await Self.longestLog(.init(start: 100, most: 400), commits: 1000) < 1500 * Self.page)
    }

    @Test("grows on when nothing is to bring it in yet")
    func unbounded() async throws {
        #expect(try await Self.longestLog(.init(), commits: 300) > 300 * Self.page)
    }
}
