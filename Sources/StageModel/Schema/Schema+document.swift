extension Schema {
    /// The schema as JSON Schema 2020-12, the dialect of OpenAPI 3.1.
    public var document: JSONValue {
        switch self {
        case .anything: [:]
        case .boolean: ["type": "boolean"]
        case .integer(let range) where range == Int64.min...Int64.max: ["type": "integer", "format": "int64"]
        case .integer(let range): ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
        case .number: ["type": "number"]
        case .text(let count):
            .object(
                ["type": "string", "minLength": .integer(Int64(count.lowerBound)), "maxLength": .integer(Int64(count.upperBound))]
                    .merging(count.lowerBound > 0 ? ["pattern": #"\S"#] : [:]) { $1 })
        case .identifier: ["type": "string", "format": "uuid"]
        case .conversationID: ["type": "string", "pattern": #"^(?!\.{1,2}$)[A-Za-z0-9._:@+-]{1,128}$"#]
        case .fieldName: ["type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,63}$"]
        case .timestamp: ["type": "string", "format": "date-time"]
        case .choice(let words): ["type": "string", "enum": .array(words.map(JSONValue.string))]
        case .array(let element, let count):
            [
                "type": "array", "items": element.document, "minItems": .integer(Int64(count.lowerBound)),
                "maxItems": .integer(Int64(count.upperBound)),
            ]
        case .map(let member): ["type": "object", "additionalProperties": member.document]
        case .object(let properties): Self.document(of: properties)
        case .nullable(let schema): ["anyOf": [schema.document, ["type": "null"]]]
        case .anyOf(let schemas): ["anyOf": .array(schemas.map(\.document))]
        case .named(let name, _): ["$ref": .string("#/components/schemas/\(name)")]
        }
    }

    private static func document(of properties: [Property]) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for property in properties {
            var member = property.schema.document.object ?? [:]
            if !property.summary.isEmpty { member["description"] = .string(property.summary) }
            if property.presence == .readOnly { member["readOnly"] = true }
            members[property.name] = .object(member)
        }
        let required = properties.filter { $0.presence == .required }.map { JSONValue.string($0.name) }
        return ["type": "object", "properties": .object(members), "required": .array(required), "additionalProperties": false]
    }

    /// Every named schema in this one, by name.
    public var components: [String: JSONValue] {
        switch self {
        case .named(let name, let schema): [name: schema.document].merging(schema.components) { first, _ in first }
        case .nullable(let schema), .array(let schema, _), .map(let schema): schema.components
        case .anyOf(let schemas): schemas.reduce(into: [:]) { $0.merge($1.components) { first, _ in first } }
        case .object(let properties):
            properties.reduce(into: [:]) { $0.merge($1.schema.components) { first, _ in first } }
        case .anything, .boolean, .integer, .number, .text, .identifier, .conversationID, .fieldName, .timestamp, .choice: [:]
        }
    }
}
