import StageModel
import Testing

@testable import StageServer

@Suite("Simulator: a trial saved as a test")
struct RehearsalFileTests {
    @Test("The file has each message with its stage and how its reply begins, as JSON in YAML")
    func file() async throws {
        try await TestServer.run { server in
            try await server.patch("/templates/<response>", #"{"content":"Hello {{user_name}}! More to come.\nAnd more."}"#)
            let fields = [
                "messages.0.text": "Say \"hi\"\nto all", "messages.1.text": "Where: is it?", "agent_id": "<mara>", "user_name": "Ada",
                "data": #"{"topic":"lamp","email":"jo@example.com"}"#, "seconds_in_stage": "5", "stage_id": "<welcome>", "action": "save",
            ]
            let answer = try await Browser(server).submit("/simulator", fields)
            #expect(answer.status == 200 && answer[header: "Content-Type"] == "application/yaml")
            #expect(answer[header: "Content-Disposition"] == "attachment; filename=\"say-hi-to-all.yaml\"")
            #expect(answer[header: "Cache-Control"] == "private, no-store")
            let question = #"reply_contains: ["Hello Ada!"]"#
            #expect(
                answer.text == """
                    # The trial began with a stage, a time at its stage; the test begins without.
                    format: stagekeeper-test/1
                    conversations:
                      - name: "Say \\"hi\\" to all"
                        agent: "Mara"
                        user_name: "Ada"
                        data: {"topic":"lamp"}
                        messages:
                          - user: "Say \\"hi\\"\\nto all"
                            stage: "Order"
                            \(question)
                          - user: "Where: is it?"
                            stage: "Order"
                            \(question)

                    """)
        }
    }

    @Test("It has the name that was typed")
    func name() async throws {
        try await TestServer.run { server in
            let fields = ["messages.0.text": "Hello", "test_name": " Ünïque  Name ", "action": "save"]
            let answer = try await Browser(server, as: "viewer").submit("/simulator", fields)
            #expect(answer.text.contains("  - name: \"Ünïque Name\"\n") && !answer.text.contains("#"))
            #expect(answer[header: "Content-Disposition"] == "attachment; filename=\"n-que-name.yaml\"")
        }
    }

    @Test("Without a message, or with a fault, there is nothing to save", arguments: [[:], ["messages.0.text": "Hello", "data": "{"]])
    func nothing(_ fields: [String: String]) async throws {
        try await TestServer.run { server in
            let answer = try await Browser(server).submit("/simulator", fields.merging(["action": "save"]) { $1 })
            #expect(answer[header: "Content-Type"] == "text/html; charset=utf-8")
        }
    }

    @Test(
        "The first sentence of a reply ends at its end or at that of its line",
        arguments: [
            ("Hello. More.", "Hello."), ("Hello", "Hello"), ("  Hi!\nMore", "Hi!"), ("\n\nOne line\nTwo", "One line"),
            ("Costs 3.50 today. Yes", "Costs 3.50 today."), ("", nil), (" \n ", nil), ("What? Why?", "What?"),
        ])
    func sentence(_ text: String, _ sentence: String?) { #expect(text.firstSentence == sentence) }
}
