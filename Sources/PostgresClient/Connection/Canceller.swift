import CLibPQ
import Foundation
import Synchronization

/// Asks the server to end the statement that a connection is at. libpq does that over a connection of its own and waits for it, so it gets a
/// thread of its own: a host that hangs keeps nobody else.
final class Canceller: Sendable {
    private let isDone = Atomic<Bool>(false)
    private let wake: WakeSignal

    /// - Parameter wake: is raised when the request is through.
    /// - Returns: nil when there is nothing to cancel.
    init?(connection: OpaquePointer, wake: WakeSignal) {
        guard let request = PQgetCancel(connection) else { return nil }
        self.wake = wake
        let handle = CancelRequest(pointer: request)
        let thread = Thread { [self] in
            handle.send()
            isDone.store(true, ordering: .releasing)
            self.wake.raise()
        }
        thread.name = "postgres-cancel"
        thread.start()
    }

    /// Whether the server has got the request: what is sent from now on is not hit by it.
    var isThrough: Bool { isDone.load(ordering: .acquiring) }
}

/// What libpq keeps for cancelling; only the one thread that sends it uses it.
private struct CancelRequest: @unchecked Sendable {
    let pointer: OpaquePointer

    func send() {
        var words = [CChar](repeating: 0, count: 256)
        // Refused or not: the statement ends by itself or at its deadline.
        _ = PQcancel(pointer, &words, Int32(words.count))
        PQfreeCancel(pointer)
    }
}
