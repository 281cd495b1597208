import StageModel

/// What the design says that is decided, step by step and without haste: to compare decisions with.
struct ReferenceDecision {
    enum Verdict: Equatable {
        case won, eligible, notHeld, failed, closed, notTried
    }

    private(set) var outcome = Decision.Outcome.stay
    private(set) var candidates: [(rule: TransitionRule.ID, verdict: Verdict)] = []

    init(_ situation: Situation) {
        guard let current = situation.state.stageID, situation.flow.stages[current] != nil else { return }
        let rules = situation.flow.rules.all.filter { $0.fromStageID == current || $0.fromStageID == nil }
        var eligible: [TransitionRule.ID] = []
        for rule in Self.ordered(rules.filter { $0.selection == .automatic }) + Self.ordered(rules.filter { $0.selection == .model }) {
            var verdict = Self.verdict(of: rule, in: situation)
            if outcome != .stay {
                verdict = .notTried
            } else if verdict == .eligible, rule.selection == .automatic {
                verdict = .won
                outcome = .move(to: rule.toStageID, rule: rule.id, by: .condition)
            } else if verdict == .eligible {
                eligible.append(rule.id)
            }
            candidates.append((rule.id, verdict))
        }
        if !eligible.isEmpty { outcome = .choose(among: eligible) }
    }

    /// A higher priority first, then a stage's own, then the lower id.
    static func ordered(_ rules: [Saved<TransitionRule>]) -> [Saved<TransitionRule>] {
        rules.sorted { left, right in
            if left.priority != right.priority { return left.priority > right.priority }
            let isOwn = (left.fromStageID != nil, right.fromStageID != nil)
            if isOwn.0 != isOwn.1 { return isOwn.0 }
            return left.id < right.id
        }
    }

    static func isOpen(_ rule: TransitionRule, in situation: Situation) -> Bool {
        guard let target = situation.flow.stages[rule.toStageID] else { return false }
        let isForeign = target.agentID != nil && target.agentID != situation.state.agentID
        let isThere = rule.fromStageID == nil && rule.toStageID == situation.state.stageID
        let isDisabled = situation.flow.state(of: target.id).status == .disabled
        let isVisitedOut = target.configuration.maximumVisits.map { situation.state.visits[target.id] ?? 0 >= $0 } ?? false
        return !isForeign && !isThere && !isDisabled && !isVisitedOut
    }

    private static func verdict(of rule: Saved<TransitionRule>, in situation: Situation) -> Verdict {
        guard isOpen(rule.body, in: situation) else { return .closed }
        guard let truth = situation.probes[rule.id]?.truth(situation) else { return .failed }
        return truth ? .eligible : .notHeld
    }
}

extension ReferenceDecision.Verdict {
    init(_ verdict: Decision.Verdict) {
        switch verdict {
        case .won: self = .won
        case .eligible: self = .eligible
        case .notHeld: self = .notHeld
        case .failed: self = .failed
        case .closed: self = .closed
        case .notTried: self = .notTried
        }
    }
}
