import CLibPQ

/// One libpq connection, never blocking: every wait has a deadline and can be woken. It stays on one thread.
final class Link {
    /// libpq's own.
    let connection: OpaquePointer
    let wake: WakeSignal
    /// Whether the connection can't be used any more: it broke, or nobody knows what it will answer next.
    private(set) var isBroken = false
    /// The request to end the running statement, once it was sent.
    private var canceller: Canceller?
    /// How long a cancelled statement may take to end.
    private let grace: Duration

    /// Connects.
    /// - Parameter flag: ends the attempt early.
    /// - Throws: what kept it from connecting, after at most the configuration's `connectTimeout`.
    init(_ configuration: PostgresConfiguration, wake: WakeSignal, flag: CancelFlag) throws(PostgresError) {
        self.wake = wake
        grace = configuration.networkGrace
        connection = try Link.connect(configuration, wake: wake, flag: flag)
    }

    deinit { PQfinish(connection) }

    var socket: Int32 { PQsocket(connection) }

    /// Whether a transaction is open at the server, given up or not.
    var isTransactionOpen: Bool { PQtransactionStatus(connection) != PQTRANS_IDLE }

    /// What libpq said last.
    var message: String { String(cString: PQerrorMessage(connection)).trimmed }

    func breakOff() { isBroken = true }

    /// What happened to a connection that can't be used any more.
    func lost(_ message: String? = nil) -> PostgresError {
        isBroken = true
        return PostgresError(.connectionLost, message ?? self.message)
    }

    /// Whether the server has not closed the connection, as far as can be told without asking it. Drops what it sent unasked.
    func looksAlive() -> Bool { notifications() != nil }

    /// What the server has sent unasked.
    /// - Returns: nil when the connection is broken.
    func notifications() -> [PostgresNotification]? {
        guard !isBroken, PQconsumeInput(connection) == 1, PQisBusy(connection) == 0, PQstatus(connection) == CONNECTION_OK else {
            isBroken = true
            return nil
        }
        var notifications: [PostgresNotification] = []
        while let notification = PQnotifies(connection) {
            notifications.append(
                PostgresNotification(
                    channel: String(cString: notification.pointee.relname), payload: String(cString: notification.pointee.extra),
                    process: notification.pointee.be_pid))
            PQfreemem(notification)
        }
        return notifications
    }

    /// Waits for the next of the answers to what was sent.
    /// - Returns: libpq's result, which the caller owns; nil when there are no more.
    /// - Throws: `.connectionLost` at the deadline: nobody knows then what the connection will answer next.
    func nextResult(until deadline: ContinuousClock.Instant, _ flag: CancelFlag) throws(PostgresError) -> OpaquePointer? {
        var deadline = deadline
        if canceller != nil { deadline = min(deadline, .now + grace) }
        while true {
            let unsent = PQflush(connection)
            // What the server still said, such as why it closes, is read before the loss is told.
            if unsent < 0 { return lastResult() }
            if PQisBusy(connection) == 0 { return PQgetResult(connection) }
            if flag.isRaised, canceller == nil, let request = Canceller(connection: connection, wake: wake) {
                canceller = request
                deadline = min(deadline, .now + grace)
            }
            switch wake.wait(socket: socket, writing: unsent > 0, until: deadline) {
            case .woken: continue
            case .ready: if PQconsumeInput(connection) == 0 { return lastResult() }
            case .timedOut:
                throw lost(flag.isRaised ? "the server did not end a cancelled statement in time" : "the server does not answer")
            }
        }
    }

    /// The socket is closed, so libpq does not wait for it any more.
    private func lastResult() -> OpaquePointer? {
        _ = PQconsumeInput(connection)
        return PQgetResult(connection)
    }

    /// After a statement that was to be cancelled: waits until the request is through, so that it can't hit the next one.
    func settle() {
        guard let canceller else { return }
        let deadline = ContinuousClock.now + grace
        while !canceller.isThrough {
            if wake.wait(socket: nil, until: deadline) == .timedOut {
                isBroken = true
                break
            }
        }
        self.canceller = nil
    }
}

extension String {
    /// Without white space at its ends, on one line.
    var trimmed: String { split(whereSeparator: \.isNewline).joined(separator: " ").split(separator: " ").joined(separator: " ") }
}
