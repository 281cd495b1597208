public import Logging
import Foundation
import Synchronization

/// Connections to one database, each on a thread of its own, lent to whoever asks, in the order of asking.
///
/// A pool has to be closed. It connects when somebody asks; nothing that a server does or leaves undone keeps anybody beyond the
/// configuration's limits of time.
public final class PostgresPool: Sendable {
    private typealias Machine = PoolStateMachine

    /// Something that waits for a connection or uses one.
    private struct Pending: Sendable {
        let run: Worker.Job
        let fail: @Sendable (PostgresError) -> Void
        let flag = CancelFlag()
    }

    private struct State {
        var machine: Machine
        var workers: [Machine.ConnectionID: Worker] = [:]
        var pending: [Machine.WaiterID: Pending] = [:]
        var lastWaiter: Machine.WaiterID = 0
        /// When the timer's thread looks next.
        var armed: ContinuousClock.Instant?
        var isFinished = false
        var closing: [CheckedContinuation<Void, Never>] = []
    }

    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let state: Mutex<State>
    private let timer: WakeSignal

    /// - Throws: `.insufficientResources` when the process has no file descriptors left.
    public init(_ configuration: PostgresConfiguration, logger: Logger) throws(PostgresError) {
        self.configuration = configuration
        self.logger = logger
        timer = try WakeSignal()
        let limits = Machine.Limits(
            maximumConnections: max(1, configuration.maximumConnections), maximumWaiting: configuration.maximumWaiting,
            acquireTimeout: configuration.acquireTimeout, idleCheckInterval: configuration.idleCheckInterval,
            maximumIdleTime: configuration.maximumIdleTime, reconnection: configuration.reconnection)
        state = Mutex(State(machine: Machine(limits: limits)))
        let thread = Thread { [self] in keepTime() }
        thread.name = "postgres-pool"
        thread.start()
    }

    /// How the pool stands.
    public var status: PostgresPoolStatus {
        state.withLock { state in
            let leased = state.machine.connections.values.count { connection in
                guard case .leased = connection else { return false }
                return true
            }
            return PostgresPoolStatus(
                open: state.machine.connections.values.count { $0 != .opening }, idle: state.machine.idle.count, leased: leased,
                waiting: state.machine.waiting.count, trouble: state.machine.trouble?.error)
        }
    }

    /// Lets nobody in any more, waits until all who have a connection are done, and closes all connections.
    public func close() async {
        await withCheckedContinuation { continuation in
            let isFinished = state.withLock { state in
                if !state.isFinished { state.closing.append(continuation) }
                return state.isFinished
            }
            if isFinished { continuation.resume() } else { handle { $0.close() } }
        }
    }

    /// Runs a job as soon as there is a connection for it.
    /// - Returns: what `cancel` names it by.
    func submit(_ job: @escaping Worker.Job, fail: @escaping @Sendable (PostgresError) -> Void) -> UInt64 {
        let id = state.withLock { state in
            state.lastWaiter += 1
            state.pending[state.lastWaiter] = Pending(run: job, fail: fail)
            return state.lastWaiter
        }
        handle { $0.ask(id, at: .now) }
        return id
    }

    func cancel(_ id: UInt64) { handle { $0.cancel(id) } }

    /// Tells the machine what happened and does what it says.
    private func handle(_ event: (inout PoolStateMachine) -> [PoolStateMachine.Action]) {
        let (effects, isEarlier) = state.withLock { state in
            let effects = event(&state.machine).compactMap { effect(of: $0, &state) }
            let deadline = state.machine.nextDeadline
            let isEarlier = deadline.map { deadline in state.armed.map { deadline < $0 } ?? true } ?? false
            if isEarlier { state.armed = deadline }
            return (effects, isEarlier || state.isFinished)
        }
        if isEarlier { timer.raise() }
        for effect in effects { effect() }
    }

