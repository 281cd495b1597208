import HTTPTypes
import HummingbirdTesting
import NIOCore
import StageModel
import Testing

@testable import StageServer

@Suite("Stage editor: who may open it")
struct EditorAccessTests {
    @Test("Owners and editors may open and save; viewers may not", arguments: ["owner", "editor", "viewer"])
    func roles(_ role: String) async throws {
        try await TestServer.run { server in
            let mayEdit = role == "owner" || role == "editor"
            let browser = try await Browser(server, as: role)
            for path in ["/stage-editor/new", "/stage-editor/<notes>"] {
                let form = try await EditorForm(browser, path)
                #expect(form.page.status == (mayEdit ? 200 : 403) && form.entries.isEmpty != mayEdit)
                #expect(form.page[header: "Content-Type"] == "text/html; charset=utf-8")
                #expect(form.page[header: "Cache-Control"] == "private, no-store")
            }
            let answer = try await server.client.execute(
                uri: server.expand("/stage-editor/<notes>"), method: .post,
                headers: [
                    .accept: "text/html", .cookie: "\(Browser.name)=\(browser.cookie)", .contentType: "application/x-www-form-urlencoded",
                    try #require(HTTPField.Name("Origin")): "http://localhost",
                ], body: .init(string: "action=save&csrf_token=\(browser.token.percentEncoded)"))
            #expect(answer.status.code == (mayEdit ? 422 : 403))
        }
    }

    @Test("Who is not signed in is sent to do so, and back afterwards")
    func signedOut() async throws {
        try await TestServer.run { server in
            let answer = try await server.client.execute(uri: "/stage-editor/new", method: .get, headers: [.accept: "text/html"])
            #expect(answer.status == .seeOther && answer.headers[.location] == "/login?next=%2Fstage-editor%2Fnew")
        }
    }

    @Test("A form without its token, with another session's, or from elsewhere is refused, and nothing is saved")
    func forgery() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            let other = try await Browser(server, as: "editor")
            for (token, origin) in [
                (nil, "http://localhost"), (other.token, "http://localhost"), (browser.token, "http://elsewhere.example"),
            ] {
                var form = try await EditorForm(browser, "/stage-editor/<notes>")
                form["csrf_token"] = token
                form["stage_name"] = "Forged"
                #expect(try await form.press("save", ["Origin": origin]).status == 403)
            }
            #expect(try await server.get("/stages/<notes>?business_id=<shop>")["/stage_name"] == "Notes")
        }
    }

    @Test("A foreign stage, one that never was, and what is no id are the same 404")
    func foreign() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            for id in ["<other_stage>", "75f75929-9cac-4c50-bde2-bddb59baa733", "x"] {
                let form = try await EditorForm(browser, "/stage-editor/\(id)")
                #expect(form.page.status == 404 && form.page[header: "Content-Type"] == "text/html; charset=utf-8")
                #expect(!form.page.text.contains("Elsewhere"))
            }
        }
    }

    @Test("Rules, templates and conversations of another business can't be reached through the form")
    func isolation() async throws {
        try await TestServer.run { server in
            var form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            form["known_rule_ids"] = "<rule>:r1,<other_rule>:r1"
            #expect(try await form.save().status == 303)
            #expect(try await server.get("/transition-rules/<other_rule>", as: .other).status == 200)
            form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            form["rules.0.to_stage_id"] = "<other_stage>"
            #expect(try await form.press("save").status == 422 && form.faults == ["rules.0.to_stage_id"])
            form = try await EditorForm(try await Browser(server), "/stage-editor/<welcome>")
            form["preview.conversation_id"] = "c-9"
            #expect(try await form.press("preview:response_generation").status == 422 && form.faults == ["preview.conversation_id"])
            form["try.conversation_id"] = "c-9"
            #expect(try await form.press("try_rule:0").status == 422 && form.faults == ["try.conversation_id"])
            form["rules.0.rule_id"] = "<other_rule>"
            form["rules.0.condition"] = "has(data.taken)"
            #expect(try await form.press("save").status == 412)
            #expect(try await server.get("/transition-rules/<other_rule>", as: .other)["/revision"] == 1)
        }
    }
}
