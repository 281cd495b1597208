import StageModel
import Testing

@testable import StageServer

@Suite("Conversations: what was said, and a message more")
struct ConversationChatTests {
    /// Opens a conversation's page and sends a message with its form.
    private static func send(_ text: String, to path: String, _ browser: Browser) async throws -> Answer {
        let page = try await browser.page(path)
        var fields = ["text": text, "action": "send", "message_id": try #require(page.hidden("message_id"))]
        fields["agent_id"] = page.hidden("agent_id")
        return try await browser.submit(String(path.prefix { $0 != "?" }), fields)
    }

    @Test("Who may run conversations sends a message; who only reads sees the chat alone", arguments: ["owner", "editor", "viewer"])
    func roles(_ role: String) async throws {
        try await TestServer.run { server in
            let mayRun = role != "viewer"
            let browser = try await Browser(server, as: role)
            let page = try await browser.page("/conversations/c-1")
            #expect(page.status == 200 && page.text.contains("Nothing was said yet."))
            #expect(page.text.contains("id=\"write\"") == mayRun)
            #expect(page.text.contains("/simulator?conversation_id=c-1"))
            let fields = ["text": "Hello", "action": "send", "message_id": page.hidden("message_id") ?? "m"]
            let sent = try await browser.submit("/conversations/c-1", fields)
            #expect(sent.status == (mayRun ? 303 : 403) && sent[header: "Location"] == (mayRun ? "/conversations/c-1#write" : nil))
            let messages = try await server.get("/conversations/c-1/messages")
            #expect(messages.column("text") == (mayRun ? ["Hello"] : []))
            guard mayRun else { return }
            let after = try await browser.page("/conversations/c-1")
            #expect(after.text.contains("<p class=\"words\" dir=\"auto\">Hello</p>") && after.text.contains("Hello !"))
        }
    }

    @Test("A form that is sent twice says its message once; the next form is another message")
    func once() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            let page = try await browser.page("/conversations/c-1")
            let id = try #require(page.hidden("message_id"))
            for _ in 0..<2 {
                let answer = try await browser.submit("/conversations/c-1", ["text": "Hello", "action": "send", "message_id": id])
                #expect(answer.status == 303)
            }
            #expect(try await server.get("/conversations/c-1/messages").column("message_id") == [id])
            #expect(try await browser.page("/conversations/c-1").hidden("message_id") != id)
        }
    }

    @Test("A form without its token or from elsewhere says nothing")
    func forgery() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            let fields = ["text": "Hello", "action": "send", "message_id": "m-1"]
            #expect(try await browser.submit("/conversations/c-1", fields.merging(["csrf_token": "x"]) { $1 }).status == 403)
            #expect(try await browser.submit("/conversations/c-1", fields, ["Origin": "http://elsewhere.example"]).status == 403)
            #expect(try await server.get("/conversations/c-1/messages").items.isEmpty)
        }
    }

    @Test("A message that can't be sent stays in its box, with the reason and its id")
    func faults() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            let blank = try await browser.submit("/conversations/c-1", ["text": " ", "action": "send", "message_id": "m-1"])
            #expect(blank.status == 422 && blank.wrongFields == ["text"] && blank.hidden("message_id") == "m-1")
            try await server.patch("/stages/<welcome>", #"{"is_entry":false}"#)
            let fields = ["text": "Hello", "action": "send", "message_id": "m-2"]
            let refused = try await browser.submit("/conversations/new-1", fields)
            #expect(refused.status == 409 && refused.areas("text") == ["Hello"] && refused.hidden("message_id") == "m-2")
            #expect(refused.text.contains("The flow has no entry stage for this conversation"))
        }
    }

    @Test("A message to a paused conversation is stored without a reply, which is told before and after")
    func paused() async throws {
        try await TestServer.run { server in
            try await server.post("/conversations/c-1/pause")
            let browser = try await Browser(server)
            #expect(try await browser.page("/conversations/c-1").text.contains("a message is stored and gets no reply"))
            #expect(try await Self.send("Anybody?", to: "/conversations/c-1", browser).status == 303)
            #expect(try await browser.page("/conversations/c-1").text.contains("Stored without a reply: the conversation was paused."))
        }
    }

    @Test("A conversation is begun with its first message, and with an agent")
    func begin() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server, as: "editor")
            let sent = try await browser.page("/conversations?start_id=new-1&start_agent_id=<mara>")
            let path = try #require(sent[header: "Location"])
            #expect(sent.status == 303 && path == server.expand("/conversations/new-1?start=yes&agent_id=<mara>"))
            let page = try await browser.page(path)
            #expect(page.status == 200 && page.text.contains("Mara") && !page.text.contains("value=\"clear\""))
            #expect(try await server.get("/conversations/new-1").status == 404)
            #expect(try await Self.send("Hello", to: path, browser).status == 303)
            let begun = try await server.get("/conversations/new-1")
            #expect(begun["/agent_id"] == server.id("mara") && begun["/current_stage_id"] == server.id("welcome"))
        }
    }

    @Test("An id that can't be one is told at its field, and who only reads begins nothing")
    func beginFaults() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            let answer = try await browser.page("/conversations?start_id=a%20b")
            #expect(answer.status == 422 && answer.wrongFields == ["start_id"] && answer.text.contains("value=\"a b\""))
            let viewer = try await Browser(server, as: "viewer")
            #expect(try await viewer.page("/conversations?start_id=new-1").status == 200)
            let list = try await viewer.page("/conversations")
            #expect(!list.text.contains("Start a conversation"))
            #expect(try await viewer.page("/conversations/new-1?start=yes").status == 404)
            #expect(try await browser.page("/conversations/new-1").status == 404)
        }
    }

    @Test("The last twenty messages are shown, oldest first, and older ones by a link")
    func paging() async throws {
        try await TestServer.run { server in
            for number in 1...23 {
                let body = #"{"message_id":"m-\#(number)","text":"Number \#(number)."}"#
                #expect(try await server.post("/conversations/c-1/messages", body).status == 200)
            }
            let browser = try await Browser(server)
            func shown(_ page: Answer) -> [Int] { page.text.matches(of: #/>Number (\d+)\.</#).compactMap { Int($0.1) } }
            let newest = try await browser.page("/conversations/c-1")
            #expect(shown(newest) == Array(4...23) && !newest.text.contains("Newest messages"))
            let link = try #require(newest.text.firstMatch(of: #/href="([^"]*)">Older messages/#)?.1)
            let older = try await browser.page(String(link))
            #expect(shown(older) == [1, 2, 3] && older.text.contains("Newest messages") && !older.text.contains("Older messages"))
        }
    }

    @Test("What end users and templates say is text, whatever it looks like")
    func escaping() async throws {
        try await TestServer.run { server in
            try await server.patch("/templates/<response>", #"{"content":"<i>You said</i> {{message_content}}"}"#)
            let browser = try await Browser(server)
            let evil = "</textarea><script>alert(1)</script>"
            #expect(try await Self.send(evil, to: "/conversations/c-1", browser).status == 303)
            let page = try await browser.page("/conversations/c-1")
            #expect(!page.text.contains("<script>alert") && !page.text.contains("<i>"))
            #expect(page.text.matches(of: #/&lt;script&gt;alert/#).count == 2)
            let typed = try await browser.submit("/conversations/c-1", ["text": String(repeating: evil, count: 3000), "action": "send"])
            #expect(typed.status == 422 && !typed.text.contains("<script>alert"))
        }
    }
}
