@testable import StageModel
import Testing

@Suite("Transition rules in their flow")
struct RuleFaultTests {
    private static let offer = """
        The variables on offer: message {metadata: map(string, dyn), received_at: timestamp, text: string, type: string}; data: map(string, dyn); \
        stage {name: string, seconds: int, type: string, visits: int}; conversation {created_at: timestamp, id: string, turns: int}; \
        agent {id: string, name: string}; now: timestamp.
        """

    private static func faults(_ condition: String) -> [InputFault] {
        TransitionRule(from: nil, to: Sample.order, condition: condition).faults(in: Sample.flow, id: nil)
    }

    static let sound = [
        "true", "data.n > 1", "message.text.contains('x') && message.metadata.button.id == 7", "stage.visits < 3 || stage.seconds > 60",
        "conversation.turns > 5 && conversation.id.startsWith('c-')", "now - conversation.created_at > duration('1h')",
        "agent.name == 'Ada' || agent.id == ''",
        "data.tags.exists(tag, tag in ['a', 'b'])", "data.flag", "has(data.n) && data.n == null", "message.received_at < now", "stage.type == 'form'",
        "[1, 2].all(n, n in data.numbers)",
    ]

    @Test("A condition over the variables on offer has no fault", arguments: sound)
    func accepts(condition: String) { #expect(Self.faults(condition).isEmpty) }

    /// A condition and the text of each of its faults, but for the variables on offer.
    static let faulty: [(String, [String])] = [
        ("data.n >", ["1:9: expected an expression, not the end\ndata.n >\n        ^"]),
        (
            "mesage.text == 'x'",
            ["1:1: unknown name 'mesage', did you mean 'message'?\nmesage.text == 'x'\n^^^^^^"]
        ),
        (
            "true &&\n  message.txt == 'x'",
            [
                "2:11: message has no field 'txt', did you mean 'text'?\n  message.txt == 'x'\n          ^^^"
                    + "\nThere are: metadata, received_at, text, type."
            ]
        ), ("stage.visits", ["1:1: a condition must be a bool, not int\nstage.visits\n^^^^^^^^^^^^"]),
        ("message.text > 1", ["1:1: '>' can't compare string with int\nmessage.text > 1\n^^^^^^^^^^^^^^^^"]),
        (
            "customer.vip || order.total > 5",
            [
                "1:1: unknown name 'customer'\ncustomer.vip || order.total > 5\n^^^^^^^^",
                "1:17: unknown name 'order'\ncustomer.vip || order.total > 5\n                ^^^^^",
            ]
        ),
    ]

    @Test("A fault of a condition tells the place, the line with a caret, the nearest name, and what is on offer", arguments: faulty)
    func refuses(condition: String, expected: [String]) {
        let faults = Self.faults(condition)
        #expect(faults.map(\.message) == expected.prefix(1).map { "\($0)\n\(Self.offer)" } + expected.dropFirst())
        #expect(faults.allSatisfy { $0.pointer.description == "/condition" })
    }

    @Test("Every fault is told, the variables on offer with the first alone, the members on offer with each that is unknown")
    func offers() {
        let messages = Self.faults("message.text > 1 && stage.visit && data2.n == 1 && agent.nam == ''").map(\.message)
        #expect(messages.map { $0.contains("The variables on offer") } == [true, false, false, false])
        #expect(messages.map { $0.contains("There are: ") } == [false, true, false, true])
    }

    @Test("Stages that are not there are told field by field, beside the faults of the condition")
    func stages() {
        let rule = TransitionRule(from: Sample.absent, to: Sample.id(98), condition: "stage.visits")
        let lines = rule.faults(in: Sample.flow, id: Sample.id(1)).map(\.line)
        #expect(lines.count == 3)
        for (line, start) in zip(
            lines,
            [
                "/from_stage_id: There is no stage \(Sample.absent) in this business.",
                "/to_stage_id: There is no stage 00000000-0000-4000-8000-000000000098",
                "/condition: 1:1: a condition must be a bool",
            ])
        {
            #expect(line.hasPrefix(start), "\(line)")
        }
        #expect(TransitionRule(from: Sample.order, to: Sample.closed).faults(in: Sample.flow, id: nil).isEmpty, "A target may be disabled.")
        #expect(
            TransitionRule(from: nil, to: Sample.ofAda).faults(in: Sample.flow, id: nil).isEmpty, "A rule from anywhere may lead to an agent's stage."
        )
    }

    @Test("Every variable has a sentence, a type and the members that the type has")
    func variables() {
        #expect(Condition.Variable.allCases.map(\.name) == ["message", "data", "stage", "conversation", "agent", "now"])
        for variable in Condition.Variable.allCases {
            #expect(variable.summary.hasSuffix("."))
            for (field, type) in variable.fields {
                #expect(Self.faults("type(\(variable.name).\(field)) == type(\(variable.name).\(field))").isEmpty, "\(type)")
            }
        }
    }
}
