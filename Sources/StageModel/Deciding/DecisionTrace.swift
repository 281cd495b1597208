import CEL

/// The answer to "why": every candidate in order, each clause of its condition with its value, and what kept it from holding.
public struct DecisionTrace: Sendable, Equatable {
    public struct Candidate: Sendable, Equatable {
        public let rule: Saved<TransitionRule>
        public let verdict: Decision.Verdict
        /// Why the target is closed to the rule; nil: it is open.
        public let closure: Decision.Closure?
        /// Whether the condition holds, whatever the target.
        public let held: Bool
        /// Why the condition has no value, in a sentence.
        public let error: String?
        public let clauses: [Clause]
        /// Why the condition does not hold; nil: it does.
        public let whyNot: WhyNot?
    }

    public let outcome: Decision.Outcome
    public let candidates: [Candidate]
}

extension DecisionTrace {
    /// The trace as it is kept with a transition: each candidate's id and verdict with the values of its clauses in their order, as many as have
    /// room. The texts are in the flow of that revision.
    /// - Parameter room: in bytes of JSON.
    func kept(room: Int = 1400) -> JSONValue {
        var left = room
        let kept = candidates.map(\.kept).prefix { candidate in
            left -= candidate.jsonBytes.count + 1
            return left >= 0
        }
        return .array(Array(kept))
    }
}

extension DecisionTrace.Candidate {
    fileprivate var kept: JSONValue {
        ["rule_id": .string(rule.id.description), "verdict": .string(verdict.name), "values": .array(clauses.map(\.outcome.kept))]
    }
}

extension Clause.Outcome {
    /// The value; null without one.
    fileprivate var kept: JSONValue {
        switch self {
        case .value(let value): JSONValue(abridging: value)
        case .error, .notEvaluated: .null
        }
    }
}

extension Flow {
    /// Why a decision came out as it did. Values that are sensitive are masked.
    /// - Parameter explaining: whether each condition that does not hold says why not, with what its clauses were about, which takes most of the
    ///   time; without, there is what a kept trace has.
    public func trace(
        of decision: Decision, _ state: ConversationState, on event: ConversationEvent, at now: Timestamp, explaining: Bool = true
    ) -> DecisionTrace {
        let scope = ConditionScope(state, in: self, on: event, at: now)
        let bindings = scope.bindings
        let hints = explaining ? conditionHints : [:]
        let candidates = decision.candidates.map { candidate in
            explaining
                ? trace(of: candidate, closure(of: candidate.rule.body, for: state, on: event), bindings, hints) : values(of: candidate, bindings)
        }
        return DecisionTrace(outcome: decision.outcome, candidates: candidates)
    }

    /// What became of a candidate and the values of its clauses.
    private func values(of candidate: Decision.Candidate, _ bindings: Bindings) -> DecisionTrace.Candidate {
        func traced(held: Bool, closure: Decision.Closure? = nil, error: String? = nil, clauses: [Clause] = []) -> DecisionTrace.Candidate {
            DecisionTrace.Candidate(
                rule: candidate.rule, verdict: error.map { .failed($0) } ?? candidate.verdict, closure: closure, held: held, error: error,
                clauses: clauses, whyNot: nil)
        }
        let compiled = compiled.rule(candidate.rule)
        guard case .success(let program) = compiled.condition else { return traced(held: false) }
        func clauses() -> [Clause] {
            program.outcomes(of: compiled.clauses, in: program.evaluateRecording(bindings)).map { $0.masking(sensitive) }
        }
        switch candidate.verdict {
        case .won, .eligible: return traced(held: true, clauses: clauses())
        case .notHeld: return traced(held: false, clauses: clauses())
        case .failed(let reason):
            let clauses = clauses()
            return traced(held: false, error: DecisionTrace.masking(reason, of: candidate.rule.condition, clauses, sensitive), clauses: clauses)
        case .closed(let closure): return traced(held: holds(program, bindings), closure: closure, clauses: clauses())
        case .notTried: return traced(held: holds(program, bindings), clauses: clauses())
        }
    }

    /// Whether a condition holds; one without a value does not.
    private func holds(_ program: Program, _ bindings: Bindings) -> Bool {
        do throws(EvaluationError) { return try program.test(bindings) } catch { return false }
    }

    private func trace(
        of candidate: Decision.Candidate, _ closure: Decision.Closure?, _ bindings: Bindings, _ hints: [String: [Value]]
    ) -> DecisionTrace.Candidate {
        var verdict = candidate.verdict
        func traced(held: Bool, error: String?, clauses: [Clause] = [], whyNot: WhyNot? = nil) -> DecisionTrace.Candidate {
            DecisionTrace.Candidate(
                rule: candidate.rule, verdict: verdict, closure: closure, held: held, error: error, clauses: clauses, whyNot: whyNot)
        }
        switch compiled.rule(candidate.rule).condition {
        case .failure(let diagnostics): return traced(held: false, error: diagnostics.description)
        case .success(let program):
            let clauses = program.clauses(of: program.evaluateRecording(bindings)).map { $0.masking(sensitive) }
            let whyNot = program.whyNot(bindings, hints: hints)?.masking(sensitive)
            // Not from the recording: it goes on where an operand has decided, and may run into a limit there.
            do throws(EvaluationError) {
                return traced(held: try program.test(bindings), error: nil, clauses: clauses, whyNot: whyNot)
            } catch {
                let reason = DecisionTrace.masking(error.sentence, of: candidate.rule.condition, clauses, sensitive)
                if case .failed = verdict { verdict = .failed(reason) }
                return traced(held: false, error: reason, clauses: clauses, whyNot: whyNot)
            }
        }
    }

    /// Values that data can take, by what conditions call it: those of the fields that stages declare.
    private var conditionHints: [String: [Value]] {
        var hints: [String: [Value]] = [:]
        for field in stages.all.flatMap(\.configuration.fields) where !field.values.isEmpty {
            hints["data.\(field.name)", default: []] += field.values.map(Value.string)
        }
        return hints
    }
}
