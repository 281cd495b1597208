import StageEngine
import StageModel
import StageStore
import Testing

@Suite("Turns")
struct TurnServiceTests {
    @Test("A turn is one commit: moves, data, transitions, message and answer")
    func commitsOnce() async throws {
        try await TurnBench.with { bench in
            let first = try await bench.send("please write to me", "m1").message
            #expect(first.outcome == .replied)
            #expect(first.reply == "To which address?")
            #expect(try await bench.state().version == 1)
            let answer = try first.answered()
            #expect(answer["stages"] == [.string(bench.greeting.description), .string(bench.form.description)])
            #expect(answer["missing_fields"] == ["email"])
            #expect(answer["version"] == 1)

            let second = try await bench.send("anna@example.com", "m2").message
            #expect(second.reply == "Thank you.")
            let state = try await bench.state()
            #expect(state.version == 2 && state.turns == 2 && state.status == .completed && state.stageID == bench.thanks)
            #expect(state.data.merged["email"] == "anna@example.com")
            #expect(try second.answered()["data"] == ["email": "«masked»"])
            let history = try await bench.bench.stages.history(of: try bench.bench.id("c"), before: nil, limit: 10, by: bench.bench.caller)
            #expect(history.map { "\($0.version).\($0.sequence) \($0.cause)" } == ["2.0 rule", "1.1 rule", "1.0 start"])
        }
    }

    @Test("What was said is kept sealed, and shown without what is sensitive in it")
    func masksMessages() async throws {
        try await TurnBench.with { bench in
            try await bench.send("please write to me")
            try await bench.send("it is anna@example.com, thanks")
            let messages = try await bench.messages()
            #expect(messages.map(\.text) == ["please write to me", "it is anna@example.com, thanks"])
            #expect(messages.map(\.maskedText) == ["please write to me", "it is «masked», thanks"])
            #expect(messages.map(\.number) == [1, 2])
        }
    }

    @Test("A sensitive value that is known already is not shown where it is said again, though nothing reads it there")
    func masksWhatIsKnown() async throws {
        try await TurnBench.with { bench in
            _ = try await bench.bench.stages.setCurrentStage(
                bench.greeting, of: try bench.bench.id("c"), data: ["email": "anna@example.com"], by: bench.bench.caller)
            let message = try await bench.send("is anna@example.com still right?").message
            #expect(message.text == "is anna@example.com still right?" && message.maskedText == "is «masked» still right?")
            #expect(message.maskedReply == "Hello. You said: is «masked» still right?")
        }
    }

    @Test("The same message sent fifty times at once is one turn, with one answer")
    func handlesOnce() async throws {
        try await TurnBench.with { bench in
            let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<50 { group.addTask { try await bench.send("hello", "m1").message.answer } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(answers.count == 1)
            #expect(try await bench.state().version == 1)
            #expect(try await bench.messages().count == 1)
            #expect(try await bench.send("something else", "m1").isRepeated)
        }
    }

    @Test("Twenty messages at once are twenty turns in the order of their arrival, with unbroken versions")
    func keepsTheOrder() async throws {
        let gate = Gate()
        let model = ScriptedModel { prompt in
            if prompt.purpose == .response { await gate.pass() }
            return "ok"
        }
        try await TurnBench.with(model: model) { bench in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...20 {
                    group.addTask { try await bench.send("message \(number)") }
                    await bench.line.joined(number)
                }
                await gate.open()
                try await group.waitForAll()
            }
            #expect(try await bench.messages().map(\.text) == (1...20).map { "message \($0)" })
            #expect(try await bench.state().version == 20)
        }
    }

    @Test("A message to a paused conversation is stored and not answered")
    func storesForThePaused() async throws {
        try await TurnBench.with { bench in
            try await bench.send("hello", "m1")
            _ = try await bench.bench.stages.perform(.pause, on: try bench.bench.id("c"), by: bench.bench.caller)
            let handled = try await bench.send("are you there?", "m2").message
            #expect(handled.outcome == .paused && handled.reply == nil)
            #expect(try handled.answered()["reply"] == .null)
            #expect(try await bench.state().version == 3)
            #expect(try await bench.state().turns == 2)
        }
    }

    @Test("A message to a completed conversation begins it anew at its entry, without what was learned")
    func beginsAnew() async throws {
        try await TurnBench.with { bench in
            try await bench.send("please write to me")
            try await bench.send("anna@example.com")
            let handled = try await bench.send("hello again").message
            #expect(handled.reply == "Hello. You said: hello again")
            let state = try await bench.state()
            #expect(state.stageID == bench.greeting && state.status == .active && state.version == 3)
            #expect(state.data.merged.isEmpty && state.visits == [bench.greeting: 1])
        }
    }

    @Test("What was sent before a conversation was erased is not known any more")
    func forgetsTheErased() async throws {
        try await TurnBench.with { bench in
            try await bench.send("hello", "m1")
            try await bench.bench.stages.erase(try bench.bench.id("c"), by: bench.bench.caller)
            #expect(await refusal { _ = try await bench.messages() }?.code == .notFound)
            let again = try await bench.send("hello", "m1")
            #expect(!again.isRepeated && again.message.number == 1)
            #expect(try await bench.state().version == 2)
        }
    }
}
