/// One recorded step of a conversation: what happened, why, and by whom. Never changed, never deleted but with the whole conversation.
public struct Transition: Sendable, Equatable {
    public typealias ID = Identifier<Transition>

    public enum Cause: String, CaseIterable, Sendable {
        case start, rule, model, api, timer, repair
    }

    public let id: ID
    /// The version that the conversation had when it was done.
    public let version: Int64
    /// Counts the transitions of one version, from 0.
    public let sequence: Int
    public let from: Stage.ID?
    /// The same stage as `from` when the conversation stayed: it was written to, paused or resumed.
    public let to: Stage.ID?
    public let cause: Cause
    /// The rule that led to it, or allowed it.
    public let rule: TransitionRule.ID?
    /// Who did it: an API key by its prefix, the command line, or a timer.
    public let actor: String
    public let flowRevision: Int64
    /// Why, as far as the cause does not say it: at most 2 KiB.
    public let trace: [String: JSONValue]
    public let at: Timestamp
    /// How long the conversation had been at `from`, in seconds; nil when it stayed or was nowhere.
    public let secondsInStage: Double?

    public init(
        id: ID, version: Int64, sequence: Int, from: Stage.ID?, to: Stage.ID?, cause: Cause, rule: TransitionRule.ID? = nil, actor: String,
        flowRevision: Int64, trace: [String: JSONValue], at: Timestamp, secondsInStage: Double?
    ) {
        self.id = id
        self.version = version
        self.sequence = sequence
        self.from = from
        self.to = to
        self.cause = cause
        self.rule = rule
        self.actor = actor
        self.flowRevision = flowRevision
        self.trace = trace
        self.at = at
        self.secondsInStage = secondsInStage
    }

    /// Whether the conversation left one stage for another, or for none.
    public var isMove: Bool { from != to }

    public static let schema = Schema.named(
        "Transition",
        .object([
            .required("transition_id", .identifier, "The id of the transition."),
            .required("version", .integer(1...Int64.max), "The version that the conversation had when it was done."),
            .required("seq", .integer(0...Int64.max), "Counts the transitions of one version, from 0."),
            .required("from_stage_id", .optionalIdentifier, "The stage before; null: none."),
            .required("to_stage_id", .optionalIdentifier, "The stage after; null: none; the same: it stayed."),
            .required("cause", .choice(Cause.allCases.map(\.rawValue)), "What led to it."),
            .required("actor", .text(0...200), "Who did it."),
            .required("rule_id", .optionalIdentifier, "The rule that led to it or allowed it; null: none."),
            .required("flow_revision", .integer(0...Int64.max), "The revision of the flow that it was decided by."),
            .required("trace", .map(of: .anything), "Why."),
            .required("at", .timestamp, "When it was done, in UTC."),
        ]))
}

extension Transition: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { encodeProperties(into: &$0) }
    }

    /// Writes the members into an object that is open.
    public func encodeProperties(into json: inout JSONWriter) {
        json.field("transition_id", id)
        json.field("version", version)
        json.field("seq", sequence)
        json.field("from_stage_id", from)
        json.field("to_stage_id", to)
        json.field("cause", cause.rawValue)
        json.field("actor", actor)
        json.field("rule_id", rule)
        json.field("flow_revision", flowRevision)
        json.field("trace", trace)
        json.field("at", at)
    }
}
