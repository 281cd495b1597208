extension TurnStep {
    public static let schema = Schema.named(
        "TurnStep",
        .object([
            .required("step", .choice(["started", "decided", "extracted", "replied"]), "What was done."),
            .required("stage_id", .identifier, "Where."),
            .optional("to_stage_id", .optionalIdentifier, "decided: where it went on to; null: it stayed."),
            .optional("rule_id", .optionalIdentifier, "decided: the rule that led on."),
            .optional("chosen_by", .nullable(.choice(Decision.Choice.allCases.map(\.rawValue))), "decided: what chose the rule."),
            .optional("rules", .array(of: .map(of: .anything), count: 0...10_000), "decided: each rule's verdict, with the values of its clauses."),
            .optional("data", .map(of: TurnOutcome.Learned.schema), "extracted: what was learned."),
            .optional("invalid", .map(of: .text(0...10_000)), "extracted: why an answer could not be taken."),
            .optional("by", .choice(Maker.allCases.map(\.rawValue)), "replied: what the reply was made by."),
            .optional("asked_field", .nullable(.fieldName), "replied: the field that it asks for."),
            .optional(
                "model_failure",
                .object([
                    .required("cause", .choice(ModelFailure.Cause.allCases.map(\.rawValue)), "Why."),
                    .required("reason", .text(0...10_000), "The same in a sentence."),
                ]), "Why the model did not do it."),
        ]))

    /// Writes the step; what is sensitive is masked.
    public func encode(into json: inout JSONWriter, _ sensitive: SensitiveNames) {
        json.object { json in
            switch self {
            case .started(let stage):
                json.field("step", "started")
                json.field("stage_id", stage)
            case .decided(let stage, let trace, let failure):
                json.field("step", "decided")
                json.field("stage_id", stage)
                switch trace.outcome {
                case .move(let target, let rule, let choice):
                    json.field("to_stage_id", target)
                    json.field("rule_id", rule)
                    json.field("chosen_by", choice.rawValue)
                case .stay, .choose: json.field("to_stage_id", Stage.ID?.none)
                }
                json.field("rules", trace.kept(room: 8000))
                Self.encode(failure, into: &json)
            case .extracted(let stage, let learned, let invalid, let failure):
                json.field("step", "extracted")
                json.field("stage_id", stage)
                json.field(
                    "data",
                    object: { json in
                        for (name, value) in learned.sorted(by: { $0.key < $1.key }) { json.field(name, value.masked(name, sensitive)) }
                    })
                if !invalid.isEmpty { json.field("invalid", invalid.mapValues(JSONValue.string)) }
                Self.encode(failure, into: &json)
            case .replied(let stage, let maker, let asked, let failure):
                json.field("step", "replied")
                json.field("stage_id", stage)
                json.field("by", maker.rawValue)
                json.field("asked_field", asked)
                Self.encode(failure, into: &json)
            }
        }
    }

    private static func encode(_ failure: ModelFailure?, into json: inout JSONWriter) {
        guard let failure else { return }
        json.field(
            "model_failure",
            object: { json in
                json.field("cause", failure.cause.rawValue)
                json.field("reason", failure.reason)
            })
    }
}

extension TurnOutcome.Learned: JSONEncodable {
    public static let schema = Schema.named(
        "Learned",
        .object([
            .required("value", .anything, "The value; masked when it is sensitive."),
            .required("confidence", .number, "How sure it is, from 0 to 1."),
            .required("source", .choice(Source.allCases.map(\.rawValue)), "What it was learned by."),
        ]))

    /// The same with the value masked if it is sensitive under a name.
    public func masked(_ name: String, _ sensitive: SensitiveNames) -> Self {
        sensitive.cover(name, value) ? Self(value: SensitiveNames.mask, confidence: confidence, source: source) : self
    }

    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("value", value)
            json.field("confidence", confidence)
            json.field("source", source.rawValue)
        }
    }
}
