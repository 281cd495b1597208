/// How long to wait between attempts to connect: longer each time, and never all clients at once.
struct Backoff: Equatable, Sendable {
    var shortest: Duration
    var longest: Duration

    /// - Parameters:
    ///   - attempt: the number of the attempt that failed, from 0.
    ///   - jitter: a random number from 0 to 1; 0 halves the wait.
    func delay(after attempt: Int, jitter: Double) -> Duration {
        // Beyond 2²⁰ every wait is the longest anyhow.
        let ceiling = min(longest, shortest * (1 << min(max(attempt, 0), 20)))
        return ceiling * (0.5 + 0.5 * min(max(jitter, 0), 1))
    }
}

/// Decides when one connection is made, and made again. It knows neither clock nor dice nor sockets.
struct ReconnectStateMachine {
    private enum State {
        case idle
        case connecting(attempt: Int)
        case connected(attempt: Int)
        case waiting(attempt: Int, timer: Int)
        case closed
    }

    /// A connection that lived for as long as this was a good one: after its loss the waits begin short again.
    static let settledAfter: Duration = .seconds(5)

    private let backoff: Backoff
    private var state: State = .idle
    private var timerCount = 0

    init(backoff: Backoff) { self.backoff = backoff }

    enum StartAction: Equatable { case connect, ignore }

    mutating func start() -> StartAction {
        switch state {
        case .idle:
            state = .connecting(attempt: 0)
            return .connect
        case .connecting, .connected, .waiting, .closed: return .ignore
        }
    }

    enum ConnectedAction: Equatable {
        case use
        /// Nobody wants it any more.
        case closeConnection
    }

    mutating func connected() -> ConnectedAction {
        switch state {
        case .connecting(let attempt):
            state = .connected(attempt: attempt)
            return .use
        case .idle, .connected, .waiting, .closed: return .closeConnection
        }
    }

    enum RetryAction: Equatable {
        case startTimer(id: Int, after: Duration)
        case ignore
    }

    /// - Parameter jitter: a random number from 0 to 1.
    mutating func connectFailed(jitter: Double) -> RetryAction {
        switch state {
        case .connecting(let attempt): return retry(after: attempt, jitter: jitter)
        case .idle, .connected, .waiting, .closed: return .ignore
        }
    }

    /// - Parameters:
    ///   - age: how long the connection had lived.
    ///   - jitter: a random number from 0 to 1.
    mutating func connectionLost(age: Duration, jitter: Double) -> RetryAction {
        switch state {
        case .connected(let attempt): return retry(after: age >= Self.settledAfter ? 0 : attempt, jitter: jitter)
        case .idle, .connecting, .waiting, .closed: return .ignore
        }
    }

    private mutating func retry(after attempt: Int, jitter: Double) -> RetryAction {
        timerCount += 1
        state = .waiting(attempt: attempt + 1, timer: timerCount)
        return .startTimer(id: timerCount, after: backoff.delay(after: attempt, jitter: jitter))
    }

    enum TimerFiredAction: Equatable { case connect, ignore }

    mutating func timerFired(id: Int) -> TimerFiredAction {
        switch state {
        case .waiting(let attempt, let timer) where timer == id:
            state = .connecting(attempt: attempt)
            return .connect
        case .idle, .connecting, .connected, .waiting, .closed: return .ignore
        }
    }

    enum CloseAction: Equatable {
        case closeConnection
        case abandonAttempt
        case cancelTimer(id: Int)
        case nothing
    }

    mutating func close() -> CloseAction {
        defer { state = .closed }
        switch state {
        case .connected: return .closeConnection
        case .connecting: return .abandonAttempt
        case .waiting(_, let timer): return .cancelTimer(id: timer)
        case .idle, .closed: return .nothing
        }
    }
}
