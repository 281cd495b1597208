import DequeModule

/// Which connections a pool has, who uses them and who waits: events in, actions out, and the time given with each event.
struct PoolStateMachine {
    typealias Instant = ContinuousClock.Instant
    typealias ConnectionID = Int
    typealias WaiterID = UInt64

    struct Limits: Equatable {
        var maximumConnections = 8
        var maximumWaiting = 1_000
        var acquireTimeout: Duration = .seconds(5)
        var idleCheckInterval: Duration = .seconds(30)
        var maximumIdleTime: Duration = .seconds(600)
        var reconnection = Backoff(initial: .milliseconds(50), maximum: .seconds(1))
    }

    struct Waiter: Equatable {
        let id: WaiterID
        let deadline: Instant
    }

    enum ConnectionState: Equatable {
        case opening
        /// - checked: when it was last known to work.
        case idle(used: Instant, checked: Instant)
        case checking(used: Instant)
        case leased(Waiter)
    }

    /// Why no connection could be made of late.
    struct Trouble: Equatable {
        let since: Instant
        var failures: Int
        var error: PostgresError
        var retryAt: Instant
    }

    enum Failure: Equatable {
        case tooManyWaiting, acquireTimeout, cancelled, closed
        case refused(PostgresError)
    }

    enum Action: Equatable {
        /// Start to connect.
        case open(ConnectionID)
        case grant(WaiterID, ConnectionID)
        case fail(WaiterID, Failure)
        /// End what the waiter's statement is at.
        case interrupt(WaiterID, ConnectionID)
        /// Find out whether the connection works.
        case check(ConnectionID)
        /// Close the connection, or give up connecting.
        case end(ConnectionID)
        /// The pool is closed and nothing is left.
        case finished
    }

    let limits: Limits
    private(set) var connections: [ConnectionID: ConnectionState] = [:]
    /// Those that can be used at once, the one used last at the end.
    private(set) var idle: [ConnectionID] = []
    private(set) var waiting: Deque<Waiter> = []
    private(set) var trouble: Trouble?
    private var isClosed = false
    private var lastID = 0

    init(limits: Limits) { self.limits = limits }

    private var openingCount: Int { connections.values.count { $0 == .opening } }

    private var hasWorkingConnections: Bool { connections.values.contains { $0 != .opening } }

    /// Somebody wants a connection.
    mutating func ask(_ id: WaiterID, at now: Instant) -> [Action] {
        guard !isClosed else { return [.fail(id, .closed)] }
        if let connection = idle.popLast() { return [lease(connection, to: Waiter(id: id, deadline: now + limits.acquireTimeout))] }
        // The server has been away for so long that whoever waits now would wait in vain, or it waits for somebody to mend the settings.
        if let trouble, !hasWorkingConnections, trouble.error.isPermanent ? now < trouble.retryAt : now >= trouble.since + limits.acquireTimeout {
            return [.fail(id, .refused(trouble.error))]
        }
        // For some of those who wait there will be a connection as soon as it is made.
        let missing = limits.maximumConnections - connections.values.count { $0 != .opening }
        guard waiting.count < limits.maximumWaiting + missing else { return [.fail(id, .tooManyWaiting)] }
        waiting.append(Waiter(id: id, deadline: now + limits.acquireTimeout))
        return openForWaiting(at: now)
    }

    /// Whoever asked does not want it any more.
    mutating func cancel(_ id: WaiterID) -> [Action] {
        if let place = waiting.firstIndex(where: { $0.id == id }) {
            waiting.remove(at: place)
            return [.fail(id, .cancelled)]
        }
        let leased = connections.first { _, state in
            guard case .leased(let waiter) = state else { return false }
            return waiter.id == id
        }
        return leased.map { [.interrupt(id, $0.key)] } ?? []
    }

    /// A connection was made.
    mutating func opened(_ connection: ConnectionID, at now: Instant) -> [Action] {
        trouble = nil
        // Others may have waited for this one attempt to show that the server is back.
        return place(connection, used: now, at: now) + openForWaiting(at: now)
    }

    /// A connection could not be made.
    /// - Parameter random: from 0 to 1.
    mutating func refused(_ connection: ConnectionID, _ error: PostgresError, random: Double, at now: Instant) -> [Action] {
        connections[connection] = nil
        guard !isClosed else { return finishIfEmpty() }
        let failures = (trouble?.failures ?? 0) + 1
        trouble = Trouble(
            since: trouble?.since ?? now, failures: failures, error: error,
            retryAt: now + limits.reconnection.pause(after: failures, random: random))
        guard error.isPermanent, !hasWorkingConnections else { return [] }
        defer { waiting = [] }
        return waiting.map { .fail($0.id, .refused(error)) }
    }

