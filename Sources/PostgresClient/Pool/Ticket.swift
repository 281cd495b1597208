import Synchronization

/// What a task waits under: cancelling may come before the task has begun to wait, or while it does.
final class Ticket: Sendable {
    private enum State {
        case new
        case taken(UInt64)
        case torn
    }

    private let state = Mutex(State.new)

    /// - Returns: whether it was torn before.
    func take(_ id: UInt64) -> Bool {
        state.withLock { state in
            guard case .torn = state else {
                state = .taken(id)
                return false
            }
            return true
        }
    }

    /// - Returns: what was waited for under it.
    func tear() -> UInt64? {
        state.withLock { state in
            defer { state = .torn }
            guard case .taken(let id) = state else { return nil }
            return id
        }
    }
}
