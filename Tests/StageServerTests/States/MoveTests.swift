import HTTPTypes
import StageModel
import Testing

@Suite("Moving a conversation")
struct MoveTests {
    @Test("The first move starts a conversation")
    func start() async throws {
        try await TestServer.run { server in
            let body = #"{"conversation_id":"new@1","data":{"topic":"chair"},"agent_id":"<mara>","business_id":"<shop>","message":{"text":"Hi"}}"#
            let answer = try await server.put("/stages/<welcome>/state", body, as: .runtime)
            #expect(answer.status == 200 && answer[header: "ETag"] == "\"c1\"")
            let now: JSONValue = "2026-03-01T12:00:00.000000Z"
            let welcome = server.id("welcome")
            let expected: JSONValue = .object([
                "conversation_id": "new@1", "business_id": server.id("shop"), "agent_id": server.id("mara"), "current_stage_id": welcome,
                "stage_id": welcome, "is_current": true, "status": "active", "version": 1, "data": ["topic": "chair"],
                "visits": .object([welcome.string ?? "": 1]), "entered_at": now, "created_at": now, "updated_at": now, "timeout_at": .null,
                "expires_at": .null,
            ])
            #expect(answer.json == expected)
            for path in ["/conversations/new@1", "/conversations/new%401", "/stages/<welcome>/state?conversation_id=new@1"] {
                let read = try await server.get(path)
                #expect(read.json == expected && read[header: "ETag"] == "\"c1\"", "\(path)")
            }
        }
    }

