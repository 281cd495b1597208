/// How a stage behaves in detail.
public struct StageConfiguration: Sendable, Equatable {
    public enum TransitionPolicy: String, CaseIterable, Sendable {
        /// Moves through the API may leave the stage for any other.
        case open
        /// Moves through the API may leave the stage only as a rule allows.
        case strict
    }

    /// What happens to a message that arrives while another of its conversation is being handled.
    public enum Busy: String, CaseIterable, Sendable {
        case queue, reject, merge, interrupt
    }

    /// A stage that a conversation is sent to when it has been here for too long.
    public struct Timeout: Sendable, Equatable {
        /// Counted from the entry into the stage.
        public var seconds: Int64
        public var toStageID: Stage.ID

        public init(seconds: Int64, toStageID: Stage.ID) {
            self.seconds = seconds
            self.toStageID = toStageID
        }
    }

    /// How long what is learned at the stage is kept.
    public struct Persistence: Sendable, Equatable {
        public enum Scope: String, CaseIterable, Sendable {
            /// Kept for the whole conversation.
            case conversation
            /// Dropped on leaving the stage.
            case stage
            /// Gone after the turn.
            case none
        }

        public var scope = Scope.conversation
        /// The idle time after which the conversation's state expires, in seconds; nil: never.
        public var timeToLive: Int64?
        /// How many transitions of a conversation are kept at hand.
        public var historyLimit = 100
    }

    /// Whether entering the stage completes the conversation.
    public var isFinal = false
    public var transitionPolicy = TransitionPolicy.open
    /// How often rules may lead a conversation here; nil: without limit.
    public var maximumVisits: Int?
    public var timeout: Timeout?
    public var busy = Busy.queue
    /// For `merge`: messages that arrive within this time become one turn; in milliseconds.
    public var mergeMilliseconds: Int?
    /// What is answered when no reply can be made.
    public var fallbackReply: String?
    public var fields: [DataField] = []
    public var persistence = Persistence()

    public init() {}
}

extension StageConfiguration {
    private static let tenYears: Int64 = 10 * 365 * Timestamp.secondsPerDay

    public static let schema = Schema.named(
        "StageConfiguration",
        .object([
            .optional("final", .boolean, "Whether entering the stage completes the conversation. Default: false."),
            .optional(
                "transition_policy", .choice(TransitionPolicy.allCases.map(\.rawValue)),
                "open (default): the API may move a conversation out of the stage to any other; strict: only as a rule allows."),
            .optional("max_visits", .nullable(.integer(1...1_000_000)), "How often rules may lead one conversation here."),
            .optional(
                "timeout",
                .nullable(
                    .object([
                        .required("seconds", .integer(1...tenYears), "The longest stay, in seconds since the entry."),
                        .required("to_stage_id", .identifier, "Where the conversation goes then."),
                    ])), "Where a conversation goes that has been here for too long."),
            .optional(
                "busy", .choice(Busy.allCases.map(\.rawValue)), "What happens to a message that arrives while another is being handled."),
            .optional("merge_ms", .nullable(.integer(0...60_000)), "For busy = merge: how long to wait for more, in milliseconds."),
            .optional("fallback_reply", .nullable(.text(0...4000)), "What is answered when no reply can be made."),
            .optional("fields", .array(of: DataField.schema, count: 0...100), "What is to be learned at the stage."),
            .optional(
                "persistence",
                .object([
                    .optional(
                        "scope", .choice(Persistence.Scope.allCases.map(\.rawValue)),
                        "conversation (default): data is kept; stage: dropped on leaving; none: gone after the turn."),
                    .optional("ttl_seconds", .nullable(.integer(1...tenYears)), "The idle time after which the state expires, in seconds."),
                    .optional("history_limit", .integer(1...1000), "How many transitions are kept at hand. Default: 100."),
                ]), "How long what is learned is kept."),
        ]))

    public init(json: JSONValue) throws(InvalidInput) {
        isFinal = try json.optional("final", \.bool) ?? false
        transitionPolicy = try json.optional("transition_policy") { $0.string.flatMap(TransitionPolicy.init) } ?? .open
        maximumVisits = try json.optional("max_visits", \.int)
        if let timeout = try json.optional("timeout", { $0 }) {
            self.timeout = Timeout(
                seconds: try timeout.member("seconds", \.integer), toStageID: try timeout.member("to_stage_id") { $0.identifier() })
        }
        busy = try json.optional("busy") { $0.string.flatMap(Busy.init) } ?? .queue
        mergeMilliseconds = try json.optional("merge_ms", \.int)
        fallbackReply = try json.optional("fallback_reply", \.string)
        for field in try json.optional("fields", \.array) ?? [] { fields.append(try DataField(json: field)) }
        if let persistence = try json.optional("persistence", { $0 }) {
            self.persistence.scope = try persistence.optional("scope") { $0.string.flatMap(Persistence.Scope.init) } ?? .conversation
            self.persistence.timeToLive = try persistence.optional("ttl_seconds", \.integer)
            self.persistence.historyLimit = try persistence.optional("history_limit", \.int) ?? 100
        }
    }

    /// What the schema can't say: every fault of the configuration by itself.
    public func faults(at place: JSONPointer) -> [InputFault] {
        var faults: [InputFault] = []
        var names: Set<String> = []
        for (index, field) in fields.enumerated() {
            let place = place.appending("fields").appending(index)
            faults += field.faults(at: place)
            if !names.insert(field.name).inserted {
                faults.append(InputFault(place.appending("name"), "The field '\(field.name)' is declared twice; names must differ."))
            }
        }
        return faults
    }
}

extension StageConfiguration: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("final", isFinal)
            json.field("transition_policy", transitionPolicy.rawValue)
            json.field("max_visits", maximumVisits)
            if let timeout {
                json.field("timeout") { json in
                    json.field("seconds", timeout.seconds)
                    json.field("to_stage_id", timeout.toStageID)
                }
            } else {
                json.field("timeout", JSONValue.null)
            }
            json.field("busy", busy.rawValue)
            json.field("merge_ms", mergeMilliseconds)
            json.field("fallback_reply", fallbackReply)
            json.field("fields", array: fields)
            json.field("persistence") { json in
                json.field("scope", persistence.scope.rawValue)
                json.field("ttl_seconds", persistence.timeToLive)
                json.field("history_limit", persistence.historyLimit)
            }
        }
    }
}
