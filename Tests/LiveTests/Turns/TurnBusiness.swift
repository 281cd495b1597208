import NIOHTTP1
import StageModel
import Testing

/// A business whose flow takes an e-mail address: a greeting, a form, an end.
struct TurnBusiness: Sendable {
    let key: String
    let greeting: String
    let form: String
    let thanks: String

    /// - Parameter busy: what the stages do with messages that come while another is handled.
    static func create(busy: String = "queue", through api: API) async throws -> TurnBusiness {
        let created = try await api.with(key: Stagekeeper.platformKey).succeed(.POST, "/businesses", ["business_name": "Turns"])
        let owner = api.with(key: try #require(created["api_key"]?.string))
        func template(_ purpose: String, _ content: String) async throws -> JSONValue {
            let body: JSONValue = ["template_name": .string(content), "template_type": .string(purpose), "content": .string(content)]
            return try #require(try await owner.succeed(.POST, "/templates", body)["template_id"])
        }
        let selection = try await template("stage_selection", "{{message_content}}: {{available_stages}}")
        let extraction = try await template("data_extraction", "{{message_content}}: {{fields}}")
        func stage(_ name: String, _ type: String, _ reply: String, _ configuration: [String: JSONValue]) async throws -> String {
            let common: [String: JSONValue] = ["busy": .string(busy), "merge_ms": 400]
            let stage = try await owner.succeed(
                .POST, "/stages",
                [
                    "stage_name": .string(name), "stage_description": "", "stage_type": .string(type), "is_entry": .bool(name == "Greeting"),
                    "stage_selection_template_id": selection, "data_extraction_template_id": extraction,
                    "response_generation_template_id": try await template("response_generation", reply),
                    "configuration": .object(common.merging(configuration) { $1 }),
                ])
            return try #require(stage["stage_id"]?.string)
        }
        let greeting = try await stage("Greeting", "conversation", "Hello. You said: {{message_content}}", [:])
        let form = try await stage(
            "Address", "form", "To which address?", ["fields": [["name": "email", "type": "email", "required": true, "sensitive": true]]])
        let thanks = try await stage("Thanks", "response", "Thank you.", [:])
        func rule(_ from: String, _ to: String, _ condition: String, _ selection: String) async throws {
            _ = try await owner.succeed(
                .POST, "/transition-rules",
                [
                    "from_stage_id": .string(from), "to_stage_id": .string(to), "condition": .string(condition), "selection": .string(selection),
                    "priority": 0, "description": "",
                ])
        }
        try await rule(greeting, form, "message.text.contains('write')", "automatic")
        try await rule(greeting, thanks, "message.text.contains('letter')", "model")
        try await rule(form, thanks, "has(data.email)", "automatic")
        return TurnBusiness(key: owner.key, greeting: greeting, form: form, thanks: thanks)
    }
}

extension API {
    /// Sends a message of an end user.
    func say(_ text: String, _ id: String, to conversation: String) async throws -> Answer {
        try await call(.POST, "/conversations/\(conversation)/messages", ["message_id": .string(id), "text": .string(text)])
    }

    /// What was said in a conversation, oldest first.
    func said(in conversation: String) async throws -> [JSONValue] { try await all("/conversations/\(conversation)/messages").reversed() }
}
