import NIOCore
import Synchronization

/// The connection that all tasks send their commands over.
///
/// A task puts its command into the queue under a lock and, if the event loop does not know yet, wakes it; the event loop writes all that has
/// come by then at once.
final class CommandLink: ConnectionOwner {
    /// Whoever waits for a reply. The queue gives each waiter away once and forgets it; to check that again, as checked continuations do, costs a
    /// quarter of all round trips.
    enum Waiter: Sendable {
        case one(UnsafeContinuation<Result<RESPValue, RedisError>, Never>)
        case all(UnsafeContinuation<Result<[RESPValue], RedisError>, Never>)

        func fail(_ error: RedisError) {
            switch self {
            case .one(let continuation): continuation.resume(returning: .failure(error))
            case .all(let continuation): continuation.resume(returning: .failure(error))
            }
        }
    }

    enum Status: Sendable {
        case connecting
        case connected
        case unavailable(RedisError)
        case closed
    }

    private struct LoopState {
        var channel: (any Channel)?
        var timer: Scheduled<Void>?
    }

    private struct Shared {
        var queue: CommandQueue<Waiter>
        var status: Status = .connecting
    }

    private let eventLoop: any EventLoop
    private let supervisor: ConnectionSupervisor
    private let timeout: TimeAmount
    private let shared: Mutex<Shared>
    private let loop: NIOLoopBoundBox<LoopState>
    private let ending = Latch()

    init(supervisor: ConnectionSupervisor, limits: CommandQueue<Waiter>.Limits, timeout: TimeAmount) {
        self.supervisor = supervisor
        self.timeout = timeout
        eventLoop = supervisor.eventLoop
        shared = Mutex(Shared(queue: CommandQueue(limits: limits)))
        loop = .makeBoxSendingValue(LoopState(), eventLoop: supervisor.eventLoop)
    }

    var status: Status { shared.withLock { $0.status } }
    var pendingCount: Int { shared.withLock { $0.queue.count } }

    func start() { eventLoop.execute { self.supervisor.start(for: self) } }

    func send(_ bytes: ByteBuffer) async throws(RedisError) -> RESPValue {
        let ticket = Ticket()
        return try await withTaskCancellationHandler {
            await withUnsafeContinuation { add(bytes, replyCount: 1, waiter: .one($0), ticket: ticket) }
        } onCancel: {
            giveUp(ticket)
        }.get()
    }

    func send(_ bytes: ByteBuffer, replyCount: Int) async throws(RedisError) -> [RESPValue] {
        let ticket = Ticket()
        return try await withTaskCancellationHandler {
            await withUnsafeContinuation { add(bytes, replyCount: replyCount, waiter: .all($0), ticket: ticket) }
        } onCancel: {
            giveUp(ticket)
        }.get()
    }

    private static var cancelled: RedisError {
        RedisError(.cancelled(wasSent: false), "The task was cancelled; the command was not sent. A client connects while its run() is running.")
    }

    private func add(_ bytes: ByteBuffer, replyCount: Int, waiter: Waiter, ticket: borrowing Ticket) {
        let deadline = eventLoop.now + timeout
        let action: CommandQueue<Waiter>.AddAction = shared.withLock { shared in
            guard ticket.assign(shared.queue.upcomingID) else { return .refused(Self.cancelled) }
            return shared.queue.add(bytes, replyCount: replyCount, waiter: waiter, deadline: deadline)
        }
        switch action {
        case .accepted(let wake): if wake { eventLoop.execute { self.write() } }
        case .refused(let error): waiter.fail(error)
        }
    }

    private func giveUp(_ ticket: borrowing Ticket) {
        guard let id = ticket.cancel(), let (waiter, wasSent) = shared.withLock({ $0.queue.giveUp(id: id) }) else { return }
        waiter.fail(
            wasSent ? RedisError(.cancelled(wasSent: true), "The task was cancelled; the command was sent and is carried out.") : Self.cancelled)
    }

    /// Writes what waits, as one flush, and sees to it that the oldest command's time is watched.
    private func write() {
        let (buffers, deadline) = shared.withLock { $0.queue.takeOutbound() }
        if let channel = loop.value.channel, !buffers.isEmpty {
            for buffer in buffers { channel.write(buffer, promise: nil) }
            channel.flush()
        }
        if loop.value.timer == nil, let deadline { watch(until: deadline) }
    }

    private func watch(until deadline: NIODeadline?) {
        loop.value.timer = deadline.map { deadline in eventLoop.scheduleTask(deadline: deadline) { self.expire() } }
    }

