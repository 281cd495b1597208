public import StageModel
import StageStore

/// Which transitions of a business a subscriber wants; nil: any.
public struct EventFilter: Sendable {
    public var conversation: ConversationID?
    /// Transitions into, out of, and within the stage.
    public var stage: Stage.ID?
    /// The agent that the conversation is held with.
    public var agent: Agent.ID?

    public init(conversation: ConversationID? = nil, stage: Stage.ID? = nil, agent: Agent.ID? = nil) {
        self.conversation = conversation
        self.stage = stage
        self.agent = agent
    }

    /// The event with what is wanted of it; nil: nothing is.
    func part(of event: Event) -> Event? {
        guard conversation == nil || conversation == event.conversation, agent == nil || agent == event.agent else { return nil }
        guard let stage else { return event.transitions.isEmpty ? nil : event }
        let transitions = event.transitions.filter { $0.from == stage || $0.to == stage }
        guard !transitions.isEmpty else { return nil }
        return Event(
            position: event.position, business: event.business, conversation: event.conversation, agent: event.agent, version: event.version,
            transitions: transitions, at: event.at)
    }
}
