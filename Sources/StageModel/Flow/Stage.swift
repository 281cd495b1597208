/// A point in a conversation flow, and how messages are handled there.
public struct Stage: Definition {
    public typealias ID = Identifier<Stage>

    public enum Style: String, CaseIterable, Sendable {
        /// Keeps talking until a rule leads on.
        case conversation
        /// Replies and does not wait.
        case response
        /// Asks for its missing fields one by one.
        case form
    }

    public static let kind = DefinitionKind.stage
    public static let properties: [Schema.Property] = [
        .optional("agent_id", .optionalIdentifier, "The agent that the stage belongs to; null: shared by all agents."),
        .required("stage_name", .name, "What the stage is called."),
        .required("stage_description", .description, "What happens at the stage."),
        .required("stage_type", .choice(Style.allCases.map(\.rawValue)), "How the stage behaves."),
        .required("stage_selection_template_id", .identifier, "A template of type stage_selection."),
        .required("data_extraction_template_id", .identifier, "A template of type data_extraction."),
        .required("response_generation_template_id", .identifier, "A template of type response_generation."),
        .optional("is_entry", .boolean, "Whether conversations may start here. Default: false."),
        .optional("configuration", StageConfiguration.schema, "How the stage behaves in detail."),
    ]

    public var agentID: Agent.ID?
    public var name: String
    public var description: String
    public var style: Style
    public var selectionTemplateID: Template.ID
    public var extractionTemplateID: Template.ID
    public var responseTemplateID: Template.ID
    public var isEntry: Bool
    public var configuration: StageConfiguration

    public init(
        agentID: Agent.ID? = nil, name: String, description: String, style: Style, selectionTemplateID: Template.ID,
        extractionTemplateID: Template.ID, responseTemplateID: Template.ID, isEntry: Bool = false,
        configuration: StageConfiguration = StageConfiguration()
    ) {
        self.agentID = agentID
        self.name = name
        self.description = description
        self.style = style
        self.selectionTemplateID = selectionTemplateID
        self.extractionTemplateID = extractionTemplateID
        self.responseTemplateID = responseTemplateID
        self.isEntry = isEntry
        self.configuration = configuration
    }

    public init(json: JSONValue) throws(InvalidInput) {
        agentID = try json.optional("agent_id") { $0.identifier() }
        name = try json.member("stage_name", \.string)
        description = try json.member("stage_description", \.string)
        style = try json.member("stage_type") { $0.string.flatMap(Style.init) }
        selectionTemplateID = try json.member("stage_selection_template_id") { $0.identifier() }
        extractionTemplateID = try json.member("data_extraction_template_id") { $0.identifier() }
        responseTemplateID = try json.member("response_generation_template_id") { $0.identifier() }
        isEntry = try json.optional("is_entry", \.bool) ?? false
        configuration = try StageConfiguration(json: json["configuration"] ?? [:])
    }

    public func encodeProperties(into json: inout JSONWriter) {
        json.field("agent_id", agentID)
        json.field("stage_name", name)
        json.field("stage_description", description)
        json.field("stage_type", style.rawValue)
        json.field("stage_selection_template_id", selectionTemplateID)
        json.field("data_extraction_template_id", extractionTemplateID)
        json.field("response_generation_template_id", responseTemplateID)
        json.field("is_entry", isEntry)
        json.field("configuration", configuration)
    }

    /// The templates of the stage, each with the field that names it and the type that it must have.
    public var templates: [(field: String, id: Template.ID, purpose: Template.Purpose)] {
        [
            ("stage_selection_template_id", selectionTemplateID, .stageSelection),
            ("data_extraction_template_id", extractionTemplateID, .dataExtraction),
            ("response_generation_template_id", responseTemplateID, .responseGeneration),
        ]
    }
}
