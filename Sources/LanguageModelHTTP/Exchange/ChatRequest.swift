import StageModel

/// What is asked of `/chat/completions`.
struct ChatRequest {
    let model: String
    let prompt: ModelPrompt
    let form: AnswerForm
    let isStream: Bool

    var body: [UInt8] {
        JSONWriter.bytes { json in
            json.object { json in
                json.field("model", model)
                json.name("messages")
                json.array { json in
                    // Only the business's own words have this role: what anybody else wrote is a line.
                    if let system = prompt.system { Self.message("system", system, into: &json) }
                    for line in prompt.lines { Self.message(Self.role(line.role), line.text, into: &json) }
                }
                json.field("max_tokens", prompt.maximumTokens)
                json.field("temperature", 0)
                json.field("stream", isStream)
                if isStream { json.field("stream_options", object: { $0.field("include_usage", true) }) }
                if form == .schema, let schema = prompt.schema { Self.format(schema, into: &json) }
            }
        }
    }

    private static func role(_ role: ModelPrompt.Line.Role) -> String {
        switch role {
        case .user: "user"
        case .assistant: "assistant"
        }
    }

    private static func message(_ role: String, _ content: String, into json: inout JSONWriter) {
        json.object { json in
            json.field("role", role)
            json.field("content", content)
        }
    }

    private static func format(_ schema: JSONValue, into json: inout JSONWriter) {
        json.field("response_format") { (json: inout JSONWriter) in
            json.field("type", "json_schema")
            json.field("json_schema") { json in
                json.field("name", "answer")
                json.field("strict", true)
                json.field("schema", schema)
            }
        }
    }
}
