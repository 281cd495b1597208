public import StageModel
import Synchronization

/// Tells tasks of this process that the line of a conversation has changed.
public final class LineChanges: Sendable {
    private struct Waiter {
        let key: ConversationKey
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct Waiters {
        /// Counts the changes of all lines of the shard: a task that looks once too often is only slower.
        var moment: UInt64 = 0
        var all: [UInt64: Waiter] = [:]
        var count: UInt64 = 0
    }

    private final class Shard: Sendable {
        let waiters = Mutex(Waiters())
    }

    private static let shardCount = 64
    private let shards = (0..<shardCount).map { _ in Shard() }

    public init() {}

    private func shard(of key: ConversationKey) -> Shard { shards[key.hashValue & (Self.shardCount - 1)] }

    /// Counts the changes.
    public func moment(of key: ConversationKey) -> UInt64 { shard(of: key).waiters.withLock { $0.moment } }

    /// A line has changed: wakes all that wait for that.
    public func note(_ key: ConversationKey) {
        let woken = shard(of: key).waiters.withLock { waiters in
            waiters.moment += 1
            let woken = waiters.all.filter { $0.value.key == key }
            for id in woken.keys { waiters.all[id] = nil }
            return woken.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Waits until a line has changed since a moment, or the task is cancelled.
    /// - Parameter limit: returns after that in any case; nil: without limit.
    public func wait(for key: ConversationKey, since moment: UInt64, atMost limit: Duration? = nil) async {
        let shard = shard(of: key)
        let id = shard.waiters.withLock { waiters in
            waiters.count += 1
            return waiters.count
        }
        let timer = limit.map { limit in
            Task {
                try await Task.sleep(for: limit)
                Self.wake(id, in: shard)
            }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isLate = shard.waiters.withLock { waiters in
                    guard waiters.moment == moment, !Task.isCancelled else { return true }
                    waiters.all[id] = Waiter(key: key, continuation: continuation)
                    return false
                }
                if isLate { continuation.resume() }
            }
        } onCancel: {
            Self.wake(id, in: shard)
        }
        timer?.cancel()
    }

    private static func wake(_ id: UInt64, in shard: Shard) {
        shard.waiters.withLock { $0.all.removeValue(forKey: id) }?.continuation.resume()
    }
}
