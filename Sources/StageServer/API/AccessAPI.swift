import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// API keys, and the log of who did what.
struct AccessAPI: Sendable {
    let access: AccessService
    let configuration: ConfigurationService

    var operations: [Operation] {
        [
            Operation(
                id: "listAPIKeys", method: .get, path: "/api-keys", summary: "Lists the API keys of a business, the oldest first.",
                access: .owners,
                answer: .object([
                    .required("items", .array(of: Self.keySchema, count: 0...1_000_000), "The keys."),
                    .required("next_cursor", .nullable(.text(1...2000)), "Always null."),
                ]),
                handler: list),
            Operation(
                id: "createAPIKey", method: .post, path: "/api-keys", summary: "Creates an API key, which is shown this once.",
                access: .owners,
                body: .named(
                    "APIKeyDraft",
                    .object([
                        .required("name", .name, "What the key is for."),
                        .required("role", .choice(APIKey.Role.allCases.map(\.rawValue)), "What it may do."),
                        .optional("expires_at", .nullable(.timestamp), "When it stops being good; left out: never."),
                        .optional("business_id", .identifier, "Must be the key's own."),
                    ])), success: .created,
                answer: .named(
                    "CreatedAPIKey", .object(Self.keySchema.properties + [.required("api_key", .text(1...200), "The key; it is not shown again.")])),
                handler: create),
            Operation(
                id: "revokeAPIKey", method: .delete, path: "/api-keys/{key_id}", summary: "Revokes an API key at once.", access: .owners,
                success: .noContent, handler: revoke),
            Operation(
                id: "listAuditLog", method: .get, path: "/audit-log",
                summary: "Lists configuration writes, access changes and reveals, newest first.", access: .owners,
                query: Operation.pageParameters,
                answer: .page(
                    of: .named(
                        "AuditEntry",
                        .object([
                            .required("position", .integer(1...Int64.max), "Grows with every entry."),
                            .required("actor", .text(0...200), "Who did it."), .required("action", .text(1...200), "What was done."),
                            .required("subject", .text(0...200), "What it was done to."), .required("at", .timestamp, "When, in UTC."),
                        ]))), handler: auditLog),
        ]
    }

    private func list(_ call: Call) async throws -> Reply {
        let keys = try await access.keys(of: try call.caller.business)
        return .json { json in
            json.name("items")
            json.array { json in for key in keys { json.object { Self.encode(key, into: &$0) } } }
            json.field("next_cursor", JSONValue.null)
        }
    }

    private func create(_ call: Call) async throws -> Reply {
        let created = try await access.createKey(
            named: try call.body.member("name", \.string), role: try call.body.member("role") { $0.string.flatMap(APIKey.Role.init) },
            expiresAt: try call.body.optional("expires_at", \.timestamp), by: try call.caller, answering: call.answering(nil, Self.reply))
        return Self.reply(created)
    }

    @Sendable private static func reply(_ created: (key: APIKey, secret: String)) -> Reply {
        .json(status: .created) { json in
            encode(created.key, into: &json)
            json.field("api_key", created.secret)
        }
    }

    private func revoke(_ call: Call) async throws -> Reply {
        _ = try await access.revokeKey(
            try call.pathID("key_id"), by: try call.caller, answering: call.answering { _ in .noContent })
        return .noContent
    }

    private func auditLog(_ call: Call) async throws -> Reply {
        let before = try call.cursor(keys: 1).flatMap { Int64($0.keys[0]) }
        let found = try await configuration.auditLog(of: try call.caller.business, before: before, limit: call.limit + 1)
        return call.page(found, keys: { [String($0.position)] }) { record, json in
            json.object { json in
                json.field("position", record.position)
                json.field("actor", record.entry.actor)
                json.field("action", record.entry.action)
                json.field("subject", record.entry.subject)
                json.field("at", record.entry.at)
            }
        }
    }

    private static let keySchema = Schema.named(
        "APIKey",
        .object([
            .required("key_id", .identifier, "The id of the key."), .required("name", .name, "What it is for."),
            .required("prefix", .text(1...40), "How the key starts."),
            .required("role", .choice(APIKey.Role.allCases.map(\.rawValue)), "What it may do."),
            .required("created_at", .timestamp, "When it was created, in UTC."),
            .required("expires_at", .nullable(.timestamp), "When it stops being good; null: never."),
            .required("revoked_at", .nullable(.timestamp), "When it was revoked; null: it is not."),
        ]))

    private static func encode(_ key: APIKey, into json: inout JSONWriter) {
        json.field("key_id", key.id)
        json.field("name", key.name)
        json.field("prefix", key.prefix)
        json.field("role", key.role.rawValue)
        json.field("created_at", key.createdAt)
        json.field("expires_at", key.expiresAt)
        json.field("revoked_at", key.revokedAt)
    }
}
