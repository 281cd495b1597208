import HTTPTypes
import StageModel
import Testing

@Suite("POST /flow/check")
struct FlowCheckTests {
    /// The shop's flow as a file has it, changed.
    private static func file(_ server: TestServer, _ change: (inout [String: JSONValue]) -> Void = { _ in }) async throws -> String {
        var members: [String: JSONValue] = ["format": "stagekeeper-flow/1", "business_name": "Shop"]
        let own: Set = ["business_id", "created_at", "updated_at", "revision"]
        for (path, member) in [("agents", "agents"), ("templates", "templates"), ("stages", "stages"), ("transition-rules", "transition_rules")] {
            let items = try await server.get("/\(path)?business_id=<shop>&limit=200").items
            members[member] = .array(items.map { .object(($0.object ?? [:]).filter { !own.contains($0.key) }) })
        }
        change(&members)
        return JSONValue.object(["flow": .object(members)]).jsonText
    }

    private static func codes(_ answer: Answer) -> [String] { (answer["/findings"]?.array ?? [.null]).map { $0["code"]?.string ?? "-" } }

    @Test("Without a body the business's own flow is checked, and nothing is changed by it", arguments: [nil, "{}", #"{"business_id":"<shop>"}"#])
    func own(_ body: String?) async throws {
        try await TestServer.run { server in
            let before = try await server.get("/audit-log").json
            let answer = try await server.post("/flow/check", body, as: .viewer, body == nil ? ["Content-Type": "-"] : [:])
            #expect(answer.status == 200 && answer.json.object?.count == 1)
            let codes = Self.codes(answer)
            #expect(Set(codes) == ["dead_end", "unreachable_stage"] && codes.count { $0 == "dead_end" } == 1, "\(answer.text)")
            let deadEnd = try #require(answer["/findings"]?.array?.first { $0["code"] == "dead_end" })
            #expect(deadEnd["place"]?.string == server.expand("/stages/<order>") && deadEnd["severity"] == "warning")
            #expect(deadEnd["message"]?.string?.contains("'Order'") == true && deadEnd["remedy"]?.string?.isEmpty == false)
            #expect(try await server.get("/audit-log").json == before)
        }
    }

    @Test("A flow in the body is checked instead, the same as if it were the business's own")
    func given() async throws {
        try await TestServer.run { server in
            let own = try await server.post("/flow/check")
            let given = try await server.post("/flow/check", try await Self.file(server))
            #expect(given.status == 200 && given["/findings"] == own["/findings"])
            let without = try await server.post(
                "/flow/check",
                try await Self.file(server) { file in
                    file["transition_rules"] = nil
                })
            #expect(without.status == 200 && Self.codes(without).isEmpty, "A flow without rules and timeouts is moved by its callers.")
            let empty = #"{"flow":{"format":"stagekeeper-flow/1","business_name":"x","agents":[],"templates":[],"stages":[]}}"#
            #expect(try await server.post("/flow/check", empty)["/findings"] == [])
        }
    }

    @Test("What would be refused when it is imported is found, at its place by its id, the errors first")
    func faulty() async throws {
        try await TestServer.run { server in
            let unknown = "123e4567-e89b-42d3-a456-426614174000"
            let body = try await Self.file(server) { file in
                let rules: [JSONValue] = [
                    ["rule_id": .string(unknown), "to_stage_id": .string(unknown), "condition": "1 +"],
                    ["rule_id": "223e4567-e89b-42d3-a456-426614174000", "to_stage_id": server.id("order"), "condition": "1 == 1"],
                ]
                file["transition_rules"] = .array((file["transition_rules"]?.array ?? []) + rules)
            }
            let answer = try await server.post("/flow/check", body)
            let errors = (answer["/findings"]?.array ?? []).prefix { $0["severity"] == "error" }
            #expect(
                Set(errors.map { "\($0["code"]?.string ?? "-") \($0["place"]?.string ?? "-")" }) == [
                    "invalid_condition /transition_rules/\(unknown)/condition", "target_missing /transition_rules/\(unknown)/to_stage_id",
                ])
            #expect(errors.contains { $0["message"]?.string?.contains("(line 1, column 4)") == true })
            #expect(Self.codes(answer).contains("constant_condition"))
            #expect(try await server.get("/transition-rules").items.count == 1)
        }
    }

    @Test("A file that is none is refused, with every place that is wrong in the body")
    func noFile() async throws {
        try await TestServer.run { server in
            for (body, faults) in Self.refused {
                let answer = try await server.post("/flow/check", body)
                #expect(answer.status == 422 && answer.code == "invalid_input" && answer.faults == faults.sorted(), "\(body): \(answer.text)")
            }
            let repeated = try await Self.file(server) { file in
                file["stages"] = .array((file["stages"]?.array ?? []) + (file["stages"]?.array ?? []).prefix(1))
            }
            let answer = try await server.post("/flow/check", repeated)
            #expect(answer.status == 422 && answer.faults == ["/flow/stages/8/stage_id"], "\(answer.text)")
        }
    }

    private static let refused: [(String, [String])] = [
        (#"{"flow":7}"#, ["/flow"]), (#"{"flow":{}}"#, ["/flow/agents", "/flow/business_name", "/flow/format", "/flow/stages", "/flow/templates"]),
        (
            #"{"flow":{"format":"stagekeeper-flow/9","business_name":"x","agents":[{}],"templates":[],"stages":[],"rules":[]}}"#,
            ["/flow/agents/0/agent_id", "/flow/agents/0/agent_name", "/flow/format", "/flow/rules"]
        ),
        (
            #"{"flow":{"format":"stagekeeper-flow/1","business_name":"x","agents":[],"templates":[],"stages":[],"transition_rules":[{"priority":"x"}]}}"#,
            ["/flow/transition_rules/0/priority", "/flow/transition_rules/0/rule_id", "/flow/transition_rules/0/to_stage_id"]
        ),
        (#"{"file":{}}"#, ["/file"]),
    ]

    @Test("Who may read definitions may have them checked")
    func access() async throws { try await Scenario.run(Self.accesses) }

    private static let accesses = [
        Scenario("A viewer", .post, "/flow/check", "{}", as: .viewer, status: 200, has: ["/findings": "*"]),
        Scenario("A key that runs conversations", .post, "/flow/check", "{}", as: .runtime, status: 403, code: "forbidden"),
        Scenario("Another business", .post, "/flow/check", #"{"business_id":"<other>"}"#, status: 403, code: "forbidden"),
        Scenario("Another business's own", .post, "/flow/check", as: .other, ["Content-Type": "-"], status: 200, has: ["/findings": "*"]),
        Scenario("A parameter", .post, "/flow/check?format=text", "{}", status: 400, faults: ["/format"]),
        Scenario("As text", .post, "/flow/check", "{}", ["Content-Type": "text/plain"], status: 415),
    ]

    @Test("A business without stages has nothing to be checked")
    func empty() async throws {
        try await TestServer.run { server in
            let created = try await server.post("/businesses", #"{"business_name":"New"}"#, as: .platform)
            let who = Who.secret(try #require(created["/api_key"]?.string))
            #expect(try await server.post("/flow/check", as: who)["/findings"] == [])
            let graph = try await server.get("/flow/graph", as: who)
            #expect(graph.json == ["nodes": [], "edges": [], "entry": [], "findings": []])
            #expect(try await server.post("/flow/simulate", "{}", as: who).faults == ["/stage_id"])
        }
    }
}
