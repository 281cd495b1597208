extension Flow {
    /// What allows a conversation to go to a stage: of the rules that lead there, the first that holds, whoever would choose it. The outcome is
    /// to stay when none does.
    func allowance(of target: Stage.ID, for state: ConversationState, on event: ConversationEvent, at now: Timestamp) -> Decision {
        guard let stage = state.stageID else { return Decision(outcome: .stay, candidates: []) }
        let candidates = compiled.candidates(at: stage, in: self).filter { $0.rule.toStageID == target }
        return weigh(candidates, for: state, ConditionScope(state, in: self, on: event, at: now)) { _ in true }
    }

    /// Why a rule may not lead a conversation to its target, whatever its condition; nil: it may.
    func closure(of rule: TransitionRule, for state: ConversationState, on event: ConversationEvent = ConversationEvent()) -> Decision.Closure? {
        guard let target = stages[rule.toStageID] else { return .missing }
        if rule.fromStageID == nil, target.id == state.stageID { return .alreadyThere }
        if let owner = target.agentID, owner != state.agentID { return .otherAgent }
        if self.state(of: target.id).status == .disabled { return .disabled }
        if event.passed.contains(target.id) { return .passed }
        if let limit = target.configuration.maximumVisits, state.visits[target.id] ?? 0 >= limit { return .visitedOut }
        return nil
    }
}
