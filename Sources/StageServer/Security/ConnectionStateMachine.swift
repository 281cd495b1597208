import NIOCore

/// What becomes of a connection: which requests are handed on, and when it is closed because the client is too slow.
///
/// Several requests may be under way when the client does not wait for answers; they are answered in order.
struct ConnectionStateMachine {
    enum HeadAction: Equatable {
        /// - Returns: what comes of the request is for the server.
        case handOn
        /// Answer it with 503; the rest of it is dropped.
        case refuse
        case drop
    }

    enum PartAction: Equatable {
        case handOn, drop
        /// What was refused is read to its end: read nothing for so long.
        case pause(TimeAmount)
    }

    enum AnswerAction: Equatable {
        case none, close
        /// The answer is for a request that was answered otherwise, or for a client that is gone.
        case drop
    }

    enum TimeAction: Equatable {
        /// Look again then.
        case wait(NIODeadline)
        /// Nothing to look for until something happens.
        case rest
        /// The body did not come: answer with 408, which is the last answer.
        case answerTimeout
        case close
    }

    enum FaultAction: Equatable {
        /// Answer it, which is the last answer.
        case answer
        /// Whoever handles the request is told.
        case handOn
        case drop
    }

    private enum Reading: Equatable {
        case none
        /// A body that is for the server.
        case body
        /// The rest of a request that was refused.
        case refused
    }

    private let limits: ConnectionLimits
    private var reading = Reading.none
    /// How many requests were refused since one was handed on.
    private var refusals = 0
    /// How many requests were handed on and are not answered to the end.
    private(set) var underWay = 0
    /// Whether an answer has begun and not ended.
    private var isAnswering = false
    /// Whether the connection is closed as soon as nothing is under way.
    private var isEnding = false
    /// Whether what the client sends can't be read any more.
    private var isBroken = false
    /// Whether nothing that may follow the last request that came can be read.
    private(set) var isLastRequest = false
    /// Whether the last answer was given.
    private(set) var isOver = false
    /// When what is awaited of the client must be there.
    private var awaited: NIODeadline
    private var stalled: NIODeadline?
    private var bodyBegan: NIODeadline?
    private var bodyBytes: Int64 = 0

    init(_ limits: ConnectionLimits, at now: NIODeadline) {
        self.limits = limits
        awaited = now + limits.headTimeout
    }

    // MARK: - What the client sends

    /// Whether a request that begins now is the only one.
    var isFree: Bool { underWay == 0 && !isOver }

    /// Whether the rest of a request is awaited.
    var isReading: Bool { reading != .none }

    mutating func head(isAdmitted: Bool) -> HeadAction {
        guard !isOver else { return .drop }
        (bodyBegan, bodyBytes) = (nil, 0)
        guard isAdmitted else {
            reading = .refused
            refusals += 1
            return .refuse
        }
        reading = .body
        refusals = 0
        underWay += 1
        return .handOn
    }

    /// What follows the request is no HTTP/1.1 to the parser.
    mutating func takesNoMore() { isLastRequest = true }

    mutating func body(_ bytes: Int) -> PartAction {
        bodyBytes += Int64(bytes)
        return reading == .body && !isOver ? .handOn : .drop
    }

    mutating func end(at now: @autoclosure () -> NIODeadline) -> PartAction {
        guard !isOver else { return .drop }
        defer { reading = .none }
        switch reading {
        case .none: return .drop
        case .body:
            // It was answered before it was whole.
            if underWay == 0 { awaited = now() + limits.idleTimeout }
            return .handOn
        case .refused:
            awaited = now() + limits.idleTimeout
            return .pause(refusals == 1 ? limits.refusalPause.first : limits.refusalPause.again)
        }
    }

    /// What has come is looked at; called only while the rest of a request is awaited.
    mutating func waited(at now: NIODeadline) {
        guard bodyBegan == nil else { return }
        bodyBegan = now
        if isEnding { awaited = now + limits.shutdownTimeout }
    }

    /// What the client sends can't be read, nor anything after it.
    mutating func fault(at now: NIODeadline) -> FaultAction {
        guard !isOver else { return .drop }
        guard underWay == 0 else {
            (isBroken, reading) = (true, .none)
            return .handOn
        }
        finish(at: now)
        return .answer
    }

    // MARK: - What is answered

    mutating func answerBegins() -> AnswerAction {
        guard !isOver else { return .drop }
        isAnswering = true
        return .none
    }

    mutating func answerEnds(at now: @autoclosure () -> NIODeadline) -> AnswerAction {
        guard !isOver else { return .drop }
        isAnswering = false
        // What was no request is answered last.
        let isLast = isEnding || isLastRequest || underWay == 0
        underWay = max(0, underWay - 1)
        guard underWay == 0 else { return .none }
        if isLast { return .close }
        if reading == .none { awaited = now() + (isBroken ? limits.lingerTimeout : limits.idleTimeout) }
        return .none
    }

    /// The connection takes no more for now, or takes more again.
    mutating func isWritable(_ isWritable: Bool, at now: NIODeadline) {
        stalled = isWritable ? nil : now + (isEnding ? limits.shutdownTimeout : limits.stallTimeout)
    }

    // MARK: - Time

    /// When the connection has to be looked at; nil: not before something happens.
    var deadline: NIODeadline? {
        [awaitedUntil, stalled].compactMap { $0 }.min()
    }

    private var awaitedUntil: NIODeadline? {
        if isOver { return awaited }
        switch reading {
        case .none: return underWay == 0 ? awaited : nil
        case .body, .refused:
            guard let bodyBegan else { return nil }
            let whole = bodyBegan + limits.bodyTimeout + .nanoseconds(bodyBytes * 1_000_000_000 / limits.bodyRate)
            return isEnding ? min(whole, awaited) : whole
        }
    }

    mutating func timeout(at now: NIODeadline) -> TimeAction {
        guard let deadline else { return .rest }
        guard now >= deadline else { return .wait(deadline) }
        guard !isOver, stalled.map({ now < $0 }) ?? true, reading == .body, underWay == 1, !isAnswering else { return .close }
        finish(at: now)
        return .answerTimeout
    }

    /// The server is about to end.
    mutating func quiesce(at now: NIODeadline) -> AnswerAction {
        guard !isOver else { return .drop }
        isEnding = true
        guard underWay > 0 else { return .close }
        awaited = now + limits.shutdownTimeout
        if stalled != nil { stalled = awaited }
        return .none
    }

    private mutating func finish(at now: NIODeadline) {
        isOver = true
        awaited = now + limits.lingerTimeout
        stalled = nil
    }
}
