import Foundation
import StageModel
import StageStore
import Testing

@testable import StageStoreSQL

@Suite("SQLite: a file that can't be used")
struct DamageTests {
    /// Whether an error says that the database can't be used.
    private static func isUnavailable(_ error: any Error) -> Bool {
        guard case StoreError.unavailable(let reason) = error else { return false }
        return !reason.isEmpty
    }

    /// Writes everything into the file itself and closes it.
    private static func settle(_ store: SQLStageStore) async throws {
        try await #require(store.database as? SQLiteDatabase).execute(script: "PRAGMA wal_checkpoint(TRUNCATE)")
        try await store.close()
    }

    private static func overwrite(_ path: String, from offset: UInt64, count: Int? = nil) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        let end = try file.seekToEnd()
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(repeating: 0xA5, count: count ?? Int(end - offset)))
        try file.close()
    }

    @Test("On a full disk commits are refused, nothing acknowledged is lost, and it goes on when there is room again")
    func fullDisk() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let database = try #require(store.database as? SQLiteDatabase)
            let large: [String: JSONValue] = ["text": .string(String(repeating: "x", count: 60_000))]
            try await bench.go(bench.plan.greeting, "small")
            try await database.execute(script: "PRAGMA max_page_count = 1")

            var acknowledged: [String] = []
            var refusals = 0
            await withTaskGroup(of: (String, (any Error)?).self) { group in
                for number in 0..<40 {
                    group.addTask {
                        do {
                            try await bench.go(bench.plan.greeting, "c\(number)", large)
                            return ("c\(number)", nil)
                        } catch {
                            return ("c\(number)", error)
                        }
                    }
                }
                for await (text, error) in group {
                    if let error {
                        refusals += 1
                        #expect(Self.isUnavailable(error), "\(error)")
                    } else {
                        acknowledged.append(text)
                    }
                }
            }
            #expect(refusals > 0)
            await #expect {
                _ = try await bench.commit(
                    bench.plan.templates.map { template in
                        var body = template.body
                        body.content = String(repeating: "x", count: 60_000)
                        return .saveTemplate(bench.plan.saved(Template.ID(), body))
                    })
            } throws: { Self.isUnavailable($0) }
            for text in acknowledged + ["small"] { #expect(try await bench.state(text, fresh: true)?.version == 1) }
            #expect(
                try await bench.store.conversations(ConversationQuery(business: bench.plan.business.id, limit: 200, at: bench.now(0))).count
                    == acknowledged.count + 1)
            #expect(try await bench.store.flow(of: bench.plan.business.id)?.revision == bench.flow.revision)

            try await database.execute(script: "PRAGMA max_page_count = 1000000")
            for number in 0..<40 {
                let isThere = acknowledged.contains("c\(number)")
                #expect(try await bench.go(bench.plan.greeting, "c\(number)", large).version == (isThere ? 2 : 1))
            }
            #expect(try await folder.open().state(of: bench.key("c0"), fresh: true)?.stageID == bench.plan.greeting)
        }
    }

    @Test("A database that became read-only is read, and refuses every write")
    func readOnly() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            try await bench.go(bench.plan.greeting, "c")
            let database = try #require(store.database as? SQLiteDatabase)
            try await database.execute(script: "PRAGMA query_only = 1")
            await #expect { try await bench.go(bench.plan.order, "c") } throws: { Self.isUnavailable($0) }
            await #expect { _ = try await bench.commit([.deleteStage(bench.plan.order, movingTo: nil)]) } throws: { Self.isUnavailable($0) }
            await #expect { _ = try await store.foldStatistics() } throws: { Self.isUnavailable($0) }
            await #expect { _ = try await store.erase(bench.key("c"), audit: bench.plan.audit("erase"), answer: nil, at: bench.now(0)) } throws: {
                Self.isUnavailable($0)
            }
            #expect(try await bench.state("c")?.version == 1)
            #expect(try await bench.state("c", fresh: true)?.version == 1)
            #expect(try await bench.history("c").count == 1)
            await #expect { try await store.check() } throws: { Self.isUnavailable($0) }
            try await database.execute(script: "PRAGMA query_only = 0")
            try await store.check()
            #expect(try await bench.go(bench.plan.order, "c").version == 2)
        }
    }

    @Test("A file that may not be written is refused at opening", .disabled(if: geteuid() == 0, "An administrator may write every file."))
    func readOnlyFile() async throws {
        try await TemporaryFolder.with { folder in
            try await folder.open().close()
            try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: folder.database)
            try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
            await #expect { _ = try await folder.open() } throws: { Self.isUnavailable($0) }
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        }
    }

    @Test("A folder that is missing, or a folder where the file should be, is refused at opening")
    func noFile() async throws {
        try await TemporaryFolder.with { folder in
            try FileManager.default.createDirectory(atPath: folder.database, withIntermediateDirectories: true)
            await #expect { _ = try await folder.open() } throws: { Self.isUnavailable($0) }
            try FileManager.default.removeItem(atPath: folder.database)
        }
        let gone = try TemporaryFolder()
        try gone.remove()
        await #expect { _ = try await gone.open() } throws: { Self.isUnavailable($0) }
    }

    /// Where a file is overwritten, from and how much; nil: to its end.
    static let damages: [(UInt64, Int?)] = [(0, 16), (0, nil), (100, 3900), (4096, nil)]

    @Test("A damaged file is refused at opening, or when what is damaged is read", arguments: damages)
    func damagedAtOpening(offset: UInt64, count: Int?) async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            for number in 0..<30 { try await bench.go(bench.plan.greeting, "c\(number)") }
            try await Self.settle(store)
            try Self.overwrite(folder.database, from: offset, count: count)
            await #expect {
                let store = try await folder.open()
                for number in 0..<30 { _ = try await store.state(of: bench.key("c\(number)"), fresh: true) }
            } throws: { Self.isUnavailable($0) }
        }
    }

    @Test("A file that is damaged while it is in use gives errors, not wrong answers")
    func damagedInUse() async throws {
        try await TemporaryFolder.with { folder in
            let first = try await folder.open()
            let seed = try await Bench(first)
            for number in 0..<30 { try await seed.go(seed.plan.greeting, "c\(number)") }
            try await Self.settle(first)
            let store = try await folder.open()
            try Self.overwrite(folder.database, from: 4096)
            let context = ChangeContext(flow: seed.flow, actor: "a", now: seed.now(0))
            for number in 0..<3 {
                await #expect { _ = try await store.state(of: seed.key("c\(number)"), fresh: true) } throws: { Self.isUnavailable($0) }
                await #expect {
                    _ = try await store.update(seed.key("new\(number)"), at: context.now) { state, _ throws(ConversationFault) in
                        let change = try state.applying(.move(to: seed.plan.greeting, data: [:], agent: nil), in: context)
                        return change.map { ConversationCommit(change: $0, sensitive: SensitiveNames()) }
                    }
                } throws: { Self.isUnavailable($0) }
            }
            await #expect { _ = try await store.flow(of: seed.plan.business.id) } throws: { Self.isUnavailable($0) }
        }
    }

    static let columns: [(String, String)] = [
        ("data", "'{'"), ("data", "'{\"conversation\":{\"a\":1,\"a\":2}}'"), ("visits", "'x'"), ("current_stage_id", "NULL, sealed_data = '{}}'"),
        ("sealed_data", "'{\"conversation\":{\"a\":\"AQ==\"}}'"),
    ]

    @Test("A row that holds what was never written is told as unreadable", arguments: columns)
    func unreadable(column: String, value: String) async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            try await bench.go(bench.plan.greeting, "c")
            let database = try #require(store.database as? SQLiteDatabase)
            try await database.execute(script: "UPDATE conversations SET \(column) = \(value)")
            await #expect { _ = try await bench.state("c", fresh: true) } throws: { error in
                if case StoreError.unreadable(let reason) = error { !reason.isEmpty } else { false }
            }
        }
    }
}
