@testable import StageModel
import Testing

@Suite("Decisions: sensitive data")
struct DecisionMaskingTests {
    static let rows = DecisionCase.read(
        """
        # A sensitive datum decides as any other and is masked in the trace
        data {"card": "4111-2222"}
        1 greeting > order: data.card == '4111-2222'
        -> order by 1
        +1 won: data.card == '4111-2222' = true [data.card = "«masked»"]

        # What is made of it is masked, too; whether a clause holds is told
        data {"card": "4111-2222", "n": 3}
        1 greeting > order: data.card.startsWith('4') && size(data.card) > 10 && data.n == 3
        -> stays
        -1 not_held: data.card.startsWith('4') = true [data.card = "«masked»"]
          size(data.card) > 10 = false [size(data.card) = "«masked»"]
          data.n == 3 = true [data.n = 3]

        # An error that tells of its value is not told
        data {"card": "4111-2222"}
        1 greeting > order: int(data.card) > 5
        -> stays
        -1 failed(it has no value): int(data.card) > 5 ! it has no value [int(data.card) !]

        # That it is missing is told
        1 greeting > order: data.card == '4'
        -> stays
        -1 failed(no such key: card): data.card == '4' ! no such key: card ? data.card [data.card !]

        # What is looked up by it is not told
        data {"card": "4111-2222", "prices": {"a": 1}}
        1 greeting > order: data.prices[data.card] == 1
        -> stays
        -1 failed(it has no value): data.prices[data.card] == 1 ! it has no value [data.prices[data.card] !]

        # An error beside it is told
        data {"card": "4111-2222"}
        1 greeting > order: data.card != '' && data.n == 1
        -> stays
        -1 failed(no such key: n): data.card != '' = true [data.card = "«masked»"]
          data.n == 1 ! no such key: n ? data.n [data.n !]

        # A value that holds it at any depth is masked as a whole
        data {"payment": {"card": "4111-2222"}, "n": 1}
        1 greeting > order: data.payment == {'n': 1} || size(data) == 1
        -> stays
        -1 not_held: data.payment == {'n': 1} = false [data.payment = "«masked»", {'n': 1} = {"n": 1}]
          size(data) == 1 = false [size(data) = "«masked»"]

        # A condition that is no truth value does not show it
        data {"card": "4111-2222"}
        1 greeting > order: data.card
        -> stays
        -1 failed(it has no value): data.card = "«masked»"
        """)

    @Test("What sensitive data came to is masked", arguments: rows)
    func decides(row: DecisionCase) throws { try row.verify() }

    /// Conditions over `data.card`, a secret, and `data.other`, which is none.
    static let conditions = [
        "data.card == 'x'", "data.card == data.other", "data.other == data.card", "data.other == data['card']", "data.card in [data.other]",
        "data.other in [data.card, 'x']", "int(data.card) > 3", "timestamp(data.card) > now", "data.list[data.card] == 1", "data[data.card] == 1",
        "data.card in data", "data.map[data.card].x == 1", "data.exists(name, name == data.card)", "data.card.matches('[a-z]')",
        "data.other.matches(data.card)", "data.card", "data.card + 'x'", "data.card.size() == 3 && data.other == 'y'", "data == {'a': 1}",
        "data.nested.card == 'x'", "data.nested.deep.card == 'x'", "data.nested == {}", "data.list == [data.card]",
        "has(data.card) ? data.card == 'x' : false",
        "cel.bind(secret, data.card, secret == 'x')", "[data].map(d, d.card) == ['x']", "data.map(name, name)[0] == 'x' || data.card < 'a'",
        "message.text == data.card", "conversation.id == data.card", "data.?card.orValue('') == 'x'", "data[?'card'].orValue('') == 'x'",
        "!(data.card == data.card)", "data.card == 'x' || data.other.startsWith(data.card)", "'%s'.format([data.card]) == 'x'",
        "data.card.split('-')[7] == 'x'", "duration(data.card) > duration('1s')", "data.list[int(data.card)] == 1", "data.card > 5",
        "data.other.contains(data.card) && data.card != data.card", "data.a == data.card && data.b == data.a",
        "data.b == data.a && data.a == data.card", "data.b == data.other && data.other == data.nested.card",
    ]

    @Test("No trace, no kept trace and no why-not shows a secret", arguments: conditions)
    func secrets(condition: String) throws {
        let secret = "4111-2222"
        let rules = [nil, DecisionFlow.greeting].enumerated().map { number, from in
            Sample.saved(Sample.id(number + 1), TransitionRule(from: from, to: DecisionFlow.order, condition: condition))
        }
        let flow = DecisionFlow.flow(rules)
        var state = ConversationState(key: ConversationKey(business: Sample.business.id, conversation: .simulated), at: Sample.start)
        state.stageID = DecisionFlow.greeting
        state.data.conversation = [
            "card": .string(secret), "other": "abc", "list": ["abc"], "map": ["a": ["x": 2]],
            "nested": ["card": .string(secret), "deep": ["card": .string(secret)]],
        ]
        let event = ConversationEvent(message: Message(text: "Hello", receivedAt: Sample.start))
        let decision = flow.decide(state, on: event, at: Sample.start)
        let trace = flow.trace(of: decision, state, on: event, at: Sample.start)
        #expect(trace.candidates.count == 2)
        for candidate in trace.candidates { #expect(!candidate.jsonText.contains("4111"), "\(candidate.jsonText)") }
        #expect(!trace.kept().jsonText.contains("4111"))
        #expect(!String(describing: trace).contains("4111"))
    }

    @Test(
        "A value that makes a rule hold is shown unless it is sensitive or could be",
        arguments: [
            ("data.other == 'x'", #"[{"path":"data.other","value":"x"}]"#), ("data.card == 'x'", #"[{"path":"data.card","value":"«masked»"}]"#),
            ("data.other == data.card", #"[{"path":"data.other","value":"«masked»"}]"#),
            ("data.other == 'x' && data.card == 'y'", #"[{"path":"data.other","value":"x"},{"path":"data.card","value":"«masked»"}]"#),
            ("message.text == 'x'", #"[{"path":"message.text","value":"x"}]"#), ("data.n > 5", #"[{"path":"data.n","value":6}]"#),
            ("data.n > 5 && data.card == 'y'", #"[{"path":"data.n","value":"«masked»"},{"path":"data.card","value":"«masked»"}]"#),
        ])
    func whyNot(condition: String, expected: String) throws {
        let flow = DecisionFlow.flow([Sample.saved(Sample.id(1), TransitionRule(from: nil, to: DecisionFlow.order, condition: condition))])
        var state = ConversationState(key: ConversationKey(business: Sample.business.id, conversation: .simulated), at: Sample.start)
        state.stageID = DecisionFlow.greeting
        state.data.conversation = ["card": "4111", "other": "abc"]
        let event = ConversationEvent(message: Message(text: "Hello", receivedAt: Sample.start))
        let trace = flow.trace(of: flow.decide(state, on: event, at: Sample.start), state, on: event, at: Sample.start)
        let document = try JSONValue(parsing: try #require(trace.candidates.first).jsonBytes)
        #expect(document["why_not"]?["values"]?.jsonText == expected)
    }
}
