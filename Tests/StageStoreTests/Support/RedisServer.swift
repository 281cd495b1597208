import Foundation
import Logging
import RedisClient
import StageStore
import StageStoreRedis
import StageStoreSQL
import Testing

/// The Redis that the tests use, from the environment; `Tests/servers/with` runs them beside one.
enum RedisServer {
    private static let adminURL = ProcessInfo.processInfo.environment["STAGEKEEPER_TEST_REDIS_URL"]
    private static let appURL = ProcessInfo.processInfo.environment["STAGEKEEPER_TEST_REDIS_APP_URL"]

    static let isThere = adminURL != nil && appURL != nil

    /// A connection with the least privileges, which is made now, and what has to be run besides.
    struct Connection: Sendable {
        let client: RedisClient
        private let running: Task<Void, Never>

        init(database: Int, asAdministrator: Bool = false) throws {
            let url = try #require(asAdministrator ? RedisServer.adminURL : RedisServer.appURL)
            var configuration = try RedisConfiguration(url: "\(url)/\(database)")
            configuration.commandTimeout = .seconds(60)
            let client = try RedisClient(configuration: configuration, logger: PostgresServer.logger)
            self.client = client
            running = Task { await client.run() }
        }

        func close() async {
            await client.close()
            await running.value
        }
    }

    /// Empties a numbered database.
    static func flush(database: Int) async throws {
        let administrator = try Connection(database: database, asAdministrator: true)
        _ = try await administrator.client.send(RedisCommand("FLUSHDB"))
        await administrator.close()
    }
}

/// A store on PostgreSQL with its states in Redis, and what runs beside it.
final class RedisBackedStore: Sendable {
    let store: SQLStageStore
    private let connection: RedisServer.Connection
    private let following: Task<Void, Never>

    init(_ schema: PostgresServer.Schema) async throws {
        let connection = try RedisServer.Connection(database: schema.place)
        self.connection = connection
        // Until it answers nothing is read from it, and the tests would be about the database alone.
        _ = try await connection.client.ping()
        var states: RedisStateStore?
        store = try await SQLStageStore.postgres(schema.configuration(), masterKeys: PostgresServer.keys(), logger: PostgresServer.logger) { log in
            let redis = RedisStateStore(
                client: connection.client, log: log, sealer: log.sealer, pseudonyms: log.pseudonyms, logger: PostgresServer.logger)
            states = redis
            return redis.cache
        }
        let follower = try #require(states?.follower)
        following = Task { await follower.run() }
        while store.cacheCondition != .current { await Task.yield() }
    }

    func close() async throws {
        following.cancel()
        await following.value
        await connection.close()
        try await store.close()
    }
}
