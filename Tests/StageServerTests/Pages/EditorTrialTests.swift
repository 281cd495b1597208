import StageModel
import Testing

@testable import StageServer

@Suite("Stage editor: trying a rule")
struct EditorTrialTests {
    struct Trial: Sendable, CustomTestStringConvertible {
        let condition: String
        var conversation = ""
        var message = ""
        let verdict: String
        let shown: String

        var testDescription: String { "\(condition) on '\(conversation)' and '\(message)': \(verdict)" }
    }

    static let trials: [Trial] = [
        Trial(condition: "true", verdict: "chosen", shown: "a new conversation, no message"),
        Trial(condition: "message.text.contains('lamp')", message: "My lamp?", verdict: "chosen", shown: "a new conversation, “My lamp?”"),
        Trial(
            condition: "message.text == 'x'", message: "y", verdict: "did not hold",
            shown: "It would hold with message.text = &quot;x&quot;."),
        Trial(condition: "data.topic == 'lamp'", conversation: "c-1", verdict: "chosen", shown: "data.topic = &quot;lamp&quot;"),
        Trial(condition: "data.order_id == 'x'", conversation: "c-1", verdict: "error", shown: "data.order_id is not there"),
        Trial(condition: "data.email != ''", conversation: "c-2", verdict: "chosen", shown: "«masked»"),
    ]

    @Test("A rule is tried as it stands in the form, and nothing is saved", arguments: trials)
    func trial(_ trial: Trial) async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<notes>")
            try await form.press("add_rule")
            form.fill([
                "rules.0.to_stage_id": "<goodbye>", "rules.0.condition": trial.condition, "try.conversation_id": trial.conversation,
                "try.message": trial.message,
            ])
            #expect(try await form.press("try_rule:0").status == 200)
            let part = form.part("rules")
            #expect(part.contains(">\(trial.verdict)</span>") && form.page.text.contains(trial.shown), "\(part)")
            #expect(!form.page.text.contains("jo@example.com"))
            #expect(form["try.message"] == trial.message && form.page.text.contains("<details class=\"fold\" open>"))
            #expect(try await server.get("/transition-rules").items.count == 1)
        }
    }

    @Test("Rules of a stage that is not saved yet can be tried, and those from any stage")
    func unsaved() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/new")
            form["stage_name"] = "Draft"
            try await form.press("add_rule")
            form.fill(["rules.0.to_stage_id": "<goodbye>", "rules.0.condition": "stage.name == 'Draft'"])
            #expect(try await form.press("try_rule:0").status == 200)
            #expect(form.page.text.contains(">chosen</span>"))
            var known = try await EditorForm(form.browser, "/stage-editor/<notes>")
            try await known.press("add_rule_from_any")
            known["try.conversation_id"] = "c-1"
            try await known.press("try_rule:0")
            #expect(known.page.text.contains(">held, but another rule comes first</span>") || known.page.text.contains(">chosen</span>"))
        }
    }

    @Test(
        "What is wrong with the rule or the conversation is told there",
        arguments: [
            (["rules.0.condition": "data."], "rules.0.condition"), (["rules.0.priority": "x"], "rules.0.priority"),
            (["rules.0.to_stage_id": ""], "rules.0.to_stage_id"), (["try.conversation_id": "a b"], "try.conversation_id"),
            (["try.conversation_id": "c-404"], "try.conversation_id"),
        ])
    func faults(_ typed: [String: String], _ place: String) async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            form.fill(typed)
            #expect(try await form.press("try_rule:0").status == 422)
            #expect(form.faults == [place])
            for (name, value) in typed { #expect(form[name] == value) }
        }
    }

    @Test("Every variable of conditions is offered, and the data that stages declare")
    func variables() async throws {
        let offered = (ConditionVariable.before + ConditionVariable.after).map(\.name)
        for variable in Condition.Variable.allCases where variable != .data {
            let names = variable.fields.isEmpty ? [variable.name] : variable.fields.keys.map { "\(variable.name).\($0)" }
            for name in names { #expect(offered.contains(name), "\(name)") }
        }
        try await TestServer.run { server in
            let form = try await EditorForm(try await Browser(server), "/stage-editor/<notes>")
            #expect(form.page.text.contains("<dt><code>data.size</code></dt><dd>enum · Order</dd>"))
        }
    }
}
