import DequeModule
import StageModel
import StageStore
import Synchronization

/// Lets all commits that wait share one transaction, and so one write to the disk, in the order of their arrival.
final class CommitQueue: Sendable {
    /// What a member writes.
    /// - Returns: false when the conversation has moved on; nothing of the member is kept then.
    typealias Write = @Sendable (any SQLConnection) throws -> Bool

    enum Outcome: Sendable {
        /// It is on disk.
        case committed
        /// The conversation has moved on.
        case refused
        case failed(StoreError)
    }

    private struct Member: Sendable {
        let write: Write
        /// Called on the writer's thread; must be quick.
        let finish: @Sendable (Outcome) -> Void
    }

    private struct State {
        var waiting: Deque<Member> = []
        var isDraining = false
    }

    /// More would make everybody wait for longer than they would care to.
    static let capacity = 10_000
    private static let groupLimit = 256

    private let database: any SQLDatabase
    private let state = Mutex(State())

    init(database: any SQLDatabase) { self.database = database }

    /// Puts a write at the end of the queue.
    func submit(_ write: @escaping Write, finish: @escaping @Sendable (Outcome) -> Void) {
        enum Next { case wait, drain, refuse }
        let next: Next = state.withLock { state in
            guard state.waiting.count < Self.capacity else { return .refuse }
            state.waiting.append(Member(write: write, finish: finish))
            if state.isDraining { return .wait }
            state.isDraining = true
            return .drain
        }
        switch next {
        case .wait: break
        case .drain: database.drain { transaction in self.writeGroup(transaction) }
        // Not at once: the caller may hold locks that `finish` takes.
        case .refuse: Task { finish(.failed(.unavailable(reason: "\(Self.capacity) commits are waiting"))) }
        }
    }

    /// Writes the members that wait now.
    /// - Returns: false when none did.
    private func writeGroup(_ transaction: (@Sendable (any SQLConnection) throws -> Void) throws -> Void) -> Bool {
        let group: [Member] = state.withLock { state in
            let group = Array(state.waiting.prefix(Self.groupLimit))
            state.waiting.removeFirst(group.count)
            if group.isEmpty { state.isDraining = false }
            return group
        }
        guard !group.isEmpty else { return false }
        let outcomes = Mutex<[Outcome]>([])
        do {
            try transaction { connection in
                let written = try group.map { try $0.write(connection) ? Outcome.committed : .refused }
                outcomes.withLock { $0 = written }
            }
        } catch {
            // One member's error undoes all: let each try alone, so that it keeps the error to itself.
            let alone = group.count == 1 ? [Outcome.failed(StoreError(error))] : group.map { Self.writeAlone($0, transaction) }
            outcomes.withLock { $0 = alone }
        }
        for (member, outcome) in zip(group, outcomes.withLock { $0 }) { member.finish(outcome) }
        return true
    }

    private static func writeAlone(_ member: Member, _ transaction: (@Sendable (any SQLConnection) throws -> Void) throws -> Void) -> Outcome {
        let isCommitted = Mutex(false)
        do {
            try transaction { connection in
                let written = try member.write(connection)
                isCommitted.withLock { $0 = written }
            }
            return isCommitted.withLock { $0 } ? .committed : .refused
        } catch {
            return .failed(StoreError(error))
        }
    }
}
