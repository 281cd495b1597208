import NIOHTTP1
import StageModel
import Testing

/// A business with a few stages, made for a test.
struct TestBusiness: Sendable {
    let id: String
    let key: String
    let stages: [String]

    /// Creates a business whose stages keep all data for the conversation.
    static func create(stages count: Int = 5, through api: API) async throws -> TestBusiness {
        let created = try await api.with(key: Stagekeeper.platformKey).succeed(.POST, "/businesses", ["business_name": "Moves"])
        let (id, key) = (try #require(created["business_id"]?.string), try #require(created["api_key"]?.string))
        let owner = api.with(key: key)
        var templates: [String: JSONValue] = [:]
        for purpose in ["stage_selection", "data_extraction", "response_generation"] {
            let template = try await owner.succeed(
                .POST, "/templates",
                ["template_name": .string(purpose), "template_type": .string(purpose), "content": "Hello!", "system_prompt": ""])
            templates["\(purpose)_template_id"] = template["template_id"]
        }
        var stages: [String] = []
        for number in 1...count {
            let draft: [String: JSONValue] = [
                "stage_name": .string("Stage \(number)"), "stage_description": "", "stage_type": "conversation", "agent_id": .null,
                "is_entry": .bool(number == 1), "configuration": ["persistence": ["scope": "conversation"]],
            ]
            let stage = try await owner.succeed(.POST, "/stages", .object(draft.merging(templates) { $1 }))
            stages.append(try #require(stage["stage_id"]?.string))
        }
        return TestBusiness(id: id, key: key, stages: stages)
    }
}
