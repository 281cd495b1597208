import Foundation
import Logging
import Sealing
import StageStoreRedis
import StageStoreSQL
import Testing

/// What the tests run on, as `STAGEKEEPER_TEST_STORE` says; SQLite unless it is set.
enum TestedStore: String, Sendable {
    case sqlite, postgres
    case postgresWithRedis = "postgres+redis"

    /// nil: the environment names none of these.
    static let chosen = TestedStore(rawValue: ProcessInfo.processInfo.environment["STAGEKEEPER_TEST_STORE"] ?? "sqlite")
}

/// A database that one test has for itself: a SQLite file in a folder of its own, or a database of a PostgreSQL server.
struct TestDatabase: Sendable {
    enum Place: Sendable {
        case file(path: String)
        case postgres(TestPostgres, hasRedis: Bool)
    }

    /// What a new database has in it.
    enum Contents: Sendable {
        /// Tables without rows.
        case nothing
        /// What a SQLite file consists of.
        case file(Data)
        /// What another database of the server has, which nobody uses.
        case template(TestPostgres)
    }

    let place: Place
    let masterKeys: MasterKeys

    /// Makes a database, runs a body with it, and removes it.
    static func with<Value>(
        _ contents: Contents, masterKeys: MasterKeys, _ body: (TestDatabase) async throws -> Value
    ) async throws -> Value {
        let store = try #require(TestedStore.chosen, "STAGEKEEPER_TEST_STORE must be 'sqlite', 'postgres' or 'postgres+redis'.")
        switch store {
        case .sqlite:
            return try await inTemporaryFolder { folder in
                let file = folder.appending(path: "test.sqlite")
                if case .file(let data) = contents { try data.write(to: file) }
                return try await body(TestDatabase(place: .file(path: file.path), masterKeys: masterKeys))
            }
        case .postgres, .postgresWithRedis:
            var template: TestPostgres?
            if case .template(let database) = contents { template = database }
            return try await TestPostgres.with(copyOf: template, masterKeys: masterKeys) { database in
                try await body(TestDatabase(place: .postgres(database, hasRedis: store == .postgresWithRedis), masterKeys: masterKeys))
            }
        }
    }

    /// What it has in it, for others to begin with. Nobody may use it meanwhile.
    func contents() async throws -> Contents {
        switch place {
        case .file(let path):
            return try await Self.inTemporaryFolder { folder in
                let copy = folder.appending(path: "copy.sqlite")
                try await SQLStageStore.backUp(sqlite: path, to: copy.path) { _ in }
                return .file(try Data(contentsOf: copy))
            }
        case .postgres(let database, _): return .template(try await database.template())
        }
    }

    /// Opens it with the fewest rights; Redis is of use once its services run.
    func open(_ logger: Logger) async throws -> (store: SQLStageStore, redis: TestRedis?) {
        switch place {
        case .file(let path): return (try await SQLStageStore.sqlite(path: path, masterKeys: masterKeys), nil)
        case .postgres(let database, let hasRedis):
            var redis: TestRedis?
            let store = try await SQLStageStore.postgres(database.configuration(.app), masterKeys: masterKeys, logger: logger) { log in
                guard hasRedis else { return nil }
                let made = try TestRedis(following: log, logger)
                redis = made
                return made.states.cache
            }
            return (store, redis)
        }
    }

    /// What lies in it, where it is text.
    func rawText() async throws -> String {
        switch place {
        case .file(let path):
            // As Latin-1.
            return try ["", "-wal"].map { path + $0 }.filter { FileManager.default.fileExists(atPath: $0) }.map { path in
                String(decoding: try Data(contentsOf: URL(filePath: path)).map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self)
            }.joined()
        case .postgres(let database, _): return try await database.rawText()
        }
    }

    private static func inTemporaryFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "stagekeeper-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }
}
