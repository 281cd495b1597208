extension TemplateShape {
    /// A value as it reads in a prompt: lists of stages, messages and fields line by line, anything else as `JSONValue.promptText`. A value
    /// that does not have this shape reads as its JSON text.
    func text(of value: JSONValue) -> String {
        switch self {
        case .stages: Self.lines(of: value) { "- " + Self.stageLine($0) }
        case .messages: Self.lines(of: value) { Self.messageLine($0) }
        case .fields: Self.lines(of: value) { "- " + Self.fieldLine($0) }
        case .stage: value["name"]?.string ?? value.promptText
        case .message: Self.messageLine(value)
        case .field: Self.fieldLine(value)
        case .text, .data, .anything: value.promptText
        }
    }

    private static func lines(of value: JSONValue, _ line: (JSONValue) -> String) -> String {
        guard let elements = value.array else { return value.promptText }
        return elements.map(line).joined(separator: "\n")
    }

    private static func stageLine(_ value: JSONValue) -> String {
        guard let name = value["name"]?.string else { return value.promptText }
        return name + afterColon(value["description"])
    }

    private static func messageLine(_ value: JSONValue) -> String {
        guard let role = value["role"]?.string, let text = value["text"]?.string else { return value.promptText }
        return "\(role): \(text)"
    }

    private static func fieldLine(_ value: JSONValue) -> String {
        guard let name = value["name"]?.string else { return value.promptText }
        var traits = [value["type"]?.string ?? "string"]
        let values = value["values"]?.array ?? []
        if !values.isEmpty { traits[0] += ": " + values.map(\.promptText).joined(separator: " | ") }
        if value["required"] == .bool(true) { traits.append("required") }
        return "\(name) (\(traits.joined(separator: ", ")))" + afterColon(value["description"])
    }

    private static func afterColon(_ description: JSONValue?) -> String {
        guard let text = description?.string, !text.isEmpty else { return "" }
        return ": \(text)"
    }
}

extension JSONValue {
    /// The value as it reads in a prompt: a string as it is, null as nothing, anything else as compact JSON with sorted members.
    var promptText: String {
        switch self {
        case .null: ""
        case .string(let text): text
        case .bool, .integer, .number, .array, .object: jsonText
        }
    }

    /// Whether a section over the value is left out: null, false, and empty texts, lists and objects. Zero is something.
    var isNothing: Bool {
        switch self {
        case .null: true
        case .bool(let value): !value
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let members): members.isEmpty
        case .integer, .number: false
        }
    }
}
