import HTTPTypes
import StageModel
import Testing

@Suite("Bodies that are JSON but not what the operation wants")
struct InvalidBodyTests {
    @Test("Every fault is named, all at once")
    func fault() async throws {
        try await TestServer.run { server in
            for scenario in Self.faults {
                let answer = try await scenario.run(on: server)
                #expect(answer.code == "invalid_input")
                #expect((answer["/errors"]?.array ?? []).allSatisfy { $0["in"] == "body" && $0["message"]?.string?.isEmpty == false })
            }
        }
    }

    private static let faults = [
        Scenario(
            "A stage of nothing", .post, "/stages", "{}", status: 422,
            faults: [
                "/data_extraction_template_id", "/response_generation_template_id", "/stage_description", "/stage_name",
                "/stage_selection_template_id", "/stage_type",
            ]),
        Scenario(
            "A stage of wrong types", .post, "/stages",
            """
            {"stage_name":1,"stage_description":null,"stage_type":"dialogue","stage_selection_template_id":"x","data_extraction_template_id":7,
            "response_generation_template_id":null,"agent_id":"mara","is_entry":"yes","configuration":[],"colour":"red"}
            """, status: 422,
            faults: [
                "/agent_id", "/colour", "/configuration", "/data_extraction_template_id", "/is_entry", "/response_generation_template_id",
                "/stage_description", "/stage_name", "/stage_selection_template_id", "/stage_type",
            ]),
        Scenario(
            "A configuration of wrong values", .post, "/stages",
            Bodies.stage(
                """
                {"configuration":{"final":1,"transition_policy":"loose","max_visits":0,"timeout":{"seconds":0,"to":"x"},"busy":"wait",
                "merge_ms":60001,"fallback_reply":7,"fields":[{"name":"","type":"text","required":"no","pattern":"","values":[1],"x":1},7],
                "persistence":{"scope":"all","ttl_seconds":0,"history_limit":1001,"y":1},"z":1}}
                """), status: 422,
            faults: [
                "/configuration/busy", "/configuration/fallback_reply", "/configuration/fields/0/name", "/configuration/fields/0/pattern",
                "/configuration/fields/0/required", "/configuration/fields/0/type", "/configuration/fields/0/values/0", "/configuration/fields/0/x",
                "/configuration/fields/1", "/configuration/final", "/configuration/max_visits", "/configuration/merge_ms",
                "/configuration/persistence/history_limit", "/configuration/persistence/scope", "/configuration/persistence/ttl_seconds",
                "/configuration/persistence/y", "/configuration/timeout/seconds", "/configuration/timeout/to", "/configuration/timeout/to_stage_id",
                "/configuration/transition_policy", "/configuration/z",
            ]),
        Scenario(
            "Numbers that are too large", .post, "/stages",
            Bodies.stage(#"{"configuration":{"max_visits":99999999999999999999,"timeout":{"seconds":1e300,"to_stage_id":"<welcome>"}}}"#),
            status: 422, faults: ["/configuration/max_visits", "/configuration/timeout/seconds"]),
        Scenario(
            "Numbers that are not whole", .post, "/stages", Bodies.stage(#"{"configuration":{"max_visits":1.5}}"#), status: 422,
            faults: ["/configuration/max_visits"]),
        Scenario(
            "A template of wrong types", .post, "/templates", #"{"template_name":[],"template_type":7,"content":{},"system_prompt":1,"prompt":""}"#,
            status: 422, faults: ["/content", "/prompt", "/system_prompt", "/template_name", "/template_type"]),
        Scenario(
            "A template of nothing", .put, "/templates/<spare>", "{}", status: 422, faults: ["/content", "/template_name", "/template_type"]),
        Scenario(
            "An agent of wrong types", .post, "/agents", #"{"agent_name":true,"agent_description":7}"#, status: 422,
            faults: ["/agent_description", "/agent_name"]),
        Scenario(
            "A rule of wrong types", .post, "/transition-rules",
            #"{"from_stage_id":7,"to_stage_id":"order","condition":true,"selection":"manual","priority":"high","description":[],"name":"x"}"#,
            status: 422, faults: ["/condition", "/description", "/from_stage_id", "/name", "/priority", "/selection", "/to_stage_id"]),
        Scenario("A rule of nothing", .put, "/transition-rules/<rule>", "{}", status: 422, faults: ["/to_stage_id"]),
        Scenario(
            "A rule with numbers out of their range", .post, "/transition-rules", Bodies.rule(#"{"priority":1000001,"condition":""}"#), status: 422,
            faults: ["/condition", "/priority"]),
        Scenario("A rule with a part of a number", .post, "/transition-rules", Bodies.rule(#"{"priority":0.5}"#), status: 422, faults: ["/priority"]),
        Scenario("An agent of nothing", .put, "/agents/<idle>", "{}", status: 422, faults: ["/agent_name"]),
        Scenario(
            "A preview of wrong types", .post, "/templates/preview", #"{"content":7,"variables":[],"conversation_id":"a b","x":1}"#, status: 422,
            faults: ["/content", "/conversation_id", "/variables", "/x"]),
        Scenario(
            "A preview of a saved template", .post, "/templates/<spare>/preview", #"{"variables":7,"conversation_id":7}"#, status: 422,
            faults: ["/conversation_id", "/variables"]),
        Scenario(
            "A restore of a wrong type", .post, "/stages/<notes>/restore", #"{"revision":"1","x":1}"#, status: 422, faults: ["/revision", "/x"]),
        Scenario("A rewind of a wrong type", .post, "/conversations/c-1/rewind", #"{"version":"1","x":1}"#, status: 422, faults: ["/version", "/x"]),
        Scenario("A name with a slash and a tilde", .post, "/agents", #"{"agent_name":"x","a/b~c":1}"#, status: 422, faults: ["/a~1b~0c"]),
    ]

    @Test("A name has 1 to 200 characters and is not blank", arguments: Kind.named)
    func name(_ kind: Kind) async throws {
        try await TestServer.run { server in
            for (name, isGood) in Self.names {
                let patch = JSONValue.object([kind.nameMember: .string(name)]).jsonText
                for answer in [
                    try await server.post("/\(kind.collection)", kind.body(patch)), try await server.put(kind.path(kind.unused), kind.body(patch)),
                    try await server.patch(kind.path(kind.unused), patch),
                ] {
                    #expect(isGood ? answer.status < 300 : answer.status == 422 && answer.faults == ["/\(kind.nameMember)"], "'\(name)'")
                }
            }
        }
    }

    private static let names: [(String, Bool)] = [
        ("x", true), (String(repeating: "x", count: 200), true), (String(repeating: "😀", count: 200), true), (" x ", true), ("'; DROP TABLE x", true),
        ("", false), (" ", false), ("\t\n\u{A0}\u{3000}", false), (String(repeating: "x", count: 201), false),
        (String(repeating: "😀", count: 201), false),
    ]

    @Test("Texts have their limits", arguments: texts)
    func text(_ path: String, _ member: String, _ most: Int) async throws {
        try await TestServer.run { server in
            let bodies = ["/stages": Bodies.stage, "/templates": Bodies.template, "/agents": Bodies.agent, "/transition-rules": Bodies.rule]
            let body = bodies[path] ?? Bodies.agent
            for (count, status) in [(0, 201), (most, 201), (most + 1, 422)] {
                let answer = try await server.post(path, body(#"{"\#(member)":"\#(String(repeating: "x", count: count))"}"#))
                #expect(answer.status == status && answer.faults == (status == 201 ? [] : ["/\(member)"]))
            }
        }
    }

    private static let texts = [
        ("/stages", "stage_description", 4000), ("/agents", "agent_description", 4000), ("/templates", "content", 65_536),
        ("/templates", "system_prompt", 65_536), ("/transition-rules", "description", 4000),
    ]

    @Test("A UUID is taken in either case and in no other form", arguments: uuids)
    func uuid(_ change: String, _ isGood: Bool) async throws {
        try await TestServer.run { server in
            let id = try #require(server.names["idle"])
            let changed = [
                "upper case": id.uppercased(), "braces": "{\(id)}", "no hyphens": id.replacing("-", with: ""), "cut": String(id.dropLast()),
                "longer": id + "0",
            ]
            let text = try #require(changed[change])
            let answer = try await server.post("/stages", Bodies.stage(#"{"agent_id":"\#(text)"}"#))
            #expect(isGood ? answer["/agent_id"]?.string == id : answer.faults == ["/agent_id"])
            let read = try await server.get("/agents/\(text.replacing("{", with: "%7B").replacing("}", with: "%7D"))")
            #expect(read.status == (isGood ? 200 : 400))
        }
    }

    private static let uuids = [("upper case", true), ("braces", false), ("no hyphens", false), ("cut", false), ("longer", false)]

    @Test("Text comes back as it was sent", arguments: ["é", "e\u{301}", "😀👩‍👩‍👧", "\u{202E}abc", "\"\\/\n\t\u{1}", "<script>", "a\u{2028}b"])
    func roundTrip(_ text: String) async throws {
        try await TestServer.run { server in
            let body = Bodies.agent(JSONValue.object(["agent_name": .string(text)]).jsonText)
            let created = try await server.post("/agents", body)
            let id = try #require(created["/agent_id"]?.string)
            let read = try await server.get("/agents/\(id)")
            #expect(read["/agent_name"]?.string.map { Array($0.utf8) } == Array(text.utf8))
        }
    }
}
