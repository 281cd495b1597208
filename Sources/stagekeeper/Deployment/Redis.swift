import Logging
import RedisClient
import StageServer
import StageStoreRedis
import StageStoreSQL

/// The Redis that keeps states for reading.
struct Redis {
    let client: RedisClient
    let states: RedisStateStore
    let buckets: SharedRateBuckets

    init(_ configuration: RedisConfiguration, following log: SQLCommitLog, _ logger: Logger) throws {
        do throws(RedisError) { client = try RedisClient(configuration: configuration, logger: logger) } catch {
            throw CommandFailure("STAGEKEEPER_REDIS_URL can't be used: \(error.debugDescription)")
        }
        states = RedisStateStore(client: client, log: log, sealer: log.sealer, pseudonyms: log.pseudonyms, logger: logger)
        buckets = SharedRateBuckets(buckets: RedisBuckets(client: client, pseudonyms: log.pseudonyms))
    }
}

/// The buckets of rate limits, where all servers find them.
struct SharedRateBuckets: SharedBuckets {
    let buckets: RedisBuckets

    func take(_ time: Duration, from bucket: String, holding capacity: Duration) async throws -> Duration {
        try await buckets.take(time, from: bucket, holding: capacity)
    }
}
