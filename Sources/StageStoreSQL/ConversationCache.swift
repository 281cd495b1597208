import StageModel
import StageStore
import Synchronization

/// Committed states and histories of conversations in the memory of the one process that changes them.
final class ConversationCache: Sendable {
    private final class Shard: Sendable {
        /// Counts the commits of the shard, so that what was read before one is not kept after it.
        let generation = Mutex<UInt64>(0)
    }

    private static let shardCount = 64
    private let states: BoundedCache<ConversationKey, ConversationState>
    private let histories: BoundedCache<ConversationKey, RecentHistory>
    private let shards = (0..<shardCount).map { _ in Shard() }
    private let metrics: MemoryMetrics

    init(capacity: Int, metrics: MemoryMetrics = MemoryMetrics()) {
        self.metrics = metrics
        states = BoundedCache(capacity: capacity)
        histories = BoundedCache(capacity: max(16, capacity / 20))
    }

    private func shard(of key: ConversationKey) -> Shard { shards[key.hashValue & (Self.shardCount - 1)] }

    // MARK: - Reading

    func state(of key: ConversationKey) -> ConversationState? { metrics.state(states.value(for: key)) }

    func history(of key: ConversationKey) -> RecentHistory? { metrics.history(histories.value(for: key)) }

    func generation(of key: ConversationKey) -> UInt64 { shard(of: key).generation.withLock { $0 } }

    /// Keeps what was read from the database, unless something was committed since the given generation.
    func fill(_ state: ConversationState, since generation: UInt64) {
        shard(of: state.key).generation.withLock { if $0 == generation { states.set(state, for: state.key) } }
    }

    func fill(_ history: RecentHistory, of key: ConversationKey, since generation: UInt64) {
        shard(of: key).generation.withLock { if $0 == generation { histories.set(history, for: key) } }
    }

    // MARK: - Writing

    /// A change is on disk.
    func commit(_ change: ConversationChange) {
        let key = change.state.key
        shard(of: key).generation.withLock { generation in
            generation += 1
            states.set(change.state, for: key)
            histories.update(key) { $0.add(change) }
        }
    }

    /// What is known of a conversation is not true any more.
    func drop(_ key: ConversationKey) {
        shard(of: key).generation.withLock { generation in
            generation += 1
            states.set(nil, for: key)
            histories.set(nil, for: key)
        }
    }

    func removeAll(of business: Business.ID) {
        for shard in shards { shard.generation.withLock { $0 += 1 } }
        states.removeAll { $0.business == business }
        histories.removeAll { $0.business == business }
    }
}

extension Optional<RecentHistory> {
    /// Puts the transitions of a commit in front; a history that does not end where the commit begins is dropped.
    fileprivate mutating func add(_ change: ConversationChange) {
        guard var history = self else { return }
        guard history.version == (change.transitions.first?.version ?? change.state.version) - 1 else {
            self = nil
            return
        }
        history.transitions.insert(contentsOf: change.transitions.reversed(), at: 0)
        if history.transitions.count > history.limit {
            history.transitions.removeLast(history.transitions.count - history.limit)
            history.isComplete = false
        }
        history.version = change.state.version
        self = history
    }
}
