import StageModel

/// Decides when a prompt is tried, tried again and given up. It knows neither clock nor dice nor sockets.
struct AttemptStateMachine {
    typealias Instant = ContinuousClock.Instant

    struct Settings: Equatable, Sendable {
        var maximumAttempts: Int
        /// How long one attempt may take.
        var timeout: Duration
        /// The longest pause behind the first attempt; each further one doubles it.
        var firstPause: Duration = .milliseconds(250)
        /// The longest pause of all that this client chooses itself.
        var longestPause: Duration = .seconds(4)
    }

    private enum State {
        case ready(number: Int, last: ModelFailure?)
        case asking(number: Int)
        case ended(ModelFailure)
    }

    private let settings: Settings
    private let deadline: Instant
    private var state: State = .ready(number: 1, last: nil)
    private var form: AnswerForm

    init(settings: Settings, deadline: Instant, form: AnswerForm) {
        self.settings = settings
        self.deadline = deadline
        self.form = form
    }

    enum BeginAction: Equatable {
        /// Asks, and ends by then.
        case ask(until: Instant, AnswerForm)
        case fail(ModelFailure)
    }

    mutating func begin(at now: Instant) -> BeginAction {
        switch state {
        case .ready(let number, let last):
            guard now < deadline else { return .fail(end(last ?? AttemptFailure.timeout.failure)) }
            state = .asking(number: number)
            return .ask(until: min(now + settings.timeout, deadline), form)
        case .asking, .ended: return .fail(giveUp(AttemptFailure.timeout.failure))
        }
    }

    enum FailedAction: Equatable {
        /// Waits until then, and begins again.
        case pause(until: Instant)
        case fail(ModelFailure)
    }

    /// - Parameters:
    ///   - hasHandedOut: whether a piece of the answer was handed out: nobody can take it back, so it is not begun anew.
    ///   - jitter: a random number from 0 to 1; 0 does not wait, unless the server wants it.
    mutating func failed(_ attempt: AttemptFailure, hasHandedOut: Bool, at now: Instant, jitter: Double) -> FailedAction {
        switch state {
        case .asking(let number):
            guard !hasHandedOut else { return .fail(end(attempt.failure)) }
            switch attempt.remedy {
            case .nothing: return .fail(end(attempt.failure))
            case .anyText:
                guard form == .schema, now < deadline else { return .fail(end(attempt.failure)) }
                form = .textInsteadOfSchema
                // It is another question, not one more attempt at the same.
                state = .ready(number: number, last: attempt.failure)
                return .pause(until: now)
            case .again(let notBefore):
                let begin = now + max(notBefore, pause(after: number, jitter: jitter))
                guard number < settings.maximumAttempts, begin < deadline else { return .fail(end(attempt.failure)) }
                state = .ready(number: number + 1, last: attempt.failure)
                return .pause(until: begin)
            }
        case .ready, .ended: return .fail(giveUp(attempt.failure))
        }
    }

    /// No attempt can begin: another reason than what the attempts so far have failed for.
    /// - Returns: the failure of the last attempt; without one, the reason.
    mutating func giveUp(_ reason: ModelFailure) -> ModelFailure {
        switch state {
        case .ready(_, let last): end(last ?? reason)
        case .asking: end(reason)
        case .ended(let failure): failure
        }
    }

    private mutating func end(_ failure: ModelFailure) -> ModelFailure {
        state = .ended(failure)
        return failure
    }

    /// Anything from nothing to the longest, so that those who failed together do not come back together.
    private func pause(after number: Int, jitter: Double) -> Duration {
        // Beyond 2²⁰ every pause is the longest anyhow.
        min(settings.longestPause, settings.firstPause * (1 << min(number - 1, 20))) * min(max(jitter, 0), 1)
    }
}

/// What a request says of the form of the answer.
enum AnswerForm: Equatable, Sendable {
    /// The prompt wants any text.
    case text
    /// The prompt has a schema, and the server is asked to keep to it.
    case schema
    /// The prompt has a schema, but the server can't keep to it.
    case textInsteadOfSchema
}
