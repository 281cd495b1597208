import HTTPTypes
import StageModel
import StageStore

/// The API as OpenAPI 3.1 describes it, made from its operations.
struct OpenAPI {
    let operations: [Operation]
    let version: String

    var json: JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Stagekeeper", "version": .string(version),
                "description": "Keeps the stages of conversations: definitions, the state of every conversation, and why it is there.",
            ],
            "paths": .object(Dictionary(grouping: operations, by: \.path).mapValues(pathItem)),
            "components": ["schemas": .object(components), "securitySchemes": ["api_key": ["type": "http", "scheme": "bearer"]]],
        ]
    }

    private func pathItem(_ operations: [Operation]) -> JSONValue {
        .object(Dictionary(operations.map { ($0.method.rawValue.lowercased(), describe($0)) }, uniquingKeysWith: { first, _ in first }))
    }

    private func describe(_ operation: Operation) -> JSONValue {
        var result: [String: JSONValue] = [
            "operationId": .string(operation.id), "summary": .string(operation.summary), "tags": [.string(operation.tag)],
            "parameters": .array(parameters(of: operation)), "responses": .object(responses(of: operation)),
        ]
        if let body = operation.body {
            let type = operation.method == .patch ? "application/merge-patch+json" : "application/json"
            result["requestBody"] = [
                "required": .bool(!operation.isBodyOptional), "content": .object([type: ["schema": body.document]]),
            ]
        }
        switch operation.access {
        case .open: result["security"] = []
        case .platform: result["security"] = [["api_key": []]]
        case .roles(let roles):
            result["security"] = [["api_key": []]]
            result["x-roles"] = .array(roles.map(\.rawValue).sorted().map(JSONValue.string))
        }
        return .object(result)
    }

    private func parameters(of operation: Operation) -> [JSONValue] {
        let path = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment -> JSONValue in
            let name = String(segment.dropFirst().dropLast())
            let schema = name == "conversation_id" ? Schema.conversationID : .identifier
            return ["name": .string(name), "in": "path", "required": true, "schema": schema.document]
        }
        let query = operation.parameters.map { parameter -> JSONValue in
            [
                "name": .string(parameter.name), "in": "query", "required": .bool(parameter.isRequired), "schema": parameter.schema.document,
                "description": .string(parameter.summary),
            ]
        }
        return path + query + (operation.isUnsafe ? [Self.idempotencyKey] : []) + (operation.takesIfMatch ? [Self.ifMatch] : [])
            + (operation.isStream ? [Self.lastEventID] : [])
    }

    private static let ifMatch: JSONValue = [
        "name": "If-Match", "in": "header", "required": false, "schema": ["type": "string"],
        "description": "The ETag that what is changed must have (\"r3\", \"s2\" or \"c17\"); another one's is 412.",
    ]

    private static let lastEventID: JSONValue = [
        "name": "Last-Event-ID", "in": "header", "required": false, "schema": ["type": "integer", "minimum": 0],
        "description": "The id of the last event that was seen: the stream goes on behind it.",
    ]

    private static let idempotencyKey: JSONValue = [
        "name": "Idempotency-Key", "in": "header", "required": false,
        "schema": ["type": "string", "pattern": "^[!-~]{1,255}$"],
        "description": "The same key, body and path within 24 hours give the same answer and do nothing twice.",
    ]

    private func responses(of operation: Operation) -> [String: JSONValue] {
        var success: [String: JSONValue] = ["description": .string(operation.success.reasonPhrase)]
        if operation.success != .noContent {
            let schema = operation.answer?.document ?? [:]
            let others = operation.otherTypes.map { ($0, JSONValue.object(["schema": ["type": "string"]])) }
            // OpenAPI 3.1 has no words for the events of a stream.
            let described: JSONValue = operation.isStream ? ["schema": ["type": "string"], "x-event-data": schema] : ["schema": schema]
            success["content"] = .object([operation.answerType: described].merging(others) { $1 })
        }
        let problem: JSONValue = [
            "description": "A problem (RFC 9457).", "content": ["application/problem+json": ["schema": Problem.schema.document]],
        ]
        if operation.success == .created { success["headers"] = ["Location": Self.header("Where what was created can be read.")] }
        var responses: [String: JSONValue] = [String(operation.success.code): .object(success), "default": problem]
        switch operation.access {
        case .open: break
        case .platform, .roles: responses["429"] = Self.rateLimited
        }
        for status in operation.otherSuccesses {
            responses[String(status.code)] = .object(success.merging(["description": .string(status.reasonPhrase)]) { $1 })
        }
        if operation.answersETag {
            success["headers"] = .object(
                (success["headers"]?.object ?? [:]).merging(["ETag": Self.header("The version of what is answered.")]) { $1 })
            responses[String(operation.success.code)] = .object(success)
            if !operation.isUnsafe { responses["304"] = ["description": "The version that If-None-Match names is current."] }
        }
        return responses
    }

    private static let rateLimited: JSONValue = [
        "description": .string(
            "The limit of the key (key_rate_limited), the business (business_rate_limited) or of refused requests (too_many_attempts) is used up."),
        "headers": [
            "Retry-After": header("In how many seconds it may be tried again."),
            "RateLimit-Policy": header("The limits: how many requests (q) may come at once, and in how many seconds (w) that many may come again."),
            "RateLimit": header("What is left of them: how many requests (r) may follow at once, and in how many seconds (t) all of them may."),
        ],
        "content": ["application/problem+json": ["schema": Problem.schema.document]],
    ]

    private static func header(_ description: String) -> JSONValue {
        ["description": .string(description), "schema": ["type": "string"]]
    }

    private var components: [String: JSONValue] {
        operations.flatMap { [$0.body, $0.answer].compactMap { $0 } }.reduce(into: Problem.schema.components) { components, schema in
            components.merge(schema.components) { first, _ in first }
        }
    }
}
