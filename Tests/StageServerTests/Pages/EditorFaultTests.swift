import StageModel
import Testing

@Suite("Stage editor: what is wrong is told at its field")
struct EditorFaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let field: String
        let typed: String
        let message: String

        var testDescription: String { "\(field): \(typed.prefix(30))" }
    }

    static let faults: [Fault] = [
        Fault(field: "stage_name", typed: "", message: "Must not be empty."),
        Fault(field: "stage_name", typed: String(repeating: "x", count: 201), message: "Must have at most 200 characters, not 201."),
        Fault(
            field: "stage_description", typed: String(repeating: "x", count: 4001),
            message: "Must have at most 4,000 characters, not 4,001."),
        Fault(field: "agent_id", typed: "nobody", message: "There is no agent 'nobody' in this business."),
        Fault(field: "agent_id", typed: "<other_agent>", message: "There is no agent <other_agent> in this business."),
        Fault(field: "stage_selection_template_id", typed: "", message: "Choose a template."),
        Fault(
            field: "data_extraction_template_id", typed: "<response>",
            message: "The template 'Response' is of type 'response_generation'; must be of type 'data_extraction'."),
        Fault(
            field: "response_generation_template_id", typed: "<other_response>",
            message: "There is no template <other_response> in this business."),
        Fault(
            field: "configuration.fallback_reply", typed: String(repeating: "x", count: 4001),
            message: "Must have at most 4,000 characters, not 4,001."),
        Fault(field: "configuration.merge_ms", typed: "-1", message: "Must be a whole number from 0 to 60,000, not '-1'."),
        Fault(field: "configuration.max_visits", typed: "many", message: "Must be a whole number from 1 to 1,000,000, not 'many'."),
        Fault(field: "configuration.max_visits", typed: "1.5", message: "Must be a whole number from 1 to 1,000,000, not '1.5'."),
        Fault(
            field: "configuration.persistence.ttl_seconds", typed: "99999999",
            message: "Must be a whole number from 1 to 87,600 hours, not '99999999'."),
        Fault(
            field: "configuration.persistence.ttl_seconds", typed: "9223372036854775807",
            message: "Must be a whole number from 1 to 87,600 hours, not '9223372036854775807'."),
        Fault(field: "configuration.persistence.history_limit", typed: "", message: "Must be a whole number from 1 to 1,000."),
        Fault(
            field: "configuration.timeout.to_stage_id", typed: "somewhere", message: "There is no stage 'somewhere' in this business."),
        Fault(
            field: "fields.0.name", typed: "order id",
            message: "Must be a letter or underscore, then up to 63 letters, digits and underscores, not \"order id\"."),
        Fault(field: "fields.0.name", typed: "choice", message: "The field 'choice' is declared twice; names must differ."),
        Fault(field: "fields.0.pattern", typed: "[A-Z", message: "Is no RE2 pattern: missing ]"),
        Fault(field: "fields.0.values", typed: "a", message: "Only a field of type enum has values."),
        Fault(field: "fields.6.values", typed: " \n ", message: "A field of type enum needs at least one value."),
        Fault(field: "fields.2.pattern", typed: "a", message: "Only a field whose value is a string may have a pattern."),
        Fault(
            field: "fields.1.description", typed: String(repeating: "x", count: 1001),
            message: "Must have at most 1,000 characters, not 1,001."),
    ]

    @Test("A fault is told at its field, what was typed stays, and nothing is saved", arguments: faults)
    func oneFault(_ fault: Fault) async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<order>")
            form["stage_description"] = "Typed \"beside\""
            form[fault.field] = fault.typed
            if fault.field.contains("timeout") { form["configuration.timeout.seconds"] = "5" }
            let answer = try await form.press("save")
            #expect(answer.status == 422)
            // A second declaration is the faulty one.
            let place = fault.typed == "choice" ? "fields.1.name" : fault.field
            #expect(form.faults == [place])
            #expect(form.messages.contains { $0.hasPrefix(server.expand(fault.message)) }, "\(form.messages)")
            #expect(form.page.text.contains("<a href=\"#\(place)\">") && form.page.text.contains("One value is not acceptable."))
            if fault.field != "stage_description" { #expect(form["stage_description"] == "Typed \"beside\"") }
            let isSelect = ["agent_id"].contains(fault.field) || fault.field.hasSuffix("template_id")
            if !isSelect { #expect(form[fault.field] == fault.typed) }
            #expect(try await server.get("/stages/<order>?business_id=<shop>")["/revision"] == 1)
        }
    }

    @Test("Everything that is wrong with the stage and its rules is told at once")
    func allAtOnce() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            try await form.press("add_rule")
            try await form.press("add_field")
            form.fill([
                "stage_name": " ", "configuration.max_visits": "x", "configuration.timeout.seconds": "3", "fields.0.pattern": "(",
                "rules.0.condition": "data.order_id ==", "rules.0.priority": "high", "rules.1.condition": "mesage.text == 'x'",
            ])
            #expect(try await form.press("save").status == 422)
            #expect(
                form.faults == [
                    "stage_name", "configuration.max_visits", "configuration.timeout.to_stage_id", "fields.0.name", "fields.0.pattern",
                    "rules.0.priority", "rules.0.condition", "rules.1.to_stage_id", "rules.1.condition",
                ])
            #expect(form.page.text.contains("9 values are not acceptable."))
            #expect(form["rules.0.priority"] == "high" && form["rules.1.condition"] == "mesage.text == 'x'")
        }
    }

    @Test("A condition that can't be read is shown with its line, its column and a caret")
    func caret() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            form["rules.0.condition"] = "true &&\n  mesage.text == \"<x>\""
            #expect(try await form.press("save").status == 422)
            #expect(
                form.messages.contains { $0.contains("(line 2, column 3)") && $0.contains("did you mean 'message'?") }, "\(form.messages)")
            #expect(
                form.page.text.contains(
                    "<pre class=\"caret\" dir=\"ltr\" tabindex=\"0\">  mesage.text == &quot;&lt;x&gt;&quot;\n  ^^^^^^</pre>"))
            #expect(!form.page.text.contains("The variables on offer"))
        }
    }

    @Test("A time without a target, and a target without a time, is not taken for none")
    func halfTimeout() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            var form = try await EditorForm(browser, "/stage-editor/<welcome>")
            form["configuration.timeout.to_stage_id"] = "<goodbye>"
            try await form.press("save")
            #expect(form.faults == ["configuration.timeout.seconds"])
            #expect(form.page.text.contains("<option value=\"\">Nowhere</option>"), "The way back to none")
            form = try await EditorForm(browser, "/stage-editor/<welcome>")
            form["configuration.timeout.seconds"] = "5"
            try await form.press("save")
            #expect(form.faults == ["configuration.timeout.to_stage_id"])
        }
    }

    @Test("Values that only a forged form can send are refused as well")
    func forged() async throws {
        try await TestServer.run { server in
            let cases = [
                "stage_type": "party", "configuration.busy": "x", "configuration.transition_policy": "",
                "configuration.persistence.scope": "x",
                "configuration.timeout.seconds.unit": "7", "fields.0.type": "x", "rules.0.selection": "x", "action": "x",
            ]
            let browser = try await Browser(server)
            for (name, value) in cases {
                var form = try await EditorForm(browser, "/stage-editor/\(name.hasPrefix("rules") ? "<welcome>" : "<order>")")
                form[name] = value
                if name.contains("timeout") {
                    form.fill(["configuration.timeout.seconds": "1", "configuration.timeout.to_stage_id": "<notes>"])
                }
                #expect(try await form.press(name == "action" ? value : "save").status == 422, "\(name)")
            }
            #expect(try await server.get("/stages/<order>?business_id=<shop>")["/revision"] == 1)
        }
    }
}
