/// What a caller wants done with a conversation.
public enum ConversationCommand: Sendable, Equatable {
    /// Move to a stage and merge data; at the stage already, merge only. Out of a strict stage only as a rule allows, which may ask for the
    /// message.
    case move(to: Stage.ID, data: [String: JSONValue], agent: Agent.ID?, message: Message? = nil)
    /// Forget the stage, the data and the visits.
    case clear
    /// Handle no messages until resumed.
    case pause
    case resume
    /// Go back to the stage at which the conversation was after a version.
    case rewind(toVersion: Int64, stage: Stage.ID)
    /// Record what time has done: a state that has expired, a stage whose timeout is over.
    case elapse
    /// Move away from a stage that is being deleted.
    case evacuate(from: Stage.ID, to: Stage.ID)
}

/// Why a command can't be carried out; nothing was changed.
public enum ConversationFault: Error, Equatable, Sendable {
    /// There is no such stage in the flow.
    case unknownStage(Stage.ID)
    /// There is no such agent in the flow.
    case unknownAgent(Agent.ID)
    /// The conversation is held with an agent, and an agent can't be changed once it has started.
    case agentIsFixed(Agent.ID?)
    /// The stage belongs to an agent that the conversation is not held with.
    case stageOfAnotherAgent(stage: Stage.ID, agent: Agent.ID)
    case stageIsDisabled(Stage.ID)
    /// The current stage is strict, and no rule allows the move; the trace says why each does not.
    case noRuleAllows(from: Stage.ID, to: Stage.ID, DecisionTrace)
    /// Fields of the data, at their places in the data.
    case invalidData([InputFault])
    /// The flow has no entry stage for a conversation that is held with the agent.
    case noEntry(Agent.ID?)
    /// The conversation has no stage.
    case notStarted
    case alreadyCompleted
}

/// The outcome of a command: the new state, and at least one transition that records it; of a turn that stayed, none.
public struct ConversationChange: Sendable, Equatable {
    public var state: ConversationState
    public var transitions: [Transition]

    public init(state: ConversationState, transitions: [Transition]) {
        self.state = state
        self.transitions = transitions
    }
}

/// Who does something, when, by which flow.
public struct ChangeContext: Sendable {
    public let flow: Flow
    public let actor: String
    public let now: Timestamp

    public init(flow: Flow, actor: String, now: Timestamp) {
        self.flow = flow
        self.actor = actor
        self.now = now
    }
}
