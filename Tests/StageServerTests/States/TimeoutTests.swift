import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Timeouts, over the API")
struct TimeoutTests {
    private static func keeper(_ server: TestServer) -> Housekeeper {
        Housekeeper(
            conversations: server.store, upkeep: server.store, stages: server.parts.stages, time: server.clock.source, logger: server.parts.logger)
    }

    private static func withTimeout(_ body: @Sendable (TestServer) async throws -> Void) async throws {
        try await TestServer.run { server in
            let timeout = #"{"configuration":{"timeout":{"seconds":90,"to_stage_id":"<goodbye>"}}}"#
            #expect(try await server.patch("/stages/<notes>", timeout).status == 200)
            try await body(server)
        }
    }

    @Test("A conversation tells when it is taken on; lists and the stage's state tell the same")
    func told() async throws {
        try await Self.withTimeout { server async throws in
            let at: JSONValue = "2026-03-01T12:01:30.000000Z"
            #expect(try await server.get("/conversations/c-1")["/timeout_at"] == .null)
            #expect(try await server.move("c-1", to: "notes")["/timeout_at"] == at)
            #expect(try await server.get("/conversations/c-1", ["Cache-Control": "no-cache"])["/timeout_at"] == at)
            #expect(try await server.get("/conversations?q=c-1")["/items/0/timeout_at"] == at)
            #expect(try await server.get("/stages/<notes>/state?conversation_id=c-1")["/timeout_at"] == at)
            server.clock.advance(seconds: 60)
            #expect(try await server.move("c-1", to: "notes", data: #"{"x":1}"#)["/timeout_at"] == at)
            #expect(try await server.post("/conversations/c-1/pause")["/timeout_at"] == at)
            #expect(try await server.post("/conversations/c-1/resume")["/timeout_at"] == at)
            #expect(try await server.move("c-1", to: "welcome")["/timeout_at"] == .null)
        }
    }

    @Test("When it fires, the history says so, and the numbers of both stages follow")
    func fires() async throws {
        try await Self.withTimeout { server in
            try await server.move("c-1", to: "notes", data: #"{"x":1}"#)
            server.clock.advance(seconds: 90)
            #expect(try await Self.keeper(server).recordElapsed() == 1)
            let state = try await server.get("/conversations/c-1")
            #expect(state["/current_stage_id"] == server.id("goodbye") && state["/status"] == "completed" && state["/timeout_at"] == .null)
            #expect(state["/version"] == 3 && state["/entered_at"] == "2026-03-01T12:01:30.000000Z" && state["/data"] == ["topic": "lamp"])
            let item = try #require(try await server.get("/conversations/c-1/history")["/items/0"])
            #expect(item["cause"] == "timer" && item["actor"] == "timer" && item["rule_id"] == .null && item["trace"] == ["reason": "timeout"])
            #expect(try await Self.keeper(server).recordElapsed() == 0)
            while try await server.store.foldStatistics() > 0 {}
            let notes = try await server.get("/stages/<notes>/state")
            #expect(notes["/conversations_here"] == 0 && notes["/left"] == 1 && notes["/recent_transitions/0/cause"] == "timer")
        }
    }

    @Test("A move after the deadline finds it fired: the version that the caller knew is followed by two")
    func movedLate() async throws {
        try await Self.withTimeout { server in
            try await server.move("c-1", to: "notes")
            server.clock.advance(seconds: 91)
            let answer = try await server.move("c-1", to: "welcome", ["If-Match": "\"c2\""])
            #expect(answer["/version"] == 4 && answer["/status"] == "active" && answer[header: "ETag"] == "\"c4\"")
            #expect(try await server.get("/conversations/c-1/history").column("cause") == ["api", "timer", "api", "api"])
        }
    }

    @Test("A stage that a timeout leads to can't be deleted; where it leads can be changed meanwhile")
    func changed() async throws {
        try await Self.withTimeout { server in
            try await server.move("c-1", to: "notes")
            let refused = try await server.delete("/stages/<goodbye>")
            #expect(refused.code == "in_use" && refused["/detail"]?.string?.contains("the stage 'Notes'") == true)
            try await server.patch("/stages/<notes>", #"{"configuration":{"timeout":{"seconds":5000,"to_stage_id":"<order>"}}}"#)
            server.clock.advance(seconds: 90)
            #expect(try await Self.keeper(server).recordElapsed() == 1)
            #expect(try await server.get("/conversations/c-1")["/current_stage_id"] == server.id("order"))
        }
    }
}
