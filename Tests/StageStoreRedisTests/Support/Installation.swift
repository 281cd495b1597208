import Logging
import RedisClient
import Sealing
import StageModel
import StageStore

@testable import StageStoreRedis

/// One process: a cache and a follower over Redis and a log. What the follower does, it does when the test lets it.
final class Installation {
    let log: MemoryLog
    let cache: RedisStateCache
    let keys: RedisKeys
    let client: RedisClient
    let lines = RecordedLines()
    let follower: RedisFollower
    private var machine = FollowerStateMachine()

    /// - Parameter patience: so long that no test fails because the machine is busy.
    init(
        _ client: RedisClient, log: MemoryLog = MemoryLog(), encryption: String = "test:\(String(repeating: "A", count: 43))=",
        patience: Duration = .seconds(60)
    ) throws {
        self.client = client
        self.log = log
        let lines = lines
        let store = RedisStateStore(
            client: client, log: log, sealer: Sealer(try MasterKeys(parsing: encryption)), pseudonyms: log.pseudonyms,
            logger: Logger(label: "test", factory: { _ in lines.handler }), patience: patience)
        (cache, follower) = (store.cache, store.follower)
        keys = RedisKeys(log.pseudonyms)
    }

    /// One that has been at the end of the log.
    static func following(
        _ client: RedisClient, log: MemoryLog = MemoryLog(), patience: Duration = .seconds(60)
    ) async throws -> Installation {
        let installation = try Installation(client, log: log, patience: patience)
        await installation.catchUp()
        return installation
    }

    func catchUp() async { _ = await follower.catchUp(&machine) }

    /// One step of the follower, which reads one page of the log at most.
    func step() async throws -> Bool { try await follower.step(&machine) }

    /// Reads as a store does: what is not kept is read from the log and filled in.
    func read(_ key: ConversationKey) async -> ConversationState? {
        switch await cache.state(of: key) {
        case .hit(let state): return state
        case .miss(let ticket):
            guard let state = log.state(of: key) else { return nil }
            await cache.fill(state, ticket)
            return state
        case .unavailable: return log.state(of: key)
        }
    }

    /// What is kept and shown; `miss` or `unavailable` without.
    func shown(_ key: ConversationKey) async -> String {
        switch await cache.state(of: key) {
        case .hit(let state): "version \(state.version)"
        case .miss: "miss"
        case .unavailable: "unavailable"
        }
    }

    /// Adds a version and tells the cache.
    @discardableResult
    func commit(_ key: ConversationKey, data: [String: JSONValue] = [:]) async -> ConversationState {
        let state = log.commit(key, data: data)
        await cache.committed([state])
        return state
    }
}
