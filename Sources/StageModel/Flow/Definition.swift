/// What a business defines and edits: an agent, a template, a stage or a transition rule. Every kind is created, read, replaced, deleted, exported and restored
/// by the same code; a kind says only what it is made of.
public protocol Definition: Sendable, Equatable {
    static var kind: DefinitionKind { get }

    /// What may be written; ids, times and the revision are the server's.
    static var properties: [Schema.Property] { get }

    /// Reads what the properties describe.
    /// - Throws: the fault, when the value does not fit them.
    init(json: JSONValue) throws(InvalidInput)

    /// Writes the properties as members of an object that is open.
    func encodeProperties(into json: inout JSONWriter)

    /// The name that people gave it.
    var name: String { get }

    /// What definitions of the kind are ordered by, byte by byte, before their ids.
    var sortKey: String { get }

    /// Everything in it that the schema can't say, by itself or because it does not fit the rest of a flow.
    /// - Parameter id: its own id, if it is in the flow already.
    func faults(in flow: Flow, id: Identifier<Self>?) -> [InputFault]

    /// The definitions of this kind in a flow.
    static func catalogue(of flow: Flow) -> Catalogue<Self>

    /// What refers to a definition and would not fit without it, in words: `the stage 'Goodbye'`.
    static func users(of id: Identifier<Self>, in flow: Flow) -> [String]

    /// The flow as it is once a definition is saved, with everything else as it was.
    static func saving(_ saved: Saved<Self>, in flow: Flow) -> Flow
}

/// The kinds of definition, each behind those that it refers to.
public enum DefinitionKind: String, CaseIterable, Sendable {
    case agent
    case template
    case stage
    case rule

    /// The name of its id in bodies and columns: `stage_id`.
    public var idName: String { "\(rawValue)_id" }

    /// Its collection in documents, and its table: `stages`, `transition_rules`.
    public var collection: String { self == .rule ? "transition_rules" : "\(rawValue)s" }

    /// Its collection in paths: `stages`, `transition-rules`.
    public var path: String { self == .rule ? "transition-rules" : collection }

    /// The kind in a sentence: `stage`, `transition rule`.
    public var noun: String { self == .rule ? "transition rule" : rawValue }
}

extension Definition {
    public var sortKey: String { name }

    /// The schema of a body that creates or replaces one; the server's own fields may be repeated in it.
    public static var draftSchema: Schema { .named("\(kind.title)Draft", .object(properties + serverProperties)) }

    /// The schema of one as it is answered.
    public static var savedSchema: Schema {
        .named(kind.title, .object((serverProperties + properties).map { .required($0.name, $0.schema, $0.summary) }))
    }

    private static var serverProperties: [Schema.Property] {
        [
            .readOnly(kind.idName, .identifier, "The id of the \(kind.noun)."),
            .readOnly("business_id", .identifier, "The business that it belongs to."),
            .readOnly("created_at", .timestamp, "When it was created, in UTC."),
            .readOnly("updated_at", .timestamp, "When it was last saved, in UTC."),
            .readOnly("revision", .integer(1...Int64.max), "How many times it was saved."),
        ]
    }

    /// The properties as a document of their own.
    public var json: JSONValue {
        get throws(JSONSyntaxError) { try JSONValue(parsing: JSONWriter.bytes { json in json.object { encodeProperties(into: &$0) } }) }
    }
}

extension DefinitionKind {
    /// The kind as a word with a capital, for the names of schemas.
    public var title: String { self == .rule ? "TransitionRule" : rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

/// A definition as it is kept.
@dynamicMemberLookup
public struct Saved<Body: Definition>: Sendable, Equatable {
    public let id: Identifier<Body>
    public let businessID: Business.ID
    public var body: Body
    public let createdAt: Timestamp
    public var updatedAt: Timestamp
    /// How many times it was saved, from 1.
    public var revision: Int64

    public init(
        id: Identifier<Body>, businessID: Business.ID, body: Body, createdAt: Timestamp, updatedAt: Timestamp, revision: Int64
    ) {
        self.id = id
        self.businessID = businessID
        self.body = body
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.revision = revision
    }

    public subscript<Value>(dynamicMember path: KeyPath<Body, Value>) -> Value { body[keyPath: path] }
}

extension Saved: JSONEncodable {
    public func encode(into json: inout JSONWriter) {
        json.object { encodeProperties(into: &$0) }
    }

    /// Writes the members into an object that is open.
    public func encodeProperties(into json: inout JSONWriter) {
        json.field(Body.kind.idName, id)
        json.field("business_id", businessID)
        body.encodeProperties(into: &json)
        json.field("created_at", createdAt)
        json.field("updated_at", updatedAt)
        json.field("revision", revision)
    }
}
