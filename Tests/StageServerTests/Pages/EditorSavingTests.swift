import StageModel
import Testing

@Suite("Stage editor: saving")
struct EditorSavingTests {
    @Test("A stage is created by its form with fields and rules, and its page says so")
    func create() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server, as: "editor"), "/stage-editor/new")
            #expect(form.page.status == 200 && form.page.text.contains("<h1 dir=\"auto\">New stage</h1>"))
            form.fill([
                "stage_name": "Returns", "stage_description": "Takes things back.", "stage_type": "form", "agent_id": "<mara>",
                "stage_selection_template_id": "<selection>", "data_extraction_template_id": "<extraction>",
                "response_generation_template_id": "<response>",
            ])
            try await form.press("add_field")
            form.fill(["fields.0.name": "item", "fields.0.required": "true"])
            try await form.press("add_rule")
            form.fill(["rules.0.to_stage_id": "<goodbye>", "rules.0.condition": "has(data.item)", "rules.0.priority": "3"])
            try await form.press("add_rule_from_any")
            form.fill(["rules.1.condition": "data.?topic.orValue('') == 'return'", "rules.1.selection": "model"])
            let saved = try await form.save()
            let location = try #require(saved[header: "Location"])
            #expect(saved.status == 303 && location.hasPrefix("/stages/"))
            #expect(saved[header: "Set-Cookie"]?.contains("stage_created") == true)
            let stage = try await server.get("\(location)?business_id=<shop>")
            #expect(stage["/stage_name"] == "Returns" && stage["/stage_type"] == "form" && stage["/agent_id"] == server.id("mara"))
            #expect(stage["/configuration/fields/0/name"] == "item" && stage["/configuration/fields/0/required"] == true)
            let rules = try await server.get("/transition-rules?stage_id=\(location.split(separator: "/").last ?? "")")
            #expect(Set(rules.column("condition")) == ["has(data.item)", "data.?topic.orValue('') == 'return'"])
            #expect(rules.items.contains { $0["from_stage_id"] == .null && $0["selection"] == "model" })
        }
    }

    struct Member: Sendable, CustomTestStringConvertible {
        let typed: [String: String]
        let place: String
        let value: JSONValue

        var testDescription: String { "\(place) becomes \(value.jsonText)" }
    }

    static let members: [Member] = [
        Member(typed: ["stage_name": " 🚚 <b>\"x\"</b> & {{y}} "], place: "/stage_name", value: " 🚚 <b>\"x\"</b> & {{y}} "),
        Member(typed: ["stage_description": "\none\n\ntwo"], place: "/stage_description", value: "\none\n\ntwo"),
        Member(typed: ["stage_type": "response"], place: "/stage_type", value: "response"),
        Member(typed: ["is_entry": "true"], place: "/is_entry", value: true),
        Member(typed: ["configuration.final": "true"], place: "/configuration/final", value: true),
        Member(typed: ["configuration.transition_policy": "strict"], place: "/configuration/transition_policy", value: "strict"),
        Member(typed: ["configuration.max_visits": " 5 "], place: "/configuration/max_visits", value: 5),
        Member(typed: ["configuration.busy": "merge"], place: "/configuration/busy", value: "merge"),
        Member(typed: ["configuration.merge_ms": "1500"], place: "/configuration/merge_ms", value: 1500),
        Member(typed: ["configuration.fallback_reply": "Sorry."], place: "/configuration/fallback_reply", value: "Sorry."),
        Member(typed: ["configuration.persistence.scope": "none"], place: "/configuration/persistence/scope", value: "none"),
        Member(
            typed: ["configuration.persistence.ttl_seconds": "2", "configuration.persistence.ttl_seconds.unit": "86400"],
            place: "/configuration/persistence/ttl_seconds", value: 172_800),
        Member(typed: ["configuration.persistence.history_limit": "7"], place: "/configuration/persistence/history_limit", value: 7),
        Member(
            typed: [
                "configuration.timeout.seconds": "90", "configuration.timeout.seconds.unit": "60",
                "configuration.timeout.to_stage_id": "<goodbye>",
            ], place: "/configuration/timeout/seconds", value: 5400),
        Member(typed: ["response_generation_template_id": "<spare>"], place: "/response_generation_template_id", value: "<spare>"),
    ]

    @Test("Every member is saved as it was typed, and is so on the form the next time", arguments: members)
    func everyMember(_ member: Member) async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            var form = try await EditorForm(browser, "/stage-editor/<notes>")
            form.fill(member.typed)
            #expect(try await form.save().status == 303)
            let stage = try await server.get("/stages/<notes>?business_id=<shop>")
            let wanted = member.value.string.map { JSONValue.string(server.expand($0)) } ?? member.value
            #expect(stage[member.place] == wanted && stage["/revision"] == 2)
            let again = try await EditorForm(browser, "/stage-editor/<notes>")
            let shown = again["stage_name"]
            #expect(shown == stage["/stage_name"]?.string && again["stage_description"] == stage["/stage_description"]?.string)
            var unchanged = again
            #expect(try await unchanged.press("save").status == 303)
            #expect(try await server.get("/stages/<notes>?business_id=<shop>")["/revision"] == 2, "What is not changed is not saved")
        }
    }

    @Test("What can be left out goes when its field is emptied")
    func emptied() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            var form = try await EditorForm(browser, "/stage-editor/<notes>")
            form.fill([
                "configuration.max_visits": "5", "configuration.merge_ms": "5", "configuration.fallback_reply": "x",
                "configuration.timeout.seconds": "5", "configuration.timeout.to_stage_id": "<goodbye>",
                "configuration.persistence.ttl_seconds": "5",
            ])
            try await form.save()
            form = try await EditorForm(browser, "/stage-editor/<notes>")
            #expect(form["configuration.timeout.seconds.unit"] == "3600" && form["configuration.timeout.seconds"] == "5")
            for name in ["max_visits", "merge_ms", "fallback_reply", "timeout.seconds", "timeout.to_stage_id", "persistence.ttl_seconds"] {
                form["configuration.\(name)"] = ""
            }
            #expect(try await form.save().status == 303)
            let stage = try await server.get("/stages/<notes>?business_id=<shop>")
            for name in ["max_visits", "merge_ms", "fallback_reply", "timeout", "persistence/ttl_seconds"] {
                #expect(stage["/configuration/\(name)"] == .null, "\(name)")
            }
        }
    }
}
