public import StageModel
public import StageStore

/// Handles the messages of end users: each once, of each conversation one at a time.
public struct TurnService: Sendable {
    let store: any ConversationStore & TurnStore
    let line: any TurnLine
    let configuration: ConfigurationService
    let planner: TurnPlanner
    let observer: any TurnObserver
    let time: TimeSource
    /// Waits; tests have their own.
    let pause: @Sendable (Duration) async throws -> Void

    /// How often a turn is decided anew because others have changed the conversation, before it is decided without the model.
    static let mostDecisions = 3

    public init(
        store: any ConversationStore & TurnStore, line: any TurnLine, configuration: ConfigurationService, model: (any LanguageModel)? = nil,
        observer: any TurnObserver = NoTurnObserver(), time: TimeSource,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.store = store
        self.line = line
        self.configuration = configuration
        planner = TurnPlanner(model: model)
        self.observer = observer
        self.time = time
        self.pause = pause
    }

    /// Whether there is a model to ask.
    public var hasModel: Bool { planner.model != nil }

    /// Handles a message, or finds what came of it when it was handled before.
    /// - Parameters:
    ///   - agent: who the conversation is to be held with, if it begins.
    ///   - watch: hears of the turn as it goes on.
    /// - Throws: `conversation_busy` and `too_many_messages` when others wait, and why the message can't be handled.
    public func handle(
        _ message: InboundMessage, in conversation: ConversationID, agent: Agent.ID? = nil, by caller: Caller,
        watch: TurnWatch? = nil
    ) async throws(EngineError) -> Handling {
        let key = ConversationKey(business: caller.business, conversation: conversation)
        do throws(EngineError) {
            return try await take(message, in: key, agent: agent, by: caller, watch: watch)
        } catch {
            // Whatever stands against it now: what was handled before keeps its answer.
            guard error.isRefusal, let handled = try await handled(message, in: key) else { throw error }
            return handled
        }
    }

    private func handled(_ message: InboundMessage, in key: ConversationKey) async throws(EngineError) -> Handling? {
        try await engine { try await store.turn(of: message.id, in: key) }.map { Handling($0, isRepeated: true) }
    }

    /// Waits in line, and does the turn.
    private func take(
        _ message: InboundMessage, in key: ConversationKey, agent: Agent.ID?, by caller: Caller, watch: TurnWatch?
    ) async throws(EngineError) -> Handling {
        observer.reached(.received)
        let arrival = ContinuousClock.now
        while true {
            let policy = try await policy(of: key)
            // A model is not asked in vain, nobody is told of what will not be, and what was handled ends no other's turn. Else it is quicker
            // to look when the turn is committed.
            let looksFirst = hasModel || watch != nil || policy.concernsOthers
            if looksFirst, let handled = try await handled(message, in: key) { return handled }
            switch try await engine({ try await line.join(message, in: key, policy: policy.busy) }) {
            case .busy: throw .conversationBusy
            case .full: throw .tooManyMessages
            case .known(let ticket):
                try await departure(of: ticket)
                if let handled = try await handled(message, in: key) { return handled }
            case .joined(let ticket):
                observer.reached(.joined)
                let turn = PendingTurn(
                    service: self, message: message, ticket: ticket, agent: agent, caller: caller, policy: policy, looksFirst: looksFirst,
                    watch: watch)
                if let handling = try await turn.take(arrivedAt: arrival) { return handling }
            }
        }
    }

    /// Waits until a place is given up.
    private func departure(of ticket: TurnTicket) async throws(EngineError) {
        while true {
            let moment = line.moment(of: ticket.key)
            guard try await engine({ try await line.standing(of: ticket) }) != .gone else { return }
            await line.waitForChange(of: ticket.key, since: moment)
            guard !Task.isCancelled else { throw .cancelled }
        }
    }

    /// What the stage where the conversation is wants done with messages that come while another is handled.
    private func policy(of key: ConversationKey) async throws(EngineError) -> BusyPolicy {
        let flow = try await configuration.flow(of: key.business)
        let state = try await engine { try await store.state(of: key, fresh: false) }
        let stage = state?.stageID.flatMap { flow.stages[$0] } ?? flow.entry(for: state?.agentID)
        return BusyPolicy(busy: stage?.configuration.busy ?? .queue, window: .milliseconds(stage?.configuration.mergeMilliseconds ?? 0))
    }

    /// What was said in a conversation, the last first.
    public func messages(
        of conversation: ConversationID, before: Int64?, limit: Int, by caller: Caller
    ) async throws(EngineError) -> [HandledMessage] {
        let key = ConversationKey(business: caller.business, conversation: conversation)
        let found = try await engine { try await store.turns(of: key, before: before, limit: limit) }
        if found.isEmpty, try await engine({ try await store.state(of: key, fresh: false) }) == nil { throw .notFound("conversation", conversation) }
        return found
    }
}

/// What came of a message.
public struct Handling: Sendable {
    public let message: HandledMessage
    /// Whether it had been handled before.
    public let isRepeated: Bool

    init(_ message: HandledMessage, isRepeated: Bool) {
        self.message = message
        self.isRepeated = isRepeated
    }
}

/// What becomes of messages that come while another is handled.
struct BusyPolicy {
    let busy: StageConfiguration.Busy
    /// How long the first of several messages waits for the others.
    let window: Duration

    /// Whether a message changes the turns of others.
    var concernsOthers: Bool {
        switch busy {
        case .queue, .reject: false
        case .merge, .interrupt: true
        }
    }
}

extension EngineError {
    /// Whether it was decided, not that it could not be found out.
    fileprivate var isRefusal: Bool { code != .databaseUnavailable && code != .internalError }

    static let conversationBusy = EngineError(
        .conversationBusy, "Another message of this conversation is being handled, and its stage takes no more meanwhile. Send it again later.")
    static let tooManyMessages = EngineError(
        .tooManyMessages, "\(TurnQueue.longest) messages of this conversation wait already. Send it again later.")
    static let cancelled = EngineError(.databaseUnavailable, "The request was cancelled; nothing was changed.")
}