    @Test("Asked at another stage, a conversation says where it is")
    func elsewhere() async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/stages/<order>/state?conversation_id=c-1", as: .runtime)
            #expect(answer["/is_current"] == false && answer["/stage_id"] == server.id("order"))
            #expect(answer["/current_stage_id"] == server.id("welcome"))
        }
    }

    @Test("Every move is one version, and entering is counted, staying is not")
    func visits() async throws {
        try await TestServer.run { server in
            for (index, stage) in ["notes", "notes", "welcome", "notes"].enumerated() {
                server.clock.advance(seconds: 1)
                #expect(try await server.move("c-1", to: stage)["/version"] == .integer(Int64(index + 2)))
            }
            let state = try await server.get("/conversations/c-1")
            #expect(state["/visits/\(server.expand("<notes>"))"] == 2 && state["/visits/\(server.expand("<welcome>"))"] == 2)
            #expect(state["/created_at"] == "2026-03-01T12:00:00.000000Z" && state["/entered_at"] == "2026-03-01T12:00:04.000000Z")
            try await server.move("c-1", to: "notes", data: #"{"x":1}"#)
            #expect(try await server.get("/conversations/c-1")["/entered_at"] == "2026-03-01T12:00:04.000000Z")
        }
    }

    @Test("A final stage completes the conversation, and a move to another takes it up again")
    func final() async throws {
        try await TestServer.run { server in
            #expect(try await server.move("c-1", to: "goodbye")["/status"] == "completed")
            #expect(try await server.move("c-1", to: "goodbye", data: #"{"rating":5}"#)["/status"] == "completed")
            let again = try await server.move("c-1", to: "welcome")
            #expect(again["/status"] == "active" && again["/data/rating"] == 5)
        }
    }

    @Test("Who a conversation is held with is said at its start and kept", arguments: agents)
    func agent(_ steps: [(stage: String, agent: String?)], _ status: Int, _ faults: [String], _ agent: String?) async throws {
        try await TestServer.run { server in
            var last: Answer?
            for step in steps {
                let agent = step.agent.map { #","agent_id":"\#($0)""# } ?? ""
                last = try await server.put("/stages/<\(step.stage)>/state", #"{"conversation_id":"c-3"\#(agent)}"#)
            }
            #expect(last?.status == status && last?.faults == faults)
            if let agent { #expect(try await server.get("/conversations/c-3")["/agent_id"]?.string == server.expand(agent)) }
        }
    }

    private static let agents: [([(stage: String, agent: String?)], Int, [String], String?)] = [
        ([("maras", "<mara>")], 200, [], "<mara>"),
        ([("welcome", "<mara>"), ("maras", nil)], 200, [], "<mara>"),
        ([("welcome", "<mara>"), ("maras", "<mara>")], 200, [], "<mara>"),
        ([("maras", nil)], 422, ["/agent_id"], nil),
        ([("maras", "<theo>")], 422, ["/agent_id"], nil),
        ([("welcome", nil), ("maras", nil)], 422, ["/agent_id"], nil),
        ([("welcome", nil), ("maras", "<mara>")], 422, ["/agent_id"], nil),
        ([("welcome", "<mara>"), ("welcome", "<theo>")], 422, ["/agent_id"], "<mara>"),
        ([("welcome", "<mara>"), ("theos", nil)], 422, ["/agent_id"], "<mara>"),
        ([("welcome", "<other_agent>")], 422, ["/agent_id"], nil),
        ([("welcome", "123e4567-e89b-42d3-a456-426614174000")], 422, ["/agent_id"], nil),
    ]

    @Test("If-Match takes the conversation's version and no other kind", arguments: tags)
    func ifMatch(_ conversation: String, _ tag: String, _ status: Int, _ current: JSONValue?) async throws {
        try await TestServer.run { server in
            try await server.move("c-1", to: "notes")
            let answer = try await server.move(conversation, to: "order", ["If-Match": tag])
            #expect(answer.status == status && answer["/current_version"] == current)
            #expect(answer.code == (status == 412 ? "precondition_failed" : nil))
            let version = try await server.get("/conversations/c-1")["/version"]
            #expect(version == (status == 200 ? 3 : 2))
        }
    }

    private static let tags: [(String, String, Int, JSONValue?)] = [
        ("c-1", "\"c2\"", 200, nil), ("c-1", "*", 200, nil), ("c-1", "\"c1\", \"c2\"", 200, nil), ("c-1", "\"c1\"", 412, 2),
        ("c-1", "\"c3\"", 412, 2), ("c-1", "\"r2\"", 412, nil), ("c-1", "\"s2\"", 412, nil), ("c-5", "\"c1\"", 412, 0), ("c-5", "\"c0\"", 412, 0),
    ]

    @Test("If-Match: * does not start a conversation, for there is none to match")
    func anyVersionOfNone() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.move("c-5", to: "order", ["If-Match": "*"]).status == 412)
            #expect(try await server.get("/conversations/c-5").status == 404)
        }
    }

    @Test("A reader who knows the version gets 304, and the state after a move")
    func ifNoneMatch() async throws {
        try await TestServer.run { server in
            for path in ["/conversations/c-1", "/stages/<welcome>/state?conversation_id=c-1"] {
                #expect(try await server.get(path, ["If-None-Match": "\"c1\""]).status == 304)
                #expect(try await server.get(path, ["If-None-Match": "\"r1\""]).status == 200)
            }
            try await server.move("c-1", to: "notes")
            #expect(try await server.get("/conversations/c-1", ["If-None-Match": "\"c1\""])["/version"] == 2)
        }
    }

    @Test("What can't be done is refused and leaves the conversation alone", arguments: refusals)
    func refusal(_ scenario: Scenario) async throws {
        try await TestServer.run { server in
            let before = try await server.get("/conversations/c-1").json
            try await scenario.run(on: server)
            #expect(try await server.get("/conversations/c-1").json == before)
        }
    }

    private static let refusals = [
        Scenario(
            "To an unknown stage", .put, "/stages/123e4567-e89b-42d3-a456-426614174000/state", #"{"conversation_id":"c-1"}"#, status: 404,
            code: "not_found"),
        Scenario("To another business's stage", .put, "/stages/<other_stage>/state", #"{"conversation_id":"c-1"}"#, status: 404),
        Scenario(
            "With the stage's own status", .put, "/stages/<notes>/state", #"{"conversation_id":"c-1","status":"disabled"}"#, status: 422,
            faults: ["/status"]),
        Scenario(
            "With many faults", .put, "/stages/<notes>/state", #"{"conversation_id":"a/b","data":"x","agent_id":7,"message":{},"x":1}"#, status: 422,
            faults: ["/agent_id", "/conversation_id", "/data", "/message/text", "/x"]),
        Scenario("With a null id", .put, "/stages/<notes>/state", #"{"conversation_id":null}"#, status: 422, faults: ["/conversation_id"]),
        Scenario("By a viewer", .put, "/stages/<notes>/state", #"{"conversation_id":"c-1"}"#, as: .viewer, status: 403),
        Scenario("A malformed stage id", .put, "/stages/notes/state", #"{"conversation_id":"c-1"}"#, status: 400, faults: ["/stage_id"]),
        Scenario("An unknown conversation's state", .get, "/stages/<notes>/state?conversation_id=nobody", status: 404, code: "not_found"),
    ]

    @Test("A conversation's id is the caller's own, compared byte by byte", arguments: ids)
    func id(_ id: String, _ encoded: String, _ isGood: Bool) async throws {
        try await TestServer.run { server in
            #expect(try await server.move(id, to: "welcome").status == (isGood ? 200 : 422))
            let read = try await server.get("/conversations/\(encoded)")
            #expect(read.status == (isGood ? 200 : 400))
            if isGood { #expect(read["/conversation_id"] == .string(id)) } else { #expect(read.faults == ["/conversation_id"]) }
            let state = try await server.get("/stages/<welcome>/state?conversation_id=\(encoded)")
            #expect(state.status == (isGood ? 200 : 400))
        }
    }

    private static let ids = [
        ("whatsapp:+49-170_55@x.example", "whatsapp:+49-170_55@x.example", true), ("a+b", "a%2Bb", true), ("a+b", "a+b", true),
        ("C-1", "C-1", true), ("...", "...", true), (String(repeating: "x", count: 128), String(repeating: "x", count: 128), true),
        (String(repeating: "x", count: 129), String(repeating: "x", count: 129), false), ("a b", "a%20b", false), (".", "%2E", false),
        ("..", "%2E%2E", false), ("ä", "%C3%A4", false), ("a%2Bb", "a%252Bb", false), ("a/b", "a%2Fb", false),
    ]
}
