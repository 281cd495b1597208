import HTTPTypes
import StageModel
import Testing

@Suite("Controlling a conversation: clear, pause, resume, rewind")
struct ControlTests {
    @Test("Clearing forgets stage, data and visits, and keeps the history")
    func clear() async throws {
        try await TestServer.run { server in
            let answer = try await server.delete("/stages/<order>/state?conversation_id=c-2", as: .runtime)
            #expect(answer.status == 200 && answer[header: "ETag"] == "\"c2\"" && answer["/version"] == 2)
            #expect(answer["/current_stage_id"] == .null && answer["/data"] == [:] && answer["/visits"] == [:] && answer["/entered_at"] == .null)
            let history = try await server.get("/conversations/c-2/history")
            #expect(history.column("version") == ["2", "1"] && history["/items/0/cause"] == "api" && history["/items/0/to_stage_id"] == .null)
            #expect(history["/items/0/trace/action"] == "clear")
            #expect(try await server.delete("/stages/<order>/state?conversation_id=c-2")["/version"] == 2)
            #expect(try await server.move("c-2", to: "welcome")["/version"] == 3)
        }
    }

    @Test("A paused conversation keeps its place and can be resumed")
    func pause() async throws {
        try await TestServer.run { server in
            let paused = try await server.post("/conversations/c-1/pause", as: .runtime)
            #expect(paused.status == 200 && paused["/status"] == "paused" && paused["/version"] == 2 && paused[header: "ETag"] == "\"c2\"")
            #expect(paused["/current_stage_id"] == server.id("welcome") && paused["/data/topic"] == "lamp")
            #expect(try await server.post("/conversations/c-1/pause")["/version"] == 2)
            let resumed = try await server.post("/conversations/c-1/resume", as: .editor)
            #expect(resumed["/status"] == "active" && resumed["/version"] == 3)
            #expect(try await server.post("/conversations/c-1/resume")["/version"] == 3)
            let history = try await server.get("/conversations/c-1/history")
            #expect(history.items.prefix(2).map { $0["trace"]?["action"] } == ["resume", "pause"])
            #expect(history["/items/0/from_stage_id"] == history["/items/0/to_stage_id"])
        }
    }

