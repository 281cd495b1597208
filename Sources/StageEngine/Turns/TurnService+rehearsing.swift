import StageModel
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
