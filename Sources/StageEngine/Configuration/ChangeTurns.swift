import StageModel
import Synchronization

/// Lets those who change the same business's flow do so one after another, in the order in which they came, so that in one process nobody's change has to be made
/// anew because of another's.
final class ChangeTurns: Sendable {
    /// How many wait for a business, at most: longer than these take, nobody would care to wait.
    private static let capacity = 200

    private let waiting = Mutex<[Business.ID: [CheckedContinuation<Bool, Never>]]>([:])

    /// Waits for one's turn, which has to be ended.
    /// - Returns: false: too many are waiting, and there will be no turn.
    func begin(_ business: Business.ID) async -> Bool {
        await withCheckedContinuation { continuation in
            let isMine: Bool? = waiting.withLock { waiting in
                guard let line = waiting[business] else {
                    waiting[business] = []
                    return true
                }
                guard line.count < Self.capacity else { return false }
                waiting[business]?.append(continuation)
                return nil
            }
            if let isMine { continuation.resume(returning: isMine) }
        }
    }

    /// How many wait.
    func count(_ business: Business.ID) -> Int { waiting.withLock { $0[business]?.count ?? 0 } }

    func end(_ business: Business.ID) {
        let next = waiting.withLock { waiting in
            guard let first = waiting[business]?.first else {
                waiting[business] = nil
                return nil as CheckedContinuation<Bool, Never>?
            }
            waiting[business]?.removeFirst()
            return first
        }
        next?.resume(returning: true)
    }
}
