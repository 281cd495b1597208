import HTTPTypes
import StageModel
import Testing

@Suite("Stages: what a single request answers")
struct StageScenarioTests {
    private static let unknown = "123e4567-e89b-42d3-a456-426614174000"

    @Test("A stage is created, with defaults for what is left out")
    func creation() async throws { try await Scenario.run(Self.creations) }

    private static let creations = [
        Scenario(
            "The least that a stage needs", .post, "/stages", Bodies.stage(), status: 201,
            has: [
                "/stage_id": "*", "/business_id": "<shop>", "/agent_id": .null, "/stage_name": "New stage",
                "/stage_description": "What happens here.", "/stage_type": "conversation", "/stage_selection_template_id": "<selection>",
                "/data_extraction_template_id": "<extraction>", "/response_generation_template_id": "<response>", "/is_entry": false,
                "/revision": 1, "/created_at": "2026-03-01T12:00:00.000000Z", "/updated_at": "2026-03-01T12:00:00.000000Z",
            ], hasNot: ["/warnings", "/status", "/state"],
            answers: [
                "ETag": "\"r1\"", "Location": "*", "Content-Type": "application/json", "Cache-Control": "private, no-store",
                "Vary": "Accept", "Idempotency-Replayed": "-",
            ]),
        Scenario(
            "The defaults of a stage's configuration", .post, "/stages", Bodies.stage(), status: 201,
            has: [
                "/configuration/final": false, "/configuration/transition_policy": "open", "/configuration/max_visits": .null,
                "/configuration/timeout": .null, "/configuration/busy": "queue", "/configuration/merge_ms": .null,
                "/configuration/fallback_reply": .null, "/configuration/fields": [], "/configuration/persistence/scope": "conversation",
                "/configuration/persistence/ttl_seconds": .null, "/configuration/persistence/history_limit": 100,
            ]),
        Scenario(
            "Everything that a stage may have", .post, "/stages",
            Bodies.stage(
                """
                {"agent_id":"<mara>","stage_type":"form","is_entry":true,"business_id":"<shop>","configuration":{"final":true,
                "transition_policy":"strict","max_visits":5,"timeout":{"seconds":60,"to_stage_id":"<welcome>"},"busy":"merge",
                "merge_ms":1500,"fallback_reply":"Sorry.","fields":[{"name":"size","type":"enum","values":["S","M"]}],
                "persistence":{"scope":"stage","ttl_seconds":86400,"history_limit":10}}}
                """), status: 201,
            has: [
                "/agent_id": "<mara>", "/stage_type": "form", "/is_entry": true, "/configuration/final": true,
                "/configuration/transition_policy": "strict", "/configuration/max_visits": 5, "/configuration/timeout/seconds": 60,
                "/configuration/timeout/to_stage_id": "<welcome>", "/configuration/busy": "merge", "/configuration/merge_ms": 1500,
                "/configuration/fallback_reply": "Sorry.", "/configuration/fields/0/name": "size",
                "/configuration/fields/0/sensitive": false, "/configuration/persistence/scope": "stage",
                "/configuration/persistence/ttl_seconds": 86400, "/configuration/persistence/history_limit": 10,
            ]),
        Scenario(
            "A name of 200 characters", .post, "/stages", Bodies.stage(#"{"stage_name":"\#(String(repeating: "é", count: 200))"}"#),
            status: 201),
        Scenario("An editor may", .post, "/stages", Bodies.stage(), as: .editor, status: 201),
    ]

    @Test("A stage is read by its id and its business")
    func reading() async throws { try await Scenario.run(Self.readings) }

    private static let readings = [
        Scenario(
            "A stage as it was created", .get, "/stages/<welcome>?business_id=<shop>", status: 200,
            has: ["/stage_id": "<welcome>", "/stage_name": "Welcome", "/is_entry": true, "/business_id": "<shop>"], hasNot: ["/items"],
            answers: ["ETag": "\"r1\"", "Cache-Control": "private, no-store", "Content-Type": "application/json"]),
        Scenario(
            "Without business_id", .get, "/stages/<welcome>", status: 400, code: "invalid_parameter", faults: ["/business_id"],
            has: ["/errors/0/in": "query"], hasNot: ["/stage_id"], answers: ["ETag": "-"]),
        Scenario("A list without business_id", .get, "/stages", status: 400, faults: ["/business_id"], hasNot: ["/items"]),
        Scenario(
            "A malformed business_id", .get, "/stages/<welcome>?business_id=shop", status: 400, faults: ["/business_id"]),
        Scenario("Another business's business_id", .get, "/stages?business_id=<other>", status: 403, code: "forbidden", hasNot: ["/items"]),
        Scenario("An unknown business_id", .get, "/stages?business_id=\(unknown)", status: 403, code: "forbidden"),
        Scenario(
            "A malformed id", .get, "/stages/welcome?business_id=<shop>", status: 400, code: "invalid_parameter", faults: ["/stage_id"],
            has: ["/errors/0/in": "path"]),
        Scenario("An unknown id", .get, "/stages/\(unknown)?business_id=<shop>", status: 404, code: "not_found"),
        Scenario(
            "The id of something else", .get, "/stages/<mara>?business_id=<shop>", status: 404, code: "not_found"),
        Scenario("An unknown parameter", .get, "/stages?business_id=<shop>&agent=x", status: 400, faults: ["/agent"]),
        Scenario("A parameter twice", .get, "/stages?business_id=<shop>&q=a&q=b", status: 400, faults: ["/q"]),
        Scenario(
            "Several wrong parameters at once", .get, "/stages?agent_id=mara&type=dialogue&limit=0&colour=red", status: 400,
            faults: ["/agent_id", "/business_id", "/colour", "/limit", "/type"]),
    ]

    @Test("What a stage refers to must be of the right kind and of its business, and every wrong reference is named")
    func reference() async throws { try await Scenario.run(Self.references) }

    private static let references = [
        Scenario(
            "Templates of the wrong types", .post, "/stages",
            Bodies.stage(#"{"stage_selection_template_id":"<response>","data_extraction_template_id":"<selection>"}"#), status: 422,
            code: "invalid_input", faults: ["/data_extraction_template_id", "/stage_selection_template_id"], has: ["/errors/0/in": "body"]),
        Scenario(
            "Another business's templates", .post, "/stages",
            Bodies.stage(
                """
                {"stage_selection_template_id":"<other_selection>","data_extraction_template_id":"<other_extraction>",
                "response_generation_template_id":"<other_response>"}
                """), status: 422,
            faults: ["/data_extraction_template_id", "/response_generation_template_id", "/stage_selection_template_id"]),
        Scenario(
            "An unknown template", .post, "/stages", Bodies.stage(#"{"response_generation_template_id":"\#(unknown)"}"#), status: 422,
            faults: ["/response_generation_template_id"]),
        Scenario("Another business's agent", .post, "/stages", Bodies.stage(#"{"agent_id":"<other_agent>"}"#), status: 422, faults: ["/agent_id"]),
        Scenario("An unknown agent", .post, "/stages", Bodies.stage(#"{"agent_id":"\#(unknown)"}"#), status: 422, faults: ["/agent_id"]),
        Scenario(
            "The same when replacing", .put, "/stages/<notes>", Bodies.stage(#"{"agent_id":"<other_agent>"}"#), status: 422,
            faults: ["/agent_id"]),
        Scenario("The same when patching", .patch, "/stages/<notes>", #"{"agent_id":"<other_agent>"}"#, status: 422, faults: ["/agent_id"]),
        Scenario(
            "A timeout to another business's stage", .post, "/stages",
            Bodies.stage(#"{"configuration":{"timeout":{"seconds":5,"to_stage_id":"<other_stage>"}}}"#), status: 422,
            faults: ["/configuration/timeout/to_stage_id"]),
        Scenario(
            "A timeout to another agent's stage", .post, "/stages",
            Bodies.stage(#"{"agent_id":"<mara>","configuration":{"timeout":{"seconds":5,"to_stage_id":"<theos>"}}}"#), status: 422,
            faults: ["/configuration/timeout/to_stage_id"]),
        Scenario("Another business's business_id", .post, "/stages", Bodies.stage(#"{"business_id":"<other>"}"#), status: 403, code: "forbidden"),
        Scenario(
            "Fields that can't be", .post, "/stages",
            Bodies.stage(
                """
                {"configuration":{"fields":[{"name":"a","pattern":"("},{"name":"b","type":"enum"},{"name":"a"},
                {"name":"c","values":["x"]},{"name":"d","type":"number","pattern":"1"}]}}
                """), status: 422,
            faults: [
                "/configuration/fields/0/pattern", "/configuration/fields/1/values", "/configuration/fields/2/name",
                "/configuration/fields/3/values", "/configuration/fields/4/pattern",
            ]),
        Scenario(
            "Fields with names that conditions can't use", .post, "/stages",
            Bodies.stage(
                """
                {"configuration":{"fields":[{"name":"1st"},{"name":"a-b"},{"name":"_ok2"},{"name":"é"},
                {"name":"\(String(repeating: "x", count: 65))"}]}}
                """), status: 422,
            faults: [0, 1, 3, 4].map { "/configuration/fields/\($0)/name" }),
    ]
}
