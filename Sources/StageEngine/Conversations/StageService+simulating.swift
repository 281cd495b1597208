public import StageModel
import StageStore

/// A decision that is to be tried without anything being changed.
public struct Simulation: Sendable {
    /// A definition that is tried without being saved: under its own id in place of the saved one, or as a new one.
    public struct Draft<Body: Definition>: Sendable {
        public let id: Identifier<Body>?
        public let body: Body

        public init(id: Identifier<Body>?, body: Body) {
            self.id = id
            self.body = body
        }
    }

    /// The conversation whose state is taken; nil: one that has just begun.
    public var conversation: ConversationID?
    /// Where it is taken to be; nil: where it is, or at its entry.
    public var stage: Stage.ID?
    public var agent: Agent.ID?
    /// Merged over the conversation's data.
    public var data: [String: JSONValue] = [:]
    /// How often stages were entered; nil: as they were, else the current one once.
    public var visits: [Stage.ID: Int]?
    /// How many messages were handled before.
    public var turns: Int64?
    /// How long it has been at the stage.
    public var secondsInStage: Int64?
    public var message: Message?
    public var stages: [Draft<Stage>] = []
    public var rules: [Draft<TransitionRule>] = []

    public init() {}
}

/// What a simulation came to.
public struct SimulationOutcome: Sendable, Equatable {
    /// The flow that it was decided by: the business's with the drafts.
    public let revision: Int64
    /// Where the conversation was.
    public let from: Stage.ID?
    public let decision: Decision
    public let trace: DecisionTrace

    /// Where the conversation would be.
    public var stage: Stage.ID? {
        if case .move(let target, _, _) = decision.outcome { target } else { from }
    }
}

extension StageService {
    /// Decides what a message would lead to, and changes nothing.
    public func simulate(_ simulation: Simulation, by caller: Caller) async throws(EngineError) -> SimulationOutcome {
        let saved = try await configuration.flow(of: caller.business)
        let flow = try simulation.flow(on: saved, at: caller.now)
        var found: ConversationState?
        if let conversation = simulation.conversation { found = try await state(of: conversation, by: caller) }
        let key = ConversationKey(business: caller.business, conversation: simulation.conversation ?? .simulated)
        let state = try simulation.state(on: found ?? ConversationState(key: key, at: caller.now), in: flow, at: caller.now)
        let event = ConversationEvent(message: simulation.message)
        let decision = flow.choosingByWords(flow.decide(state, on: event, at: caller.now), state, on: event)
        let trace = flow.trace(of: decision, state, on: event, at: caller.now)
        return SimulationOutcome(revision: saved.revision, from: state.stageID, decision: decision, trace: trace)
    }
}

extension Simulation {
    /// The business's flow with the drafts, each checked as if it were saved.
    func flow(on saved: Flow, at now: Timestamp) throws(EngineError) -> Flow {
        let stages = self.stages.enumerated().map { Self.saved($1, index: $0, over: saved.stages, saved, now) }
        let rules = self.rules.enumerated().map { Self.saved($1, index: $0, over: saved.rules, saved, now) }
        let flow = saved.saving(stages: stages, rules: rules)
        let faults =
            Self.repetitions(in: stages, "stages") + Self.repetitions(in: rules, "rules") + Self.faults(of: stages, in: flow, "stages")
            + Self.faults(of: rules, in: flow, "rules")
        guard faults.isEmpty else { throw .invalid(faults) }
        return flow
    }

    /// The draft as if it were saved. A new one gets an id by its place, so that the same simulation gives the same answer.
    private static func saved<Body: Definition>(
        _ draft: Draft<Body>, index: Int, over catalogue: Catalogue<Body>, _ flow: Flow, _ now: Timestamp
    ) -> Saved<Body> {
        let digits = String(index)
        let numbered = Identifier<Body>("00000000-0000-4000-8000-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits)
        let id = draft.id ?? numbered ?? Identifier()
        let old = catalogue[id]
        return Saved(
            id: id, businessID: flow.business.id, body: draft.body, createdAt: old?.createdAt ?? now, updatedAt: now,
            revision: (old?.revision ?? 0) + 1)
    }

    /// Of two drafts of one definition it would not be clear which is meant.
    private static func repetitions<Body: Definition>(in drafts: [Saved<Body>], _ member: String) -> [InputFault] {
        var seen: Set<Identifier<Body>> = []
        return drafts.enumerated().compactMap { index, draft in
            guard !seen.insert(draft.id).inserted else { return nil }
            return InputFault(JSONPointer.root.appending(member).appending("\(index)").appending(Body.kind.idName), "Is given twice; leave one out.")
        }
    }

    private static func faults<Body: Definition>(of drafts: [Saved<Body>], in flow: Flow, _ member: String) -> [InputFault] {
        drafts.enumerated().flatMap { index, draft in
            draft.body.faults(in: flow, id: draft.id).map { $0.inside("\(index)").inside(member) }
        }
    }

    /// The state that is decided on.
    func state(on found: ConversationState, in flow: Flow, at now: Timestamp) throws(EngineError) -> ConversationState {
        var state = found
        if let agent {
            guard flow.agents[agent] != nil else { throw .invalid("agent_id", "There is no agent \(agent) in this business.") }
            state.agentID = agent
        }
        let start = state.status == .completed ? nil : state.stageID
        guard let id = stage ?? start ?? flow.entry(for: state.agentID)?.id else {
            throw .invalid("stage_id", "The flow has no entry stage for such a conversation; give a stage_id.")
        }
        guard let current = flow.stages[id] else { throw .invalid("stage_id", "There is no stage \(id) in this business.") }
        if let owner = current.agentID, owner != state.agentID {
            throw .invalid("agent_id", "The stage '\(current.name)' belongs to another agent; give its agent_id, \(owner).")
        }
        if id != state.stageID || start == nil {
            state.data.stage = [:]
            state.enteredAt = now
            state.visits[id, default: 0] += 1
        }
        state.stageID = id
        state.status = .active
        state.data.conversation = state.data.conversation.merging(patch: data)
        for name in data.keys { state.data.stage[name] = nil }
        if let visits { state.visits = visits }
        if let turns { state.turns = turns }
        if let secondsInStage { state.enteredAt = now.adding(seconds: -secondsInStage) }
        return state
    }
}
