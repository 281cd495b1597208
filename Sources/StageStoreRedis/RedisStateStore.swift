public import Logging
public import Metrics
public import RedisClient
public import Sealing
public import StageStore

/// A cache of states in Redis, and the follower without which it shows nothing. The client has to be run besides.
public struct RedisStateStore: Sendable {
    public let cache: RedisStateCache
    public let follower: RedisFollower

    /// - Parameters:
    ///   - log: the leading store.
    ///   - pseudonyms: those by which the log names what was erased.
    public init(
        client: RedisClient, log: any CommitLog, sealer: Sealer, pseudonyms: Pseudonyms, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(
            client: client, log: log, sealer: sealer, pseudonyms: pseudonyms, logger: logger, metrics: metrics, patience: .milliseconds(100))
    }

    /// - Parameter patience: how long somebody who has committed waits for Redis.
    init(
        client: RedisClient, log: any CommitLog, sealer: Sealer, pseudonyms: Pseudonyms, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory, patience: Duration
    ) {
        let keys = RedisKeys(pseudonyms)
        let metrics = RedisMetrics(factory: metrics)
        let status = RedisStatus(client: client, metrics: metrics, logger: logger)
        let client = CountedRedis(client: client, metrics: metrics)
        cache = RedisStateCache(
            client: client, keys: keys, secrets: BusinessSecrets(log: log, keys: keys), sealer: SealedState(sealer), status: status,
            patience: patience)
        follower = RedisFollower(client: client, log: log, keys: keys, status: status)
    }
}
