/// A business's whole flow as one readable document, for people, version control, and other businesses.
public struct FlowFile: Sendable, Equatable {
    public static let format = "stagekeeper-flow/1"

    public struct Entry<Body: Definition>: Sendable, Equatable {
        public var id: Identifier<Body>
        public var body: Body

        public init(id: Identifier<Body>, body: Body) {
            self.id = id
            self.body = body
        }
    }

    public var businessName: String
    public var agents: [Entry<Agent>]
    public var templates: [Entry<Template>]
    public var stages: [Entry<Stage>]
    public var rules: [Entry<TransitionRule>]

    public init(_ flow: Flow) {
        businessName = flow.business.name
        agents = flow.agents.all.map { Entry(id: $0.id, body: $0.body) }
        templates = flow.templates.all.map { Entry(id: $0.id, body: $0.body) }
        stages = flow.stages.all.map { Entry(id: $0.id, body: $0.body) }
        rules = flow.rules.all.map { Entry(id: $0.id, body: $0.body) }
    }
}

extension FlowFile {
    public static let schema = Schema.object([
        .required("format", .choice([format]), "The version of this format."),
        .required("business_name", .name, "The business that it was exported from."),
        .required("agents", .array(of: entrySchema(Agent.self), count: 0...10_000), ""),
        .required("templates", .array(of: entrySchema(Template.self), count: 0...10_000), ""),
        .required("stages", .array(of: entrySchema(Stage.self), count: 0...10_000), ""),
        .optional(DefinitionKind.rule.collection, .array(of: entrySchema(TransitionRule.self), count: 0...100_000), "Default: none."),
    ])

    private static func entrySchema<Body: Definition>(_: Body.Type) -> Schema {
        .object([.required(Body.kind.idName, .identifier, "")] + Body.properties)
    }

    /// Reads a document.
    /// - Throws: every fault that it has by itself.
    public init(json: JSONValue) throws(InvalidInput) {
        try Self.schema.check(json)
        businessName = try json.member("business_name", \.string)
        agents = try Self.entries(json)
        templates = try Self.entries(json)
        stages = try Self.entries(json)
        rules = try Self.entries(json)
        let faults = Self.repetitions(agents) + Self.repetitions(templates) + Self.repetitions(stages) + Self.repetitions(rules)
        guard faults.isEmpty else { throw InvalidInput(faults) }
    }

    private static func entries<Body: Definition>(_ json: JSONValue) throws(InvalidInput) -> [Entry<Body>] {
        var entries: [Entry<Body>] = []
        for item in try json.optional(Body.kind.collection, \.array) ?? [] {
            entries.append(Entry(id: try item.member(Body.kind.idName) { $0.identifier() }, body: try Body(json: item)))
        }
        return entries
    }

    private static func repetitions<Body: Definition>(_ entries: [Entry<Body>]) -> [InputFault] {
        var seen: Set<Identifier<Body>> = []
        return entries.enumerated().compactMap { index, entry in
            let place = JSONPointer.root.appending(Body.kind.collection).appending(index).appending(Body.kind.idName)
            return seen.insert(entry.id).inserted ? nil : InputFault(place, "Is given twice; ids must differ.")
        }
    }

    /// The same definitions under new ids, but for those that are kept.
    public func renaming(keeping: (_ kind: DefinitionKind, _ id: String) -> Bool) -> FlowFile {
        func names<Body>(_ entries: [Entry<Body>]) -> [Identifier<Body>: Identifier<Body>] {
            Dictionary(
                entries.filter { !keeping(Body.kind, $0.id.description) }.map { ($0.id, Identifier<Body>()) }, uniquingKeysWith: { first, _ in first }
            )
        }
        let (agentNames, templateNames, stageNames) = (names(agents), names(templates), names(stages))
        var copy = self
        copy.agents = agents.map { Entry(id: agentNames[$0.id] ?? $0.id, body: $0.body) }
        copy.templates = templates.map { Entry(id: templateNames[$0.id] ?? $0.id, body: $0.body) }
        copy.stages = stages.map { entry in
            var stage = entry.body
            stage.agentID = stage.agentID.map { agentNames[$0] ?? $0 }
            stage.selectionTemplateID = templateNames[stage.selectionTemplateID] ?? stage.selectionTemplateID
            stage.extractionTemplateID = templateNames[stage.extractionTemplateID] ?? stage.extractionTemplateID
            stage.responseTemplateID = templateNames[stage.responseTemplateID] ?? stage.responseTemplateID
            if let target = stage.configuration.timeout?.toStageID {
                stage.configuration.timeout?.toStageID = stageNames[target] ?? target
            }
            return Entry(id: stageNames[entry.id] ?? entry.id, body: stage)
        }
        let ruleNames = names(rules)
        copy.rules = rules.map { entry in
            var rule = entry.body
            rule.fromStageID = rule.fromStageID.map { stageNames[$0] ?? $0 }
            rule.toStageID = stageNames[rule.toStageID] ?? rule.toStageID
            return Entry(id: ruleNames[entry.id] ?? entry.id, body: rule)
        }
        return copy
    }
}

extension FlowFile: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("format", Self.format)
            json.field("business_name", businessName)
            json.field("agents", array: agents)
            json.field("templates", array: templates)
            json.field("stages", array: stages)
            json.field(DefinitionKind.rule.collection, array: rules)
        }
    }
}

extension FlowFile.Entry: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field(Body.kind.idName, id)
            body.encodeProperties(into: &json)
        }
    }
}
