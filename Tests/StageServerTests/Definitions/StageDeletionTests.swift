import StageModel
import Testing

@Suite("Deleting a stage that conversations are at")
struct StageDeletionTests {
    @Test("Is refused while conversations are there")
    func refused() async throws {
        try await TestServer.run { server in
            let answer = try await server.delete("/stages/<welcome>")
            #expect(answer.status == 409 && answer.code == "conversations_here")
            #expect(try await server.get("/stages/<welcome>?business_id=<shop>").status == 200)
            #expect(try await server.get("/conversations/c-1")["/version"] == 1)
        }
    }

    @Test("With move_to, moves every conversation as a repair, one version on, with its data")
    func moved() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "welcome")
            try await server.move("c-4", to: "notes")
            let untouched = try await server.get("/conversations/c-4").json
            // The histories and states are in memory before.
            for id in ["c-1", "c-3"] { try await server.get("/conversations/\(id)/history") }
            server.clock.advance(seconds: 30)
            #expect(try await server.delete("/stages/<welcome>?move_to=<order>").status == 204)
            for id in ["c-1", "c-3"] {
                let state = try await server.get("/conversations/\(id)")
                #expect(state["/current_stage_id"] == server.id("order") && state["/version"] == 2)
                #expect(state["/entered_at"] == "2026-03-01T12:00:30.000000Z" && state["/status"] == "active")
                #expect(state["/visits/\(server.expand("<order>"))"] == 1)
                let history = try await server.get("/conversations/\(id)/history")
                #expect(history.column("cause") == ["repair", "api"] && history.column("version") == ["2", "1"])
                #expect(history["/items/0/from_stage_id"] == server.id("welcome"))
                #expect(history["/items/0/to_stage_id"] == server.id("order"))
                #expect(history["/items/0/trace/action"] == "move_to")
            }
            #expect(try await server.get("/conversations/c-1")["/data/topic"] == "lamp")
            #expect(try await server.get("/conversations/c-4").json == untouched)
            #expect(try await server.get("/stages/<welcome>?business_id=<shop>").status == 404)
        }
    }

    @Test("What was in the stage's own part of the data does not move along")
    func stageData() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "notes", data: #"{"note":"here"}"#)
            #expect(try await server.delete("/stages/<notes>?move_to=<welcome>").status == 204)
            #expect(try await server.get("/conversations/c-3")["/data"] == [:])
        }
    }

    @Test("A paused conversation stays paused, and one moved to a final stage is completed")
    func statuses() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "notes")
            try await server.post("/conversations/c-3/pause")
            #expect(try await server.delete("/stages/<notes>?move_to=<order>").status == 204)
            #expect(try await server.get("/conversations/c-3")["/status"] == "paused")
            #expect(try await server.delete("/stages/<welcome>?move_to=<goodbye>").status == 204)
            #expect(try await server.get("/conversations/c-1")["/status"] == "completed")
        }
    }

    @Test("A move_to that can't be is refused, and names the parameter", arguments: targets)
    func badTarget(_ target: String, _ status: Int) async throws {
        try await TestServer.run { server in
            let answer = try await server.delete("/stages/<welcome>?move_to=\(target)")
            #expect(answer.status == status && answer.faults == ["/move_to"] && answer["/errors/0/in"] == "query")
            #expect(try await server.get("/conversations/c-1")["/version"] == 1)
            #expect(try await server.get("/stages/<welcome>?business_id=<shop>").status == 200)
        }
    }

    private static let targets = [
        ("<welcome>", 422), ("<other_stage>", 422), ("123e4567-e89b-42d3-a456-426614174000", 422), ("<maras>", 422), ("order", 400), ("", 400),
    ]

    @Test("move_to is for stages only")
    func otherKinds() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.delete("/agents/<idle>?move_to=<order>").faults == ["/move_to"])
            #expect(try await server.get("/agents/<idle>").status == 200)
        }
    }

    @Test("Conversations whose time has run out do not keep a stage; their expiry is recorded")
    func expired() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "brief")
            server.clock.advance(seconds: 61)
            #expect(try await server.delete("/stages/<brief>").status == 204)
            let state = try await server.get("/conversations/c-3")
            #expect(state["/version"] == 2 && state["/current_stage_id"] == .null)
            #expect(try await server.get("/conversations/c-3/history").column("cause") == ["timer", "api"])
        }
    }

    @Test("A conversation that was moved can be moved on at once")
    func goesOn() async throws {
        try await TestServer.run { server in
            #expect(try await server.delete("/stages/<welcome>?move_to=<order>").status == 204)
            let answer = try await server.move("c-1", to: "notes", ["If-Match": "\"c2\""])
            #expect(answer.status == 200 && answer["/version"] == 3)
        }
    }
}
