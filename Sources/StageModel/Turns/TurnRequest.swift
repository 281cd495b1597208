/// What a turn is decided on: everything but the answers of the model.
public struct TurnRequest: Sendable {
    public let flow: Flow
    /// As it is stored: what time has done to it is recorded by the turn.
    public let state: ConversationState
    /// One message, or several that are handled as one, oldest first.
    public let messages: [InboundMessage]
    /// Messages whose turns this one has ended, oldest first: they count as handled, and are part of what was said before.
    public let interrupted: [InboundMessage]
    /// Who the conversation is to be held with; only one that begins can be given one.
    public let agent: Agent.ID?
    /// What was said before, oldest first.
    public let history: [ModelPrompt.Line]
    /// Whether there is a model to ask.
    public let hasModel: Bool
    /// Whether the decisions are to say why not, which takes longer than all the rest.
    public let explains: Bool
    public let actor: String
    public let now: Timestamp

    /// How often a turn may move.
    public static let mostMoves = 8
    /// How many of the messages before are told to templates.
    public static let longestHistory = 50

    public init(
        flow: Flow, state: ConversationState, messages: [InboundMessage], interrupted: [InboundMessage] = [], agent: Agent.ID? = nil,
        history: [ModelPrompt.Line] = [], hasModel: Bool = false, explains: Bool = false, actor: String, now: Timestamp
    ) {
        self.flow = flow
        self.state = state
        self.messages = messages
        self.interrupted = interrupted
        self.agent = agent
        self.history = history
        self.hasModel = hasModel
        self.explains = explains
        self.actor = actor
        self.now = now
    }

    /// The same on another state, or by another flow.
    public func with(_ state: ConversationState, in flow: Flow) -> TurnRequest {
        TurnRequest(
            flow: flow, state: state, messages: messages, interrupted: interrupted, agent: agent, history: history,
            hasModel: hasModel, explains: explains, actor: actor, now: now)
    }

    /// Handles the messages as far as the answers reach. Pure, but for the ids of transitions: with the same answers it comes to the same.
    ///
    /// Select a stage, extract the data of the stage that it is then at, and try the automatic rules again on what was learned, at most eight
    /// times; then reply. No stage is entered twice.
    /// - Parameter answers: what the model was asked before and said, or why it did not.
    /// - Throws: why the messages can't be handled at all.
    public func proceed(with answers: ModelAnswers) throws(ConversationFault) -> TurnProgress {
        var turn = TurnInProgress(self, answers)
        do throws(TurnInProgress.Stop) {
            try turn.run()
            return .done(turn.outcome)
        } catch {
            switch error {
            case .question(let prompt): return .asks(prompt, soFar: turn.outcome)
            case .fault(let fault): throw fault
            }
        }
    }
}