    @Test("A rewind goes back to the stage of a version, as a new transition")
    func rewind() async throws {
        try await TestServer.run { server in
            for stage in ["notes", "order", "goodbye"] { try await server.move("c-1", to: stage, data: #"{"order_id":"AB-1234"}"#) }
            server.clock.advance(seconds: 7)
            let answer = try await server.post("/conversations/c-1/rewind", #"{"version":2}"#, as: .runtime)
            #expect(answer.status == 200 && answer["/version"] == 5 && answer["/current_stage_id"] == server.id("notes"))
            #expect(answer["/status"] == "active" && answer["/entered_at"] == "2026-03-01T12:00:07.000000Z")
            #expect(answer["/visits/\(server.expand("<notes>"))"] == 2 && answer["/data/topic"] == "lamp")
            let history = try await server.get("/conversations/c-1/history")
            #expect(history.column("version") == ["5", "4", "3", "2", "1"] && history["/items/0/cause"] == "repair")
            #expect(history["/items/0/trace/to_version"] == 2 && history["/items/0/from_stage_id"] == server.id("goodbye"))
        }
    }

    @Test("Rewinding is not stopped by a stage that is disabled")
    func rewindToDisabled() async throws {
        try await TestServer.run { server in
            try await server.move("c-1", to: "notes")
            try await server.put("/stages/<welcome>/state", #"{"status":"disabled"}"#)
            #expect(try await server.post("/conversations/c-1/rewind", #"{"version":1}"#).status == 200)
        }
    }

    @Test("A version that can't be gone back to is refused", arguments: ["0", "-1", "3", "9223372036854775807", "1.5", "\"1\"", "1e20", "null"])
    func badVersion(_ version: String) async throws {
        try await TestServer.run { server in
            try await server.move("c-1", to: "notes")
            let answer = try await server.post("/conversations/c-1/rewind", #"{"version":\#(version)}"#)
            #expect(answer.status == 422 && answer.faults == ["/version"])
            #expect(try await server.get("/conversations/c-1")["/version"] == 2)
        }
    }

    @Test("A version at no stage, or at one that is deleted, can't be gone back to")
    func goneStage() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "notes")
            try await server.delete("/stages/<notes>/state?conversation_id=c-3")
            try await server.move("c-3", to: "welcome")
            #expect(try await server.delete("/stages/<notes>").status == 204)
            for version in [1, 2] {
                let answer = try await server.post("/conversations/c-3/rewind", #"{"version":\#(version)}"#)
                #expect(answer.status == 422 && answer.faults == ["/version"])
            }
        }
    }

    @Test("What can't be done now is 409 with a code, and what is not there 404", arguments: refusals)
    func refusal(_ scenario: Scenario) async throws {
        try await TestServer.run { server in
            try await server.move("done", to: "goodbye")
            try await server.move("cleared", to: "welcome")
            try await server.delete("/stages/<welcome>/state?conversation_id=cleared")
            try await scenario.run(on: server)
        }
    }

    private static let refusals = [
        Scenario("Pausing a completed one", .post, "/conversations/done/pause", status: 409, code: "already_completed"),
        Scenario("Resuming a completed one", .post, "/conversations/done/resume", status: 409, code: "already_completed"),
        Scenario("Pausing a cleared one", .post, "/conversations/cleared/pause", status: 409, code: "not_started"),
        Scenario("Pausing an unknown one", .post, "/conversations/nobody/pause", status: 404, code: "not_found"),
        Scenario("Resuming another business's", .post, "/conversations/c-9/resume", status: 404, code: "not_found"),
        Scenario("Rewinding an unknown one", .post, "/conversations/nobody/rewind", #"{"version":1}"#, status: 404, code: "not_found"),
        Scenario("Clearing an unknown one", .delete, "/stages/<order>/state?conversation_id=nobody", status: 404, code: "not_found"),
        Scenario("Clearing without saying which", .delete, "/stages/<order>/state", status: 400, faults: ["/conversation_id"]),
        Scenario(
            "Clearing at an unknown stage", .delete, "/stages/123e4567-e89b-42d3-a456-426614174000/state?conversation_id=c-1", status: 404,
            code: "not_found"),
        Scenario("Rewinding without a version", .post, "/conversations/c-1/rewind", "{}", status: 422, faults: ["/version"]),
        Scenario("A body where none is taken", .post, "/conversations/c-1/pause", "{}", status: 400, code: "unexpected_body"),
        Scenario("Pausing as a viewer", .post, "/conversations/c-1/pause", as: .viewer, status: 403, code: "forbidden"),
    ]

    @Test("Every control takes If-Match", arguments: ["\"c1\"", "\"c3\"", "\"r2\""])
    func ifMatch(_ tag: String) async throws {
        try await TestServer.run { server in
            try await server.move("c-1", to: "notes")
            let answers = [
                try await server.post("/conversations/c-1/pause", nil, ["If-Match": tag]),
                try await server.post("/conversations/c-1/rewind", #"{"version":1}"#, ["If-Match": tag]),
                try await server.delete("/stages/<notes>/state?conversation_id=c-1", ["If-Match": tag]),
            ]
            for answer in answers {
                #expect(answer.status == 412 && answer.code == "precondition_failed")
                #expect(answer["/current_version"] == (tag.hasPrefix("\"c") ? 2 : nil))
            }
            let good = try await server.post("/conversations/c-1/rewind", #"{"version":1}"#, ["If-Match": "\"c2\""])
            #expect(good.status == 200 && good["/version"] == 3)
        }
    }
}
