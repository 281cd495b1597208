extension Flow {
    /// What allows a conversation to go to a stage: of the rules that lead there, the first that holds, whoever would choose it. The outcome is
    /// to stay when none does.
    func allowance(of target: Stage.ID, for state: ConversationState, on event: ConversationEvent, at now: Timestamp) -> Decision {
        guard let stage = state.stageID else { return Decision(outcome: .stay, candidates: []) }
        let scope = ConditionScope(state, in: self, on: event, at: now)
        var outcome = Decision.Outcome.stay
        let candidates = compiled.candidates(at: stage, in: self).filter { $0.rule.toStageID == target }.map { candidate in
            guard outcome == .stay else { return Decision.Candidate(rule: candidate.rule, verdict: .notTried) }
            var verdict = candidate.verdict(for: state, in: self, scope)
            if verdict == .eligible {
                verdict = .won
                outcome = .move(to: target, rule: candidate.rule.id, by: .condition)
            }
            return Decision.Candidate(rule: candidate.rule, verdict: verdict)
        }
        return Decision(outcome: outcome, candidates: candidates)
    }

    /// Why a rule may not lead a conversation to its target, whatever its condition; nil: it may.
    func closure(of rule: TransitionRule, for state: ConversationState) -> Decision.Closure? {
        guard let target = stages[rule.toStageID] else { return .missing }
        if rule.fromStageID == nil, target.id == state.stageID { return .alreadyThere }
        if let owner = target.agentID, owner != state.agentID { return .otherAgent }
        if self.state(of: target.id).status == .disabled { return .disabled }
        if let limit = target.configuration.maximumVisits, state.visits[target.id] ?? 0 >= limit { return .visitedOut }
        return nil
    }
}
