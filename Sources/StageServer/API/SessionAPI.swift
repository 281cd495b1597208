import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// The browsers that are signed in.
struct SessionAPI: Sendable {
    let access: AccessService
    let cookie: SiteCookie

    var operations: [Operation] {
        [
            Operation(
                id: "listSessions", method: .get, path: "/sessions", summary: "Lists the browsers that are signed in, the newest session first.",
                access: .owners, query: Operation.pageParameters, answer: .page(of: Self.schema), handler: list),
            Operation(
                id: "revokeSession", method: .delete, path: "/sessions/{session_id}", summary: "Signs a browser out at once.", access: .owners,
                success: .noContent, handler: revoke),
        ]
    }

    private func list(_ call: Call) async throws -> Reply {
        let before = try call.cursor(keys: 2).flatMap { cursor in
            Timestamp(cursor.keys[0]).flatMap { createdAt in Session.ID(cursor.keys[1]).map { SessionPosition(createdAt: createdAt, id: $0) } }
        }
        let found = try await access.sessions(of: try call.caller.business, at: call.now, before: before, limit: call.limit + 1)
        return call.page(found, keys: { [$0.createdAt.description, $0.id.description] }) { session, json in
            json.object { json in
                json.field("session_id", session.id)
                json.field("key_id", session.key.id)
                json.field("key_name", session.key.name)
                json.field("prefix", session.key.prefix)
                json.field("role", session.role.rawValue)
                json.field("created_at", session.createdAt)
                json.field("used_at", session.usedAt)
                json.field("expires_at", session.expiresAt)
                json.field("user_agent", session.userAgent)
                json.field("is_current", session.id == call.session?.id)
            }
        }
    }

    private func revoke(_ call: Call) async throws -> Reply {
        let id: Session.ID = try call.pathID("session_id")
        try await access.revokeSession(id, by: try call.caller, answering: call.answering { _ in .noContent })
        var reply = Reply.noContent
        if id == call.session?.id { reply.headers[.setCookie] = cookie.removal }
        return reply
    }

    private static let schema = Schema.named(
        "Session",
        .object([
            .required("session_id", .identifier, "The id of the session."),
            .required("key_id", .identifier, "The id of the key that it was signed in with."),
            .required("key_name", .name, "What that key is for."), .required("prefix", .text(1...40), "How that key starts."),
            .required("role", .choice(APIKey.Role.allCases.map(\.rawValue)), "What it may do: what its key may."),
            .required("created_at", .timestamp, "When it was signed in, in UTC."),
            .required("used_at", .timestamp, "When it was last used, to the minute, in UTC."),
            .required("expires_at", .timestamp, "When it ends unless it is used, in UTC."),
            .required("user_agent", .text(0...200), "What the browser calls itself."),
            .required("is_current", .boolean, "Whether it is the one that asks."),
        ]))
}
