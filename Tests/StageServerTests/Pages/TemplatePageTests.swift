import StageModel
import Testing

@Suite("Template editor: the preview")
struct TemplatePageTests {
    @Test("What is typed is previewed with sample values, or with those of a conversation, where sensitive ones are masked; nothing is saved")
    func preview() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/templates/<response>")
            form["content"] = "<b>{{business_name}}</b> {{data.email}} {{data.oder_id}}"
            #expect(try await form.press("preview").status == 200)
            #expect(form.page.text.contains("sample values") && form.page.text.contains("&lt;b&gt;Shop&lt;/b&gt; alex@example.com "))
            #expect(form.page.text.contains("did you mean &#39;data.order_id&#39;? (line 1, column "))
            form["preview.conversation_id"] = " c-2 "
            try await form.press("preview")
            #expect(form.page.text.contains("with the values of c-2") && form.page.text.contains("Shop&lt;/b&gt; «masked»"))
            #expect(form["content"] == "<b>{{business_name}}</b> {{data.email}} {{data.oder_id}}")
            #expect(try await server.get("/templates/<response>")["/revision"] == 1)
        }
    }

    @Test(
        "What can't be previewed says why, and keeps what was typed",
        arguments: [
            ("{{#a}}", "", "class=\"caret\""), ("Hello", "c-404", "There is no conversation c-404"), ("Hello", "a b", "Must be 1"),
        ])
    func noPreview(_ content: String, _ conversation: String, _ message: String) async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server, as: "viewer"), "/templates/<response>")
            form.fill(["content": content, "preview.conversation_id": conversation])
            #expect(try await form.press("preview").status == 200)
            #expect(form.page.text.contains(message))
            #expect(form["content"] == content && form["preview.conversation_id"] == conversation)
        }
    }

    @Test("A new template is previewed before it is saved")
    func new() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server, as: "editor"), "/templates/new")
            form.fill(["template_name": "Draft", "content": "Hello {{user_name}}"])
            #expect(try await form.press("preview").status == 200)
            #expect(form.page.text.contains("Hello Alex") && form["template_name"] == "Draft")
        }
    }
}