    private func expire() {
        loop.value.timer = nil
        switch shared.withLock({ $0.queue.expire(now: eventLoop.now) }) {
        case .idle: break
        case .checkAgain(let deadline): watch(until: deadline)
        case .giveUp(let waiters, let deadline):
            watch(until: deadline)
            for waiter in waiters { waiter.fail(late(wasSent: false)) }
        case .dropConnection(let waiters):
            // First, so that whoever hears of it and asks again is told at once that there is no connection.
            supervisor.drop(late(wasSent: true))
            for waiter in waiters { waiter.fail(late(wasSent: true)) }
        }
        endIfDrained()
    }

    private func late(wasSent: Bool) -> RedisError {
        let time = "\(timeout.nanoseconds / 1_000_000) ms"
        return RedisError(
            .timedOut(wasSent: wasSent),
            wasSent
                ? "Redis did not answer within \(time); the command may have been carried out or not."
                : "There was no connection to Redis within \(time); the command was not sent. A client connects while its run() is running.")
    }

    // MARK: What the supervisor tells

    func connectionOpened(_ channel: any Channel) {
        loop.value.channel = channel
        shared.withLock { shared in
            shared.queue.connected()
            if !shared.queue.isClosing { shared.status = .connected }
        }
        write()
    }

    func connectionReceived(_ replies: [RedisReply]) {
        let (completions, violation, isDrained) = shared.withLock { shared in
            var completions: [CommandQueue<Waiter>.Completion] = []
            var violation: RedisError?
            do throws(RedisError) {
                try shared.queue.received(replies, completions: &completions)
            } catch {
                violation = error
            }
            return (completions, violation, shared.queue.isDrained)
        }
        for completion in completions {
            switch completion {
            case .one(.one(let continuation), let reply): continuation.resume(returning: .success(reply))
            // A pipeline of one command.
            case .one(.all(let continuation), let reply): continuation.resume(returning: .success([reply]))
            case .all(.all(let continuation), let replies): continuation.resume(returning: .success(replies))
            // Nobody who waits for one reply gets several.
            case .all(.one, _): break
            }
        }
        if let violation { supervisor.drop(violation) }
        if isDrained { end() }
    }

    func connectionLost(_ reason: RedisError) {
        loop.value.channel = nil
        // A server that does not answer is not waited for; one that has closed the connection may be back at once.
        let mayWait = if case .connectionLost = reason.code { true } else { false }
        fail(reason, mayWait: mayWait)
    }

    func connectionFailed(_ reason: RedisError) { fail(reason, mayWait: false) }

    private func fail(_ reason: RedisError, mayWait: Bool) {
        let failed = shared.withLock { shared in
            if !shared.queue.isClosing { shared.status = mayWait ? .connecting : .unavailable(reason) }
            return shared.queue.lost(reason, mayWait: mayWait)
        }
        for (waiter, error) in failed { waiter.fail(error) }
        endIfDrained()
    }

    // MARK: The end

    /// Refuses further commands and ends when those that were accepted have their replies or have failed.
    func drain() async {
        refuse()
        eventLoop.execute { self.endIfDrained() }
        await ending.wait()
    }

    /// Ends now; commands without reply fail.
    func abandon() {
        refuse()
        eventLoop.execute { self.end() }
    }

    private func refuse() {
        shared.withLock { shared in
            shared.queue.close()
            shared.status = .closed
        }
    }

    func waitForEnd() async { await ending.wait() }

    private func endIfDrained() {
        if shared.withLock({ $0.queue.isDrained }) { end() }
    }

    private func end() {
        supervisor.close()
        loop.value.channel = nil
        loop.value.timer?.cancel()
        let failed = shared.withLock { $0.queue.lost(.closed, mayWait: false) }
        for (waiter, error) in failed { waiter.fail(error) }
        ending.open()
    }
}

/// Lets a task that is cancelled find the command that it waits for, whichever of both comes first.
private struct Ticket: ~Copyable {
    /// 0: no command yet; the highest number: cancelled; else the command's id.
    private let state = Atomic<UInt64>(0)

    /// - Returns: false when the task is cancelled already.
    func assign(_ id: UInt64) -> Bool { state.compareExchange(expected: 0, desired: id, ordering: .acquiringAndReleasing).exchanged }

    /// - Returns: the id of the command, if it has one.
    func cancel() -> UInt64? {
        let id = state.exchange(.max, ordering: .acquiringAndReleasing)
        return id == 0 || id == .max ? nil : id
    }
}
