import Foundation
import Logging
import PostgresClient
import Sealing
import StageStoreSQL
import Testing

/// A database of the PostgreSQL server that the environment tells of; `Tests/servers/with` runs the tests beside one.
struct TestPostgres: Sendable {
    enum User: String {
        case administrator = "STAGEKEEPER_TEST_POSTGRES_ADMIN_URL"
        case owner = "STAGEKEEPER_TEST_POSTGRES_URL"
        case app = "STAGEKEEPER_TEST_POSTGRES_APP_URL"
    }

    /// A server allows a hundred connections, and tests run all at once.
    private static let places = Places(8)
    private static let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
    private static let administrator = Result { try PostgresPool(TestPostgres(name: "postgres").configuration(.administrator), logger: quiet) }

    let name: String

    private init(name: String) { self.name = name }

    private static func unnamed() -> TestPostgres {
        TestPostgres(name: "test_\(UUID().uuidString.lowercased().replacing("-", with: "_"))")
    }

    /// The settings for somebody's connections.
    func configuration(_ user: User, options: String = "") throws -> PostgresConfiguration {
        let url = try #require(ProcessInfo.processInfo.environment[user.rawValue], "Tests on PostgreSQL run as 'Tests/servers/with swift test'.")
        let server = try #require(url.lastIndex(of: "/").map { url[..<$0] })
        var configuration = PostgresConfiguration(url: try PostgresURL("\(server)/\(name)\(options)"))
        configuration.maximumConnections = 4
        // So long that no test fails because the machine is busy.
        configuration.connectTimeout = .seconds(60)
        configuration.acquireTimeout = .seconds(60)
        return configuration
    }

    // MARK: - Making and removing

    /// Makes a database as docs/operations.md says, runs a body with it, and removes it.
    /// - Parameter copyOf: what it begins with; nil: the tables without rows.
    static func with<Value>(
        copyOf template: TestPostgres?, masterKeys: MasterKeys, _ body: (TestPostgres) async throws -> Value
    ) async throws -> Value {
        await places.enter()
        let database = unnamed()
        let result: Result<Value, any Error>
        do {
            // Without a template the rights within the database are those of the server's own, which nobody else may use at this moment.
            try await database.create(from: template?.name ?? "stagekeeper")
            if template == nil {
                let owner = try database.configuration(.owner)
                try await SQLStageStore.postgres(owner, masterKeys: masterKeys, migrating: true, logger: quiet).close()
            }
            result = .success(try await body(database))
        } catch { result = .failure(error) }
        await places.leave()
        try await administrator.get().execute("DROP DATABASE IF EXISTS \(database.name) WITH (FORCE)")
        return try result.get()
    }

    private func create(from template: String) async throws {
        let administrator = try Self.administrator.get()
        try await administrator.execute("CREATE DATABASE \(name) TEMPLATE \(template) STRATEGY file_copy OWNER stagekeeper")
        // Rights to a database are not copied.
        try await administrator.execute("REVOKE ALL ON DATABASE \(name) FROM PUBLIC")
        try await administrator.execute("GRANT CONNECT ON DATABASE \(name) TO stagekeeper_app")
    }

    /// Makes a copy that stays as long as the server, to be copied in its turn. Each copy makes a secret of its own for the names that it uses
    /// in Redis, so that they do not meet there.
    func template() async throws -> TestPostgres {
        let template = Self.unnamed()
        try await template.create(from: name)
        let pool = try PostgresPool(template.configuration(.owner), logger: Self.quiet)
        try await pool.execute("DELETE FROM secrets WHERE name = 'pseudonyms'")
        await pool.close()
        return template
    }

    // MARK: - Looking inside

    /// All rows of all tables, with bytes as the text that they may be.
    func rawText() async throws -> String {
        let pool = try PostgresPool(configuration(.app, options: "?options=-cbytea_output%3Descape"), logger: Self.quiet)
        let text = try await pool.withConnection { connection in
            try connection.query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").map { row in
                let table = try row.decode(0, as: String.self)
                let rows = try connection.query("SELECT coalesce(string_agg(t::text, ' '), '') FROM \(table) t")
                return try rows.map { try $0.decode(0, as: String.self) }.joined()
            }.joined(separator: "\n")
        }
        await pool.close()
        return text
    }
}

/// Lets so many in at a time.
private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func enter() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
