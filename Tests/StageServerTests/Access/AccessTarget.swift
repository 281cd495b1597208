import HTTPTypes
import StageModel
import StageStore
import Testing

/// What an operation is asked about: ids for its path, and names for the rest of the request.
struct AccessTarget: Sendable {
    /// By the names of path parameters.
    var ids: [String: String]
    var names: [String: String]

    /// What the world has from the start.
    static let shop = AccessTarget(
        ids: [
            "stage_id": "<welcome>", "template_id": "<spare>", "agent_id": "<idle>", "rule_id": "<rule>", "key_id": "<viewer_key>",
            "conversation_id": "c-1", "business_id": "<shop>", "session_id": "<shop_session>",
        ], names: ["business": "<shop>", "conversation": "c-1", "fresh": "Something"])
    static let other = AccessTarget(
        ids: [
            "stage_id": "<other_stage>", "template_id": "<other_spare>", "agent_id": "<other_agent>", "rule_id": "<other_rule>",
            "key_id": "<other_key>", "conversation_id": "c-9", "business_id": "<other>", "session_id": "<other_session>",
        ], names: ["business": "<other>", "conversation": "c-9", "fresh": "Something"])

    /// The same request about what nobody has.
    func unknown() -> AccessTarget { AccessTarget(ids: [:], names: names) }

    /// The same request about what can't be an id.
    func malformed() -> AccessTarget { AccessTarget(ids: ids.mapValues { _ in "%20" }, names: names) }

    /// The same request about another business's things, named to be one's own.
    func naming(business: String) -> AccessTarget {
        var target = self
        target.names["business"] = business
        return target
    }

    /// New things of the shop, so that nothing that was done before is in the way.
    /// - Parameter before: what is done with the conversation.
    static func fresh(for operation: DescribedOperation, _ row: AccessRow, number: Int, _ server: TestServer) async throws -> AccessTarget {
        var target = AccessTarget(
            ids: shop.ids, names: ["business": "<shop>", "conversation": "fresh-\(number)", "fresh": "Fresh \(number)"])
        let wantsConversation = [row.body, row.query].contains { $0?.contains("<conversation>") ?? false }
        for name in operation.parameters + (wantsConversation ? ["conversation_id"] : []) {
            target.ids[name] = try await target.make(name, server)
        }
        if let before = row.before { try await server.post("/conversations/fresh-\(number)/\(before)") }
        return target
    }

    private func make(_ idName: String, _ server: TestServer) async throws -> String {
        switch idName {
        case "session_id": return try await Browser(server, as: "viewer").session.id.description
        case "conversation_id":
            let conversation = names["conversation"] ?? ""
            try await server.move(conversation, to: "welcome")
            try await server.move(conversation, to: "order")
            return conversation
        default:
            let (path, body, who) = try #require(Self.creations[idName], "AccessTarget can't make what \(idName) is the id of.")
            return try #require(try await server.post(path, body, as: who)["/\(idName)"]?.string)
        }
    }

    private static let creations: [String: (String, String, Who)] = [
        "stage_id": ("/stages", Bodies.stage(), .owner), "template_id": ("/templates", Bodies.template(), .owner),
        "agent_id": ("/agents", Bodies.agent(), .owner), "rule_id": ("/transition-rules", Bodies.rule(), .owner),
        "key_id": ("/api-keys", #"{"name":"fresh","role":"viewer"}"#, .owner),
        "business_id": ("/businesses", #"{"business_name":"Fresh"}"#, .platform),
    ]
}

/// One operation, asked for by one caller.
struct AccessRequest: Sendable {
    let operation: DescribedOperation
    let row: AccessRow
    var target: AccessTarget
    /// Whether the query says which business is meant, though it need not.
    var namesBusiness = false
    /// Members that the body and the query have besides.
    var body: JSONValue = [:]
    var query: [String] = []

    /// - Parameter method: HEAD in place of GET.
    func ask(_ server: TestServer, as credential: Credential, _ method: HTTPRequest.Method? = nil) async throws -> Answer {
        var server = server
        for (name, value) in target.names { server.names[name] = server.expand(value) }
        var query = [row.query].compactMap { $0 } + query
        if namesBusiness, row.query?.contains("business_id") != true { query.append("business_id=<business>") }
        let path = operation.filled(target.ids) + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
        return try await credential.ask(
            server, method ?? operation.method, path, try text(server), row.isStream ? ["Last-Event-ID": "nowhere"] : [:])
    }

    private func text(_ server: TestServer) throws -> String? {
        guard let text = row.body else { return nil }
        return try JSONValue(parsing: server.expand(text)).merging(body).jsonText
    }
}
