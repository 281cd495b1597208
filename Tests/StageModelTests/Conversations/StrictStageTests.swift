@testable import StageModel
import Testing

@Suite("Conversations: strict stages")
struct StrictStageTests {
    private static let desk: Stage.ID = Sample.id(41)
    private static let once: Stage.ID = Sample.id(42)
    private static let hurried: Stage.ID = Sample.id(43)

    private static let stages = [
        Sample.saved(desk, Sample.stage("desk") { $0.transitionPolicy = .strict }), Sample.saved(once, Sample.stage("once") { $0.maximumVisits = 1 }),
        Sample.saved(
            hurried,
            Sample.stage("hurried") { configuration in
                configuration.transitionPolicy = .strict
                configuration.timeout = StageConfiguration.Timeout(seconds: 60, toStageID: Sample.scratch)
                configuration.persistence.timeToLive = 1000
            }),
    ]

    private static func flow(_ rules: [TransitionRule]) -> Flow {
        Sample.flow.saving(stages: stages, rules: rules.enumerated().map { Sample.saved(Sample.id($0 + 1), $1) })
    }

    private static let flow = flow([
        TransitionRule(from: desk, to: Sample.order, condition: "data.ready", priority: 100),
        TransitionRule(from: desk, to: Sample.scratch, condition: "stage.visits < 3", selection: .model),
        TransitionRule(from: nil, to: Sample.greeting, condition: "message.text == 'restart'"),
        TransitionRule(from: desk, to: once), TransitionRule(from: desk, to: Sample.done, condition: "false"),
        TransitionRule(from: desk, to: Sample.done, condition: "data.bye == 'yes'", selection: .model, priority: 9),
        TransitionRule(from: Sample.scratch, to: Sample.ghost), TransitionRule(from: desk, to: Sample.closed),
        TransitionRule(from: desk, to: Sample.ofAda), TransitionRule(from: nil, to: desk, condition: "false"),
    ])

    static let moves = [
        Transcript(
            "A move out of a strict stage is refused, with the trace, until a rule allows it",
            [
                (0, .go(desk), "active at desk: v1 none>desk api"),
                (
                    1, .go(Sample.order),
                    "refused: no rule allows desk>order: -1 failed(no such key: ready): data.ready ! no such key: ready ? data.ready"
                ),
                (2, .go(desk, ["ready": false]), "active at desk: v2 desk>desk api"),
                (3, .go(Sample.order), "refused: no rule allows desk>order: -1 not_held: data.ready = false"),
                (4, .go(desk, ["ready": true]), "active at desk: v3 desk>desk api"),
                (5, .go(Sample.order), "active at order: v4 desk>order api by 1 after 5s"),
            ]),
        Transcript(
            "What is written with the move comes too late for the rule",
            [
                (0, .go(desk, ["ready": false]), "active at desk: v1 none>desk api"),
                (1, .go(Sample.order, ["ready": true]), "refused: no rule allows desk>order: -1 not_held: data.ready = false"),
            ]),
        Transcript(
            "A move to where no rule leads is refused, also if one leads there from elsewhere",
            [
                (0, .go(desk), "active at desk: v1 none>desk api"), (1, .go(Sample.ghost), "refused: no rule allows desk>ghost: "),
                (2, .go(hurried), "refused: no rule allows desk>hurried: "),
            ]),
        Transcript(
            "A rule for the model allows a move, too, though another rule would win a turn",
            [
                (0, .go(desk, ["ready": true]), "active at desk: v1 none>desk api"),
                (1, .go(Sample.scratch), "active at scratch: v2 desk>scratch api by 2 after 1s"),
                (2, .go(desk), "active at desk: v3 scratch>desk api after 1s"),
                (3, .rewind(toVersion: 1, stage: desk), "active at desk: v4 desk>desk repair"),
                (4, .go(Sample.scratch), "refused: no rule allows desk>scratch: -2 not_held: stage.visits < 3 = false [stage.visits = 3]"),
            ]),
        Transcript(
            "A rule from any stage allows a move, when the request carries the message that it asks for",
            [
                (0, .go(desk), "active at desk: v1 none>desk api"),
                (
                    1, .go(Sample.greeting),
                    "refused: no rule allows desk>greeting: -3 failed(there is no message): "
                        + "message.text == 'restart' ! there is no message ? message [message.text !]"
                ),
                (
                    2, .go(Sample.greeting, saying: "hello"),
                    #"refused: no rule allows desk>greeting: -3 not_held: message.text == 'restart' = false [message.text = "hello"]"#
                ), (3, .go(Sample.greeting, saying: "restart"), "active at greeting: v2 desk>greeting api by 3 after 3s"),
            ]),
        Transcript(
            "A rule whose target is closed allows nothing",
            [
                (0, .go(desk), "active at desk: v1 none>desk api"), (1, .go(once), "active at once: v2 desk>once api by 4 after 1s"),
                (2, .go(desk), "active at desk: v3 once>desk api after 1s"),
                (3, .go(once), "refused: no rule allows desk>once: +4 closed(max_visits): true = true"),
                (4, .go(Sample.closed), "refused: closed is disabled"), (5, .go(Sample.ofAda), "refused: ofAda is Ada's"),
                (6, .go(Sample.absent), "refused: unknown stage ?"),
            ]),
        Transcript(
            "Of several rules each is told, the automatic ones first, and the first that holds allows the move",
            [
                (0, .go(desk), "active at desk: v1 none>desk api"),
                (
                    1, .go(Sample.done),
                    "refused: no rule allows desk>done: -5 not_held: false = false | -6 failed(no such key: bye): "
                        + "data.bye == 'yes' ! no such key: bye ? data.bye [data.bye !]"
                ), (2, .go(desk, ["bye": "yes"]), "active at desk: v2 desk>desk api"),
                (3, .go(Sample.done), "completed at done: v3 desk>done api by 6 after 3s"),
            ]),
    ]

