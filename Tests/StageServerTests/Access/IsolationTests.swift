import HTTPTypes
import StageModel
import Testing

/// What `EveryOperationTests` and `ForeignIDTests` can't see.
@Suite("A business sees nothing of another")
struct IsolationTests {
    @Test("Lists hold only what is the business's own", arguments: lists)
    func list(_ path: String, _ member: String) async throws {
        try await TestServer.run { server in
            let mine = try await server.get(path.replacing("BUSINESS", with: "<shop>"))
            let others = try await server.get(path.replacing("BUSINESS", with: "<other>"), as: .other)
            #expect(!mine.items.isEmpty && !others.items.isEmpty)
            #expect(Set(mine.column(member)).isDisjoint(with: others.column(member)))
        }
    }

    private static let lists = [
        ("/stages?business_id=BUSINESS", "stage_id"), ("/templates?business_id=BUSINESS", "template_id"),
        ("/agents?business_id=BUSINESS", "agent_id"), ("/conversations?business_id=BUSINESS", "conversation_id"),
        ("/api-keys?business_id=BUSINESS", "key_id"),
        ("/audit-log?business_id=BUSINESS", "position"), ("/transition-rules?business_id=BUSINESS", "rule_id"),
    ]

    @Test("Conversations of one id in two businesses have nothing to do with each other")
    func sameConversationID() async throws {
        try await TestServer.run { server in
            let before = try await server.get("/conversations/c-9", as: .other).json
            #expect(try await server.move("c-9", to: "welcome", data: #"{"mine":true}"#)["/version"] == 1)
            #expect(try await server.get("/conversations/c-9", as: .other).json == before)
            let message = #"{"message_id":"m","text":"Hello"}"#
            #expect(try await server.post("/conversations/c-9/messages", message).status == 200)
            #expect(try await server.get("/conversations/c-9", as: .other).json == before)
            #expect(try await server.get("/conversations/c-9/messages", as: .other).items.isEmpty)
            #expect(try await server.delete("/conversations/c-9").status == 204)
            #expect(try await server.get("/conversations/c-9", as: .other).json == before)
        }
    }

    @Test("A business_id that no business has is refused as another's is, one that is no UUID as no id, wherever it is given")
    func businessID() async throws {
        try await TestServer.run { server in
            for operation in try await DescribedOperation.all(of: server) where !operation.roles.isEmpty {
                let body = operation.takesBody ? "{}" : nil
                for (id, status) in [("123e4567-e89b-42d3-a456-426614174000", 403), ("shop", 400), ("", 400)] {
                    let query = "?business_id=\(id)" + (operation.id == "clearStageState" ? "&conversation_id=c-1" : "")
                    let answer = try await server.call(operation.method, operation.filled() + query, body)
                    #expect(answer.status == status, "\(operation.id) \(id): \(answer.status)")
                    if status == 400 { #expect(answer.faults == ["/business_id"], "\(operation.id)") }
                }
            }
        }
    }

    @Test("One business's sensitive names are not another's")
    func sensitiveNames() async throws {
        try await TestServer.run { server in
            let answer = try await server.move("c-9", to: "other_stage", data: #"{"email":"open@example.com"}"#, as: .other)
            #expect(answer["/data/email"] == "open@example.com")
        }
    }
}
