import StageModel
import Testing

/// A place in a request at which something can be named by its id, as the description has it.
struct IDPlace: Sendable, CustomStringConvertible {
    enum Part: Sendable {
        case query, body
    }

    let part: Part
    /// Names of members; an element of a list is `0`.
    let path: [String]

    var description: String { "\(part) /\(path.joined(separator: "/"))" }

    /// What the id is called there.
    var name: String { path.last { $0 != "0" } ?? "" }

    /// All places of an operation, but for those in its path.
    static func all(of operation: DescribedOperation, components: JSONValue) -> [IDPlace] {
        let parameters = (operation.json["parameters"]?.array ?? []).filter { $0["in"] == "query" && isID($0["schema"]) }
        let inQuery = parameters.compactMap { $0["name"]?.string }
        let content = operation.json["requestBody"]?["content"]?.object?.values.first
        let inBody = paths(in: content?["schema"], components, depth: 0)
        return inQuery.map { IDPlace(part: .query, path: [$0]) } + inBody.map { IDPlace(part: .body, path: $0) }
    }

    private static func isID(_ schema: JSONValue?) -> Bool {
        schema?["format"] == "uuid" || schema?["pattern"]?.string?.contains("[A-Za-z0-9._:@+-]") ?? false
    }

    /// - Parameter depth: how many members it is away from the whole body; what contains itself ends somewhere.
    private static func paths(in schema: JSONValue?, _ components: JSONValue, depth: Int) -> [[String]] {
        guard let schema, depth < 8 else { return [] }
        if isID(schema) { return [[]] }
        if let name = schema["$ref"]?.string?.split(separator: "/").last {
            return paths(in: components["schemas"]?[String(name)], components, depth: depth)
        }
        let alternatives = (schema["anyOf"]?.array ?? []).flatMap { paths(in: $0, components, depth: depth) }
        let elements = schema["items"].map { paths(in: $0, components, depth: depth + 1).map { ["0"] + $0 } } ?? []
        let members = (schema["properties"]?.object ?? [:]).sorted { $0.key < $1.key }.flatMap { name, member in
            paths(in: member, components, depth: depth + 1).map { [name] + $0 }
        }
        return alternatives + elements + members
    }

    // MARK: - An id at the place

    /// What of the other business could be named here; nil: nobody has said.
    var foreign: String? {
        switch name {
        case "stage_id", "from_stage_id", "to_stage_id", "move_to": "<other_stage>"
        case "stage_selection_template_id": "<other_selection>"
        case "data_extraction_template_id": "<other_extraction>"
        case "response_generation_template_id": "<other_response>"
        case "template_id": "<other_spare>"
        case "agent_id": "<other_agent>"
        case "rule_id": "<other_rule>"
        case "conversation_id", "q": "c-9"
        case "business_id": "<other>"
        default: nil
        }
    }

    /// An id of nothing, and not the one that messages name for an example.
    static let unknownID = "99999999-9999-4999-8999-999999999999"

    var unknown: String { name == "conversation_id" || name == "q" ? "nobody" : Self.unknownID }

    /// What else has to stand around an id, by the name of the member.
    /// With a priority of its own: rules of the same one are told in the order of their ids.
    private static let rule = Bodies.rule(#"{"priority":7}"#)
    private static let surroundings = ["rules": rule, "stages": Bodies.stage(), "timeout": #"{"seconds":60}"#]

    /// The members of a body that put an id in its place.
    func body(with id: String, _ server: TestServer) throws -> JSONValue {
        try path.reversed().reduce(JSONValue.string(server.expand(id))) { inner, name in
            guard name != "0" else { return .array([inner]) }
            guard let around = Self.surroundings[name] else { return [name: inner] }
            let base = try JSONValue(parsing: server.expand(around))
            if let elements = inner.array { return [name: .array(elements.map(base.merging))] }
            return [name: base.merging(inner)]
        }
    }
}
