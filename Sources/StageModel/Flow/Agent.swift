/// A persona of a business that stages may belong to.
public struct Agent: Definition {
    public typealias ID = Identifier<Agent>

    public static let kind = DefinitionKind.agent
    public static let properties: [Schema.Property] = [
        .required("agent_name", .name, "What the agent is called; templates see it as agent_name."),
        .optional("agent_description", .description, "What the agent is for."),
    ]

    public var name: String
    public var description: String

    public init(name: String, description: String) {
        self.name = name
        self.description = description
    }

    public init(json: JSONValue) throws(InvalidInput) {
        name = try json.member("agent_name", \.string)
        description = try json.optional("agent_description", \.string) ?? ""
    }

    public func encodeProperties(into json: inout JSONWriter) {
        json.field("agent_name", name)
        json.field("agent_description", description)
    }
}
