public import StageModel

/// A conversation that is tried by a flow, message by message, and kept nowhere but here.
public struct Rehearsal: Sendable {
    /// A message with what it led to.
    public struct Turn: Sendable {
        public let message: InboundMessage
        public let outcome: TurnOutcome
        public let work: TurnWork
        /// The state before it.
        public let before: ConversationState
    }

    public let flow: Flow
    private let planner: TurnPlanner
    private let agent: Agent.ID?
    public private(set) var state: ConversationState
    public private(set) var turns: [Turn] = []

    /// - Parameters:
    ///   - model: nil: everything is decided without one.
    ///   - agent: who the conversation is held with.
    ///   - data: what is known beforehand.
    public init(
        flow: Flow, model: (any LanguageModel)? = nil, agent: Agent.ID? = nil, data: [String: JSONValue] = [:], at now: Timestamp
    ) {
        self.flow = flow
        self.agent = agent
        planner = TurnPlanner(model: model)
        state = ConversationState(key: ConversationKey(business: flow.business.id, conversation: .simulated), at: now)
        state.data.conversation = data
    }

    /// Goes on from a state instead of from the start.
    public init(flow: Flow, model: (any LanguageModel)? = nil, from state: ConversationState) {
        self.flow = flow
        agent = nil
        planner = TurnPlanner(model: model)
        self.state = state
    }

    /// Handles a message as the server would.
    /// - Parameter watch: hears of the turn as it goes on.
    @discardableResult
    public mutating func send(_ message: InboundMessage, at now: Timestamp, watch: TurnWatch? = nil) async throws(EngineError) -> Turn {
        let history = turns.suffix(TurnRequest.longestHistory / 2).flatMap { turn -> [ModelPrompt.Line] in
            [.init(.user, turn.message.message.text)] + (turn.outcome.reply.map { [.init(.assistant, $0)] } ?? [])
        }
        let request = TurnRequest(
            flow: flow, state: state, messages: [message], agent: turns.isEmpty ? agent : nil, history: history, hasModel: planner.model != nil,
            explains: true, actor: "rehearsal", now: now)
        var work = TurnWork(deadline: .now + TurnPlanner.longestTurn)
        do throws(ConversationFault) {
            let outcome = try await planner.outcome(of: request, &work, watch: watch)
            let turn = Turn(message: message, outcome: outcome, work: work, before: state)
            state = outcome.state
            turns.append(turn)
            return turn
        } catch {
            throw EngineError(error, in: flow)
        }
    }
}
