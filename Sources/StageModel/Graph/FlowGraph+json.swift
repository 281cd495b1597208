extension FlowGraph {
    /// The graph as a document of a format.
    public func document(as format: Format) -> [UInt8] {
        switch format {
        case .json: jsonBytes
        case .mermaid: Array(mermaid.utf8)
        case .dot: Array(dot.utf8)
        case .svg: Array(svg().utf8)
        }
    }

    public static let schema = Schema.named(
        "FlowGraph",
        .object([
            .required("nodes", .array(of: nodeSchema, count: 0...1_000_000), "The stages, in the order of name and id."),
            .required("edges", .array(of: edgeSchema, count: 0...1_000_000), "Rules in the order in which they are tried, then timeouts."),
            .required("entry", .array(of: .identifier, count: 0...1_000_000), "The stages where conversations start."),
            .required("findings", .array(of: Finding.schema, count: 0...1_000_000), "What the flow check says."),
        ]))

    private static let nodeSchema = Schema.object([
        .required("stage_id", .identifier, "The id of the stage."), .required("stage_name", .name, "What it is called."),
        .required("stage_type", .choice(Stage.Style.allCases.map(\.rawValue)), "How it behaves."),
        .required("agent_id", .optionalIdentifier, "The agent that it belongs to; null: shared."),
        .required("is_entry", .boolean, "Whether conversations start here."), .required("final", .boolean, "Whether it completes them."),
        .required("status", .choice(StageState.Status.allCases.map(\.rawValue)), "The stage's own status."),
        .required(
            "conversations_here", .integer(0...Int64.max),
            "How many are here; a second old, or up to a minute where thousands of stages are in use."),
        .required("findings", .array(of: .text(1...100), count: 0...1_000_000), "The codes of the findings that concern it."),
    ])

    private static let edgeSchema = Schema.object([
        .required("id", .text(1...100), "The id of the rule; of a timeout, one made from the stage's."),
        .required("kind", .choice(Edge.Kind.allCases.map(\.rawValue)), "What leads there."),
        .required("from_stage_id", .optionalIdentifier, "The stage before; null: any."), .required("to_stage_id", .identifier, "The stage after."),
        .required("rule_id", .optionalIdentifier, "The rule; null: a timeout."),
        .required("selection", .nullable(.choice(TransitionRule.Selection.allCases.map(\.rawValue))), "What decides when the rule holds."),
        .required("priority", .nullable(.integer()), "Higher ones are tried first."),
        .required("condition", .nullable(.text(0...TransitionRule.longestCondition)), "When the rule holds."),
        .required("label", .text(0...20_000), "What to write at it."),
    ])
}

extension FlowGraph: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("nodes", array: nodes)
            json.field("edges", array: edges)
            json.field("entry", array: entries.map(\.description))
            json.field("findings", array: findings)
        }
    }
}

extension FlowGraph.Node: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("stage_id", stage.id)
            json.field("stage_name", stage.name)
            json.field("stage_type", stage.style.rawValue)
            json.field("agent_id", stage.agentID)
            json.field("is_entry", isEntry)
            json.field("final", stage.configuration.isFinal)
            json.field("status", (isDisabled ? StageState.Status.disabled : .active).rawValue)
            json.field("conversations_here", conversationsHere)
            json.field("findings", array: findings.map(\.code.rawValue))
        }
    }
}

extension FlowGraph.Edge: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("id", id)
            json.field("kind", kind.rawValue)
            json.field("from_stage_id", from)
            json.field("to_stage_id", to)
            json.field("rule_id", rule?.id)
            json.field("selection", rule?.selection.rawValue)
            json.field("priority", rule?.priority)
            json.field("condition", rule?.condition)
            json.field("label", label)
        }
    }
}