    static let exempt = [
        Transcript(
            "Moves into a strict stage and within it are free",
            [
                (0, .go(desk), "active at desk: v1 none>desk api"), (1, .go(desk, ["a": 1]), "active at desk: v2 desk>desk api"),
                (2, .go(desk), "active at desk: v3 desk>desk api"), (3, .pause, "paused at desk: v4 desk>desk api"),
                (4, .go(Sample.ghost), "refused: no rule allows desk>ghost: "), (5, .resume, "active at desk: v5 desk>desk api"),
            ]),
        Transcript(
            "Clearing, rewinding and evacuating are free",
            [
                (0, .go(desk), "active at desk: v1 none>desk api"), (1, .clear, "active at none: v2 desk>none api after 1s"),
                (2, .go(desk), "active at desk: v3 none>desk api"),
                (3, .rewind(toVersion: 1, stage: Sample.ghost), "active at ghost: v4 desk>ghost repair after 1s"),
                (4, .go(desk), "active at desk: v5 ghost>desk api after 1s"),
                (5, .evacuate(from: desk, to: Sample.ghost), "active at ghost: v6 desk>ghost repair after 1s"),
            ]),
        Transcript(
            "A timeout leads out of a strict stage, and an expiry forgets it",
            [
                (0, .go(hurried), "active at hurried: v1 none>hurried api"), (59, .go(Sample.scratch), "refused: no rule allows hurried>scratch: "),
                (60, .go(Sample.ghost), "active at ghost: v2 hurried>scratch timer after 60s, v3 scratch>ghost api after 0s"),
                (70, .go(hurried), "active at hurried: v4 ghost>hurried api after 10s"),
                (2000, .go(Sample.ghost), "active at ghost: v5 hurried>none timer after 1930s, v6 none>ghost api"),
            ]),
        Transcript(
            "An open stage is left for any other, whatever its rules say",
            [
                (0, .go(Sample.scratch), "active at scratch: v1 none>scratch api"),
                (1, .go(Sample.order), "active at order: v2 scratch>order api after 1s"),
                (2, .go(Sample.scratch), "active at scratch: v3 order>scratch api after 1s"),
                (3, .go(Sample.ghost), "active at ghost: v4 scratch>ghost api after 1s"),
            ]),
    ]

