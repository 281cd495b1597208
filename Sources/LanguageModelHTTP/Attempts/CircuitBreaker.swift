/// Leaves a server alone that has failed often in a row, and then tries it with one request. It knows no clock.
struct CircuitBreaker {
    typealias Instant = ContinuousClock.Instant

    private enum State {
        case closed(failures: Int)
        case open(until: Instant)
        /// One request is under way whose result decides.
        case trial
    }

    /// The right to ask once; what comes of it is reported with it.
    struct Ticket: Equatable {
        /// What began before the state changed tells nothing about the server as it is now.
        fileprivate let era: Int
    }

    private let failuresUntilOpen: Int
    private let openTime: Duration
    private var state: State = .closed(failures: 0)
    private var era = 0

    init(failuresUntilOpen: Int, openTime: Duration) {
        self.failuresUntilOpen = failuresUntilOpen
        self.openTime = openTime
    }

    /// Whether a request would be refused; asking changes nothing.
    func refuses(at now: Instant) -> Bool {
        switch state {
        case .closed: false
        case .open(let until): now < until
        case .trial: true
        }
    }

    enum AdmitAction: Equatable {
        case ask(Ticket)
        case refuse
    }

    mutating func admit(at now: Instant) -> AdmitAction {
        if refuses(at: now) { return .refuse }
        switch state {
        case .closed, .trial: break
        case .open: change(to: .trial)
        }
        return .ask(Ticket(era: era))
    }

    enum ReportAction: Equatable {
        case nothing
        /// The server is left alone from now on.
        case opened
        /// The server is back.
        case closed
    }

    /// The server answered, whatever it said.
    mutating func succeeded(_ ticket: Ticket) -> ReportAction {
        guard ticket.era == era else { return .nothing }
        switch state {
        case .closed:
            state = .closed(failures: 0)
            return .nothing
        case .trial:
            change(to: .closed(failures: 0))
            return .closed
        case .open: return .nothing
        }
    }

    mutating func failed(_ ticket: Ticket, at now: Instant) -> ReportAction {
        guard ticket.era == era else { return .nothing }
        switch state {
        case .closed(let failures):
            guard failures + 1 >= failuresUntilOpen else {
                state = .closed(failures: failures + 1)
                return .nothing
            }
            change(to: .open(until: now + openTime))
            return .opened
        case .trial:
            // Still away, which is no news.
            change(to: .open(until: now + openTime))
            return .nothing
        case .open: return .nothing
        }
    }

    /// The request was given up for a reason that tells nothing about the server.
    mutating func abandoned(_ ticket: Ticket, at now: Instant) {
        guard ticket.era == era else { return }
        switch state {
        // The next one tries.
        case .trial: change(to: .open(until: now))
        case .closed, .open: break
        }
    }

    private mutating func change(to state: State) {
        self.state = state
        era += 1
    }
}
