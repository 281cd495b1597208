import StageModel
import Testing

@Suite("Stage editor: rows of fields and rules")
struct EditorRowTests {
    @Test("Fields are added, put in order and removed without a script, and nothing typed is lost on the way")
    func fields() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            for (row, name) in ["a", "b", "c"].enumerated() {
                #expect(try await form.press("add_field").status == 200)
                form["fields.\(row).name"] = name
            }
            form["stage_name"] = "Not <saved> yet"
            try await form.press("field_up:2")
            try await form.press("field_down:0")
            try await form.press("field_up:0")
            #expect((0..<3).map { form["fields.\($0).name"] } == ["c", "a", "b"])
            try await form.press("remove_field:1")
            try await form.press("remove_field:7")
            #expect(form.rows("fields") == 2 && form["fields.1.name"] == "b" && form["stage_name"] == "Not <saved> yet")
            form.fill(["fields.0.type": "enum", "fields.0.values": " S \nM\n\n", "fields.1.pattern": "a+", "fields.1.sensitive": "true"])
            #expect(try await form.save().status == 303)
            let stage = try await server.get("/stages/<welcome>?business_id=<shop>")
            #expect(stage["/configuration/fields/0/values"] == ["S", "M"] && stage["/configuration/fields/0/name"] == "c")
            #expect(stage["/configuration/fields/1/pattern"] == "a+" && stage["/configuration/fields/1/sensitive"] == true)
        }
    }

    @Test("Rules that change place exchange their priorities; equal ones are set apart by one")
    func order() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            for row in 1...2 {
                try await form.press("add_rule")
                form.fill(["rules.\(row).to_stage_id": "<notes>", "rules.\(row).condition": "has(data.n\(row))"])
            }
            try await form.press("add_rule_from_any")
            form["rules.0.priority"] = "9"
            try await form.press("rule_up:1")
            #expect((0..<4).map { form["rules.\($0).priority"] } == ["9", "0", "0", "0"])
            #expect((0..<3).map { form["rules.\($0).condition"] } == ["has(data.n1)", "has(data.topic)", "has(data.n2)"])
            try await form.press("rule_up:2")
            #expect((0..<4).map { form["rules.\($0).priority"] } == ["9", "1", "0", "0"])
            try await form.press("rule_up:3")
            try await form.press("rule_down:2")
            #expect(form["rules.3.from_any"] == "true", "Rules of the stage stand before those from any")
            #expect((0..<3).map { form["rules.\($0).condition"] } == ["has(data.n1)", "has(data.n2)", "has(data.topic)"])
        }
    }

    @Test("Rules that are taken away are deleted with the saving; those that others made meanwhile are not")
    func removal() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            #expect(form["rules.0.rule_id"] == server.names["rule"] && form.rows("rules") == 1)
            let other = try await server.post("/transition-rules", Bodies.rule(#"{"to_stage_id":"<notes>","condition":"has(data.other)"}"#))
            try await form.press("remove_rule:0")
            #expect(form.rows("rules") == 0 && form.page.text.contains("No rule yet"))
            #expect(try await server.get("/transition-rules/<rule>").status == 200, "Not before it is saved")
            #expect(try await form.save().status == 303)
            #expect(try await server.get("/transition-rules/<rule>").status == 404)
            #expect(try await server.get("/transition-rules/\(other["/rule_id"]?.string ?? "")").status == 200)
        }
    }

    @Test("A form that is sent twice makes its new rule once")
    func twice() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            form["stage_description"] = "More"
            try await form.press("add_rule")
            form.fill(["rules.1.to_stage_id": "<notes>", "rules.1.condition": "has(data.n)"])
            var again = form
            #expect(try await form.save().status == 303)
            #expect(try await again.save().status == 303)
            let rules = try await server.get("/transition-rules?stage_id=<welcome>")
            #expect(rules.column("condition").count { $0 == "has(data.n)" } == 1)
        }
    }

    @Test("What is new or changed stays unfolded; the folded rows say what they hold")
    func unfolded() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<order>")
            #expect(!form.page.text.contains("<details class=\"fold\" open>"))
            #expect(form.page.text.contains("<code>order_id</code><span class=\"quiet\">string · required</span>"))
            form["fields.1.description"] = "More"
            try await form.press("add_field")
            try await form.press("add_rule")
            #expect(form.page.text.matches(of: #/<details class="fold" open>/#).count == 3)
        }
    }
}
