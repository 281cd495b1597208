import StageModel
import Testing

@Suite("Stage editor: what a change means is told before it is saved")
struct EditorConsequenceTests {
    struct Change: Sendable, CustomTestStringConvertible {
        let typed: [String: String]
        let told: String

        var testDescription: String { told }
    }

    static let changes: [Change] = [
        Change(
            typed: ["fields.1.required": "true", "stage_type": "conversation"],
            told: "The field 'choice' becomes required: the conversation that is here does not have it yet."),
        Change(
            typed: ["fields.1.required": "true"],
            told: "The field 'choice' becomes required: the conversation that is here does not have it yet and will be asked."),
        Change(typed: ["configuration.final": "true"], told: "The stage becomes final: who comes here is completed from now on;"),
        Change(
            typed: ["configuration.transition_policy": "strict"],
            told: "The stage becomes strict: the API can move the conversation that is here only as a rule allows."),
        Change(
            typed: ["configuration.timeout.seconds": "1", "configuration.timeout.to_stage_id": "<goodbye>"],
            told: "The longest stay holds for those who come from now on;"),
        Change(
            typed: ["configuration.persistence.scope": "stage"], told: "What is learned here is dropped on leaving the stage from now on;"),
        Change(typed: ["agent_id": "<mara>"], told: "The stage becomes that of 'Mara': conversations here that are held with others stay"),
        Change(typed: ["fields.0.sensitive": "true"], told: "'order_id' becomes sensitive: it is sealed and masked in every conversation"),
    ]

    @Test("What it means for those who are there is told once, and saved when it is confirmed", arguments: changes)
    func forThoseHere(_ change: Change) async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<order>")
            form.fill(change.typed)
            #expect(try await form.press("save").status == 409)
            #expect(form.part("consequences").contains("<li dir=\"auto\">\(change.told)"), "\(form.part("consequences"))")
            #expect(form.page.text.contains("This changes something for conversations") && form.page.text.contains(">Save anyway</button>"))
            #expect(try await server.get("/stages/<order>?business_id=<shop>")["/revision"] == 1)
            #expect(try await form.press("save").status == 303)
            #expect(try await server.get("/stages/<order>?business_id=<shop>")["/revision"] == 2)
        }
    }

    @Test("Findings that the change causes are told; those that were there before are not")
    func findings() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            form["is_entry"] = nil
            try await form.press("remove_rule:0")
            #expect(try await form.press("save").status == 409)
            let told = form.part("consequences")
            #expect(told.contains("No rule of this stage leads to 'Order' any more"))
            #expect(told.contains("entry") && !told.contains("Theo's desk"), "\(told)")
        }
    }

    @Test("A new stage is saved under the id with which its consequences were told; another business's id is refused")
    func newStage() async throws {
        try await TestServer.run { server in
            for (proposed, status) in [(nil, 303), ("<other_stage>", 409)] as [(String?, Int)] {
                var form = try await EditorForm(try await Browser(server), "/stage-editor/new")
                form.fill([
                    "stage_name": "Second door", "stage_description": "", "is_entry": "true", "stage_selection_template_id": "<selection>",
                    "data_extraction_template_id": "<extraction>", "response_generation_template_id": "<response>",
                ])
                #expect(try await form.press("save").status == 409 && form.part("consequences").contains("entry"))
                let told = try #require(form["new_stage_id"])
                if let proposed { form["new_stage_id"] = proposed }
                let saved = try await form.press("save")
                #expect(saved.status == status && saved[header: "Location"] == (proposed == nil ? "/stages/\(told)" : nil))
            }
            #expect(try await server.get("/stages/<other_stage>?business_id=<shop>").status == 404)
        }
    }

    @Test("Other consequences than those that were confirmed are told again")
    func others() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<order>")
            form["configuration.final"] = "true"
            try await form.press("save")
            form["configuration.transition_policy"] = "strict"
            #expect(try await form.press("save").status == 409)
            #expect(form.part("consequences").contains("becomes strict"))
            try await form.press("add_field")
            #expect(form["confirmed"] == nil)
            try await form.press("remove_field:9")
            #expect(try await form.press("save").status == 409)
            #expect(try await form.press("save").status == 303)
        }
    }

    @Test("When there is nothing to tell, it is saved at once")
    func nothing() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<order>")
            form.fill(["stage_name": "Orders", "fields.0.description": "The number.", "configuration.max_visits": "9"])
            let saved = try await form.press("save")
            #expect(saved.status == 303 && saved[header: "Location"] == server.expand("/stages/<order>"))
            #expect(saved[header: "Set-Cookie"]?.contains("stage_saved") == true)
        }
    }
}
