import Synchronization

/// Lets so many requests be under way at once, and no more.
final class RequestSlots: Sendable {
    private struct State {
        var machine: SlotStateMachine
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
        var lastID = 0
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(machine: SlotStateMachine(count: count))) }

    /// Waits for a slot; who got one must leave it.
    /// - Returns: whether there is one; false only when the task was cancelled.
    func enter() async -> Bool {
        let id = state.withLock {
            $0.lastID += 1
            return $0.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayEnter: Bool? = state.withLock {
                    // A cancellation that comes later than this finds the waiter.
                    if Task.isCancelled { return false }
                    switch $0.machine.enter(id: id) {
                    case .enter: return true
                    case .wait:
                        $0.waiters[id] = continuation
                        return nil
                    }
                }
                if let mayEnter { continuation.resume(returning: mayEnter) }
            }
        } onCancel: {
            let waiter: CheckedContinuation<Bool, Never>? = state.withLock {
                switch $0.machine.cancel(id: id) {
                case .sendAway: $0.waiters.removeValue(forKey: id)
                case .ignore: nil
                }
            }
            waiter?.resume(returning: false)
        }
    }

    func leave() {
        let waiter: CheckedContinuation<Bool, Never>? = state.withLock {
            switch $0.machine.leave() {
            case .nothing: nil
            case .hand(let id): $0.waiters.removeValue(forKey: id)
            }
        }
        waiter?.resume(returning: true)
    }
}