    @Test("A strict stage is left as its transcript says", arguments: moves + exempt)
    func plays(transcript: Transcript) throws {
        var rehearsal = try Rehearsal(flow: Self.flow)
        for step in transcript.steps {
            let before = rehearsal.state
            let outcome = rehearsal.perform(step.command, at: step.at)
            #expect(outcome == step.expected, "\(step.at): \(step.command)")
            if outcome.hasPrefix("refused") { #expect(rehearsal.state == before) }
        }
        for transition in rehearsal.history { #expect((transition.rule != nil) == (transition.trace["rules"] != nil)) }
    }

    @Test("A move that was allowed keeps the rule, and what came of each rule up to it")
    func kept() throws {
        let rules = [
            TransitionRule(from: Self.desk, to: Sample.scratch, condition: "data.n > 5 || data.m == 1"),
            TransitionRule(from: Self.desk, to: Sample.scratch, condition: "data.card.startsWith('4') && data.n + 1 < 9 && size(data.card) == 4"),
            TransitionRule(from: Self.desk, to: Sample.ghost), TransitionRule(from: nil, to: Sample.scratch),
        ]
        var rehearsal = try Rehearsal(flow: Self.flow(rules))
        _ = rehearsal.perform(.go(Self.desk, ["n": 3, "card": "4111"]), at: 0)
        #expect(rehearsal.perform(.go(Sample.scratch, ["note": "x"]), at: 1).hasPrefix("active at scratch"))
        let moved = try #require(rehearsal.history.last)
        let ids = [1, 2, 4].map { JSONValue.string((Sample.id($0) as TransitionRule.ID).description) }
        #expect(moved.rule == Sample.id(2) && moved.cause == .api && moved.actor == "sk_test")
        #expect(
            moved.trace == [
                "data": ["note"],
                "rules": [
                    ["rule_id": ids[0], "verdict": "failed", "values": [false, .null]],
                    ["rule_id": ids[1], "verdict": "won", "values": [true, true, true]],
                    ["rule_id": ids[2], "verdict": "not_tried", "values": [true]],
                ],
            ])
        let document = try JSONValue(parsing: moved.jsonBytes)
        #expect(throws: Never.self) { try Transition.schema.check(document) }
        #expect(document["rule_id"] == ids[1])
    }

    /// How many rules, how long their texts and values, how many data and how long their names.
    static let sizes: [(rules: Int, text: Int, data: Int, name: Int)] = [
        (1, 1, 0, 0), (100, 1, 0, 0), (100, 5000, 0, 0), (1, 9000, 1, 9000), (100, 400, 300, 60), (1, 10, 500, 3), (30, 10, 60, 20), (8, 100, 30, 44),
        (100, 30, 1, 1490), (100, 30, 1, 1500), (2, 300, 700, 1), (3, 480, 12, 120),
    ]

    @Test("The trace of a move stays within 2 KiB, whatever there is to tell", arguments: sizes)
    func bounded(size: (rules: Int, text: Int, data: Int, name: Int)) throws {
        // Each of these texts is longer in JSON than in itself.
        let text = String(repeating: "\"é\n", count: max(1, size.text / 3))
        let conditions = ["data.text == '' || data.list == []", "data.text != '' && data.list.size() > 0 && message.text + data.text != ''"]
        var rules = (0..<size.rules).map { number in
            TransitionRule(from: Self.desk, to: Sample.ghost, condition: conditions[number % 2] + " && \(number) < 0", priority: Int64(number))
        }
        rules.append(TransitionRule(from: nil, to: Sample.ghost, condition: "[data.text, data.text].exists(t, t != '')", selection: .model))
        var rehearsal = try Rehearsal(flow: Self.flow(rules))
        _ = rehearsal.perform(.go(Self.desk, ["text": .string(text), "list": .array((0..<50).map(JSONValue.integer))]), at: 0)
        let names = (0..<size.data).map { number in String(repeating: number % 2 == 0 ? "n" : "\t", count: size.name) + "\(number)" }
        let data = Dictionary(names.map { ($0, JSONValue.integer(1)) }, uniquingKeysWith: { first, _ in first })
        let outcome = rehearsal.perform(.go(Sample.ghost, data, saying: text), at: 1)
        #expect(outcome == "active at ghost: v2 desk>ghost api by \(size.rules + 1) after 1s")
        let moved = try #require(rehearsal.history.last)
        #expect(moved.rule == Sample.id(size.rules + 1))
        #expect(moved.trace.jsonBytes.count <= 2 << 10, "\(moved.trace.jsonBytes.count)")
        #expect(moved.trace["rules"]?.array != nil)
    }
}
