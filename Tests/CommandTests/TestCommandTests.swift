import StageModel
import Testing

@testable import stagekeeper

@Suite("stagekeeper test")
struct TestCommandTests {
    /// Runs a file of the demo's flow.
    private func run(_ text: String, _ options: [String] = []) async throws -> Program.Result {
        try await withFolder { folder in
            try folder.write(text, to: "talk.yaml")
            return try await Program.run(["test", "talk.yaml"] + options, in: folder)
        }
    }

    private static let good = """
        format: stagekeeper-test/1
        flow: demo
        conversations:
          - name: A greeting
            user_name: Ada
            messages:
              - user: Hello!
                stage: Welcome
                reply_contains: Hello Ada
          - name: A wish
            messages:
              - user: I want to return a lamp of LL-20417
                stages: [Welcome, Return or refund]
                data: {order_id: LL-20417, email: null}
                missing: [resolution, return_item, return_reason]
        """

    private static let bad = """
        format: stagekeeper-test/1
        flow: demo
        conversations:
          - name: A greeting
            messages:
              - user: Hello!
                stage: Goodbye
                data: {order_id: LL-20417}
                missing: [email]
                reply_lacks: [welcome]
                completed: true
          - name: A wish
            messages: [{user: Hello!, reply: Goodbye!}]
        """

