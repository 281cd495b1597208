/// A text with variables that handles one part of a message: which stage is next, what it says, or what to answer.
public struct Template: Definition {
    public typealias ID = Identifier<Template>

    public enum Purpose: String, CaseIterable, Sendable {
        case stageSelection = "stage_selection"
        case dataExtraction = "data_extraction"
        case responseGeneration = "response_generation"
    }

    /// The longest content or system prompt, in bytes of UTF-8.
    public static let maximumBytes = 64 << 10

    public static let kind = DefinitionKind.template
    public static let properties: [Schema.Property] = [
        .required("template_name", .name, "What the template is called."),
        .required("template_type", .choice(Purpose.allCases.map(\.rawValue)), "What a stage may use it for."),
        .required("content", .text(0...maximumBytes), "The text, with variables as {{name}} or {name}."),
        .optional(
            "system_prompt", .nullable(.text(0...maximumBytes)),
            "What the language model is told beforehand; variables that hold a user's words are refused in it."),
    ]

    public var name: String
    public var purpose: Purpose
    public var content: String
    public var systemPrompt: String?

    public init(name: String, purpose: Purpose, content: String, systemPrompt: String? = nil) {
        self.name = name
        self.purpose = purpose
        self.content = content
        self.systemPrompt = systemPrompt
    }

    public init(json: JSONValue) throws(InvalidInput) {
        name = try json.member("template_name", \.string)
        purpose = try json.member("template_type") { $0.string.flatMap(Purpose.init) }
        content = try json.member("content", \.string)
        systemPrompt = try json.optional("system_prompt", \.string)
    }

    public func encodeProperties(into json: inout JSONWriter) {
        json.field("template_name", name)
        json.field("template_type", purpose.rawValue)
        json.field("content", content)
        json.field("system_prompt", systemPrompt)
    }
}
