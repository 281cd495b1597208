import StageModel
import Testing

@testable import stagekeeper

@Suite("stagekeeper chat")
struct ChatTests {
    /// A chat with the demo flow.
    private func chat(agent: String? = nil, userName: String? = nil) throws -> Chat {
        let flow = try FlowFile.demo().flow()
        let start = try #require(Timestamp("2026-01-31T10:00:00Z"))
        let scene = Chat.Scene(flow: flow, model: nil, agent: agent.flatMap { flow.agents(called: $0).first }, userName: userName, start: start)
        return Chat(scene: scene, source: .demo)
    }

    /// What a chat says to some lines, as it would be printed.
    private func answers(_ lines: [String], _ chat: Chat) async -> [String] {
        var chat = chat
        var answers: [String] = []
        for line in lines {
            switch await chat.answer(to: line) {
            case .said(let reply, let notes): answers.append(([reply].compactMap { $0 } + notes).joined(separator: "\n"))
            case .failed(let reason): answers.append("failed: \(reason)")
            case .quit: answers.append("quit")
            }
        }
        return answers
    }

    @Test("A message is answered, then it is told where the conversation is, what was learned and what is missing")
    func messages() async throws {
        let said = await answers(["Where is my order?", "LL-20417", "//x"], try chat(userName: "Ada"))
        #expect(said[0].contains("What is your order number?"))
        #expect(said[0].hasSuffix("\n[Welcome → Identify the order · missing order_id, email]"), "\(said[0])")
        #expect(said[1].hasSuffix("\n[Identify the order · learned order_id = \"LL-20417\" · missing email]"), "\(said[1])")
        #expect(said[2].contains("e-mail address"), "\(said[2])")
    }

    @Test("/why tells the rules of the last decision with what their clauses came to")
    func why() async throws {
        let said = await answers(["/why", "I want a refund", "/why"], try chat())
        #expect(said[0].hasPrefix("failed: Nothing was decided yet"))
        for part in [
            "at Welcome: went on to Return or refund, a rule's condition holds",
            "  ✗ any stage → Goodbye (The customer says goodbye.): does not hold",
            "  ✓ Welcome → Return or refund (The customer wants to send something back.): led on",
            "data.?topic.orValue(\"\") == \"return\" is false", "read at Return or refund: resolution = \"refund\" (by patterns, ",
            "replied at Return or refund by template, asking for return_item",
        ] { #expect(said[2].contains(part), "\(part)\n\(said[2])") }
    }

    @Test("/back takes the last message back, with the time that had passed; /restart begins anew; /data tells what is known")
    func goingBack() async throws {
        let said = await answers(
            ["/back", "/data", "Where is LL-20417?", "/data", "/wait 2h", "Hello", "/back", "ada@example.com", "/data", "/restart", "/data"],
            try chat())
        #expect(said[0].hasPrefix("failed: ") && said[1] == "nothing is known yet" && said[3] == "order_id = \"LL-20417\"")
        #expect(said[4] == "2h later" && said[5].contains("[Identify the order → Goodbye by time; Welcome"), "\(said)")
        #expect(said[6].contains("[Welcome → Identify the order · learned order_id"), "\(said[6])")
        // The two hours are still to pass: they passed before the message that was taken back.
        #expect(said[7].contains("Goodbye by time"), "\(said[7])")
        #expect(said[9] == "a new conversation" && said[10] == "nothing is known yet")
    }

    @Test(
        "What can't be done is told with the way to write it",
        arguments: [
            ("/what", "/help"), ("/wait", "/wait TIME"), ("/wait soon", "30s"), ("/save", "/save FILE"), ("/save x", "nothing to save"),
            ("/back now", "/back"),
        ])
    func refusals(line: String, part: String) async throws {
        let said = await answers([line], try chat())
        #expect(said[0].hasPrefix("failed: ") && said[0].contains(part), "\(said)")
    }

    @Test("A chat from a pipe prints plain text without a prompt, and what it saves passes as a test")
    func savesAndPasses() async throws {
        try await withFolder { folder in
            let input = """
                Hello: "you"!
                Where is LL-20417?
                ada@example.com

                /wait 3h
                I'd like it to go to a new address
                12 Canal Street
                /why
                bye
                /save talk.yaml
                /quit
                never read
                """
            let chat = try await Program.run(["chat", "--agent", "Mara", "--user-name", "Ada"], in: folder, input: input)
            #expect(chat.status == 0 && chat.errors.isEmpty, "\(chat)")
            #expect(chat.output.hasPrefix("Hello Ada, and welcome to Lantern & Loom! I'm Mara.\n"), "\(chat.output)")
            #expect(chat.output.hasSuffix("  saved; run it with: stagekeeper test talk.yaml\n"), "\(chat.output)")
            #expect(!chat.output.contains("\u{1B}") && !chat.output.contains("> ") && !chat.output.contains("never"))

            let saved = try folder.read("talk.yaml")
            for part in [
                "flow: demo\n", "  - name: \"Hello: \\\"you\\\"!\"\n    agent: Mara\n    user_name: Ada\n", "        after: 3h10s\n",
                "        completed: true\n",
                "data: {order_id: LL-20417}", "missing: [email]", "stages: [Welcome, Identify the order]",
            ] { #expect(saved.contains(part), "\(part)\n\(saved)") }
            let test = try await Program.run(["test", "talk.yaml"], in: folder)
            #expect(test.status == 0 && test.output.contains("1 conversation, all as expected."), "\(test)\n\(saved)")

            try folder.write(saved.replacing("order_id: LL-20417", with: "order_id: LL-20418"), to: "talk.yaml")
            #expect(try await Program.run(["test", "talk.yaml"], in: folder).status == 1)
        }
    }

    @Test("A chat with a flow's file saves where that file is, and by an exported flow the same is said")
    func ownFlow() async throws {
        try await withFolder { folder in
            try folder.write(try FlowFile.demo().jsonText, to: "my flow.json")
            let chat = try await Program.run(["chat", "--flow", "my flow.json"], in: folder, input: "Hello!\n/save talk.yaml")
            #expect(chat.status == 0, "\(chat)")
            #expect(try folder.read("talk.yaml").contains("flow: my flow.json\n"))
            #expect(try await Program.run(["test", "talk.yaml"], in: folder).status == 0)
        }
    }

    @Test("A line from a pipe that can't be done ends the chat with status 1")
    func fails() async throws {
        try await withFolder { folder in
            let result = try await Program.run(["chat"], in: folder, input: "/dance\nHello!\n")
            #expect(result.status == 1 && result.errors.contains("/dance") && result.output.isEmpty, "\(result)")
        }
    }

    @Test(
        "A pause is read as people write it, and written so",
        arguments: [
            ("10s", 10, "10s"), ("90m", 5400, "1h30m"), ("1h30m", 5400, "1h30m"), ("2d", 172_800, "2d"), ("0s", 0, "0s"), ("1d1s", 86_401, "1d1s"),
        ])
    func pauses(text: String, seconds: Int64, written: String) {
        #expect(Pause(text)?.seconds == seconds && Pause(seconds: seconds).text == written)
    }

    @Test("What is no pause is none", arguments: ["", "10", "s", "-1s", "1.5h", "10 m", "1w", "9999999999999s", "99999999d", "١s"])
    func noPauses(text: String) {
        #expect(Pause(text) == nil)
    }
}
