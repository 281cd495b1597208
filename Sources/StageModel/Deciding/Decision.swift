import CEL

/// Where a conversation goes, and why: the outcome, and what became of every candidate.
public struct Decision: Sendable, Equatable {
    public enum Outcome: Sendable, Equatable {
        /// No rule leads on.
        case stay
        /// A rule leads to its target; the same stage again is a re-entry.
        case move(to: Stage.ID, rule: TransitionRule.ID, by: Choice)
        /// Rules for the language model are eligible: it chooses among their targets and staying.
        case choose(among: [TransitionRule.ID])
    }

    /// What chose a rule.
    public enum Choice: String, CaseIterable, Sendable {
        /// Its condition held.
        case condition
        /// Of the eligible rules, its target's words match the message best.
        case lexical
        /// The language model took it.
        case model
    }

    /// Why a target is closed to a rule.
    public enum Closure: String, CaseIterable, Sendable {
        /// There is no such stage.
        case missing
        /// A rule from any stage does not lead to where the conversation is.
        case alreadyThere = "already_there"
        /// The stage belongs to an agent that the conversation is not held with.
        case otherAgent = "other_agent"
        case disabled
        /// The stage was entered as often as its `max_visits` allows.
        case visitedOut = "max_visits"
        /// The conversation was there in this turn already.
        case passed
    }

    /// What became of a candidate.
    public enum Verdict: Sendable, Equatable {
        /// It leads on.
        case won
        /// Its condition holds: it is one to choose from, and was not chosen yet, or another was.
        case eligible
        /// Its condition does not hold.
        case notHeld
        /// Its condition has no value; why, in a sentence.
        case failed(String)
        case closed(Closure)
        /// Another had won before it was tried.
        case notTried
    }

    public struct Candidate: Sendable, Equatable {
        public let rule: Saved<TransitionRule>
        public internal(set) var verdict: Verdict
    }

    public internal(set) var outcome: Outcome
    /// In the order in which they were tried.
    public internal(set) var candidates: [Candidate]
}

extension Flow {
    /// Decides where a conversation goes. Pure: the same input gives the same decision.
    ///
    /// Candidates are the rules of the current stage and those from any; a higher priority first, then the stage's own, then by id. The first
    /// automatic rule whose condition holds and whose target is open wins; else those for the model that hold are to be chosen from.
    public func decide(_ state: ConversationState, on event: ConversationEvent, at now: Timestamp) -> Decision {
        guard let stage = state.stageID, stages[stage] != nil else { return Decision(outcome: .stay, candidates: []) }
        let candidates = compiled.candidates(at: stage, in: self)
        return weigh(candidates, for: state, ConditionScope(state, in: self, on: event, at: now)) { $0.selection == .automatic }
    }

    /// Tries candidates in their order until one leads on by itself; without such a one, those that may lead on are to be chosen from.
    /// - Parameter leadsAlone: whether a rule needs nobody to choose it.
    func weigh(
        _ candidates: [CompiledRule], for state: ConversationState, _ scope: ConditionScope, leadsAlone: (TransitionRule) -> Bool
    ) -> Decision {
        var outcome = Decision.Outcome.stay
        var eligible: [TransitionRule.ID] = []
        let weighed = candidates.map { candidate in
            guard case .stay = outcome else { return Decision.Candidate(rule: candidate.rule, verdict: .notTried) }
            var verdict = candidate.verdict(for: state, in: self, scope)
            if verdict == .eligible {
                if leadsAlone(candidate.rule.body) {
                    verdict = .won
                    outcome = .move(to: candidate.rule.toStageID, rule: candidate.rule.id, by: .condition)
                } else {
                    eligible.append(candidate.rule.id)
                }
            }
            return Decision.Candidate(rule: candidate.rule, verdict: verdict)
        }
        if !eligible.isEmpty { outcome = .choose(among: eligible) }
        return Decision(outcome: outcome, candidates: weighed)
    }
}

extension CompiledRule {
    /// What becomes of the rule by itself: eligible when it may lead on.
    func verdict(for state: ConversationState, in flow: Flow, _ scope: ConditionScope) -> Decision.Verdict {
        if let closure = flow.closure(of: rule.body, for: state, on: scope.event) { return .closed(closure) }
        switch condition {
        case .failure(let diagnostics): return .failed(diagnostics.all.first?.message ?? "")
        case .success(let program):
            do throws(EvaluationError) { return try program.test(scope) ? .eligible : .notHeld } catch { return .failed(error.sentence) }
        }
    }
}

extension Decision {
    /// The decision once the model, or what stands in for it, has chosen among the eligible rules.
    /// - Parameter rule: nil: stay. One that is not eligible counts as staying: what a model answers is never trusted.
    public func choosing(_ rule: TransitionRule.ID?, by choice: Choice) -> Decision {
        guard case .choose(let eligible) = outcome else { return self }
        var decision = self
        decision.outcome = .stay
        guard let rule, eligible.contains(rule), let index = candidates.firstIndex(where: { $0.rule.id == rule }) else { return decision }
        decision.candidates[index].verdict = .won
        decision.outcome = .move(to: candidates[index].rule.toStageID, rule: rule, by: choice)
        return decision
    }
}

extension EvaluationError {
    /// Why a condition has no value: every name is declared, so one that is unknown only has no value just now.
    var sentence: String { code == .unknownName ? "there is no \(subject ?? "such name")" : message }
}