    @Test("What comes as expected is told in a line each, with what no message touched, and the exit status is 0")
    func passes() async throws {
        let result = try await run(Self.good)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines.prefix(2) == ["✓ A greeting (1 message)", "✓ A wish (1 message)"], "\(result.output)")
        #expect(lines.contains("2 conversations, all as expected.") && lines.contains("stages touched: 2 of 12, 16 %"), "\(result.output)")
        #expect(lines.contains("  not touched: Goodbye") && lines.contains { $0.hasPrefix("rules touched: 1 of ") }, "\(result.output)")
        #expect(!result.output.contains("\u{1B}"), "Colours are for terminals.")
    }

    @Test("What comes otherwise is told with its place, what was expected, what came and why, and the exit status is 1")
    func differs() async throws {
        let result = try await run(Self.bad)
        #expect(result.status == 1 && result.errors.isEmpty, "\(result.errors)")
        let wanted = [
            "✗ A greeting (1 of 1 messages)", "  talk.yaml:6: \"Hello!\"", "    stage at talk.yaml:7\n      - Goodbye\n      + Welcome\n",
            "    data.order_id at talk.yaml:8\n      - \"LL-20417\"\n      + not there\n",
            "    missing at talk.yaml:9\n      - email\n      + none\n",
            "    reply_lacks at talk.yaml:10\n      - not: welcome\n      + Hello, and welcome to Lantern & Loom!",
            "    completed at talk.yaml:11\n      - true\n      + false\n", "    way    Welcome\n",
            "any stage → Goodbye (The customer says goodbye.): does not hold",
            "(message.text = \"Hello!\")", "    reply at talk.yaml:13\n      - Goodbye!\n      + Hello, ", "2 conversations, 2 not as expected.",
        ]
        for part in wanted { #expect(result.output.contains(part), "\(part)\n\(result.output)") }
    }

    @Test("With --json programs are told the same")
    func json() async throws {
        let result = try await run(Self.bad, ["--json"])
        #expect(result.status == 1)
        let json = try JSONValue(parsing: result.output)
        #expect(json["passed"] == 0 && json["failed"] == 2)
        let step = try #require(json["conversations"]?.array?.first?["messages"]?.array?.first)
        #expect(step["stages"]?.array?.count == 1 && step["trace"]?.array?.isEmpty == false)
        #expect(step["differences"]?.array?.map { $0["what"] } == ["stage", "data.order_id", "missing", "reply_lacks", "completed"])
        #expect(step["differences"]?.array?.first == ["line": 7, "what": "stage", "expected": "Goodbye", "actual": "Welcome"])
        #expect(json["coverage"]?["stages"]?["touched"] == 1)
    }

    @Test("With --filter only those whose name has it are held; one that fits none is an error")
    func filter() async throws {
        let one = try await run(Self.good, ["--filter", "GREET"])
        #expect(one.status == 0 && one.output.contains("✓ A greeting") && !one.output.contains("A wish"), "\(one.output)")
        let none = try await run(Self.good, ["--filter", "farewell"])
        #expect(none.status == 2 && none.errors.contains("farewell"), "\(none.errors)")
    }

    @Test("Too little coverage is an exit status of 1", arguments: [(0, 0), (6, 0), (99, 1)])
    func coverage(percent: Int, status: Int) async throws {
        let result = try await run(Self.good, ["--coverage", "\(percent)"])
        #expect(Int(result.status) == status && result.output.contains("--coverage wants \(percent) %") == (status == 1), "\(result.output)")
    }

    @Test(
        "What can't be used is an exit status of 2, with every place that is wrong",
        arguments: [
            ("format: [", ["talk.yaml:2:1: This is no YAML: "]), ("", ["talk.yaml:1:1: The document is empty"]),
            ("format: stagekeeper-test/1\nformat: x", ["talk.yaml:2:1: 'format' is given twice; the first is at line 1"]),
            (
                """
                format: stagekeeper-test/9
                now: yesterday
                conversations:
                  - name: x
                    messages:
                      - user: 5
                        after: soon
                        stagee: Welcome
                        reply_contains: [1]
                """,
                [
                    "talk.yaml:1:1: /format: ", "talk.yaml:2:1: /now: ", "talk.yaml:6:9: /conversations/0/messages/0/user: ", "talk.yaml:7:9: ",
                    "'10m'",
                    "talk.yaml:8:9: /conversations/0/messages/0/stagee: Is not known here; did you mean 'stage'?", "talk.yaml:9:9: ", "in quotes",
                ]
            ),
            (
                """
                format: stagekeeper-test/1
                flow: demo
                conversations:
                  - name: x
                    agent: Nobody
                    messages: [{user: Hi, stage: Wellcome}, {user: Hi, stages: [Welcome, Nowhere]}]
                """,
                [
                    "talk.yaml:5:5: /conversations/0/agent: There is no agent 'Nobody'. There are: Mara, Theo.", "There is no stage 'Wellcome'.",
                    "/conversations/0/messages/1/stages/1: There is no stage 'Nowhere'.",
                ]
            ),
            ("format: stagekeeper-test/1\nconversations: [{name: x, messages: [{user: Hi}]}]", ["names no flow", "--flow"]),
            ("format: stagekeeper-test/1\nflow: nowhere.json\nconversations: [{name: x, messages: [{user: Hi}]}]", ["nowhere.json' can't be read"]),
        ])
    func refuses(text: String, parts: [String]) async throws {
        let result = try await run(text)
        #expect(result.status == 2 && result.output.isEmpty, "\(result.output)")
        for part in parts { #expect(result.errors.contains(part), "\(part)\n\(result.errors)") }
    }

    @Test(
        "Wrong use is an exit status of 2",
        arguments: [
            (["test"], "file"), (["test", "nowhere.yaml"], "nowhere.yaml"), (["test", "x", "--coverage", "101"], "--coverage"),
            (["test", "x", "--coverage", "5", "--filter", "x"], "--filter"),
            (["test", "x", "--flow", "y", "--business", "123e4567-e89b-42d3-a456-426614174000"], "not both"),
            (["test", "x", "--business", "y"], "y"),
            (["chat", "--agent", "Nobody"], "Mara, Theo"), (["chat", "surprise"], "surprise"),
        ])
    func wrongUse(arguments: [String], part: String) async throws {
        try await withFolder { folder in
            let result = try await Program.run(arguments, in: folder)
            #expect(result.status == 2 && result.errors.contains(part), "\(result)")
        }
    }
}
