import Foundation

/// Wakes a thread that waits in `poll`: a pipe, because that is what can be waited for together with a socket.
final class WakeSignal: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    /// - Throws: `.insufficientResources` when the process has no file descriptors left.
    init() throws(PostgresError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw PostgresError(.insufficientResources, "no pipe can be opened: \(String(cString: strerror(errno)))")
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Wakes the thread, now or when it waits the next time.
    func raise() {
        // A full pipe wakes just as well.
        var byte: UInt8 = 0
        _ = write(writeEnd, &byte, 1)
    }

    /// Takes the signal back.
    private func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &bytes, bytes.count) > 0 {}
    }

    enum Event { case ready, woken, timedOut }

    /// Waits until a socket can be read, or written if wanted, or the signal is raised, or the time has come.
    /// - Parameters:
    ///   - socket: nil waits for signal and time only.
    ///   - deadline: nil waits for ever.
    func wait(socket: Int32?, reading: Bool = true, writing: Bool = false, until deadline: ContinuousClock.Instant?) -> Event {
        let interest = Int16(reading ? POLLIN : 0) | Int16(writing ? POLLOUT : 0)
        while true {
            var places = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0), pollfd(fd: socket ?? -1, events: interest, revents: 0)]
            let ready = poll(&places, 2, Self.milliseconds(until: deadline))
            if ready < 0, errno == EINTR { continue }
            if places[0].revents != 0 {
                clear()
                return .woken
            }
            if ready != 0 { return .ready }
            if let deadline, deadline <= .now { return .timedOut }
        }
    }

    private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let (seconds, attoseconds) = (deadline - .now).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        // Rounded up: waking too early would turn the wait into a loop.
        return Int32(clamping: min(seconds, 1_000_000) * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }
}
