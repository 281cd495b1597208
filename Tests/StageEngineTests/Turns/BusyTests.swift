import StageEngine
import StageModel
import StageStore
import Testing

@Suite("Messages that come while another is handled")
struct BusyTests {
    /// Handles a message whose reply waits at a gate, and something else meanwhile.
    private static func meanwhile(
        busy: StageConfiguration.Busy, _ body: @escaping @Sendable (TurnBench, Gate) async throws -> Void
    ) async throws -> (first: HandledMessage?, bench: [HandledMessage]) {
        let gate = Gate()
        let model = ScriptedModel { (prompt) async throws(ModelFailure) -> String in
            // Only the first one is held; a turn that is ended goes on at once.
            if prompt.lines.contains(where: { $0.text.contains("first") }) { await gate.passUnlessCancelled() }
            if Task.isCancelled { throw ModelFailure(.timeout, "cancelled") }
            return "reply"
        }
        var result: (HandledMessage?, [HandledMessage]) = (nil, [])
        try await TurnBench.with(model: model, busy: busy) { bench in
            async let first = bench.send("first").message
            await gate.arrival()
            try await body(bench, gate)
            await gate.open()
            result = (try await first, try await bench.messages())
        }
        return result
    }

    @Test("With 'reject' it is refused, and can be sent again")
    func reject() async throws {
        let (first, messages) = try await Self.meanwhile(busy: .reject) { bench, gate in
            let error = await refusal { try await bench.send("second") }
            #expect(error?.code == .conversationBusy)
            await gate.open()
        }
        #expect(first?.reply == "reply")
        #expect(messages.map(\.text) == ["first"])
    }

    @Test("With 'interrupt' the turn before is ended and stored, and its message is part of what was said")
    func interrupt() async throws {
        let (first, messages) = try await Self.meanwhile(busy: .interrupt) { bench, _ in
            let second = try await bench.send("second").message
            #expect(second.outcome == .replied && second.reply == "reply")
            #expect(try second.answered()["version"] == 1)
        }
        #expect(first?.outcome == .interrupted && first?.reply == nil)
        #expect(try first?.answered()["replied_to"] == "second")
        #expect(messages.map(\.text) == ["first", "second"])
        #expect(messages.map(\.outcome) == [.interrupted, .replied])
        #expect(messages.map(\.number) == [1, 2])
    }

    @Test("With 'queue' more than 32 that wait are too many, and none of those is lost")
    func full() async throws {
        let (_, messages) = try await Self.meanwhile(busy: .queue) { bench, gate in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...32 {
                    group.addTask { try await bench.send("waiting \(number)") }
                    await bench.line.joined(number + 1)
                }
                let error = await refusal { try await bench.send("one too many") }
                #expect(error?.code == .tooManyMessages)
                await gate.open()
                try await group.waitForAll()
            }
        }
        #expect(messages.map(\.text) == ["first"] + (1...32).map { "waiting \($0)" })
    }

    @Test("With 'merge' what comes within the window is one turn, and the last message has the reply")
    func merge() async throws {
        let window = Gate()
        try await TurnBench.with(busy: .merge, pause: { _ in await window.pass() }) { bench in
            let handled = try await withThrowingTaskGroup(of: HandledMessage.self) { group in
                for number in 1...3 {
                    group.addTask { try await bench.send("part \(number)").message }
                    await bench.line.joined(number)
                }
                await window.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let state = try await bench.state()
            #expect(state.version == 1 && state.turns == 3)
            let byID = Dictionary(uniqueKeysWithValues: handled.map { ($0.messageID, $0) })
            #expect(byID["part 1"]?.outcome == .merged && byID["part 2"]?.outcome == .merged)
            #expect(try byID["part 1"]?.answered()["replied_to"] == "part 3")
            #expect(byID["part 3"]?.reply == "Hello. You said: part 1\npart 2\npart 3")
            #expect(try await bench.messages().map(\.text) == ["part 1", "part 2", "part 3"])
        }
    }

    @Test("A move through the API while a turn is on its way wins, and the turn is decided again on what it has led to")
    func apiWins() async throws {
        let (first, _) = try await Self.meanwhile(busy: .queue) { bench, _ in
            _ = try await bench.bench.stages.setCurrentStage(bench.form, of: try bench.bench.id("c"), by: bench.bench.caller)
        }
        #expect(first?.stage != nil)
        #expect(try first?.answered()["version"] == 2)
    }
}

extension Gate {
    /// Waits until the gate is open or the task is cancelled.
    func passUnlessCancelled() async {
        await withTaskCancellationHandler {
            await pass()
        } onCancel: {
            Task { await open() }
        }
    }
}
