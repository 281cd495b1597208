import StageModel
import StageStore
import Synchronization

/// The states and histories of conversations in memory: what is committed, and what is on its way to the disk.
///
/// Readers see only what is committed. Writers build on what is on its way, so that many changes of one conversation can share a
/// transaction; should an earlier one fail, the later ones are refused by their versions.
final class ConversationCache: Sendable {
    /// A state to build a commit on.
    struct Base: Sendable {
        let state: ConversationState
        /// Whether the conversation has a row, or will have when the commits before are done.
        let isStored: Bool
        /// Whether the state is not committed yet.
        let isPending: Bool
    }

    /// The newest transitions of a conversation, as of a version.
    struct History: Sendable {
        var version: Int64
        /// Newest first.
        var transitions: [Transition]
        /// Whether these are all.
        var isComplete: Bool

        static let limit = 100
    }

    fileprivate struct Pending {
        var state: ConversationState
        /// How many commits of the conversation are on their way.
        var count: Int
    }

    fileprivate struct Shard {
        var pending: [ConversationKey: Pending] = [:]
        /// Counts the commits of the shard, so that what was read before one is not kept after it.
        var generation: UInt64 = 0
    }

    private final class LockedShard: Sendable {
        let state = Mutex(Shard())
    }

    private static let shardCount = 64
    private let committed: BoundedCache<ConversationKey, ConversationState>
    private let histories: BoundedCache<ConversationKey, History>
    private let shards = (0..<shardCount).map { _ in LockedShard() }

    init(capacity: Int) {
        committed = BoundedCache(capacity: capacity)
        histories = BoundedCache(capacity: max(16, capacity / 20))
    }

    private func shard(of key: ConversationKey) -> LockedShard { shards[key.hashValue & (Self.shardCount - 1)] }

    // MARK: - Reading

    func state(of key: ConversationKey) -> ConversationState? { committed.value(for: key) }

    func history(of key: ConversationKey) -> History? { histories.value(for: key) }

    func generation(of key: ConversationKey) -> UInt64 { shard(of: key).state.withLock { $0.generation } }

    /// Keeps what was read from the database, unless something was committed since the given generation.
    func fill(_ state: ConversationState, since generation: UInt64) {
        shard(of: state.key).state.withLock { shard in
            if shard.generation == generation { committed.set(state, for: state.key) }
        }
    }

    func fill(_ history: History, of key: ConversationKey, since generation: UInt64) {
        shard(of: key).state.withLock { shard in
            if shard.generation == generation { histories.set(history, for: key) }
        }
    }

    // MARK: - Writing

    /// Decides on the newest state and queues the commit in one step, so that commits of one conversation are queued in the order of their
    /// versions. The state that was read beforehand serves when memory has none.
    func withBase<Result>(
        of key: ConversationKey, read: Base?, _ body: (Base?) throws -> (result: Result, next: ConversationState?)
    ) rethrows -> Result {
        try shard(of: key).state.withLock { shard in
            let base: Base?
            if let pending = shard.pending[key] {
                base = Base(state: pending.state, isStored: true, isPending: true)
            } else if let state = committed.value(for: key) {
                base = Base(state: state, isStored: true, isPending: false)
            } else {
                base = read
            }
            let (result, next) = try body(base)
            if let next { shard.pending[key] = Pending(state: next, count: (shard.pending[key]?.count ?? 0) + 1) }
            return result
        }
    }

    /// A commit is on disk.
    func commit(_ change: ConversationChange) {
        let key = change.state.key
        shard(of: key).state.withLock { shard in
            shard.generation += 1
            shard.finish(key)
            committed.set(change.state, for: key)
            histories.update(key) { history in history.add(change) }
        }
    }

    /// A commit was refused or failed: what is built on it will be, too.
    func abandon(_ key: ConversationKey) {
        shard(of: key).state.withLock { shard in
            shard.generation += 1
            shard.pending[key] = nil
            committed.set(nil, for: key)
            histories.set(nil, for: key)
        }
    }

    func removeAll(of business: Business.ID) {
        for shard in shards { shard.state.withLock { $0.generation += 1 } }
        committed.removeAll { $0.business == business }
        histories.removeAll { $0.business == business }
    }
}

extension ConversationCache.Shard {
    fileprivate mutating func finish(_ key: ConversationKey) {
        guard let count = pending[key]?.count else { return }
        if count > 1 { pending[key]?.count = count - 1 } else { pending[key] = nil }
    }
}

extension Optional<ConversationCache.History> {
    /// Puts the transitions of a commit in front; a history that does not end where the commit begins is dropped.
    fileprivate mutating func add(_ change: ConversationChange) {
        guard var history = self else { return }
        guard let first = change.transitions.first, history.version == first.version - 1 else {
            self = nil
            return
        }
        history.transitions.insert(contentsOf: change.transitions.reversed(), at: 0)
        if history.transitions.count > ConversationCache.History.limit {
            history.transitions.removeLast(history.transitions.count - ConversationCache.History.limit)
            history.isComplete = false
        }
        history.version = change.state.version
        self = history
    }
}
