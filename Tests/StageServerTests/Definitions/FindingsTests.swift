import HTTPTypes
import StageModel
import Testing

@Suite("What the flow check says of a change")
struct FindingsTests {
    /// Each finding as its code and its place, with names of the world put back.
    private static func findings(_ answer: Answer, _ server: TestServer) -> [String] {
        (answer["/findings"]?.array ?? [.null]).map { finding in
            let place = server.names.reduce(finding["place"]?.string ?? "-") { $0.replacing($1.value, with: "<\($1.key)>") }
            return "\(finding["code"]?.string ?? "-") \(place)"
        }
    }

    @Test("A definition is answered with the findings that it causes, and with no others")
    func caused() async throws {
        try await TestServer.run { server in
            var server = server
            let stage = try await server.post("/stages", Bodies.stage(#"{"stage_name":"Desk"}"#))
            server.names["desk"] = stage["/stage_id"]?.string
            #expect(Self.findings(stage, server) == ["unreachable_stage /stages/<desk>"])
            #expect(stage["/findings/0/severity"] == "warning" && stage["/findings/0/message"]?.string?.contains("'Desk'") == true)
            #expect(stage["/findings/0/remedy"]?.string?.hasSuffix(".") == true)

            let rule = try await server.post("/transition-rules", Bodies.rule(#"{"from_stage_id":"<order>","to_stage_id":"<desk>"}"#))
            server.names["new"] = rule["/rule_id"]?.string
            #expect(Self.findings(rule, server) == ["dead_end /stages/<desk>"])
            let same = try await server.put("/transition-rules/<new>", Bodies.rule(#"{"from_stage_id":"<order>","to_stage_id":"<desk>"}"#))
            #expect(same["/revision"] == 2 && Self.findings(same, server) == [])
            let elsewhere = try await server.patch("/transition-rules/<new>", #"{"to_stage_id":"<goodbye>","condition":"1 == 2"}"#)
            #expect(
                Set(Self.findings(elsewhere, server)) == [
                    "dead_end /stages/<order>", "unreachable_stage /stages/<desk>", "constant_condition /transition_rules/<new>/condition",
                ])
            let restored = try await server.post("/transition-rules/<new>/restore", #"{"revision":1}"#)
            #expect(Self.findings(restored, server) == ["dead_end /stages/<desk>"])
        }
    }

    @Test("A change that mends more than it breaks is answered without findings")
    func mended() async throws {
        try await TestServer.run { server in
            let mending = try await server.patch("/stages/<order>", #"{"configuration":{"final":true}}"#)
            #expect(mending.status == 200 && Self.findings(mending, server) == [])
            let broken = try await server.patch("/stages/<order>", #"{"configuration":{"final":false}}"#)
            #expect(Self.findings(broken, server) == ["dead_end /stages/<order>"])
            let renamed = try await server.patch("/stages/<order>", #"{"stage_name":"Orders"}"#)
            #expect(Self.findings(renamed, server) == [], "It was a dead end before, under another name.")
        }
    }

    @Test("Templates, agents and entries have theirs as well")
    func otherKinds() async throws {
        try await TestServer.run { server in
            var server = server
            let template = try await server.post("/templates", Bodies.template(#"{"content":"{{user_nam}}"}"#))
            server.names["new"] = template["/template_id"]?.string
            #expect(Self.findings(template, server) == ["unknown_variable /templates/<new>/content"])
            #expect(template["/warnings/0/variable"] == "user_nam")
            #expect(Self.findings(try await server.patch("/templates/<new>", #"{"content":"{{user_name}}"}"#), server) == [])
            let unfilled = try await server.patch("/templates/<response>", #"{"content":"{{data.order_id}}"}"#)
            #expect(unfilled["/findings/0/code"] == "unfilled_variable" && unfilled["/findings/0/example"]?.string?.isEmpty == false)
            #expect(Self.findings(try await server.post("/agents", Bodies.agent()), server) == [])
            let second = try await server.patch("/stages/<order>", #"{"is_entry":true}"#)
            #expect(second["/findings"]?.array?.map { $0["code"] } == ["several_entries"])
            try await server.patch("/stages/<order>", #"{"is_entry":false}"#)
            let none = try await server.patch("/stages/<welcome>", #"{"is_entry":false}"#)
            #expect(Self.findings(none, server).contains("no_entry /stages") && none["/findings/0/severity"] == "error")
        }
    }

    @Test("What is a finding is saved all the same; what is answered again later has the same findings")
    func replayed() async throws {
        try await TestServer.run { server in
            let body = Bodies.rule(#"{"condition":"1 == 1","description":""}"#)
            let first = try await server.post("/transition-rules", body, ["Idempotency-Key": "k"])
            #expect(first.status == 201 && first["/findings/0/code"] == "constant_condition")
            let second = try await server.post("/transition-rules", body, ["Idempotency-Key": "k"])
            #expect(second.bytes == first.bytes && second[header: "Idempotency-Replayed"] == "true")
        }
    }
}
