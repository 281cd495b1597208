import Foundation
import Logging
import PostgresClient
import Sealing
import StageStoreSQL
import Testing

/// The PostgreSQL that the tests use, from the environment; `Tests/servers/with` runs them beside one.
enum PostgresServer {
    private static let ownerURL = ProcessInfo.processInfo.environment["STAGEKEEPER_TEST_POSTGRES_URL"]
    private static let appURL = ProcessInfo.processInfo.environment["STAGEKEEPER_TEST_POSTGRES_APP_URL"]

    static let isThere = ownerURL != nil && appURL != nil

    /// Servers allow a hundred connections, and tests run all at once. A place is a number of a Redis database, too.
    private static let places = Places(1...8)

    /// A schema of its own in the test's database.
    struct Schema: Sendable {
        let name: String
        /// Nobody else's at the same time.
        let place: Int

        /// The settings for whoever owns the tables, or for a server with the least privileges.
        func configuration(owner: Bool = false, connections: Int = 4) throws -> PostgresConfiguration {
            let url = try #require(owner ? PostgresServer.ownerURL : PostgresServer.appURL)
            var configuration = PostgresConfiguration(url: try PostgresURL("\(url)?options=-csearch_path%3D\(name)"))
            configuration.maximumConnections = connections
            return configuration
        }

        func remove() async throws {
            try await PostgresServer.run("DROP SCHEMA \(name) CASCADE")
            await places.leave(place)
        }
    }

    /// Makes a schema, with the tables unless told otherwise, for one test.
    static func makeSchema(migrated: Bool = true) async throws -> Schema {
        let place = await places.enter()
        let schema = Schema(name: "test_\(UUID().uuidString.lowercased().replacing("-", with: "_"))", place: place)
        try await run("CREATE SCHEMA \(schema.name)")
        try await run("GRANT USAGE ON SCHEMA \(schema.name) TO stagekeeper_app")
        guard migrated else { return schema }
        try await SQLStageStore.postgres(schema.configuration(owner: true), masterKeys: keys(), migrating: true, logger: logger).close()
        return schema
    }

    static func keys() throws -> MasterKeys {
        try TemporaryFolder.keys("k1")
    }

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a statement as the owner.
    private static func run(_ sql: String) async throws {
        let pool = try PostgresPool(PostgresConfiguration(url: try PostgresURL(try #require(ownerURL))), logger: logger)
        do { try await pool.execute(sql) } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }
}

/// Lets so many in at a time, and gives each a number.
private actor Places {
    private var free: [Int]
    private var waiting: [CheckedContinuation<Int, Never>] = []

    init(_ numbers: ClosedRange<Int>) { free = Array(numbers) }

    func enter() async -> Int {
        if let place = free.popLast() { return place }
        return await withCheckedContinuation { waiting.append($0) }
    }

    func leave(_ place: Int) {
        if waiting.isEmpty { free.append(place) } else { waiting.removeFirst().resume(returning: place) }
    }
}