    /// A leased connection is given back.
    mutating func returned(_ connection: ConnectionID, at now: Instant) -> [Action] { place(connection, used: now, at: now) }

    /// A check found the connection to work.
    mutating func checked(_ connection: ConnectionID, at now: Instant) -> [Action] {
        guard case .checking(let used) = connections[connection] else { return [] }
        return place(connection, used: used, at: now)
    }

    /// A connection broke in use; its user knows.
    mutating func broke(_ connection: ConnectionID, at now: Instant) -> [Action] {
        drop(connection)
        return openForWaiting(at: now) + finishIfEmpty()
    }

    /// A connection was found broken before it was used: who had just got it waits on, at the head.
    mutating func stale(_ connection: ConnectionID, at now: Instant) -> [Action] {
        guard case .leased(let waiter) = connections[connection] else { return broke(connection, at: now) }
        drop(connection)
        guard !isClosed else { return [.fail(waiter.id, .closed)] + finishIfEmpty() }
        if let other = idle.popLast() { return [lease(other, to: waiter)] }
        waiting.prepend(waiter)
        return openForWaiting(at: now)
    }

    /// Nobody is let in any more; who has a connection may finish.
    mutating func close() -> [Action] {
        guard !isClosed else { return [] }
        isClosed = true
        let failed = waiting.map { Action.fail($0.id, .closed) }
        waiting = []
        let ended = connections.filter { $0.value == .opening }.keys.sorted() + idle
        for connection in idle { drop(connection) }
        return failed + ended.map(Action.end) + finishIfEmpty()
    }

    /// Whether something is due is looked at again: waiters, checks, attempts to connect.
    mutating func timePassed(at now: Instant) -> [Action] {
        guard !isClosed else { return [] }
        var actions: [Action] = []
        while let first = waiting.first, first.deadline <= now {
            waiting.removeFirst()
            let cause = hasWorkingConnections ? nil : trouble?.error
            actions.append(.fail(first.id, cause.map(Failure.refused) ?? .acquireTimeout))
        }
        for connection in idle {
            guard case .idle(let used, let checked) = connections[connection] else { continue }
            if now >= used + limits.maximumIdleTime {
                drop(connection)
                actions.append(.end(connection))
            } else if now >= checked + limits.idleCheckInterval {
                idle.removeAll { $0 == connection }
                connections[connection] = .checking(used: used)
                actions.append(.check(connection))
            }
        }
        actions += openForWaiting(at: now)
        // The server is looked for even if nobody waits, so that whoever comes next is not turned away in vain.
        if isProbing, openingCount == 0, let trouble, now >= trouble.retryAt { actions.append(open()) }
        return actions
    }

    /// When `timePassed` has something to do next, as it looks now.
    var nextDeadline: Instant? {
        guard !isClosed else { return nil }
        var deadlines = waiting.first.map { [$0.deadline] } ?? []
        for connection in idle {
            guard case .idle(let used, let checked) = connections[connection] else { continue }
            deadlines.append(min(used + limits.maximumIdleTime, checked + limits.idleCheckInterval))
        }
        if let trouble, openingCount == 0, isProbing || !waiting.isEmpty { deadlines.append(trouble.retryAt) }
        return deadlines.min()
    }

    /// Whether the server is away and may come back by itself.
    private var isProbing: Bool { trouble.map { !$0.error.isPermanent } ?? false && !hasWorkingConnections }

    private mutating func place(_ connection: ConnectionID, used: Instant, at now: Instant) -> [Action] {
        guard connections[connection] != nil else { return [] }
        guard !isClosed else {
            drop(connection)
            return [.end(connection)] + finishIfEmpty()
        }
        if let waiter = waiting.popFirst() { return [lease(connection, to: waiter)] }
        connections[connection] = .idle(used: used, checked: now)
        idle.append(connection)
        return []
    }

    private mutating func lease(_ connection: ConnectionID, to waiter: Waiter) -> Action {
        connections[connection] = .leased(waiter)
        return .grant(waiter.id, connection)
    }

    private mutating func openForWaiting(at now: Instant) -> [Action] {
        var actions: [Action] = []
        while !isClosed, connections.count < limits.maximumConnections, openingCount < waiting.count {
            // While there is trouble, one attempt at a time shows whether it is over.
            if let trouble, now < trouble.retryAt || openingCount > 0 { break }
            actions.append(open())
        }
        return actions
    }

    private mutating func open() -> Action {
        lastID += 1
        connections[lastID] = .opening
        return .open(lastID)
    }

    private mutating func drop(_ connection: ConnectionID) {
        connections[connection] = nil
        idle.removeAll { $0 == connection }
        // What kept others from being made beside those that worked says nothing of the server any more.
        if !hasWorkingConnections { trouble = nil }
    }

    private func finishIfEmpty() -> [Action] { isClosed && connections.isEmpty ? [.finished] : [] }
}
