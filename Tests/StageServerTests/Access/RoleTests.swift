import HTTPTypes
import StageModel
import Testing

@Suite("Who may do what")
struct RoleTests {
    private static let everyone = ["editor", "owner", "runtime", "viewer"]
    private static let readers = ["editor", "owner", "viewer"]
    private static let editors = ["editor", "owner"]
    private static let runners = ["editor", "owner", "runtime"]
    private static let owners = ["owner"]

    /// Everything that the API does, by who may ask for it.
    private static let roles: [String: [String]] = [
        "listStages": readers, "getStage": readers, "listStageRevisions": readers, "createStage": editors, "replaceStage": editors,
        "patchStage": editors, "deleteStage": editors, "restoreStage": editors, "listTemplates": readers, "getTemplate": readers,
        "listTemplateRevisions": readers, "createTemplate": editors, "replaceTemplate": editors, "patchTemplate": editors,
        "deleteTemplate": editors, "restoreTemplate": editors, "previewTemplate": readers, "previewSavedTemplate": readers,
        "listAgents": readers, "getAgent": readers, "listAgentRevisions": readers, "createAgent": editors, "replaceAgent": editors,
        "patchAgent": editors, "deleteAgent": editors, "restoreAgent": editors, "getStageState": everyone, "putStageState": runners,
        "clearStageState": runners, "listConversations": everyone, "getConversation": everyone, "getConversationHistory": everyone,
        "eraseConversation": editors, "pauseConversation": runners, "resumeConversation": runners, "rewindConversation": runners,
        "revealConversation": editors, "listAPIKeys": owners, "createAPIKey": owners, "revokeAPIKey": owners, "listAuditLog": owners,
        "listTransitionRules": readers, "getTransitionRule": readers, "listTransitionRuleRevisions": readers, "createTransitionRule": editors,
        "replaceTransitionRule": editors, "patchTransitionRule": editors, "deleteTransitionRule": editors, "restoreTransitionRule": editors,
        "checkFlow": readers, "getFlowGraph": readers, "simulateFlow": readers, "followEvents": everyone,
        "handleMessage": runners, "listMessages": everyone, "listSessions": owners, "revokeSession": owners,
    ]
    private static let platform: Set = ["listBusinesses", "createBusiness", "getBusiness", "replaceBusiness", "deleteBusiness"]
    private static let open: Set = ["getHealth", "getReadiness", "getMetrics"]

    @Test("The description says of every operation who may ask for it")
    func described() async throws {
        try await TestServer.run { server in
            let operations = try await DescribedOperation.all(of: server)
            let byRole = operations.filter { $0.json["x-roles"] != nil }
            #expect(Dictionary(uniqueKeysWithValues: byRole.map { ($0.id, $0.roles) }) == Self.roles)
            let others = operations.filter { $0.json["x-roles"] == nil }
            #expect(Set(others.filter { $0.json["security"] != [] }.map(\.id)) == Self.platform)
            #expect(Set(others.filter { $0.json["security"] == [] }.map(\.id)) == Self.open)
        }
    }

    @Test("Every operation is open to exactly those roles", arguments: ["owner", "editor", "viewer", "runtime"])
    func role(_ role: String) async throws {
        try await TestServer.run { server in
            let who = try #require(["owner": Who.owner, "editor": .editor, "viewer": .viewer, "runtime": .runtime][role])
            for operation in try await DescribedOperation.all(of: server) {
                let answer = try await operation.call(server, as: who)
                let isAllowed = operation.isOpen || operation.roles.contains(role)
                #expect((answer.code == "forbidden") == !isAllowed, "\(operation.id): \(answer.status) \(answer.text)")
                #expect(answer.status != 401 && (answer.status == 403) == !isAllowed, "\(operation.id): \(answer.status)")
            }
        }
    }

    @Test("The platform key opens what is the operator's, and nothing of a business")
    func platformKey() async throws {
        try await TestServer.run { server in
            for operation in try await DescribedOperation.all(of: server) {
                let answer = try await operation.call(server, as: .platform)
                let isAllowed = operation.isOpen || Self.platform.contains(operation.id)
                #expect(answer.status != 401 && (answer.status == 403) == !isAllowed, "\(operation.id): \(answer.status)")
            }
        }
    }

    @Test("Without a key, or with a wrong one, nothing is open but health, readiness and metrics")
    func noKey() async throws {
        try await TestServer.run { server in
            for who in [Who.nobody, .secret("sk_abcdefgh_" + String(repeating: "A", count: 43))] {
                for operation in try await DescribedOperation.all(of: server) where !operation.isOpen {
                    let answer = try await operation.call(server, as: who)
                    #expect(answer.status == 401 && answer.code == "unauthorized", "\(operation.id)")
                    #expect(answer[header: "WWW-Authenticate"]?.hasPrefix("Bearer") == true)
                    #expect(answer[header: "Cache-Control"] == "private, no-store")
                }
            }
        }
    }

    @Test("Whether there is something is not told to those who may not ask")
    func nothingTold() async throws {
        try await TestServer.run { server async throws in
            for path in ["/templates/<spare>", "/templates/123e4567-e89b-42d3-a456-426614174000", "/templates/spare"] {
                #expect(try await server.get(path, as: .runtime).status == 403)
                #expect(try await server.get(path, as: .nobody).status == 401)
            }
        }
    }
}
