import CEL
@testable import StageModel
import Testing

@Suite("Decisions: traces")
struct DecisionTraceTests {
    /// The trace of one rule, on data of `n` = 2.
    private static func trace(
        to target: Stage.ID = DecisionFlow.order, condition: String, data: [String: JSONValue] = ["n": 2],
        selection: TransitionRule.Selection = .automatic
    ) throws -> DecisionTrace.Candidate {
        let rule = TransitionRule(from: nil, to: target, condition: condition, selection: selection, priority: 7, description: "Buys")
        let flow = DecisionFlow.flow([Sample.saved(Sample.id(1), rule)])
        var state = ConversationState(key: ConversationKey(business: Sample.business.id, conversation: .simulated), at: Sample.start)
        state.stageID = DecisionFlow.greeting
        state.data.conversation = data
        let event = ConversationEvent(message: Message(text: "Hello", receivedAt: Sample.start))
        let decision = flow.decide(state, on: event, at: Sample.start)
        return try #require(flow.trace(of: decision, state, on: event, at: Sample.start).candidates.first)
    }

    @Test("A candidate is answered with its rule, its verdict, its target and every clause with both sides")
    func document() throws {
        let candidate = try Self.trace(condition: "data.n > 1 && 'x' != message.text")
        #expect(
            try JSONValue(parsing: candidate.jsonBytes) == [
                "rule_id": "00000000-0000-4000-8000-000000000001", "from_stage_id": .null, "to_stage_id": .string(DecisionFlow.order.description),
                "selection": "automatic", "priority": 7, "description": "Buys", "condition": "data.n > 1 && 'x' != message.text", "held": true,
                "verdict": "won", "target": ["open": true],
                "clauses": [
                    ["text": "data.n > 1", "value": true, "operands": [["text": "data.n", "value": 2], ["text": "1", "value": 1]]],
                    [
                        "text": "'x' != message.text", "value": true,
                        "operands": [["text": "'x'", "value": "x"], ["text": "message.text", "value": "Hello"]],
                    ],
                ],
            ])
    }

    @Test("A candidate that does not lead on is answered with the error, what was missing, and why not")
    func refusal() throws {
        let document = try JSONValue(parsing: Self.trace(to: DecisionFlow.closed, condition: "data.m == 5", selection: .model).jsonBytes)
        #expect(document["held"] == false && document["verdict"] == "closed" && document["selection"] == "model")
        #expect(document["target"] == ["open": false, "reason": "disabled", "message": "the target is disabled."])
        #expect(document["error"] == "no such key: m")
        let outcome: [String: JSONValue] = ["text": "data.m == 5", "error": "no such key: m", "missing": "data.m"]
        let operands: JSONValue = [
            ["text": "data.m", "error": "no such key: m", "missing": "data.m"], ["text": "5", "value": 5],
        ]
        #expect(document["clauses"] == [.object(outcome.merging(["operands": operands]) { $1 })])
        #expect(
            document["why_not"] == [
                "message": "`data.m == 5` has no value: data.m is not there. It would hold with data.m = 5. Besides, the target is disabled.",
                "clauses": [.object(outcome.merging(["wanted": true]) { $1 })], "values": [["path": "data.m", "value": 5]],
            ])
    }

    /// A target, a condition, and why the rule does not lead on.
    static let sentences: [(Stage.ID, String, String?)] = [
        (DecisionFlow.order, "true", nil), (DecisionFlow.order, "data.n == 3", "`data.n == 3` is not true. It would hold with data.n = 3."),
        (DecisionFlow.order, "!(data.n == 2)", nil),
        (DecisionFlow.closed, "true", "The condition holds, but the target is disabled."),
        (DecisionFlow.ofAda, "true", "The condition holds, but the target belongs to an agent that the conversation is not held with."),
        (DecisionFlow.greeting, "true", "The condition holds, but a rule from any stage does not lead to the stage where the conversation is."),
        (Sample.absent, "true", "The condition holds, but the target does not exist any more."),
        (DecisionFlow.order, "data.n >", "The condition can't be evaluated: 1:9: expected an expression, not the end\ndata.n >\n        ^"),
    ]

    @Test("Why a rule does not lead on is told in a sentence", arguments: sentences)
    func sentence(target: Stage.ID, condition: String, expected: String?) throws {
        let candidate = try Self.trace(to: target, condition: condition)
        guard condition.hasPrefix("!") else {
            #expect(candidate.whyNotSentence == expected)
            return
        }
        #expect(try #require(candidate.whyNotSentence).hasPrefix("`data.n == 2` is true. It would hold with data.n = "))
    }

    @Test("A target that was entered as often as it may be is told in a sentence")
    func visitedOut() {
        #expect(Decision.Closure.visitedOut.sentence == "the target was entered as often as its max_visits allows.")
        #expect(Decision.Closure.allCases.map(\.rawValue) == ["missing", "already_there", "other_agent", "disabled", "max_visits", "passed"])
    }

    @Test("What is kept is each candidate's id, verdict and values in their order, as many as have room")
    func kept() throws {
        let rules = (1...40).map { number in
            Sample.saved(Sample.id(number), TransitionRule(from: nil, to: DecisionFlow.order, condition: "data.n == \(number) || data.m == 1"))
        }
        let flow = DecisionFlow.flow(rules)
        var state = ConversationState(key: ConversationKey(business: Sample.business.id, conversation: .simulated), at: Sample.start)
        state.stageID = DecisionFlow.greeting
        state.data.conversation = ["n": 2]
        let trace = flow.trace(of: flow.decide(state, on: ConversationEvent(), at: Sample.start), state, on: ConversationEvent(), at: Sample.start)
        let first = JSONValue.object(["rule_id": .string(rules[0].id.description), "verdict": "failed", "values": [false, .null]])
        let second = JSONValue.object(["rule_id": .string(rules[1].id.description), "verdict": "won", "values": [true, .null]])
        #expect(trace.kept(room: 1_000_000).array?.count == 40)
        #expect(trace.kept().array?.prefix(2) == [first, second])
        for room in 0..<400 {
            let kept = trace.kept(room: room)
            #expect(kept.jsonBytes.count <= room + 2, "Only the brackets come on top.")
            #expect(kept.array?.prefix(2) == [first, second].prefix(kept.array?.count ?? 0))
        }
        #expect(trace.kept(room: -5) == [])
    }

    /// A value, and the JSON that a trace shows of it.
    static let abridged: [(CEL.Value, JSONValue)] = [
        (.null, .null), (.int(-5), -5), (.uint(7), 7), (.uint(.max), .number(18_446_744_073_709_551_616)), (.double(1.5), .number(1.5)),
        (.double(.nan), "nan"), (.double(.infinity), "inf"), (.string("é"), "é"), (.bytes([104, 105]), #"b"hi""#), (.type("int"), "int"),
        (.timestamp(.zero), "1970-01-01T00:00:00Z"), (.optional(nil), .null), (.optional(.int(3)), 3),
        (.string(String(repeating: "ü", count: 500)), .string(String(repeating: "ü", count: 500))),
        (.string(String(repeating: "ü", count: 501)), .string(String(repeating: "ü", count: 500) + "…")),
        (.list((0..<20).map { .int($0) }), .array((0..<20).map { .integer($0) })),
        (.list((0..<21).map { .int($0) }), .array((0..<20).map { .integer($0) } + ["…"])), (["a": ["b": 1]], ["a": ["b": 1]]),
    ]

    @Test("Values are shown as JSON, and long ones are cut", arguments: abridged)
    func abridges(value: CEL.Value, expected: JSONValue) { #expect(JSONValue(abridging: value) == expected) }

    @Test("What nests deeper than eight levels is left out")
    func depth() {
        let deep = (0..<12).reduce(CEL.Value.int(1)) { value, _ in .list([value]) }
        #expect(JSONValue(abridging: deep).jsonText == #"[[[[[[[["…"]]]]]]]]"#)
    }
}
