/// Something in a flow that will go wrong, or is probably not meant.
public struct Finding: Sendable, Equatable {
    public enum Severity: String, CaseIterable, Sendable {
        /// A conversation that gets there can't go on, or a definition can't work at all.
        case error
        /// Probably not meant.
        case warning
    }

    /// What is found.
    public enum Code: String, CaseIterable, Sendable {
        /// Conversations, or those of an agent, can start nowhere.
        case noEntry = "no_entry"
        /// Of several entries only one is ever taken.
        case severalEntries = "several_entries"
        case entryDisabled = "entry_disabled"
        /// No rule or timeout leads to a stage.
        case unreachableStage = "unreachable_stage"
        /// Nothing leads away from a stage that is not final.
        case deadEnd = "dead_end"
        /// Stages lead to each other and to no end.
        case endlessCycle = "endless_cycle"
        case targetMissing = "target_missing"
        /// The target belongs to an agent that no conversation at the origin is held with.
        case targetForeign = "target_foreign"
        case targetDisabled = "target_disabled"
        case invalidCondition = "invalid_condition"
        /// A condition has the same value whatever happens.
        case constantCondition = "constant_condition"
        /// Two rules are the same.
        case repeatedRule = "repeated_rule"
        /// A rule that always holds stands before another.
        case shadowedRule = "shadowed_rule"
        /// A template uses a variable that there is not.
        case unknownVariable = "unknown_variable"
        /// A template uses a datum that on some path nothing has filled.
        case unfilledVariable = "unfilled_variable"
        /// A definition does not fit, as saving it would tell.
        case invalidDefinition = "invalid_definition"
    }

    public let code: Code
    public let severity: Severity
    /// The definition and the member of it: `/stages/ID/configuration/timeout/to_stage_id`, `/transition_rules/ID/condition`; or `/stages`.
    public let place: JSONPointer
    /// What is wrong, in a sentence with names.
    public let message: String
    /// What to do about it, in a sentence.
    public let remedy: String
    /// A path or case in which it goes wrong: `Welcome → Order status`.
    public let example: String?

    public init(_ code: Code, _ severity: Severity, at place: JSONPointer, _ message: String, remedy: String, example: String? = nil) {
        self.code = code
        self.severity = severity
        self.place = place
        self.message = message
        self.remedy = remedy
        self.example = example
    }

    public static let schema = Schema.named(
        "Finding",
        .object([
            .required("code", .choice(Code.allCases.map(\.rawValue)), "Stable, for programs."),
            .required("severity", .choice(Severity.allCases.map(\.rawValue)), "error: it can't work; warning: probably not meant."),
            .required("place", .text(0...10_000), "The definition, by collection and id, and the member of it."),
            .required("message", .text(1...20_000), "What is wrong."),
            .required("remedy", .text(1...10_000), "What to do about it."),
            .optional("example", .text(1...20_000), "A path or case in which it goes wrong."),
        ]))
}

extension Finding: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("code", code.rawValue)
            json.field("severity", severity.rawValue)
            json.field("place", place)
            json.field("message", message)
            json.field("remedy", remedy)
            if let example { json.field("example", example) }
        }
    }
}
