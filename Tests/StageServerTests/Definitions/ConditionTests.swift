import StageModel
import Testing

@Suite("Conditions that are refused, and why")
struct ConditionTests {
    private static func refusal(_ condition: String, _ server: TestServer) async throws -> [String] {
        let patch = JSONValue.object(["condition": .string(condition)]).jsonText
        let answers = [
            try await server.post("/transition-rules", Bodies.rule(patch)), try await server.put("/transition-rules/<rule>", Bodies.rule(patch)),
            try await server.patch("/transition-rules/<rule>", patch),
        ]
        for answer in answers {
            #expect(answer.status == 422 && answer.code == "invalid_input" && Set(answer.faults) == ["/condition"], "\(condition): \(answer.text)")
            #expect(answer["/errors"] == answers[0]["/errors"])
        }
        return (answers[0]["/errors"]?.array ?? []).compactMap { $0["message"]?.string }
    }

    @Test("A message can be read aloud: the place, what is wrong, the line, what there is instead")
    func wholeMessage() async throws {
        try await TestServer.run { server in
            let messages = try await Self.refusal("data.topic == 'order' &&\n  mesage.text.contains('parcel')", server)
            #expect(
                messages == [
                    """
                    2:3: unknown name 'mesage', did you mean 'message'?
                      mesage.text.contains('parcel')
                      ^^^^^^
                    The variables on offer: message {metadata: map(string, dyn), received_at: timestamp, text: string, type: string}; \
                    data: map(string, dyn); stage {name: string, seconds: int, type: string, visits: int}; \
                    conversation {created_at: timestamp, id: string, turns: int}; agent {id: string, name: string}; now: timestamp.
                    """
                ])
        }
    }

    @Test("Each fault is told with its line and column, a caret under it, and the nearest name")
    func messages() async throws {
        try await TestServer.run { server in
            for (condition, starts) in Self.refused {
                let messages = try await Self.refusal(condition, server)
                #expect(messages.count == starts.count, "\(condition): \(messages)")
                for (message, start) in zip(messages, starts) {
                    #expect(message.hasPrefix(start), "\(condition): \(message)")
                    #expect(message.split(separator: "\n").dropFirst(2).first?.contains("^") == true, "\(message)")
                }
                #expect(messages.first?.contains("The variables on offer: message {") == true, "\(condition)")
            }
        }
    }

    private static let refused: [(String, [String])] = [
        ("message.txt == 'x'", ["1:9: message has no field 'txt', did you mean 'text'?\nmessage.txt == 'x'\n        ^^^"]),
        ("stage.vists > 1", ["1:7: stage has no field 'vists', did you mean 'visits'?"]),
        ("now > 5", ["1:"]), ("message.text", ["1:"]), ("stage.visits", ["1:"]), ("stage.visits == 'two'", ["1:"]), ("1 +", ["1:4: "]),
        ("'open", ["1:"]), ("a || b", ["1:1: unknown name 'a'", "1:6: unknown name 'b'"]),
        ("user.name == 'x'", ["1:1: unknown name 'user'"]), ("message.text.match('x')", ["1:"]), ("message.text.matches('(')", ["1:"]),
        ("{", ["1:"]), ("data.x ==", ["1:10: "]), ("\n\n  agent.nam == ''", ["3:9: agent has no field 'nam', did you mean 'name'?"]),
    ]

    @Test("What a condition may be made of is accepted")
    func accepted() async throws {
        try await TestServer.run { server in
            for condition in Self.good {
                let patch = JSONValue.object(["condition": .string(condition)]).jsonText
                let answer = try await server.patch("/transition-rules/<rule>", patch)
                #expect(answer.status == 200 && answer["/condition"]?.string == condition, "\(condition): \(answer.text)")
            }
        }
    }

    private static let good = [
        "message.text.contains('x') && message.type == 'text' && message.metadata.channel == 'sms' && message.received_at <= now",
        "has(data.x) ? data.x > 1 : data.?y.orValue(2.5) < 3.0", "data.list.exists(item, item.name.startsWith('a'))",
        "stage.name in ['Welcome', 'Order'] && stage.type != 'form' && stage.visits < 3 && stage.seconds > 60",
        "conversation.turns == 0 && conversation.created_at < now - duration('1h') && conversation.id.startsWith('web:')",
        "agent.name == '' || agent.id != ''", "now.getHours('Europe/Berlin') >= 9", "message.text.matches(r'(?i)\\bbye\\b')", "true", "data.x",
        "// Only at night.\nnow.getHours() > 20", "size(message.text) > 3 && message.text.lowerAscii() == 'stop'",
    ]
}
