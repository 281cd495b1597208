import HTTPTypes
import StageModel
import Testing

@Suite("Moves out of a strict stage, over the API")
struct StrictStageTests {
    /// Makes order strict, with rules away from it.
    private static func withStrictOrder(_ body: @Sendable (TestServer) async throws -> Void) async throws {
        try await TestServer.run { server in
            try await server.patch("/stages/<order>", #"{"configuration":{"transition_policy":"strict","max_visits":1}}"#)
            var server = server
            let rules = [
                ("sized", #"{"from_stage_id":"<order>","to_stage_id":"<notes>","condition":"data.size == 'L' && has(data.due)","description":""}"#),
                ("asked", #"{"from_stage_id":"<order>","to_stage_id":"<goodbye>","condition":"message.text.contains('bye')","description":""}"#),
                ("mailed", #"{"from_stage_id":"<order>","to_stage_id":"<brief>","condition":"data.email == 'x@example.com'","description":""}"#),
            ]
            for (name, rule) in rules {
                server.names[name] = try await server.post("/transition-rules", Bodies.rule(rule))["/rule_id"]?.string
            }
            try await body(server)
        }
    }

    @Test("A move that no rule allows is 409 with the trace, and leaves the conversation alone")
    func refused() async throws {
        try await Self.withStrictOrder { server in
            let before = try await server.get("/conversations/c-2").json
            let answer = try await server.move("c-2", to: "notes")
            #expect(answer.status == 409 && answer.code == "move_not_allowed" && answer["/title"]?.string?.isEmpty == false)
            #expect(
                answer["/detail"]
                    == """
                    The stage 'Order' is strict and the move to 'Notes' is not allowed by any rule: none of its rules that lead there holds (see \
                    trace); change the data or give the message.
                    """)
            #expect(answer["/trace"]?.array?.count == 1 && answer["/errors"] == nil)
            let candidate = try #require(answer["/trace/0"])
            #expect(candidate["rule_id"] == server.id("sized") && candidate["held"] == false && candidate["verdict"] == "not_held")
            #expect(candidate["target"] == ["open": true] && candidate["from_stage_id"] == server.id("order"))
            let clauses = try #require(candidate["clauses"]?.array)
            #expect(clauses.map { $0["text"] } == ["data.size == 'L'", "has(data.due)"])
            #expect(clauses[1]["value"] == false && clauses[0]["missing"] == "data.size")
            let message = try #require(candidate["why_not"]?["message"]?.string)
            #expect(message.hasPrefix("`data.size == 'L'` has no value: data.size is not there; `has(data.due)` is not true."), "\(message)")
            #expect(candidate["why_not"]?["values"]?.array?.map { $0["path"] } == ["data.size", "data.due"])
            #expect(try await server.get("/conversations/c-2").json == before)
        }
    }

    @Test("A stage that no rule leads to is 409 with an empty trace")
    func noRule() async throws {
        try await Self.withStrictOrder { server in
            let answer = try await server.move("c-2", to: "whisper")
            #expect(answer.status == 409 && answer.code == "move_not_allowed" && answer["/trace"] == [])
            #expect(answer["/detail"]?.string?.hasSuffix("it has no rule that leads there.") == true)
        }
    }

    @Test("With the data that a rule asks for, or the message, the move is done and told with its rule")
    func allowed() async throws {
        try await Self.withStrictOrder { server in
            try await server.move("c-2", to: "order", data: #"{"size":"L","due":"2026-04-01"}"#)
            #expect(try await server.move("c-2", to: "notes")["/current_stage_id"] == server.id("notes"))
            let history = try await server.get("/conversations/c-2/history")
            #expect(history["/items/0/rule_id"] == server.id("sized") && history["/items/0/cause"] == "api" && history["/items/1/rule_id"] == .null)
            #expect(history["/items/0/trace/rules/0/verdict"] == "won" && history["/items/0/trace/rules/0/values"] == [true, true])

            try await server.move("c-3", to: "order")
            #expect(try await server.move("c-3", to: "goodbye").code == "move_not_allowed")
            let silent = try await server.put("/stages/<goodbye>/state", #"{"conversation_id":"c-3","message":{"text":"Hello"}}"#)
            #expect(silent.code == "move_not_allowed" && silent["/trace/0/clauses/0/value"] == false)
            let said = try await server.put("/stages/<goodbye>/state", #"{"conversation_id":"c-3","message":{"text":"Goodbye"}}"#, as: .runtime)
            #expect(said["/status"] == "completed" && said["/current_stage_id"] == server.id("goodbye"))
            #expect(try await server.get("/conversations/c-3/history")["/items/0/rule_id"] == server.id("asked"))
        }
    }

    @Test("No sensitive value is in the trace of a refusal, nor in the trace that is kept with a move")
    func sensitive() async throws {
        try await Self.withStrictOrder { server in
            let refused = try await server.move("c-2", to: "brief")
            #expect(refused.status == 409 && !refused.text.contains("jo@example.com") && refused.text.contains("«masked»"))
            try await server.move("c-2", to: "order", data: #"{"email":"x@example.com"}"#)
            #expect(try await server.move("c-2", to: "brief").status == 200)
            let history = try await server.get("/conversations/c-2/history")
            #expect(history["/items/0/rule_id"] == server.id("mailed") && !history.text.contains("x@example.com"))
        }
    }

    @Test("A refused move can be tried again under its idempotency key")
    func idempotency() async throws {
        try await Self.withStrictOrder { server in
            let key = ["Idempotency-Key": "k"]
            #expect(try await server.move("c-2", to: "notes", key).status == 409)
            try await server.move("c-2", to: "order", data: #"{"size":"L","due":"2026-04-01"}"#)
            let done = try await server.move("c-2", to: "notes", key)
            #expect(done.status == 200 && done[header: "Idempotency-Replayed"] == nil)
        }
    }

    @Test("A stale If-Match is told before what rules say, and a disabled target as well")
    func precedence() async throws {
        try await Self.withStrictOrder { server in
            #expect(try await server.move("c-2", to: "notes", ["If-Match": "\"c7\""]).status == 412)
            try await server.put("/stages/<notes>/state", #"{"status":"disabled"}"#)
            #expect(try await server.move("c-2", to: "notes").code == "stage_disabled")
        }
    }

    @Test("Out of an open stage a move is free, even to a stage that its visits close to rules")
    func open() async throws {
        try await Self.withStrictOrder { server in
            for visits in 1...3 {
                try await server.delete("/stages/<order>/state?conversation_id=c-1")
                try await server.move("c-1", to: "welcome")
                let moved = try await server.move("c-1", to: "order")
                #expect(moved.status == 200 && moved["/visits/\(server.expand("<order>"))"] == 1, "\(visits)")
            }
            try await server.patch("/stages/<order>", #"{"configuration":{"transition_policy":"open"}}"#)
            try await server.move("c-1", to: "notes")
            let again = try await server.move("c-1", to: "order")
            #expect(again.status == 200 && again["/visits/\(server.expand("<order>"))"] == 2)
            #expect(try await server.get("/conversations/c-1/history")["/items/0/rule_id"] == .null)
        }
    }

    @Test("Rewinding, clearing and deleting with move_to are exempt")
    func exempt() async throws {
        try await Self.withStrictOrder { server in
            try await server.move("c-1", to: "order")
            #expect(try await server.post("/conversations/c-1/rewind", #"{"version":1}"#)["/current_stage_id"] == server.id("welcome"))
            #expect(try await server.delete("/stages/<order>/state?conversation_id=c-2")["/current_stage_id"] == .null)
            try await server.move("c-3", to: "order")
            try await server.delete("/transition-rules/<rule>")
            #expect(try await server.delete("/stages/<order>?move_to=<notes>").status == 204)
            #expect(try await server.get("/conversations/c-3")["/current_stage_id"] == server.id("notes"))
        }
    }
}
