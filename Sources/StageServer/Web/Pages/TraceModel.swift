import StageEngine
import StageModel

/// The answer to "why" as pages show it.
struct TraceModel {
    let trace: DecisionTrace
    let flow: Flow

    var model: PageValue {
        [
            "conclusion": .text(conclusion), "has_candidates": .flag(!trace.candidates.isEmpty),
            "candidates": .list(trace.candidates, candidate),
        ]
    }

    private var conclusion: String {
        switch trace.outcome {
        case .stay where trace.candidates.isEmpty: "No rule leads away from here."
        case .stay: "No rule leads on: the conversation stays."
        case .move(let target, _, let choice):
            "The conversation goes to '\(flow.stages[target]?.name ?? "a deleted stage")': \(choice.sentence)"
        case .choose(let rules): "\(rules.count) rules are eligible; the language model chooses among them."
        }
    }

    private func candidate(_ candidate: DecisionTrace.Candidate) -> PageValue {
        [
            "is_chosen": .flag(candidate.verdict == .won), "target": flow.place(candidate.rule.toStageID),
            "outcome_tone": .text(candidate.verdict.tone), "verdict": .text(candidate.verdict.words),
            "selection": .text(candidate.rule.selection.rawValue), "from_any": .flag(candidate.rule.fromStageID == nil),
            "priority": .text(String(candidate.rule.priority)),
            "why_not": .optional(candidate.whyNotSentence?.filter { $0 != "`" }), "has_clauses": .flag(!candidate.clauses.isEmpty),
            "clauses": .list(candidate.clauses) { $0.model },
        ]
    }
}

extension Decision.Choice {
    fileprivate var sentence: String {
        switch self {
        case .condition: "it is the first automatic rule that holds."
        case .lexical: "of the rules that hold, its words match the message best."
        case .model: "the language model chose it among the rules that hold."
        }
    }
}

extension Decision.Verdict {
    /// The colour of the word below.
    fileprivate var tone: String {
        switch self {
        case .won: "good"
        case .eligible: "accent"
        case .failed: "error"
        case .closed: "warning"
        case .notHeld, .notTried: "none"
        }
    }

    fileprivate var words: String { name.split(separator: "_").joined(separator: " ") }
}

extension Clause {
    var model: PageValue {
        let shown = operands.map { "\($0.text) = \($0.outcome.shown)" }.joined(separator: ", ")
        let value = if case .error = outcome { outcome.shown } else { shown }
        return [
            "clause_text": .text(text), "clause_value": .nonEmpty(value), "outcome": .text(outcome.tone), "outcome_text": .text(outcome.words),
        ]
    }
}

extension Clause.Outcome {
    /// The colour of the word below.
    fileprivate var tone: String {
        switch self {
        case .value: isTrue ? "held" : "not"
        case .error: "erred"
        case .notEvaluated: "open"
        }
    }

    fileprivate var words: String {
        switch self {
        case .value: isTrue ? "holds" : "does not hold"
        case .error: "no value"
        case .notEvaluated: "not reached"
        }
    }

    fileprivate var shown: String { String(text.prefix(300)) }
}

/// What is kept of a trace with a transition: verdicts and values; the texts are those of the rules as they were then.
struct KeptTrace {
    struct Candidate {
        let rule: TransitionRule
        let verdict: String
        let values: [JSONValue]
    }

    let candidates: [Candidate]
    let chosen: TransitionRule.ID?
    let flow: Flow

    var model: PageValue {
        [
            "conclusion": candidates.isEmpty ? "What led to it is not known any more." : "The rules that were looked at, as they were then.",
            "has_candidates": .flag(!candidates.isEmpty),
            "candidates": .list(candidates) { candidate in
                let texts = Condition.clauseTexts(of: candidate.rule.condition)
                let isChosen = candidate.verdict == "won" || candidate.verdict == "eligible"
                return [
                    "is_chosen": .flag(isChosen), "target": flow.place(candidate.rule.toStageID),
                    "outcome_tone": .text(isChosen ? "good" : "none"),
                    "verdict": .text(candidate.verdict.split(separator: "_").joined(separator: " ")),
                    "selection": .text(candidate.rule.selection.rawValue), "from_any": .flag(candidate.rule.fromStageID == nil),
                    "priority": .text(String(candidate.rule.priority)), "has_clauses": .flag(!texts.isEmpty),
                    "clauses": .list(zip(texts, candidate.values)) { text, value in
                        let (tone, words) = value == true ? ("held", "holds") : value.isNull ? ("erred", "no value") : ("not", "does not hold")
                        return ["clause_text": .text(text), "outcome": .text(tone), "outcome_text": .text(words)]
                    },
                ]
            },
        ]
    }
}
