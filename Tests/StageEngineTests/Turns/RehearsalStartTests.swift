import StageEngine
import StageModel
import Testing

@Suite("Trials of a conversation")
struct RehearsalStartTests {
    /// How a trial begins, and where its first message leads.
    struct Start: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let says: String
        let set: @Sendable (TurnBench, inout Simulation) throws -> Void
        let stages: @Sendable (TurnBench) -> [Stage.ID]
    }

    static let starts = [
        Start(testDescription: "with nothing said of it: at the entry", says: "Hello", set: { _, _ in }, stages: { [$0.greeting] }),
        Start(testDescription: "at a stage", says: "Hm", set: { $1.stage = $0.form }, stages: { [$0.form] }),
        Start(
            testDescription: "at a stage with data that lead on", says: "Hm",
            set: { bench, start in
                start.stage = bench.form
                start.data = ["email": "jo@example.com"]
            }, stages: { [$0.form, $0.thanks] }),
        Start(
            testDescription: "as a conversation is", says: "Hm", set: { $1.conversation = try $0.bench.id("at-form") }, stages: { [$0.form] }),
        Start(
            testDescription: "as a conversation is that has come to its end: anew", says: "Hello",
            set: { $1.conversation = try $0.bench.id("at-end") }, stages: { [$0.greeting] }),
    ]

    @Test("A trial begins as it is told to, and keeps nothing", arguments: starts)
    func start(_ expected: Start) async throws {
        try await TurnBench.with { bench in
            _ = try await bench.bench.go(bench.form, "at-form")
            _ = try await bench.bench.go(bench.thanks, "at-end")
            let before = (try await bench.state("at-form"), try await bench.state("at-end"))
            var start = Simulation()
            try expected.set(bench, &start)
            var rehearsal = try await bench.turns.rehearsal(from: start, by: bench.bench.caller)
            let turn = try await rehearsal.send(Self.says(expected.says), at: bench.bench.clock.now)
            #expect(turn.outcome.stages == expected.stages(bench))
            #expect(try await (bench.state("at-form"), bench.state("at-end")) == before)
            #expect(try await bench.messages("at-form").isEmpty)
            #expect(await refusal { _ = try await bench.state("simulated") }?.code == .notFound)
        }
    }

    @Test("What is wrong with the start is told at its member")
    func faults() async throws {
        try await TurnBench.with { bench in
            let cases: [(String, (inout Simulation) throws -> Void)] = [
                ("/agent_id", { $0.agent = Agent.ID() }), ("/stage_id", { $0.stage = Stage.ID() }),
                (
                    "/rules/0/condition",
                    { start in
                        let rule = TransitionRule(from: bench.greeting, to: bench.form, condition: "data.")
                        start.rules = [Simulation.Draft(id: nil, body: rule)]
                    }
                ),
            ]
            for (place, set) in cases {
                var start = Simulation()
                try set(&start)
                let error = await refusal { _ = try await bench.turns.rehearsal(from: start, by: bench.bench.caller) }
                #expect(error?.places == [place])
            }
            var start = Simulation()
            start.conversation = try bench.bench.id("nobody")
            #expect(await refusal { _ = try await bench.turns.rehearsal(from: start, by: bench.bench.caller) }?.code == .notFound)
        }
    }

    @Test("The model is asked when that is wanted, and only then")
    func model() async throws {
        let model = ScriptedModel { _ in "As the model says." }
        try await TurnBench.with(model: model) { bench in
            for (isWanted, count) in [(false, 0), (true, 1)] {
                var rehearsal = try await bench.turns.rehearsal(from: Simulation(), withModel: isWanted, by: bench.bench.caller)
                let turn = try await rehearsal.send(Self.says("Hello"), at: bench.bench.clock.now)
                #expect((turn.outcome.reply == "As the model says.") == isWanted)
                #expect(turn.outcome.prompts.count == count && model.prompts.count == count)
            }
        }
    }

    @Test("What the model has answered before is not asked again, as long as it is asked the same")
    func recall() async throws {
        let model = ScriptedModel { _ in "As the model says." }
        try await TurnBench.with(model: model) { bench in
            let prompt = try await trial(bench, [:]).work.calls[0].prompt
            let again = try await trial(bench, [prompt.fingerprint: "As it said before."])
            #expect(again.outcome.reply == "As it said before." && model.prompts == [prompt])
            #expect(try await trial(bench, ["other": "As it said before."]).outcome.reply == "As the model says.")
        }
        func trial(_ bench: TurnBench, _ known: [String: String]) async throws -> Rehearsal.Turn {
            var rehearsal = try await bench.turns.rehearsal(from: Simulation(), withModel: true, recalling: known, by: bench.bench.caller)
            return try await rehearsal.send(Self.says("Hello"), at: bench.bench.clock.now)
        }
    }

    @Test("It is told of the rules that did not hold why not")
    func whyNot() async throws {
        try await TurnBench.with { bench in
            var rehearsal = try await bench.turns.rehearsal(from: Simulation(), by: bench.bench.caller)
            for (text, isHeld) in [("Hello", false), ("Please write to me", true)] {
                let turn = try await rehearsal.send(Self.says(text), at: bench.bench.clock.now)
                let traces = turn.outcome.steps.compactMap { step in if case .decided(_, let trace, _) = step { trace } else { DecisionTrace?.none } }
                let candidate = try #require(traces.first?.candidates.first)
                #expect(candidate.held == isHeld && (candidate.whyNotSentence == nil) == isHeld)
            }
        }
    }

    private static func says(_ text: String) -> InboundMessage {
        InboundMessage(id: text, message: Message(text: text, receivedAt: TestClock.start))
    }
}
