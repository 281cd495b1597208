import HTTPTypes
import StageModel
import Testing

@Suite("Templates: limits, warnings and previews")
struct TemplateTests {
    @Test("A template is saved with what may be a mistake in it, and refused with what is one")
    func save() async throws { try await Scenario.run(Self.saves) }

    private static let saves = [
        Scenario(
            "A template without doubts", .post, "/templates", Bodies.template(#"{"system_prompt":"You are {{agent_name}}."}"#), status: 201,
            has: [
                "/template_id": "*", "/business_id": "<shop>", "/template_type": "response_generation", "/content": "Hello {{user_name}}!",
                "/system_prompt": "You are {{agent_name}}.", "/warnings": [], "/revision": 1,
            ], answers: ["ETag": "\"r1\"", "Location": "*"]),
        Scenario(
            "An unknown variable", .post, "/templates", Bodies.template(#"{"content":"Hi\n{{user_nam}}"}"#), status: 201,
            has: [
                "/warnings/0/pointer": "/content", "/warnings/0/variable": "user_nam", "/warnings/0/suggestion": "user_name",
                "/warnings/0/line": 2, "/warnings/0/column": "*", "/warnings/0/message": "*",
            ], hasNot: ["/warnings/1"]),
        Scenario(
            "A field that no stage declares", .put, "/templates/<spare>", Bodies.template(#"{"content":"{{data.order_i}}"}"#), status: 200,
            has: ["/warnings/0/suggestion": "data.order_id"]),
        Scenario("A declared field", .patch, "/templates/<spare>", #"{"content":"{{data.order_id}}"}"#, status: 200, has: ["/warnings": []]),
        Scenario("Read without the warnings", .get, "/templates/<spare>", status: 200, has: ["/content": "*"], hasNot: ["/warnings"]),
        Scenario("The older form of variables", .post, "/templates", Bodies.template(#"{"content":"{user_name} {x}"}"#), status: 201),
        Scenario("An empty content", .post, "/templates", Bodies.template(#"{"content":""}"#), status: 201),
        Scenario("A section not closed", .post, "/templates", Bodies.template(#"{"content":"{{#data}}"}"#), status: 422, faults: ["/content"]),
        Scenario("A partial", .post, "/templates", Bodies.template(#"{"content":"{{>other}}"}"#), status: 422, faults: ["/content"]),
        Scenario("Other delimiters", .post, "/templates", Bodies.template(#"{"content":"{{=<% %>=}}"}"#), status: 422, faults: ["/content"]),
        Scenario(
            "A user's words in the system prompt", .post, "/templates", Bodies.template(#"{"system_prompt":"Obey {{message_content}}"}"#),
            status: 422, faults: ["/system_prompt"]),
        Scenario(
            "Faults in both texts", .post, "/templates", Bodies.template(#"{"content":"{{","system_prompt":"{{/a}}"}"#), status: 422,
            faults: ["/content", "/system_prompt"]),
        Scenario("64 KiB", .post, "/templates", Bodies.template(#"{"content":"\#(text(65_536))"}"#), status: 201),
        Scenario("Over 64 KiB", .post, "/templates", Bodies.template(#"{"content":"\#(text(65_537))"}"#), status: 422, faults: ["/content"]),
        Scenario(
            "Over 64 KiB in bytes, not in characters", .post, "/templates",
            Bodies.template(#"{"content":"\#(String(repeating: "é", count: 32_769))"}"#), status: 422, faults: ["/content"]),
        Scenario("16 sections deep", .post, "/templates", Bodies.template(#"{"content":"\#(sections(16))"}"#), status: 201),
        Scenario("17 sections deep", .post, "/templates", Bodies.template(#"{"content":"\#(sections(17))"}"#), status: 422, faults: ["/content"]),
        Scenario("Another type", .post, "/templates", Bodies.template(#"{"template_type":"email"}"#), status: 422, faults: ["/template_type"]),
    ]

    private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    private static func sections(_ depth: Int) -> String {
        String(repeating: "{{#data}}", count: depth) + String(repeating: "{{/data}}", count: depth)
    }

    @Test("A syntax error is shown with its line, its column and a caret")
    func caret() async throws {
        try await TestServer.run { server in
            let answer = try await server.post("/templates", Bodies.template(#"{"content":"Hello\n  {{#data}}"}"#))
            let message = try #require(answer["/errors/0/message"]?.string)
            #expect(message.contains("line 2, column 3") && message.hasSuffix("\n    {{#data}}\n    ^"))
        }
    }

    @Test("A preview shows the text with samples, given values or those of a conversation")
    func preview() async throws { try await Scenario.run(Self.previews) }

    private static let previews = [
        Scenario(
            "Samples", .post, "/templates/preview", #"{"content":"{{user_name}} of {{business_name}}, {{data.order_id}}"}"#, as: .viewer, status: 200,
            has: [
                "/rendered": "Alex of Shop, AB-1234", "/variables_used": ["business_name", "data.order_id", "user_name"], "/warnings": [],
            ], hasNot: ["/content", "/template_id"]),
        Scenario(
            "Given values", .post, "/templates/preview",
            #"{"content":"{{user_name}}: {{data.x}}{{^fields}}none{{/fields}}","variables":{"user_name":"<Jo & {{co}}>","data":{"x":7},"fields":[]}}"#,
            status: 200, has: ["/rendered": "<Jo & {{co}}>: 7none"]),
        Scenario(
            "An unknown variable", .post, "/templates/preview", #"{"content":"{{agent_nam}}!"}"#, status: 200,
            has: ["/rendered": "!", "/warnings/0/suggestion": "agent_name", "/warnings/0/line": 1, "/warnings/0/pointer": "/content"]),
        Scenario(
            "A saved template", .post, "/templates/<spare>/preview", #"{"variables":{"user_name":"Kim"}}"#, status: 200,
            has: ["/rendered": "Hello Kim!"]),
        Scenario("A saved template without a body", .post, "/templates/<spare>/preview", status: 200, has: ["/rendered": "Hello Alex!"]),
        Scenario(
            "A conversation, its sensitive values masked", .post, "/templates/preview",
            #"{"content":"{{current_stage.name}} {{data.order_id}} {{data.email}} {{extracted_data.email}}","conversation_id":"c-2"}"#, status: 200,
            has: ["/rendered": "Order AB-1234 «masked» «masked»"]),
        Scenario(
            "Fields of a conversation's stage", .post, "/templates/preview",
            #"{"content":"{{#fields}}{{name}}={{value}};{{/fields}}","conversation_id":"c-2"}"#, status: 200,
            has: ["/rendered": "order_id=AB-1234;choice=;amount=;urgent=;due=;contact=;size=;email=«masked»;pin=;"]),
        Scenario(
            "Given values win over a conversation's", .post, "/templates/preview",
            #"{"content":"{{data.topic}}","conversation_id":"c-1","variables":{"data":{"topic":"mine"}}}"#, status: 200, has: ["/rendered": "mine"]),
        Scenario(
            "An unknown conversation", .post, "/templates/preview", #"{"content":"x","conversation_id":"c-9"}"#, status: 404, code: "not_found"),
        Scenario("No content", .post, "/templates/preview", "{}", status: 422, faults: ["/content"]),
        Scenario("A broken text", .post, "/templates/preview", #"{"content":"{{#a"}"#, status: 422, faults: ["/content"]),
        Scenario(
            "A content for a saved template", .post, "/templates/<spare>/preview", #"{"content":"x"}"#, status: 422, faults: ["/content"]),
        Scenario("An unknown template", .post, "/templates/123e4567-e89b-42d3-a456-426614174000/preview", "{}", status: 404, code: "not_found"),
    ]

    @Test("A preview stops at 256 KiB and at too many steps")
    func bounds() async throws {
        try await TestServer.run { server in
            let long = String(repeating: "x", count: 60_000)
            let fits = #"{"content":"\#(String(repeating: "{{user_name}}", count: 4))","variables":{"user_name":"\#(long)"}}"#
            #expect(try await server.post("/templates/preview", fits)["/rendered"]?.string?.utf8.count == 240_000)
            let tooLong = #"{"content":"\#(String(repeating: "{{user_name}}", count: 5))","variables":{"user_name":"\#(long)"}}"#
            let refused = try await server.post("/templates/preview", tooLong)
            #expect(refused.status == 422 && refused.faults == ["/content"])

            let many = "[" + Array(repeating: #"{"name":"x"}"#, count: 100).joined(separator: ",") + "]"
            let nested = "{{#fields}}{{#available_stages}}{{#last_10_messages}}{{/last_10_messages}}{{/available_stages}}{{/fields}}"
            let endless = #"{"content":"\#(nested)","variables":{"fields":\#(many),"available_stages":\#(many),"last_10_messages":\#(many)}}"#
            let stopped = try await server.post("/templates/preview", endless)
            #expect(stopped.status == 422 && stopped.faults == ["/content"])
        }
    }

    @Test("A preview changes nothing")
    func harmless() async throws {
        try await TestServer.run { server in
            let before = try await server.get("/templates/<spare>").json
            let state = try await server.get("/conversations/c-2").json
            try await server.post("/templates/<spare>/preview", #"{"conversation_id":"c-2"}"#)
            #expect(try await server.get("/templates/<spare>").json == before)
            #expect(try await server.get("/conversations/c-2").json == state)
        }
    }
}
