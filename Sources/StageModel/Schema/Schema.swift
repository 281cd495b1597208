/// What a JSON value must look like: checked on every input, and published as JSON Schema, from the one definition.
public indirect enum Schema: Sendable {
    case anything
    case boolean
    case integer(ClosedRange<Int64> = Int64.min...Int64.max)
    case number
    /// A string of so many Unicode scalars; of more than blanks when the least count is over 0.
    case text(ClosedRange<Int>)
    case identifier
    case conversationID
    /// The name of a datum, as conditions and templates use it: a letter or underscore, then letters, digits and underscores; up to 64.
    case fieldName
    case timestamp
    case choice([String])
    case array(of: Schema, count: ClosedRange<Int> = 0...1000)
    /// An object of any members whose values fit.
    case map(of: Schema)
    case object([Property])
    case nullable(Schema)
    /// One of several; for answers.
    case anyOf([Schema])
    /// A schema that the document lists once under a name and refers to elsewhere.
    case named(String, Schema)

    /// A member of an object.
    public struct Property: Sendable {
        public enum Presence: Sendable {
            /// Must be there.
            case required
            /// May be left out.
            case optional
            /// Set by the server: always in an answer; in a request it may only repeat what is there.
            case readOnly
        }

        public let name: String
        public let schema: Schema
        public let presence: Presence
        public let summary: String

        public static func required(_ name: String, _ schema: Schema, _ summary: String) -> Property {
            Property(name: name, schema: schema, presence: .required, summary: summary)
        }

        public static func optional(_ name: String, _ schema: Schema, _ summary: String) -> Property {
            Property(name: name, schema: schema, presence: .optional, summary: summary)
        }

        public static func readOnly(_ name: String, _ schema: Schema, _ summary: String) -> Property {
            Property(name: name, schema: schema, presence: .readOnly, summary: summary)
        }
    }
}

extension Schema {
    /// A name that people give to something: 1–200 characters.
    public static let name = Schema.text(1...200)
    /// A longer text in a person's words: up to 4,000 characters.
    public static let description = Schema.text(0...4000)
    /// An id that may be absent.
    public static let optionalIdentifier = Schema.nullable(.identifier)

    /// What a JSON merge patch (RFC 7396) of such a value must look like: every member of its objects may be left out, or null to delete it.
    public var patch: Schema {
        switch self {
        case .named(_, let schema): schema.patch
        case .nullable(let schema): .nullable(schema.patch)
        case .object(let properties):
            .object(
                properties.map { property in
                    let isReadOnly = property.presence == .readOnly
                    return Property(
                        name: property.name, schema: isReadOnly ? property.schema : .nullable(property.schema.patch),
                        presence: isReadOnly ? .readOnly : .optional, summary: property.summary)
                })
        case .anything, .boolean, .integer, .number, .text, .identifier, .conversationID, .fieldName, .timestamp, .choice, .array, .map, .anyOf: self
        }
    }

    /// The schemas of an object's properties; empty for anything else.
    public var properties: [Property] {
        switch self {
        case .object(let properties): properties
        case .named(_, let schema), .nullable(let schema): schema.properties
        case .anything, .boolean, .integer, .number, .text, .identifier, .conversationID, .fieldName, .timestamp, .choice, .array, .map, .anyOf: []
        }
    }
}
