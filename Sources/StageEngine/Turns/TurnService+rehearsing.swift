public import StageModel
import StageStore

extension TurnService {
    /// A conversation that is tried with messages, and kept nowhere.
    /// - Parameters:
    ///   - start: where it begins, what is known beforehand, and what is tried without being saved; its message is not sent.
    ///   - withModel: whether the model is asked, if there is one.
    ///   - known: what it has answered before, by the fingerprints of the prompts; that is not asked again.
    /// - Throws: what is wrong with the start, at its members.
    public func rehearsal(
        from start: Simulation, withModel: Bool = false, recalling known: [String: String] = [:], by caller: Caller
    ) async throws(EngineError) -> Rehearsal {
        let flow = try start.flow(on: try await configuration.flow(of: caller.business), at: caller.now)
        let model = withModel ? planner.model.map { RecallingModel(model: $0, known: known) } : nil
        if let agent = start.agent, flow.agents[agent] == nil {
            throw .invalid("agent_id", "There is no agent \(agent) in this business.")
        }
        var found: ConversationState?
        if let conversation = start.conversation {
            let key = ConversationKey(business: caller.business, conversation: conversation)
            found = try await engine { try await store.state(of: key, fresh: false) }?.reading(at: caller.now)
            guard found != nil else { throw .notFound("conversation", conversation) }
        }
        let isGoingOn = found.map { $0.stageID != nil && $0.status != .completed } ?? false
        guard isGoingOn || start.stage != nil || start.visits != nil || start.secondsInStage != nil else {
            // It begins with its first message, as it would with the server.
            let data = found.map { $0.status == .completed ? [:] : $0.data.merged } ?? [:]
            return Rehearsal(
                flow: flow, model: model, agent: start.agent ?? found?.agentID, data: data.merging(start.data) { $1 }, at: caller.now)
        }
        let key = ConversationKey(business: caller.business, conversation: start.conversation ?? .simulated)
        let state = try start.state(on: found ?? ConversationState(key: key, at: caller.now), in: flow, at: caller.now)
        return Rehearsal(flow: flow, model: model, from: state)
    }
}

extension Rehearsal {
    /// Why a message was answered as it was, step by step; of the rules that did not hold when it came it is also told why not.
    public func steps(of turn: Turn) -> [TurnStep] {
        var steps = turn.outcome.steps
        for (index, step) in steps.enumerated() {
            guard case .decided(let stage, let trace, let failure) = step else { continue }
            let isStart = steps.first == .started(stage)
            if let explained = explanation(of: trace, at: stage, isStart: isStart, turn) {
                steps[index] = .decided(at: stage, explained, failure: failure)
            }
            break
        }
        return steps
    }

    /// The first decision of a turn with why each rule does not hold; nil when it can't be taken again as it was.
    private func explanation(of trace: DecisionTrace, at stage: Stage.ID, isStart: Bool, _ turn: Turn) -> DecisionTrace? {
        let now = turn.message.message.receivedAt
        var again = Simulation()
        again.agent = turn.outcome.state.agentID
        again.turns = turn.before.turns + 1
        let isAnew = turn.before.status == .completed
        let before = isAnew ? ConversationState(key: turn.before.key, at: turn.before.createdAt) : turn.before
        guard let state = try? again.state(on: before, in: flow, at: now), state.stageID == stage else { return nil }
        let event = ConversationEvent(message: turn.message.message, passed: isStart ? [stage] : [])
        var decision = flow.decide(state, on: event, at: now)
        if case .choose = decision.outcome {
            switch trace.outcome {
            case .move(_, let rule, let choice): decision = decision.choosing(rule, by: choice)
            case .stay, .choose: decision = decision.choosing(nil, by: .model)
            }
        }
        let explained = flow.trace(of: decision, state, on: event, at: now)
        return explained.isSame(as: trace) ? explained : nil
    }
}

extension DecisionTrace {
    /// Whether the same became of the same rules.
    fileprivate func isSame(as other: DecisionTrace) -> Bool {
        candidates.elementsEqual(other.candidates) { $0.rule.id == $1.rule.id && $0.verdict == $1.verdict && $0.held == $1.held }
    }
}
