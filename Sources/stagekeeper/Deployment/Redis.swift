import Logging
import RedisClient
import StageStoreRedis
import StageStoreSQL

/// The Redis that keeps states for reading.
struct Redis {
    let client: RedisClient
    let states: RedisStateStore

    init(_ configuration: RedisConfiguration, following log: SQLCommitLog, _ logger: Logger) throws {
        do throws(RedisError) { client = try RedisClient(configuration: configuration, logger: logger) } catch {
            throw CommandFailure("STAGEKEEPER_REDIS_URL can't be used: \(error.debugDescription)")
        }
        states = RedisStateStore(client: client, log: log, sealer: log.sealer, pseudonyms: log.pseudonyms, logger: logger)
    }
}
