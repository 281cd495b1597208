import HTTPTypes
import StageModel
import Testing

@Suite("POST /flow/simulate")
struct SimulationScenarioTests {
    private static let unknown = "123e4567-e89b-42d3-a456-426614174000"

    @Test("A decision is answered with where it leads, the move, and why; nothing is changed by any of them")
    func decisions() async throws {
        try await TestServer.run { server in
            let before = try await Self.everything(server)
            for scenario in Self.table {
                let answer = try await scenario.run(on: server)
                #expect(try await scenario.run(on: server).bytes == answer.bytes, "\(scenario.name)")
            }
            #expect(try await Self.everything(server) == before)
        }
    }

    private static func everything(_ server: TestServer) async throws -> [JSONValue] {
        var answers: [JSONValue] = []
        let paths = [
            "/stages?business_id=<shop>", "/transition-rules", "/conversations", "/conversations/c-1/history", "/conversations/c-2/history",
            "/audit-log", "/conversations/simulated",
        ]
        for path in paths {
            var members = try await server.get(path, ["Cache-Control": "no-cache"]).json.object ?? [:]
            members["request_id"] = nil
            answers.append(.object(members))
        }
        return answers
    }

    private static let table = [
        Scenario(
            "A new conversation stays at the entry", .post, "/flow/simulate", "{}", as: .viewer, status: 200,
            has: [
                "/stage_id": "<welcome>", "/flow_revision": "*", "/trace/0/rule_id": "<rule>", "/trace/0/held": false, "/trace/0/verdict": "not_held",
                "/trace/0/clauses/0/text": "has(data.topic)", "/trace/0/clauses/0/value": false, "/trace/0/target/open": true,
                "/trace/0/why_not/message": "*", "/trace/0/why_not/values/0/path": "data.topic",
            ], hasNot: ["/transition", "/trace/1", "/trace/0/error", "/findings"]),
        Scenario(
            "With the data that the rule asks for it moves", .post, "/flow/simulate", #"{"data":{"topic":"lamp"}}"#, status: 200,
            has: [
                "/stage_id": "<order>", "/transition/from_stage_id": "<welcome>", "/transition/to_stage_id": "<order>", "/transition/cause": "rule",
                "/transition/rule_id": "<rule>", "/transition/chosen_by": "condition", "/trace/0/verdict": "won", "/trace/0/held": true,
            ], hasNot: ["/trace/0/why_not"]),
        Scenario(
            "A real conversation with what it knows", .post, "/flow/simulate", #"{"conversation_id":"c-1","message":{"text":"Hi"}}"#, status: 200,
            has: ["/stage_id": "<order>", "/transition/from_stage_id": "<welcome>"]),
        Scenario(
            "The same with its topic taken away", .post, "/flow/simulate", #"{"conversation_id":"c-1","data":{"topic":null}}"#, status: 200,
            has: ["/stage_id": "<welcome>", "/trace/0/held": false], hasNot: ["/transition"]),
        Scenario(
            "The same at another stage", .post, "/flow/simulate", #"{"conversation_id":"c-1","stage_id":"<notes>"}"#, status: 200,
            has: ["/stage_id": "<notes>", "/trace": []], hasNot: ["/transition"]),
        Scenario(
            "A draft that leads elsewhere", .post, "/flow/simulate",
            #"{"message":{"text":"Bye"},"rules":[{"to_stage_id":"<goodbye>","condition":"message.text == 'Bye'","priority":5}]}"#, status: 200,
            has: [
                "/stage_id": "<goodbye>", "/trace/0/from_stage_id": .null, "/trace/0/priority": 5,
                "/trace/0/clauses/0/operands/0/text": "message.text",
                "/trace/0/clauses/0/operands/0/value": "Bye", "/trace/1/verdict": "not_tried", "/trace/1/rule_id": "<rule>",
            ], hasNot: ["/trace/2"]),
        Scenario(
            "A draft in place of a saved rule", .post, "/flow/simulate",
            #"{"rules":[{"rule_id":"<rule>","from_stage_id":"<welcome>","to_stage_id":"<notes>"}]}"#, status: 200,
            has: ["/stage_id": "<notes>", "/transition/rule_id": "<rule>"], hasNot: ["/trace/1"]),
        Scenario(
            "A draft of a stage that is closed by its visits", .post, "/flow/simulate",
            #"{"data":{"topic":"x"},"visits":{"<order>":2},"stages":[STAGE]}"#
                .replacing("STAGE", with: Bodies.stage(#"{"stage_id":"<order>","configuration":{"max_visits":2}}"#)), status: 200,
            has: [
                "/stage_id": "<welcome>", "/trace/0/held": true, "/trace/0/verdict": "closed", "/trace/0/target/open": false,
                "/trace/0/target/reason": "max_visits", "/trace/0/why_not/message": "*",
            ], hasNot: ["/transition"]),
        Scenario(
            "A condition that has no value", .post, "/flow/simulate",
            #"{"rules":[{"to_stage_id":"<goodbye>","condition":"message.text == 'x' || data.n > 1","priority":1}]}"#, status: 200,
            has: ["/stage_id": "<welcome>", "/trace/0/verdict": "failed", "/trace/0/error": "*", "/trace/0/clauses/1/missing": "data.n"]),
        Scenario(
            "A choice among rules is made by words", .post, "/flow/simulate",
            #"""
            {"message":{"text":"something is broken here"},"rules":[
            {"to_stage_id":"<notes>","selection":"model","description":"The customer asks where a parcel is."},
            {"to_stage_id":"<goodbye>","selection":"model","description":"Something is broken."}]}
            """#, status: 200,
            has: ["/stage_id": "<goodbye>", "/transition/cause": "model", "/transition/chosen_by": "lexical", "/trace/2/verdict": "*"]),
        Scenario(
            "Turns, time and the message as they are given", .post, "/flow/simulate",
            #"""
            {"turns":4,"seconds_in_stage":90,"agent_id":"<mara>","message":{"text":"x","type":"button","metadata":{"id":7}},"rules":[{"priority":9,
            "to_stage_id":"<maras>","condition":"conversation.turns == 4 && stage.seconds == 90 && message.type == 'button' && message.metadata.id == 7"}]}
            """#, status: 200, has: ["/stage_id": "<maras>"]),
        Scenario(
            "Another agent's stage is closed", .post, "/flow/simulate", #"{"rules":[{"priority":9,"to_stage_id":"<maras>"}]}"#, status: 200,
            has: ["/stage_id": "<welcome>", "/trace/0/held": true, "/trace/0/target/reason": "other_agent"]),
        Scenario(
            "A rule from any stage does not lead to where it is", .post, "/flow/simulate", #"{"rules":[{"priority":9,"to_stage_id":"<welcome>"}]}"#,
            status: 200, has: ["/trace/0/target/reason": "already_there"], hasNot: ["/transition"]),
        Scenario(
            "No sensitive value is told", .post, "/flow/simulate",
            #"{"conversation_id":"c-2","rules":[{"to_stage_id":"<notes>","condition":"data.email.contains('zz') || data.order_id == 'X'"}]}"#,
            status: 200,
            has: ["/trace/0/clauses/0/operands/0/value": "«masked»", "/trace/0/clauses/1/operands/0/value": "AB-1234"], hasNot: ["/transition"]),
    ]

    @Test("What can't be tried is refused at its place in the body")
    func refusal() async throws { try await Scenario.run(Self.refusals) }

    private static let refusals = [
        Scenario(
            "A draft with a faulty condition", .post, "/flow/simulate", #"{"rules":[{"to_stage_id":"<order>","condition":"mesage.text == ''"}]}"#,
            status: 422, code: "invalid_input", faults: ["/rules/0/condition"], has: ["/errors/0/in": "body", "/errors/0/message": "*"]),
        Scenario(
            "Drafts with faults of every kind", .post, "/flow/simulate",
            #"{"rules":[{"to_stage_id":"<order>"},{"to_stage_id":"<other_stage>","condition":"1 +"}],"stages":[STAGE]}"#
                .replacing("STAGE", with: Bodies.stage(#"{"agent_id":"<other_agent>","response_generation_template_id":"<selection>"}"#)),
            status: 422,
            faults: ["/rules/1/condition", "/rules/1/to_stage_id", "/stages/0/agent_id", "/stages/0/response_generation_template_id"]),
        Scenario(
            "A draft of a stage whose fields can't be", .post, "/flow/simulate",
            #"{"stages":[STAGE]}"#.replacing("STAGE", with: Bodies.stage(#"{"configuration":{"fields":[{"name":"a"},{"name":"b","pattern":"("}]}}"#)),
            status: 422, faults: ["/stages/0/configuration/fields/1/pattern"]),
        Scenario(
            "Drafts of wrong types", .post, "/flow/simulate", #"{"rules":[{"priority":"x"},7],"stages":[{}],"turns":-1}"#, status: 422,
            faults: [
                "/rules/0/priority", "/rules/0/to_stage_id", "/rules/1", "/stages/0/data_extraction_template_id",
                "/stages/0/response_generation_template_id", "/stages/0/stage_description", "/stages/0/stage_name",
                "/stages/0/stage_selection_template_id", "/stages/0/stage_type", "/turns",
            ]),
        Scenario(
            "Wrong types all over", .post, "/flow/simulate",
            #"{"conversation_id":"a b","stage_id":"order","agent_id":7,"data":[],"visits":{"x":-1},"seconds_in_stage":1.5,"message":{},"x":1}"#,
            status: 422, faults: ["/agent_id", "/conversation_id", "/data", "/message/text", "/seconds_in_stage", "/stage_id", "/visits/x", "/x"]),
        Scenario("Visits of no stage", .post, "/flow/simulate", #"{"visits":{"order":1}}"#, status: 422, faults: ["/visits"]),
        Scenario("An unknown stage", .post, "/flow/simulate", #"{"stage_id":"\#(unknown)"}"#, status: 422, faults: ["/stage_id"]),
        Scenario("Another business's stage", .post, "/flow/simulate", #"{"stage_id":"<other_stage>"}"#, status: 422, faults: ["/stage_id"]),
        Scenario("Another business's agent", .post, "/flow/simulate", #"{"agent_id":"<other_agent>"}"#, status: 422, faults: ["/agent_id"]),
        Scenario("Another agent's stage", .post, "/flow/simulate", #"{"stage_id":"<maras>"}"#, status: 422, faults: ["/agent_id"]),
        Scenario(
            "Another agent's stage, and the other agent", .post, "/flow/simulate", #"{"stage_id":"<maras>","agent_id":"<theo>"}"#, status: 422,
            faults: ["/agent_id"]),
        Scenario("An unknown conversation", .post, "/flow/simulate", #"{"conversation_id":"nobody"}"#, status: 404, code: "not_found"),
        Scenario("Another business's conversation", .post, "/flow/simulate", #"{"conversation_id":"c-9"}"#, status: 404, code: "not_found"),
        Scenario("Another business's business_id", .post, "/flow/simulate", #"{"business_id":"<other>"}"#, status: 403, code: "forbidden"),
        Scenario(
            "Drafted rules on a real conversation by a viewer, who must not learn what they say of masked data", .post, "/flow/simulate",
            #"{"conversation_id":"c-1","rules":[{"to_stage_id":"<goodbye>","condition":"data.topic == 'lamp'"}]}"#, as: .viewer, status: 403,
            code: "forbidden"),
        Scenario(
            "Drafted stages on a real conversation by a viewer", .post, "/flow/simulate",
            #"{"conversation_id":"c-1","stages":[STAGE]}"#.replacing("STAGE", with: Bodies.stage(#"{"stage_id":"<order>"}"#)), as: .viewer,
            status: 403, code: "forbidden"),
        Scenario(
            "Drafted rules without a conversation by a viewer", .post, "/flow/simulate",
            #"{"rules":[{"to_stage_id":"<goodbye>","priority":5}]}"#, as: .viewer, status: 200, has: ["/stage_id": "<goodbye>"]),
        Scenario(
            "A real conversation without drafts by a viewer", .post, "/flow/simulate", #"{"conversation_id":"c-1"}"#, as: .viewer, status: 200,
            has: ["/stage_id": "<order>"]),
        Scenario(
            "Drafted rules on a real conversation by an editor", .post, "/flow/simulate",
            #"{"conversation_id":"c-1","rules":[{"to_stage_id":"<goodbye>","priority":5}]}"#, as: .editor, status: 200,
            has: ["/stage_id": "<goodbye>"]),
        Scenario(
            "Two drafts of one rule and of one stage", .post, "/flow/simulate",
            #"{"rules":[RULE,RULE],"stages":[STAGE,STAGE]}"#
                .replacing("RULE", with: #"{"rule_id":"<rule>","from_stage_id":"<welcome>","to_stage_id":"<notes>"}"#)
                .replacing("STAGE", with: Bodies.stage(#"{"stage_id":"<order>"}"#)),
            status: 422, faults: ["/rules/1/rule_id", "/stages/1/stage_id"]),
        Scenario("By a key that runs conversations", .post, "/flow/simulate", "{}", as: .runtime, status: 403, code: "forbidden"),
        Scenario(
            "A saved rule of another business as a draft", .post, "/flow/simulate",
            #"{"rules":[{"rule_id":"<other_rule>","to_stage_id":"<order>","priority":1}]}"#, status: 200,
            has: ["/stage_id": "<order>", "/trace/0/rule_id": "<other_rule>"]),
    ]

    @Test("A completed conversation starts again at the entry")
    func completed() async throws {
        try await TestServer.run { server in
            try await server.move("c-1", to: "goodbye")
            let answer = try await server.post("/flow/simulate", #"{"conversation_id":"c-1","message":{"text":"Me again"}}"#)
            #expect(answer["/stage_id"] == server.id("order") && answer["/transition/from_stage_id"] == server.id("welcome"))
            #expect(try await server.get("/conversations/c-1")["/status"] == "completed")
        }
    }

    @Test("What a simulation says of drafts is what happens once they are saved")
    func saved() async throws {
        try await TestServer.run { server in
            let draft = Bodies.rule(#"{"to_stage_id":"<notes>","condition":"data.?n.orValue(0) > 2","priority":7}"#)
            let body = #"{"data":{"n":3}"#
            let tried = try await server.post("/flow/simulate", #"\#(body),"rules":[\#(draft)]}"#)
            let rule = try #require(try await server.post("/transition-rules", draft)["/rule_id"]?.string)
            let done = try await server.post("/flow/simulate", body + "}")
            #expect(tried["/stage_id"] == server.id("notes") && done["/stage_id"] == tried["/stage_id"] && done["/trace/0/rule_id"]?.string == rule)
            #expect(tried["/trace/0/clauses"] == done["/trace/0/clauses"])
            #expect(done["/flow_revision"]?.integer == (tried["/flow_revision"]?.integer).map { $0 + 1 })
        }
    }
}
