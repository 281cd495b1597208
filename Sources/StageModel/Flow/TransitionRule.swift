/// What leads a conversation from one stage to another: a condition, and what decides when it holds.
public struct TransitionRule: Definition {
    public typealias ID = Identifier<TransitionRule>

    public enum Selection: String, CaseIterable, Sendable {
        /// The condition alone decides.
        case automatic
        /// The condition makes the rule eligible; the language model, or the best match of words, chooses among the eligible.
        case model
    }

    /// The range of priorities.
    public static let priorities: ClosedRange<Int64> = -1_000_000...1_000_000
    /// The longest condition, in Unicode scalars.
    public static let longestCondition = 10_000

    public static let kind = DefinitionKind.rule
    public static let properties: [Schema.Property] = [
        .optional("from_stage_id", .optionalIdentifier, "The stage that the rule leads away from; null: any stage."),
        .required("to_stage_id", .identifier, "The stage that the rule leads to."),
        .optional(
            "condition", .text(1...longestCondition),
            """
            When the rule holds, in CEL, with message, data, stage, conversation, agent and now. Default: true.
            """),
        .optional(
            "selection", .choice(Selection.allCases.map(\.rawValue)),
            "automatic (default): the condition decides; model: of the rules that hold, the language model chooses."),
        .optional("priority", .integer(priorities), "Rules of a higher priority are tried first. Default: 0."),
        .optional("description", .description, "What the rule is for. Default: none."),
    ]

    /// nil: any stage.
    public var fromStageID: Stage.ID?
    public var toStageID: Stage.ID
    /// The text of the condition, in CEL.
    public var condition: String
    public var selection: Selection
    public var priority: Int64
    public var description: String

    public init(
        from fromStageID: Stage.ID?, to toStageID: Stage.ID, condition: String = "true", selection: Selection = .automatic,
        priority: Int64 = 0, description: String = ""
    ) {
        self.fromStageID = fromStageID
        self.toStageID = toStageID
        self.condition = condition
        self.selection = selection
        self.priority = priority
        self.description = description
    }

    public init(json: JSONValue) throws(InvalidInput) {
        fromStageID = try json.optional("from_stage_id") { $0.identifier() }
        toStageID = try json.member("to_stage_id") { $0.identifier() }
        condition = try json.optional("condition", \.string) ?? "true"
        selection = try json.optional("selection") { $0.string.flatMap(Selection.init) } ?? .automatic
        priority = try json.optional("priority", \.integer) ?? 0
        description = try json.optional("description", \.string) ?? ""
    }

    public func encodeProperties(into json: inout JSONWriter) {
        json.field("from_stage_id", fromStageID)
        json.field("to_stage_id", toStageID)
        json.field("condition", condition)
        json.field("selection", selection.rawValue)
        json.field("priority", priority)
        json.field("description", description)
    }

    /// What the rule is for, else its condition.
    public var name: String { description.isEmpty ? condition : description }

    /// Rules stand in the order in which they are tried: a higher priority first, then those of a stage before those of any, then by id.
    public var sortKey: String {
        let rank = String(Self.priorities.upperBound - priority)
        return String(repeating: "0", count: max(0, 7 - rank.count)) + rank + (fromStageID == nil ? "b" : "a")
    }
}
