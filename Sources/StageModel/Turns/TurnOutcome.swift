/// What a turn comes to, or has come to so far.
public struct TurnOutcome: Sendable {
    /// A datum that was learned.
    public struct Learned: Sendable, Equatable {
        /// What it was learned by.
        public enum Source: String, CaseIterable, Sendable {
            /// The types and patterns of the fields.
            case patterns
            case model
        }

        public let value: JSONValue
        /// How sure it is, from 0 to 1.
        public let confidence: Double
        public let source: Source

        public init(value: JSONValue, confidence: Double, source: Source) {
            self.value = value
            self.confidence = confidence
            self.source = source
        }
    }

    /// The state after the turn.
    public internal(set) var state: ConversationState

    init(state: ConversationState) { self.state = state }

    /// What is to be recorded: moves, and what time had done before.
    public internal(set) var transitions: [Transition] = []
    /// The stages that the conversation was at, in order; the first is where the message found it.
    public internal(set) var stages: [Stage.ID] = []
    public internal(set) var learned: [String: Learned] = [:]
    /// The required fields of the last stage that are not known yet.
    public internal(set) var missing: [String] = []
    /// What is said to the end user; nil: nothing, the conversation is paused.
    public internal(set) var reply: String?
    /// Why, step by step.
    public internal(set) var steps: [TurnStep] = []
    /// What the model was asked, in order.
    public internal(set) var prompts: [ModelPrompt] = []
    /// The texts of the messages without what is sensitive in them, by their ids.
    public internal(set) var maskedTexts: [String: String] = [:]
    /// The reply without what is sensitive in it.
    public internal(set) var maskedReply: String?
}

/// What a turn needs, or what it came to.
public enum TurnProgress: Sendable {
    /// An answer of the model, without which it can't go on.
    case asks(ModelPrompt, soFar: TurnOutcome)
    case done(TurnOutcome)
}

/// Answers of the model that are there, or why they are not.
public typealias ModelAnswers = [ModelPrompt: Result<ModelAnswer, ModelFailure>]

/// One step of a turn, for whoever asks why.
public enum TurnStep: Sendable, Equatable {
    /// What made a choice, or a text.
    public enum Maker: String, CaseIterable, Sendable {
        case template, model, fallback
    }

    /// The conversation began, or began anew, at an entry stage.
    case started(Stage.ID)
    /// - failure: why the model did not choose.
    case decided(at: Stage.ID, DecisionTrace, failure: ModelFailure?)
    /// - invalid: why an answer could not be taken, by the field.
    case extracted(at: Stage.ID, [String: TurnOutcome.Learned], invalid: [String: String], failure: ModelFailure?)
    case replied(at: Stage.ID, by: Maker, asked: String?, failure: ModelFailure?)
}
