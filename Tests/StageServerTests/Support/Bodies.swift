import StageModel

/// Bodies that create definitions, each with a merge patch applied (null leaves a member out).
enum Bodies {
    static func stage(_ patch: String = "{}") -> String {
        patched(
            """
            {"stage_name":"New stage","stage_description":"What happens here.","stage_type":"conversation",
            "stage_selection_template_id":"<selection>","data_extraction_template_id":"<extraction>",
            "response_generation_template_id":"<response>"}
            """, patch)
    }

    static func template(_ patch: String = "{}") -> String {
        patched(#"{"template_name":"New template","template_type":"response_generation","content":"Hello {{user_name}}!"}"#, patch)
    }

    static func agent(_ patch: String = "{}") -> String {
        patched(#"{"agent_name":"New agent","agent_description":"Helps."}"#, patch)
    }

    static func rule(_ patch: String = "{}") -> String {
        patched(
            #"{"from_stage_id":"<welcome>","to_stage_id":"<order>","condition":"has(data.order_id)","description":"New rule"}"#, patch)
    }

    private static func patched(_ base: String, _ patch: String) -> String {
        guard let base = try? JSONValue(parsing: base), let patch = try? JSONValue(parsing: patch) else { return "no JSON: \(patch)" }
        return base.merging(patch).jsonText
    }
}

/// One of the kinds of definition, for tests that hold for all of them.
struct Kind: Sendable, CustomStringConvertible {
    let collection: String
    let idName: String
    /// The member that lists search in: the name, or what a rule is for.
    let nameMember: String
    /// The name in the world of one that nothing refers to.
    let unused: String
    let body: @Sendable (String) -> String

    var description: String { collection }

    /// A body with a name.
    func named(_ name: String) -> String { body(#"{"\#(nameMember)":"\#(name)"}"#) }

    /// The path of one in the world, or of an id.
    func path(_ id: String) -> String { "/\(collection)/\(id)" }

    /// The path for reading, which names the business for stages.
    func reading(_ id: String) -> String { "/\(collection)/\(id)?business_id=<shop>" }

    static let all = named + [rule]

    /// Those that have a name, by which they are listed.
    static let named = [stage, template, agent]

    static let stage = Kind(collection: "stages", idName: "stage_id", nameMember: "stage_name", unused: "<notes>", body: Bodies.stage)
    static let template = Kind(
        collection: "templates", idName: "template_id", nameMember: "template_name", unused: "<spare>", body: Bodies.template)
    static let agent = Kind(collection: "agents", idName: "agent_id", nameMember: "agent_name", unused: "<idle>", body: Bodies.agent)
    static let rule = Kind(
        collection: "transition-rules", idName: "rule_id", nameMember: "description", unused: "<rule>", body: Bodies.rule)
}
