import HTTPTypes
import StageModel
import Testing

@Suite("Transition rules: what a single request answers")
struct RuleScenarioTests {
    private static let unknown = "123e4567-e89b-42d3-a456-426614174000"

    @Test("A rule is created, with defaults for what is left out")
    func creation() async throws { try await Scenario.run(Self.creations) }

    private static let creations = [
        Scenario(
            "The least that a rule needs", .post, "/transition-rules", #"{"to_stage_id":"<order>"}"#, status: 201,
            has: [
                "/rule_id": "*", "/business_id": "<shop>", "/from_stage_id": .null, "/to_stage_id": "<order>", "/condition": "true",
                "/selection": "automatic", "/priority": 0, "/description": "", "/revision": 1, "/created_at": "2026-03-01T12:00:00.000000Z",
                "/updated_at": "2026-03-01T12:00:00.000000Z", "/findings": "*",
            ], hasNot: ["/warnings", "/transition_rule_id"],
            answers: ["ETag": "\"r1\"", "Location": "*", "Content-Type": "application/json", "Cache-Control": "private, no-store"]),
        Scenario(
            "Everything that a rule may have", .post, "/transition-rules",
            #"""
            {"from_stage_id":"<order>","to_stage_id":"<order>","condition":"stage.visits < 3 && 'é\\n' in data","selection":"model",
            "priority":-1000000,"description":"Once more","business_id":"<shop>"}
            """#, status: 201,
            has: [
                "/from_stage_id": "<order>", "/to_stage_id": "<order>", "/condition": "stage.visits < 3 && 'é\\n' in data",
                "/selection": "model", "/priority": -1_000_000, "/description": "Once more",
            ]),
        Scenario("To another agent's stage", .post, "/transition-rules", #"{"from_stage_id":"<maras>","to_stage_id":"<theos>"}"#, status: 201),
        Scenario("An editor may", .post, "/transition-rules", Bodies.rule(), as: .editor, status: 201),
        Scenario("A viewer may not", .post, "/transition-rules", Bodies.rule(), as: .viewer, status: 403, code: "forbidden"),
        Scenario("The same once more", .post, "/transition-rules", Bodies.rule(#"{"condition":"has(data.topic)"}"#), status: 201),
        Scenario(
            "A condition of 10,000 characters", .post, "/transition-rules",
            Bodies.rule(#"{"condition":"\#(String(repeating: " ", count: 9996))true"}"#), status: 201),
        Scenario(
            "A condition of 10,001 characters", .post, "/transition-rules",
            Bodies.rule(#"{"condition":"\#(String(repeating: " ", count: 9997))true"}"#), status: 422, faults: ["/condition"]),
    ]

    @Test("A rule is read by its id, and not as anything else")
    func reading() async throws { try await Scenario.run(Self.readings) }

    private static let readings = [
        Scenario(
            "As it was created", .get, "/transition-rules/<rule>", status: 200,
            has: ["/rule_id": "<rule>", "/condition": "has(data.topic)", "/description": "Asks about an order"],
            hasNot: ["/findings", "/warnings"], answers: ["ETag": "\"r1\""]),
        Scenario("With its business", .get, "/transition-rules/<rule>?business_id=<shop>", as: .viewer, status: 200),
        Scenario("With another business", .get, "/transition-rules/<rule>?business_id=<other>", status: 403, code: "forbidden"),
        Scenario("An unknown id", .get, "/transition-rules/\(unknown)", status: 404, code: "not_found"),
        Scenario("The id of a stage", .get, "/transition-rules/<order>", status: 404, code: "not_found"),
        Scenario("No id", .get, "/transition-rules/rule", status: 400, faults: ["/rule_id"]),
        Scenario("By a key that runs conversations", .get, "/transition-rules/<rule>", as: .runtime, status: 403, code: "forbidden"),
    ]

    @Test("What a rule refers to must be of its business, and every wrong reference is named")
    func reference() async throws { try await Scenario.run(Self.references) }

    private static let references = [
        Scenario(
            "Another business's stages", .post, "/transition-rules",
            Bodies.rule(#"{"from_stage_id":"<other_stage>","to_stage_id":"<other_stage>"}"#), status: 422, code: "invalid_input",
            faults: ["/from_stage_id", "/to_stage_id"], has: ["/errors/0/in": "body"]),
        Scenario(
            "Unknown stages and an unknown name", .post, "/transition-rules",
            Bodies.rule(#"{"from_stage_id":"\#(unknown)","to_stage_id":"\#(unknown)","condition":"dat.x"}"#), status: 422,
            faults: ["/condition", "/from_stage_id", "/to_stage_id"]),
        Scenario(
            "The same when replacing", .put, "/transition-rules/<rule>", Bodies.rule(#"{"to_stage_id":"<other_stage>"}"#), status: 422,
            faults: ["/to_stage_id"]),
        Scenario(
            "The same when patching", .patch, "/transition-rules/<rule>", #"{"from_stage_id":"<other_stage>"}"#, status: 422,
            faults: ["/from_stage_id"]),
        Scenario("To nothing", .patch, "/transition-rules/<rule>", #"{"to_stage_id":null}"#, status: 422, faults: ["/to_stage_id"]),
        Scenario(
            "From any stage", .patch, "/transition-rules/<rule>", #"{"from_stage_id":null,"condition":null}"#, status: 200,
            has: ["/from_stage_id": .null, "/condition": "true", "/description": "Asks about an order"]),
        Scenario("Another business's business_id", .post, "/transition-rules", Bodies.rule(#"{"business_id":"<other>"}"#), status: 403),
        Scenario("With conversations to move", .delete, "/transition-rules/<rule>?move_to=<order>", status: 400, faults: ["/move_to"]),
    ]

    @Test("A stage that a rule leads to can't be deleted, and the rule is named; one that it leads away from takes it along")
    func stages() async throws {
        try await TestServer.run { server in
            try await server.move("c-2", to: "notes")
            let refused = try await server.delete("/stages/<order>")
            #expect(refused.status == 409 && refused.code == "in_use")
            let detail = "The stage 'Order' is in use by the transition rule 'Asks about an order' (<rule>); change that first."
            #expect(refused["/detail"]?.string == server.expand(detail))
            #expect(try await server.delete("/stages/<welcome>?move_to=<notes>").status == 204)
            #expect(try await server.get("/transition-rules/<rule>").status == 404)
            let revisions = try await server.get("/transition-rules/<rule>/revisions")
            #expect(revisions.column("revision") == ["2", "1"] && revisions["/items/0/body"] == .null)
            #expect(try await server.post("/transition-rules/<rule>/restore", #"{"revision":1}"#).faults == ["/from_stage_id"])
            #expect(try await server.delete("/stages/<order>").status == 204)
        }
    }
}
