import DequeModule
import StageStore
import Synchronization

/// Writes groups of requests.
protocol GroupWriter: Sendable {
    associatedtype Request: Sendable
    associatedtype Answer: Sendable

    /// Does in one transaction what the requests of a group ask for.
    /// - Parameter isAlone: whether the group is a single member of one that failed.
    /// - Returns: an answer to each request, to be given when the transaction is committed.
    func write(_ group: [Request], isAlone: Bool, _ connection: any SQLConnection) throws -> [Answer]

    /// Is called with the answers to each group as soon as that is committed, before the next group is written, and has to call `tell`.
    func committed(_ answers: [Answer], tell: @escaping @Sendable () -> Void)
}

/// Lets all that waits to be committed share one transaction, and so one write to the disk, in the order of arrival.
final class CommitQueue<Writer: GroupWriter>: Sendable {
    typealias Request = Writer.Request
    typealias Answer = Writer.Answer

    private struct Member: Sendable {
        let request: Request
        let answer: CheckedContinuation<Result<Answer, StoreError>, Never>
    }

    private enum Next {
        case wait, drain, refuse
    }

    private struct State {
        var waiting: Deque<Member> = []
        var isDraining = false
        /// How many groups have been taken to the database.
        var groups = 0
    }

    /// More would make everybody wait for longer than they would care to.
    static var capacity: Int { 10_000 }
    private static var groupLimit: Int { 256 }

    private let database: any SQLDatabase
    private let state = Mutex(State())

    init(database: any SQLDatabase) { self.database = database }

    /// Puts a request at the end of the queue, and waits until its transaction is committed.
    /// - Parameter writer: the same for all.
    func submit(_ request: Request, to writer: Writer) async throws(StoreError) -> Answer {
        let result = await withCheckedContinuation { continuation in
            let next: Next = state.withLock { state in
                guard state.waiting.count < Self.capacity else { return .refuse }
                state.waiting.append(Member(request: request, answer: continuation))
                if state.isDraining { return .wait }
                state.isDraining = true
                return .drain
            }
            switch next {
            case .wait: break
            case .drain: Task { await drain(to: writer) }
            case .refuse: continuation.resume(returning: .failure(.unavailable(reason: "\(Self.capacity) commits are waiting")))
            }
        }
        return try result.get()
    }

    /// How many wait.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// How many groups have been taken to the database so far.
    var groupCount: Int { state.withLock { $0.groups } }

    private func drain(to writer: Writer) async {
        while let group = next() {
            guard await !commit(group, isAlone: false, to: writer) else { continue }
            // One member's error undoes all: let each try alone, so that it keeps the error to itself.
            for member in group { _ = await commit([member], isAlone: true, to: writer) }
        }
    }

    private func next() -> [Member]? {
        state.withLock { state in
            let group = Array(state.waiting.prefix(Self.groupLimit))
            state.waiting.removeFirst(group.count)
            if group.isEmpty { state.isDraining = false } else { state.groups += 1 }
            return group.isEmpty ? nil : group
        }
    }

    /// Writes a group in one transaction.
    /// - Returns: whether its members have been told; else they are to be tried one by one.
    private func commit(_ group: [Member], isAlone: Bool, to writer: Writer) async -> Bool {
        let requests = group.map(\.request)
        do {
            let answers = try await database.write { try writer.write(requests, isAlone: isAlone, $0) }
            writer.committed(answers) {
                for (member, answer) in zip(group, answers) { member.answer.resume(returning: .success(answer)) }
            }
            return true
        } catch {
            // What keeps all from being written keeps each.
            guard isAlone || SQLError.endsAll(error) else { return false }
            for member in group { member.answer.resume(returning: .failure(StoreError(error))) }
            return true
        }
    }
}

extension SQLError {
    /// Whether an error is one of the database's, whatever is asked of it.
    fileprivate static func endsAll(_ error: any Error) -> Bool {
        switch error {
        case SQLError.unavailable, SQLError.lost, SQLError.outcomeUnknown: true
        default: false
        }
    }
}
