import StageModel

extension TurnOutcome {
    /// The stages of the turn in their order, with what time had done before.
    func way(in flow: Flow) -> String {
        let timeouts = transitions.filter { $0.cause == .timer }.map { transition in
            "\(transition.from.map(flow.name) ?? "the start") → \(transition.to.map(flow.name) ?? "cleared") by time; "
        }
        return timeouts.joined() + flow.way(stages)
    }

    /// Why the turn went where it went: each decision with its rules, their verdicts, and what their clauses came to.
    func explanation(in flow: Flow) -> [String] {
        steps.flatMap { step -> [String] in
            switch step {
            case .started(let stage): return ["began at \(flow.name(of: stage))"]
            case .decided(let stage, let trace, let failure):
                return ["at \(flow.name(of: stage)): \(trace.result(in: flow))\(failure.told)"] + trace.lines(in: flow).map { "  \($0)" }
            case .extracted(let stage, let learned, let invalid, let failure):
                let values = learned.sorted { $0.key < $1.key }.map { name, value in
                    "\(name) = \(value.value.jsonText) (by \(value.source.rawValue), \(Int(value.confidence * 100)) %)"
                }
                let refused = invalid.sorted { $0.key < $1.key }.map { "\($0): \($1)" }
                return ["read at \(flow.name(of: stage)): \((values + refused).joined(separator: ", "))\(failure.told)"]
            case .replied(let stage, let maker, let asked, let failure):
                return ["replied at \(flow.name(of: stage)) by \(maker.rawValue)\(asked.map { ", asking for \($0)" } ?? "")\(failure.told)"]
            }
        }
    }
}

extension ModelFailure? {
    /// The failure behind what was done without the model.
    fileprivate var told: String { map { " (\($0.cause.rawValue): \($0.reason))" } ?? "" }
}

extension DecisionTrace {
    fileprivate func result(in flow: Flow) -> String {
        switch outcome {
        case .stay: return candidates.isEmpty ? "stayed, no rule leads on" : "stayed"
        case .choose: return "stayed, nothing chose among the rules"
        case .move(let stage, _, let choice):
            let means =
                switch choice {
                case .condition: "a rule's condition holds"
                case .lexical: "the words of the message fit best"
                case .model: "the model chose it"
                }
            return "went on to \(flow.name(of: stage)), \(means)"
        }
    }

    /// The rules that were tried.
    fileprivate func lines(in flow: Flow) -> [String] {
        let tried = candidates.filter { $0.verdict != .notTried }
        let rest = candidates.count - tried.count
        return tried.flatMap { $0.lines(in: flow) } + (rest > 0 ? ["\(rest) more \(rest == 1 ? "rule was" : "rules were") not tried"] : [])
    }
}

extension DecisionTrace.Candidate {
    fileprivate func lines(in flow: Flow) -> [String] {
        let title = "\(verdict.mark) \(rule.title(in: flow)): \(verdict.words)"
        switch verdict {
        case .closed, .failed: return [title]
        case .won, .eligible, .notHeld, .notTried: return [title] + clauses.filter { $0.text != "true" }.map { "    \($0.sentence)" }
        }
    }
}

extension Saved<TransitionRule> {
    /// Where the rule leads and what it is for.
    func title(in flow: Flow) -> String {
        let origin = self.fromStageID.map(flow.name) ?? "any stage"
        let purpose = self.description.isEmpty ? self.condition : self.description
        return "\(origin) → \(flow.name(of: self.toStageID)) (\(purpose))"
    }
}

extension Decision.Verdict {
    fileprivate var mark: String {
        switch self {
        case .won: "✓"
        case .eligible: "○"
        case .notHeld, .failed, .closed, .notTried: "✗"
        }
    }

    fileprivate var words: String {
        switch self {
        case .won: "led on"
        case .eligible: "could lead on, was not chosen"
        case .notHeld: "does not hold"
        case .failed(let reason): "has no value, \(reason)"
        case .closed(let closure): "closed, \(closure.sentence)"
        case .notTried: "not tried"
        }
    }
}

extension Clause {
    /// What the clause came to, and what it compared.
    fileprivate var sentence: String {
        let known = operands.filter { $0.text != $0.outcome.text }.map { "\($0.text) = \($0.outcome.text)" }
        return "\(text) is \(outcome.text)\(known.isEmpty ? "" : " (\(known.joined(separator: ", ")))")"
    }
}
