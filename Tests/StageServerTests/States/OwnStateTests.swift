import HTTPTypes
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("A stage's own state")
struct OwnStateTests {
    @Test("Status and data are set apart, each write one version on", arguments: ["editor", "owner"])
    func set(_ role: String) async throws {
        try await TestServer.run { server in
            let who: Who = role == "owner" ? .owner : .editor
            let new = try await server.get("/stages/<notes>/state", as: who)
            #expect(new.status == 200 && new[header: "ETag"] == "\"s0\"" && new["/version"] == 0 && new["/status"] == "active")
            #expect(new["/data"] == [:] && new["/updated_at"] == .null && new["/stage_id"] == server.id("notes"))
            #expect(new["/conversation_id"] == nil && new["/current_stage_id"] == nil)

            server.clock.advance(seconds: 1)
            let disabled = try await server.put("/stages/<notes>/state", #"{"status":"disabled"}"#, as: who)
            #expect(disabled.status == 200 && disabled[header: "ETag"] == "\"s1\"" && disabled["/version"] == 1)
            #expect(disabled["/status"] == "disabled" && disabled["/updated_at"] == "2026-03-01T12:00:01.000000Z")
            let noted = try await server.put("/stages/<notes>/state", #"{"data":{"owner":"Kim","n":1}}"#, as: who)
            #expect(noted["/version"] == 2 && noted["/status"] == "disabled" && noted["/data"] == ["owner": "Kim", "n": 1])
            let replaced = try await server.put("/stages/<notes>/state", #"{"data":{"n":2},"status":"active"}"#, as: who)
            #expect(replaced["/data"] == ["n": 2] && replaced["/version"] == 3)
            #expect(try await server.get("/stages/<notes>/state").json == replaced.json)
        }
    }

    @Test("Setting it leaves the stage's revision and its ETag alone")
    func apart() async throws {
        try await TestServer.run { server in
            try await server.put("/stages/<notes>/state", #"{"status":"disabled"}"#)
            #expect(try await server.get("/stages/<notes>?business_id=<shop>")[header: "ETag"] == "\"r1\"")
            try await server.patch("/stages/<notes>", #"{"stage_name":"Memos"}"#)
            let state = try await server.get("/stages/<notes>/state")
            #expect(state[header: "ETag"] == "\"s1\"" && state["/status"] == "disabled")
        }
    }

    @Test("If-Match takes the state's version and no other kind", arguments: tags)
    func ifMatch(_ tag: String, _ status: Int, _ current: JSONValue?) async throws {
        try await TestServer.run { server in
            try await server.put("/stages/<notes>/state", "{}")
            let answer = try await server.put("/stages/<notes>/state", #"{"status":"disabled"}"#, ["If-Match": tag])
            #expect(answer.status == status && answer["/current_version"] == current)
            #expect(try await server.get("/stages/<notes>/state")["/version"] == (status == 200 ? 2 : 1))
        }
    }

    private static let tags: [(String, Int, JSONValue?)] = [
        ("\"s1\"", 200, nil), ("*", 200, nil), ("\"s0\"", 412, 1), ("\"s2\"", 412, 1), ("\"r1\"", 412, nil), ("\"c1\"", 412, nil),
    ]

    @Test("What can't be set is refused, and every fault is named")
    func refusal() async throws { try await Scenario.run(Self.refusals) }

    private static let refusals = [
        Scenario(
            "What belongs to a conversation", .put, "/stages/<notes>/state", #"{"agent_id":"<mara>","message":{"text":"hi"}}"#, status: 422,
            faults: ["/agent_id", "/message"]),
        Scenario(
            "Wrong types and words", .put, "/stages/<notes>/state", #"{"status":"off","data":[],"colour":1}"#, status: 422,
            faults: ["/colour", "/data", "/status"]),
        Scenario(
            "Over 64 KiB", .put, "/stages/<notes>/state", #"{"data":{"x":"\#(String(repeating: "x", count: 65_536))"}}"#, status: 422,
            faults: ["/data"]),
        Scenario("Another business's stage", .put, "/stages/<other_stage>/state", #"{"status":"disabled"}"#, status: 404, code: "not_found"),
        Scenario("Another business's business_id", .put, "/stages/<notes>/state", #"{"business_id":"<other>"}"#, status: 403, code: "forbidden"),
        Scenario("By a key that may only move conversations", .put, "/stages/<notes>/state", #"{"status":"disabled"}"#, as: .runtime, status: 403),
        Scenario("By a key that may only read", .put, "/stages/<notes>/state", #"{"status":"disabled"}"#, as: .viewer, status: 403),
        Scenario("A malformed conversation id", .get, "/stages/<notes>/state?conversation_id=a%20b", status: 400, faults: ["/conversation_id"]),
    ]

    @Test("A disabled stage takes no conversation until it is active again")
    func disabled() async throws {
        try await TestServer.run { server in
            try await server.put("/stages/<notes>/state", #"{"status":"disabled"}"#)
            let answer = try await server.move("c-1", to: "notes")
            #expect(answer.status == 409 && answer.code == "stage_disabled")
            #expect(try await server.get("/conversations/c-1")["/version"] == 1)
            try await server.put("/stages/<notes>/state", #"{"status":"active"}"#)
            #expect(try await server.move("c-1", to: "notes").status == 200)
        }
    }

    @Test("Its numbers tell who is here, who came and went, how long they stayed, and the last moves")
    func statistics() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "notes")
            try await server.move("c-3", to: "notes", data: #"{"stays":true}"#)
            server.clock.advance(seconds: 10)
            try await server.move("c-3", to: "welcome")
            try await server.move("c-4", to: "notes")
            #expect(try await server.store.foldStatistics() > 0)
            let state = try await server.get("/stages/<notes>/state", as: .viewer)
            #expect(state["/conversations_here"] == 1 && state["/entered"] == 2 && state["/left"] == 1)
            #expect(state["/time_in_stage/count"] == 1)
            let median = try #require(state["/time_in_stage/median_seconds"]?.double)
            #expect(median >= 10 / 1.5 && median <= 10 * 1.5)
            let recent = try #require(state["/recent_transitions"]?.array)
            #expect(recent.map { $0["conversation_id"] } == ["c-4", "c-3", "c-3"])
            #expect(recent.map { $0["to_stage_id"] } == [server.id("notes"), server.id("welcome"), server.id("notes")])
            #expect(state[header: "ETag"] == "\"s0\"")
            #expect(try await server.store.foldStatistics() == 0)
        }
    }
}
