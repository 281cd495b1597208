import Synchronization

/// Wakes the task that waits for it, or the next that does. It is for one task.
final class Bell: Sendable {
    private enum State {
        case quiet
        case rung
        case awaited(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.quiet)

    func ring() {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            switch state {
            case .quiet, .rung:
                state = .rung
                return nil
            case .awaited(let continuation):
                state = .quiet
                return continuation
            }
        }
        waiting?.resume()
    }

    /// Waits until the bell is rung, or has been since the last time, or the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: CheckedContinuation<Void, Never>? = state.withLock { state in
                    switch state {
                    case .rung:
                        state = .quiet
                        return continuation
                    case .quiet:
                        state = .awaited(continuation)
                        return nil
                    case .awaited(let other):
                        state = .awaited(continuation)
                        return other
                    }
                }
                ready?.resume()
            }
        } onCancel: {
            ring()
        }
    }
}
