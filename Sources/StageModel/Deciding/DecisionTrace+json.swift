import CEL

extension DecisionTrace {
    /// One candidate of a trace as it is answered.
    public static let candidateSchema = Schema.named(
        "TraceCandidate",
        .object([
            .required("rule_id", .identifier, "The rule."),
            .required("from_stage_id", .optionalIdentifier, "The stage that it leads from; null: any."),
            .required("to_stage_id", .identifier, "The stage that it leads to."),
            .required("selection", .choice(TransitionRule.Selection.allCases.map(\.rawValue)), "What decides when it holds."),
            .required("priority", .integer(), "Higher ones are tried first."),
            .required("description", .description, "What it is for."),
            .required("condition", .text(0...TransitionRule.longestCondition), "The condition."),
            .required("held", .boolean, "Whether the condition holds, whatever the target."),
            .required("verdict", .choice(Decision.Verdict.names), "What became of it."),
            .required("target", target, "Whether the target lets the conversation in."),
            .required("clauses", .array(of: clause, count: 0...100_000), "The parts of the condition in their order."),
            .optional("error", .text(0...100_000), "Why the condition has no value."),
            .optional("why_not", whyNot, "Why the rule does not lead on."),
        ]))

    private static let target = Schema.object([
        .required("open", .boolean, "Whether it is open."),
        .optional("reason", .choice(Decision.Closure.allCases.map(\.rawValue)), "Why it is closed."),
        .optional("message", .text(0...1000), "The same in a sentence."),
    ])

    private static let outcomes: [Schema.Property] = [
        .required("text", .text(0...TransitionRule.longestCondition), "As it is written."),
        .optional("value", .anything, "What it came to; long ones are cut."), .optional("error", .text(0...100_000), "Why it has no value."),
        .optional("missing", .text(0...10_000), "What was not there."),
    ]

    private static let clause = Schema.object(
        outcomes + [.optional("operands", .array(of: .object(outcomes), count: 0...1000), "Both sides of a comparison, or what a call was about.")])

    private static let whyNot = Schema.object([
        .required("message", .text(0...100_000), "The reason, in a sentence."),
        .required(
            "clauses",
            .array(
                of: .object(outcomes + [.required("wanted", .boolean, "What it would have to come to.")]), count: 0...100_000),
            "The smallest set of clauses that kept the condition from holding."),
        .required(
            "values",
            .nullable(
                .array(
                    of: .object([
                        .required("path", .text(1...10_000), "What to set."),
                        .optional("value", .anything, "To which value; left out: it must be absent."),
                    ]), count: 0...1000)), "Values with which the condition would hold; null: none were found."),
    ])
}

extension DecisionTrace.Candidate: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("rule_id", rule.id)
            json.field("from_stage_id", rule.fromStageID)
            json.field("to_stage_id", rule.toStageID)
            json.field("selection", rule.selection.rawValue)
            json.field("priority", rule.priority)
            json.field("description", rule.description)
            json.field("condition", rule.condition)
            json.field("held", held)
            json.field("verdict", verdict.name)
            json.field("target") { json in
                json.field("open", closure == nil)
                if let closure {
                    json.field("reason", closure.rawValue)
                    json.field("message", closure.sentence)
                }
            }
            json.field("clauses", array: clauses)
            if let error { json.field("error", error) }
            if let reason = whyNotSentence {
                json.field("why_not") { json in
                    json.field("message", reason)
                    json.name("clauses")
                    json.array { json in
                        for (clause, wanted) in zip(whyNot?.clauses ?? [], whyNot?.wanted ?? []) {
                            json.object { json in
                                clause.encodeOutcome(into: &json)
                                json.field("wanted", wanted)
                            }
                        }
                    }
                    json.name("values")
                    if let values = whyNot?.values {
                        json.array { json in for value in values { json.value(value) } }
                    } else {
                        json.value(JSONValue.null)
                    }
                }
            }
        }
    }

    /// Why the rule does not lead on, in a sentence; nil: it does, or it was not its turn.
    public var whyNotSentence: String? {
        if let whyNot {
            let clauses = zip(whyNot.clauses, whyNot.wanted).map { clause, wanted in clause.complaint(wanted: wanted) }
            let values = whyNot.values.map { $0.isEmpty ? "" : " It would hold with \($0.map(\.sentence).joined(separator: " and "))." } ?? ""
            guard !clauses.isEmpty else { return "The condition has no value: \(error ?? "it does not hold")." }
            return clauses.joined(separator: "; ") + "." + values + (closure.map { " Besides, \($0.sentence)" } ?? "")
        }
        return closure.map { "The condition holds, but \($0.sentence)" } ?? error.map { "The condition can't be evaluated: \($0)" }
    }
}

extension Decision.Closure {
    /// The reason as the end of a sentence.
    public var sentence: String {
        switch self {
        case .missing: "the target does not exist any more."
        case .alreadyThere: "a rule from any stage does not lead to the stage where the conversation is."
        case .otherAgent: "the target belongs to an agent that the conversation is not held with."
        case .disabled: "the target is disabled."
        case .visitedOut: "the target was entered as often as its max_visits allows."
        case .passed: "the conversation was there in this turn already."
        }
    }
}

extension Decision.Verdict {
    static let names = ["won", "eligible", "not_held", "failed", "closed", "not_tried"]

    /// The verdict as programs know it.
    public var name: String {
        switch self {
        case .won: "won"
        case .eligible: "eligible"
        case .notHeld: "not_held"
        case .failed: "failed"
        case .closed: "closed"
        case .notTried: "not_tried"
        }
    }
}

extension Clause: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            encodeOutcome(into: &json)
            guard !operands.isEmpty else { return }
            json.name("operands")
            json.array { json in
                for operand in operands {
                    json.object { json in
                        json.field("text", operand.text)
                        operand.outcome.encode(into: &json)
                    }
                }
            }
        }
    }

    fileprivate func encodeOutcome(into json: inout JSONWriter) {
        json.field("text", text)
        outcome.encode(into: &json)
    }

    /// What is wrong with the clause, for the sentence that says why a rule does not hold.
    fileprivate func complaint(wanted: Bool) -> String {
        switch outcome {
        case .error(let message, let missing): "`\(text)` has no value: \(missing.map { "\($0) is not there" } ?? message)"
        case .value, .notEvaluated: "`\(text)` is \(wanted ? "not true" : "true")"
        }
    }
}

extension Clause.Outcome {
    /// Writes the outcome as members of an object that is open.
    fileprivate func encode(into json: inout JSONWriter) {
        switch self {
        case .value(let value): json.field("value", JSONValue(abridging: value))
        case .error(let message, let missing):
            json.field("error", message)
            if let missing { json.field("missing", missing) }
        case .notEvaluated: break
        }
    }
}

extension WhyNot.Assignment: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("path", text)
            if let value { json.field("value", JSONValue(abridging: value)) }
        }
    }

    fileprivate var sentence: String { value.map { "\(text) = \(JSONValue(abridging: $0).jsonText)" } ?? "no \(text)" }
}
