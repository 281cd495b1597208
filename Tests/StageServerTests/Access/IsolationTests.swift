import HTTPTypes
import StageModel
import Testing

@Suite("A business sees nothing of another")
struct IsolationTests {
    private static let foreign = [
        "stage_id": "<other_stage>", "template_id": "<other_spare>", "agent_id": "<other_agent>", "key_id": "<other_key>", "conversation_id": "c-9",
        "rule_id": "<other_rule>",
    ]

    private static let bodies: [String: String] = [
        "replaceStage": Bodies.stage(), "replaceTemplate": Bodies.template(), "replaceAgent": Bodies.agent(), "restoreStage": #"{"revision":1}"#,
        "restoreTemplate": #"{"revision":1}"#, "restoreAgent": #"{"revision":1}"#, "rewindConversation": #"{"version":1}"#,
        "putStageState": #"{"conversation_id":"c-1"}"#, "replaceTransitionRule": Bodies.rule(), "restoreTransitionRule": #"{"revision":1}"#,
    ]

    @Test("What is another's answers exactly as what never was, whatever is asked of it")
    func sameAsUnknown() async throws {
        try await TestServer.run { server in
            let before = try await Self.everything(server)
            var count = 0
            // A message begins a conversation of the business's own, whatever others call theirs.
            let operations = try await DescribedOperation.all(of: server).filter { $0.id != "handleMessage" }
            for operation in operations where !operation.roles.isEmpty && !operation.parameters.isEmpty {
                let query = operation.id == "clearStageState" ? "?conversation_id=c-1" : "?business_id=<shop>"
                var texts: [String] = []
                for values in [Self.foreign, [:]] {
                    let body = operation.takesBody ? Self.bodies[operation.id] ?? "{}" : nil
                    let path = operation.filled(values)
                    let answer = try await server.call(operation.method, path + query, body)
                    #expect(answer.status == 404 && answer.code == "not_found", "\(operation.id): \(answer.status) \(answer.text)")
                    let id = server.expand(path).split(separator: "/")[1]
                    texts.append(answer.text.replacing(id, with: "ID").replacing(answer["/request_id"]?.string ?? "-", with: "REQUEST"))
                }
                #expect(texts[0] == texts[1], "\(operation.id)")
                count += 1
            }
            #expect(count >= 31)
            #expect(try await Self.everything(server) == before)
        }
    }

    private static func everything(_ server: TestServer) async throws -> [JSONValue] {
        var answers: [JSONValue] = []
        let paths = [
            "/stages?business_id=<other>", "/templates", "/agents", "/transition-rules", "/conversations", "/conversations/c-9/history",
            "/api-keys", "/stages/<other_stage>/state",
        ]
        for path in paths {
            answers.append(try await server.get(path, as: .other).json)
        }
        return answers
    }

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
            #expect(try await server.delete("/conversations/c-9").status == 204)
            #expect(try await server.get("/conversations/c-9", as: .other).json == before)
        }
    }

    @Test("business_id of another business, known or not, is 403 wherever it is given; one that is no UUID is 400")
    func businessID() async throws {
        try await TestServer.run { server in
            for operation in try await DescribedOperation.all(of: server) where !operation.roles.isEmpty {
                let body = operation.takesBody ? "{}" : nil
                for (id, status) in [("<other>", 403), ("123e4567-e89b-42d3-a456-426614174000", 403), ("shop", 400), ("", 400)] {
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
