import HTTPTypes
import StageModel
import StageStore
import Testing

@testable import StageServer

@Suite("Simulator: a chat that is kept nowhere")
struct SimulatorPageTests {
    @Test("Each message has its reply, its stages and its why, and the data lead on")
    func chat() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            let first = try await browser.submit("/simulator", ["message.text": "Hello", "user_name": "Ada"])
            #expect(first.status == 200 && first.areas("messages.") == ["Hello"] && first.areas("message.text") == [""])
            #expect(first.text.contains("data-reply>Hello Ada!</p>"))
            #expect(first.text.contains("No rule leads on: the conversation stays."))
            #expect(first.text.contains("has(data.topic) is not true. It would hold with data.topic"))
            let fields = ["messages.0.text": "Hello", "message.text": "And now?", "data": #"{"topic":"lamp"}"#]
            let second = try await browser.submit("/simulator", fields)
            #expect(second.areas("messages.") == ["Hello", "And now?"])
            #expect(second.text.contains("The conversation goes to &#39;Order&#39;: it is the first automatic rule that holds."))
            #expect(second.text.contains("<dt>Still to learn</dt><dd><code>order_id</code>"))
            #expect(try await server.get("/conversations").items.count == 2, "Nothing of it was kept.")
        }
    }

    struct Action: Sendable, CustomTestStringConvertible {
        let action: String
        var typed = ""
        let messages: [String]
        let box: String

        var testDescription: String { "\(action) with '\(typed)' in the box" }
    }

    static let presses = [
        Action(action: "send", typed: "Three", messages: ["One", "Two", "Three"], box: ""),
        Action(action: "send", typed: " \n", messages: ["One", "Two"], box: " \n"),
        Action(action: "run", typed: "Three", messages: ["One", "Two"], box: "Three"),
        Action(action: "back:1", typed: "Three", messages: ["One"], box: "Three"),
        Action(action: "back:0", messages: [], box: ""),
        Action(action: "back:9", messages: ["One", "Two"], box: ""),
        Action(action: "restart", messages: [], box: ""),
    ]

    @Test("What was said goes on with each button, and comes back as it was typed", arguments: presses)
    func press(_ action: Action) async throws {
        try await TestServer.run { server in
            let fields = ["messages.0.text": "One", "messages.1.text": "Two", "message.text": action.typed, "action": action.action]
            let answer = try await Browser(server).submit("/simulator", fields)
            #expect(answer.status == 200 && answer.areas("messages.") == action.messages && answer.areas("message.text") == [action.box])
        }
    }

    @Test("A message that was changed is said again, and one that was emptied is left out")
    func change() async throws {
        try await TestServer.run { server in
            let fields = ["messages.0.text": "", "messages.1.text": "Changed\nin two lines", "messages.2.text": "Third", "action": "run"]
            let answer = try await Browser(server).submit("/simulator", fields)
            #expect(answer.areas("messages.") == ["Changed\nin two lines", "Third"])
            #expect(answer.text.matches(of: #/ data-reply>/#).count == 2)
        }
    }

    /// What is wrong with the start, and where that is told.
    static let wrongStarts: [([String: String], [String])] = [
        (["conversation_id": "a b"], ["conversation_id"]), (["conversation_id": "c-404"], ["conversation_id"]),
        (["data": "{"], ["data"]), (["seconds_in_stage": "soon"], ["seconds_in_stage"]), (["stage_id": "<maras>"], ["agent_id"]),
        (["agent_id": "<other_agent>"], ["agent_id"]), (["drafts": "[]"], ["drafts"]), (["drafts": #"{"rules":[{}]}"#], ["drafts"]),
        (["drafts": #"{"rules":[{"from_stage_id":"<welcome>","to_stage_id":"<order>","condition":"data."}]}"#], ["drafts"]),
        (["data": "{", "seconds_in_stage": "-1"], ["seconds_in_stage", "data"]),
    ]

    @Test("What is wrong with the start is told at its field, and what was typed stays", arguments: wrongStarts)
    func wrongStart(_ fields: [String: String], _ places: [String]) async throws {
        try await TestServer.run { server in
            let answer = try await Browser(server).submit("/simulator", fields.merging(["message.text": "Hello"]) { $1 })
            #expect(answer.status == 422 && answer.wrongFields == places)
            #expect(answer.areas("message.text") == ["Hello"] && answer.areas("messages.").isEmpty)
            #expect(answer.text.contains("data-fold=\"start\" open"))
        }
    }

    @Test("A trial of too many messages, and a flow without an entry, are told at the box")
    func refusals() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            var fields = ["message.text": "One more"]
            for index in 0..<SimulatorDraft.mostMessages { fields["messages.\(index).text"] = "Hm" }
            #expect(try await browser.submit("/simulator", fields).wrongFields == ["message.text"])
            try await server.patch("/stages/<welcome>", #"{"is_entry":false}"#)
            let answer = try await browser.submit("/simulator", ["message.text": "Hello"])
            #expect(answer.status == 422 && answer.wrongFields == ["message.text"] && answer.areas("message.text") == ["Hello"])
            #expect(answer.text.contains("The flow has no entry stage for this conversation"))
        }
    }

    @Test("Drafts are tried without being saved")
    func drafts() async throws {
        try await TestServer.run { server in
            let draft = #"{"rules":[{"from_stage_id":"<welcome>","to_stage_id":"<notes>","condition":"message.text == 'note'","priority":9}]}"#
            let answer = try await Browser(server).submit("/simulator", ["message.text": "note", "drafts": draft])
            #expect(answer.status == 200 && answer.text.contains("The conversation goes to &#39;Notes&#39;"))
            #expect(try await server.get("/transition-rules").items.count == 1)
        }
    }

    @Test("Whoever reads may use it", arguments: ["owner", "editor", "viewer"])
    func roles(_ role: String) async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server, as: role)
            #expect(try await browser.page("/simulator").status == 200)
            #expect(try await browser.submit("/simulator", ["message.text": "Hello"]).text.contains("data-reply>Hello !</p>"))
        }
    }

    @Test("Who is not signed in, or only runs conversations, may not use it")
    func refusedRoles() async throws {
        try await TestServer.run { server in
            #expect(try await server.page("/simulator").status == 303)
            let page = try #require(server.parts.server.pages.first { $0.path == "/simulator" && $0.method == .post })
            guard case .roles(let roles) = page.access else { return #expect(Bool(false), "It is open to anybody.") }
            #expect(roles == [.owner, .editor, .viewer])
        }
    }

    @Test("Drafts on a real conversation take a role that may see its data")
    func draftsOnConversation() async throws {
        try await TestServer.run { server in
            let fields = ["message.text": "Hello", "conversation_id": "c-2", "drafts": #"{"rules":[]}"#]
            for (role, wrong) in [("viewer", ["drafts"]), ("editor", [])] {
                let browser = try await Browser(server, as: role)
                #expect(try await browser.submit("/simulator", fields).wrongFields == wrong)
            }
        }
    }

    @Test("A form without its token or from elsewhere is refused")
    func forgery() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            #expect(try await browser.submit("/simulator", ["message.text": "Hello", "csrf_token": "x"]).status == 403)
            #expect(try await browser.submit("/simulator", ["message.text": "Hello"], ["Origin": "http://elsewhere.example"]).status == 403)
        }
    }

    @Test("Sensitive data of a conversation are masked in what is said and known")
    func masking() async throws {
        try await TestServer.run { server in
            try await server.patch("/templates/<response>", #"{"content":"We write to {{data.email}}."}"#)
            let answer = try await Browser(server).submit("/simulator", ["message.text": "Hello", "conversation_id": "c-2"])
            #expect(answer.text.contains("We write to «masked».") && answer.text.contains("<dt><code>email</code></dt>"))
            #expect(!answer.text.contains("jo@example.com"))
        }
    }

    @Test("What was typed is text, whatever it looks like")
    func escaping() async throws {
        try await TestServer.run { server in
            let evil = "</textarea><script>alert(1)</script>\"'"
            let fields = ["message.text": evil, "user_name": evil, "test_name": evil, "drafts": "{}"]
            let answer = try await Browser(server).submit("/simulator", fields)
            #expect(answer.status == 200 && !answer.text.contains("<script>alert"))
            // As the message, in the field that changes it, and in the reply; and in the two other fields.
            #expect(answer.text.matches(of: #/&lt;script&gt;alert/#).count == 5)
        }
    }
}
