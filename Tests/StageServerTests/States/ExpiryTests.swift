import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Expiry: a state that is idle for too long")
struct ExpiryTests {
    @Test("Reads as cleared from the very moment on, at the same version")
    func reading() async throws {
        try await TestServer.run { server in
            let start = try await server.move("c-3", to: "brief", data: #"{"x":1}"#)
            #expect(start["/expires_at"] == "2026-03-01T12:01:00.000000Z")
            server.clock.advance(seconds: 59)
            #expect(try await server.get("/conversations/c-3")["/data/x"] == 1)
            server.clock.advance(seconds: 1)
            for path in ["/conversations/c-3", "/stages/<brief>/state?conversation_id=c-3"] {
                let state = try await server.get(path)
                #expect(state["/current_stage_id"] == .null && state["/data"] == [:] && state["/visits"] == [:] && state["/version"] == 1)
                #expect(state["/entered_at"] == .null && state["/status"] == "active" && state["/is_current"] == false)
                #expect(state["/expires_at"] == .null)
            }
            #expect(try await server.get("/conversations/c-3/history").column("cause") == ["api"])
        }
    }

    @Test("Every write puts it off, and a stage without a limit ends it")
    func postponed() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "brief")
            server.clock.advance(seconds: 59)
            #expect(try await server.move("c-3", to: "brief", data: #"{"x":1}"#)["/expires_at"] == "2026-03-01T12:01:59.000000Z")
            server.clock.advance(seconds: 59)
            #expect(try await server.get("/conversations/c-3")["/data/x"] == 1)
            #expect(try await server.move("c-3", to: "welcome")["/expires_at"] == .null)
            server.clock.advance(seconds: 100_000)
            #expect(try await server.get("/conversations/c-3")["/data/x"] == 1)
        }
    }

    @Test("The next commit records the expiry first: two transitions, two versions")
    func recorded() async throws {
        try await TestServer.run { server in
            try await server.put("/stages/<brief>/state", #"{"conversation_id":"c-3","agent_id":"<mara>","data":{"x":1}}"#)
            server.clock.advance(seconds: 61)
            let answer = try await server.move("c-3", to: "welcome", data: #"{"y":2}"#)
            #expect(answer["/version"] == 3 && answer["/data"] == ["y": 2] && answer[header: "ETag"] == "\"c3\"")
            #expect(answer["/expires_at"] == .null)
            #expect(answer["/visits"] == .object([server.expand("<welcome>"): 1]))
            #expect(answer["/agent_id"] == server.id("mara"))
            let history = try await server.get("/conversations/c-3/history")
            #expect(history.column("version") == ["3", "2", "1"] && history.column("cause") == ["api", "timer", "api"])
            #expect(history["/items/1/from_stage_id"] == server.id("brief") && history["/items/1/to_stage_id"] == .null)
            #expect(history["/items/1/actor"] == "timer" && history["/items/0/from_stage_id"] == .null)
        }
    }

    @Test("A repeated move at the stage of an expired state enters it anew")
    func reentry() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "brief", data: #"{"x":1}"#)
            server.clock.advance(seconds: 60)
            let answer = try await server.move("c-3", to: "brief")
            #expect(answer["/version"] == 3 && answer["/data"] == [:] && answer["/entered_at"] == "2026-03-01T12:01:00.000000Z")
        }
    }

    @Test("A reader who knows the state from before is told of the expiry")
    func conditionalRead() async throws {
        try await TestServer.run { server in
            let tag = try #require(try await server.move("c-3", to: "brief", data: #"{"x":1}"#)[header: "ETag"])
            #expect(try await server.get("/conversations/c-3", ["If-None-Match": tag]).status == 304)
            server.clock.advance(seconds: 61)
            for path in ["/conversations/c-3", "/stages/<brief>/state?conversation_id=c-3"] {
                let answer = try await server.get(path, ["If-None-Match": tag])
                #expect(answer.status == 200 && answer["/current_stage_id"] == .null)
            }
        }
    }

    @Test("An expired conversation is listed at no stage")
    func listed() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "brief")
            server.clock.advance(seconds: 61)
            #expect(try await server.get("/conversations?stage_id=<brief>").items.isEmpty)
            let all = try await server.get("/conversations?q=c-3")
            #expect(all["/items/0/current_stage_id"] == .null && all["/items/0/version"] == 1)
        }
    }

    @Test("Pausing an expired conversation is refused, for it is at no stage")
    func pause() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "brief")
            server.clock.advance(seconds: 61)
            #expect(try await server.post("/conversations/c-3/pause").code == "not_started")
        }
    }

    @Test("The sweeper records what nobody else has, once")
    func sweeper() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "brief")
            try await server.move("c-4", to: "brief")
            let keeper = Housekeeper(
                conversations: server.store, upkeep: server.store, stages: server.parts.stages, time: server.clock.source,
                logger: server.parts.logger)
            #expect(try await keeper.recordElapsed() == 0)
            server.clock.advance(seconds: 61)
            #expect(try await keeper.recordElapsed() == 2)
            #expect(try await keeper.recordElapsed() == 0)
            let state = try await server.get("/conversations/c-3")
            #expect(state["/version"] == 2 && state["/status"] == "active" && state["/current_stage_id"] == .null)
            #expect(try await server.get("/conversations/c-4/history").column("cause") == ["timer", "api"])
            #expect(try await server.get("/conversations/c-1")["/version"] == 1)
        }
    }
}
