import StageModel
import Testing

@Suite("Stage editor: templates in place")
struct EditorTemplateTests {
    @Test("A template is previewed with sample values, or with those of a conversation, where sensitive ones are masked")
    func preview() async throws {
        try await TestServer.run { server in
            let content = #"{"content":"<b>{{business_name}}</b> {{data.order_id}} {{data.email}} {{data.oder_id}}"}"#
            try await server.patch("/templates/<response>", content)
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<order>")
            #expect(try await form.press("preview:response_generation").status == 200)
            #expect(form.page.text.contains("sample values"))
            #expect(form.page.text.contains("&lt;b&gt;Shop&lt;/b&gt; AB-1234 alex@example.com "))
            #expect(form.page.text.contains("did you mean &#39;data.order_id&#39;? (line 1, column "))
            form["preview.conversation_id"] = " c-2 "
            try await form.press("preview:response_generation")
            #expect(form.page.text.contains("with the values of c-2") && form.page.text.contains("AB-1234 «masked»"))
        }
    }

    @Test("What can't be previewed says why", arguments: [("c-404", "There is no conversation c-404"), ("a b", "Must be 1")])
    func noPreview(_ id: String, _ message: String) async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/new")
            #expect(try await form.press("preview:data_extraction").status == 422)
            #expect(form.faults == ["data_extraction_template_id"] && form.messages == ["Choose a template first."])
            form.fill(["data_extraction_template_id": "<extraction>", "preview.conversation_id": id])
            #expect(try await form.press("preview:data_extraction").status == 422)
            #expect(form.faults == ["preview.conversation_id"] && form.messages.contains { $0.hasPrefix(message) }, "\(form.messages)")
            #expect(form["preview.conversation_id"] == id && form["data_extraction_template_id"] == server.names["extraction"])
        }
    }

    @Test("A template is made in place and chosen; nothing of the stage is saved by that")
    func create() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server, as: "editor"), "/stage-editor/<order>")
            form["stage_name"] = "Not saved"
            try await form.press("new_template:response_generation")
            form.fill([
                "templates.response_generation.template_name": "Fresh", "templates.response_generation.content": "\nHello {{user_name}}",
            ])
            try await form.press("preview:response_generation")
            #expect(form.page.text.contains("Hello Alex"), "What is being edited is previewed")
            #expect(try await form.press("save_template:response_generation").status == 200)
            #expect(form.page.text.contains("The template was created.") && form["templates.response_generation.content"] == nil)
            let id = try #require(form["response_generation_template_id"])
            let template = try await server.get("/templates/\(id)")
            #expect(
                template["/template_name"] == "Fresh" && template["/content"] == "\nHello {{user_name}}"
                    && template["/system_prompt"] == .null)
            #expect(form["stage_name"] == "Not saved" && id != server.names["response"])
            #expect(try await server.get("/stages/<order>?business_id=<shop>")["/revision"] == 1)
        }
    }

    @Test("A template is changed in place, and says who else uses it")
    func edit() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<order>")
            try await form.press("edit_template:response_generation")
            #expect(form.page.text.contains("Used by 8 stages; all of them change."))
            #expect(form["templates.response_generation.template_name"] == "Response")
            form["templates.response_generation.content"] = "Bye"
            try await form.press("close_template:response_generation")
            #expect(form["templates.response_generation.content"] == nil)
            try await form.press("edit_template:response_generation")
            form["templates.response_generation.content"] = "Bye {{user_name}}"
            #expect(try await form.press("save_template:response_generation").status == 200)
            #expect(form.page.text.contains("The template was saved."))
            let template = try await server.get("/templates/<response>")
            #expect(template["/content"] == "Bye {{user_name}}" && template["/revision"] == 2)
        }
    }

    @Test("What is wrong with a template is told at its field with a caret")
    func faults() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<order>")
            try await form.press("new_template:stage_selection")
            let place = "templates.stage_selection"
            form.fill(["\(place).content": "Hello {{#fields}}", "\(place).system_prompt": "{{message_content}}"])
            #expect(try await form.press("save_template:stage_selection").status == 422)
            #expect(form.faults == ["\(place).template_name", "\(place).content", "\(place).system_prompt"])
            #expect(
                form.page.text.contains("Hello {{#fields}}\n      ^</pre>") && form.messages.contains { $0.contains("(line 1, column 7)") })
            #expect(form["\(place).content"] == "Hello {{#fields}}")
            try await form.press("preview:stage_selection")
            #expect(form.page.text.contains("sample values") && form.messages.contains { $0.contains("(line 1, column 7)") })
        }
    }

    @Test("A template that others saved meanwhile is replaced only when theirs was shown")
    func conflict() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<order>")
            try await form.press("edit_template:response_generation")
            try await server.patch("/templates/<response>", #"{"content":"Theirs"}"#)
            form["templates.response_generation.content"] = "Mine"
            #expect(try await form.press("save_template:response_generation").status == 422)
            #expect(form.page.text.contains("as revision 2; theirs is below.") && form.page.text.contains(">Theirs</pre>"))
            #expect(form["templates.response_generation.content"] == "Mine")
            #expect(try await server.get("/templates/<response>")["/content"] == "Theirs")
            #expect(try await form.press("save_template:response_generation").status == 200)
            #expect(try await server.get("/templates/<response>")["/content"] == "Mine")
        }
    }
}
