import Foundation
import Logging
import RedisClient
import StageStore
import StageStoreRedis
import StageStoreSQL
import Testing

/// The Redis that the environment tells of, as the program uses it; databases that share it do not meet.
struct TestRedis: Sendable {
    let client: RedisClient
    let states: RedisStateStore

    init(following log: SQLCommitLog, _ logger: Logger) throws {
        let url = try #require(
            ProcessInfo.processInfo.environment["STAGEKEEPER_TEST_REDIS_APP_URL"], "Tests with Redis run as 'Tests/servers/with swift test'.")
        var configuration = try RedisConfiguration(url: url)
        // So long that no test fails because the machine is busy.
        configuration.connectTimeout = .seconds(60)
        configuration.commandTimeout = .seconds(60)
        client = try RedisClient(configuration: configuration, logger: logger)
        states = RedisStateStore(client: client, log: log, sealer: log.sealer, pseudonyms: log.pseudonyms, logger: logger)
    }

    /// Waits until states are read from it.
    func whenCurrent() async throws {
        let end = ContinuousClock.now + .seconds(60)
        while states.cache.condition != .current {
            try #require(ContinuousClock.now < end, "Redis is not brought up to date.")
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