    /// What an action comes to; it is done when the lock is free again.
    private func effect(of action: PoolStateMachine.Action, _ state: inout State) -> (() -> Void)? {
        switch action {
        case .open(let connection):
            return open(connection, &state)
        case .grant(let waiter, let connection):
            guard let worker = state.workers[connection], let pending = state.pending[waiter] else { return nil }
            let job: Worker.Job = { [self] connection in
                let tell = pending.run(connection)
                self.state.withLock { $0.pending[waiter] = nil }
                return tell
            }
            return { worker.send(.run(job, pending.flag)) }
        case .fail(let waiter, let failure):
            let error = PostgresError(failure, configuration)
            return state.pending.removeValue(forKey: waiter).map { pending in { pending.fail(error) } }
        case .interrupt(let waiter, let connection):
            let (pending, worker) = (state.pending[waiter], state.workers[connection])
            return {
                pending?.flag.raise()
                worker?.nudge()
            }
        case .check(let connection):
            return state.workers[connection].map { worker in { worker.send(.check) } }
        case .end(let connection):
            // One that is still connecting reports that it gave up; of an idle one nothing is heard any more.
            let worker = state.workers[connection]
            if state.machine.connections[connection] == nil { state.workers[connection] = nil }
            return worker.map { worker in { worker.send(.end) } }
        case .finished:
            state.isFinished = true
            let closing = state.closing
            state.closing = []
            return { for continuation in closing { continuation.resume() } }
        }
    }

    private func open(_ connection: PoolStateMachine.ConnectionID, _ state: inout State) -> () -> Void {
        let report: @Sendable (Worker.Report) -> Void = { [self] in self.take($0, of: connection) }
        do throws(PostgresError) {
            let worker = try Worker()
            state.workers[connection] = worker
            return { [configuration] in worker.start(configuration, report: report) }
        } catch {
            return { report(.refused(error)) }
        }
    }

    private func take(_ report: Worker.Report, of connection: PoolStateMachine.ConnectionID) {
        log(report)
        switch report {
        case .opened: handle { $0.opened(connection, at: .now) }
        case .refused(let error): handle { $0.refused(connection, error, random: .random(in: 0...1), at: .now) }
        case .returned: handle { $0.returned(connection, at: .now) }
        case .checked: handle { $0.checked(connection, at: .now) }
        case .broke: handle { $0.broke(connection, at: .now) }
        case .stale: handle { $0.stale(connection, at: .now) }
        }
        state.withLock { state in
            if state.machine.connections[connection] == nil { state.workers[connection] = nil }
        }
    }

    private func log(_ report: Worker.Report) {
        let trouble = state.withLock { $0.machine.trouble }
        switch report {
        case .opened:
            logger.debug("Connected to PostgreSQL.", metadata: ["url": "\(configuration.url)"])
            if trouble != nil { logger.notice("PostgreSQL can be reached again.", metadata: ["url": "\(configuration.url)"]) }
        case .refused(let error):
            // Once, not at every attempt.
            guard trouble?.error.code != error.code, error.code != .closed else { return }
            logger.warning("PostgreSQL takes no connection.", metadata: ["url": "\(configuration.url)", "error": "\(error.debugDescription)"])
        case .broke: logger.warning("A connection to PostgreSQL broke.", metadata: ["url": "\(configuration.url)"])
        case .stale: logger.info("PostgreSQL closed a connection that was not in use.", metadata: ["url": "\(configuration.url)"])
        case .returned, .checked: break
        }
    }

    /// The timer's thread.
    private func keepTime() {
        while true {
            let (deadline, isFinished) = state.withLock { state in
                state.armed = state.machine.nextDeadline
                return (state.armed, state.isFinished)
            }
            if isFinished { return }
            if timer.wait(socket: nil, until: deadline) == .timedOut { handle { $0.timePassed(at: .now) } }
        }
    }
}

/// How a pool stands at a moment.
public struct PostgresPoolStatus: Sendable {
    /// Connections that are made, in use or not.
    public let open: Int
    public let idle: Int
    public let leased: Int
    /// How many wait for a connection.
    public let waiting: Int
    /// Why no connection could be made of late; nil when the last attempt succeeded.
    public let trouble: PostgresError?
}

extension PostgresError {
    /// Why a pool gave no connection.
    fileprivate init(_ failure: PoolStateMachine.Failure, _ configuration: PostgresConfiguration) {
        switch failure {
        case .tooManyWaiting: self.init(.tooManyWaiting, "\(configuration.maximumWaiting) already wait for a connection")
        case .acquireTimeout:
            self.init(.acquireTimeout, "all \(configuration.maximumConnections) connections were in use for \(configuration.acquireTimeout)")
        case .cancelled: self.init(.cancelled, "the task was cancelled while it waited for a connection")
        case .closed: self.init(.closed, "the pool is closed")
        case .refused(let error): self = error
        }
    }
}
