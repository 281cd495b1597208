import StageEngine
import StageModel
import Synchronization
import Testing

@Suite("A real language model that is killed", .enabled(if: TestModel.server != nil, TestModel.comment), .serialized)
struct KilledModelTests {
    /// A model whose server is killed while it works on what it is asked for a purpose.
    private struct Dying: LanguageModel {
        let model: any LanguageModel
        let server: ServerProcess
        let purpose: ModelPrompt.Purpose

        func answer(
            _ prompt: ModelPrompt, before deadline: ContinuousClock.Instant, each: (@Sendable (String) async -> Void)?
        ) async throws(ModelFailure) -> ModelAnswer {
            guard prompt.purpose == purpose else { return try await model.answer(prompt, before: deadline, each: each) }
            // The answer comes in pieces: it is cut after the first.
            return try await model.answer(prompt, before: deadline) { piece in
                server.kill()
                await each?(piece)
            }
        }
    }

    @Test("A turn in whose middle the model is killed is complete, and says why the model had no part in it", arguments: ModelPrompt.Purpose.allCases)
    func killed(during purpose: ModelPrompt.Purpose) async throws {
        let server = try await ServerProcess(program: try #require(TestModel.server))
        defer { server.kill() }
        try await TestModel.with(address: server.modelAddress) { model in
            let flow = try Flow.demo().leavingWordsToChoose()
            let message = InboundMessage(
                id: "message", message: Message(text: "I want my money back for the lamp", receivedAt: LabelledMessage.moment))
            func turn(_ model: (any LanguageModel)?) async throws -> TurnOutcome {
                var rehearsal = Rehearsal(flow: flow, model: model, at: LabelledMessage.moment)
                return try await rehearsal.send(message, at: LabelledMessage.moment).outcome
            }
            let outcome = try await turn(Dying(model: model, server: server, purpose: purpose))
            let failures = outcome.steps.compactMap(\.failure)
            let causes = Set(failures.map(\.cause))
            let expected: [Set<ModelFailure.Cause>] = [[.unavailable], [.truncated]]
            #expect(expected.contains(causes), "\(failures)")
            #expect(outcome.reply?.isEmpty == false && outcome.state.version == 1)
            // What had no model from the first question on goes as it does without one.
            guard purpose == .selection else { return }
            let without = try await turn(nil)
            #expect(outcome.stages == without.stages && outcome.learned == without.learned && outcome.missing == without.missing)
        }
    }
}

extension TurnStep {
    /// Why the model did not do it.
    fileprivate var failure: ModelFailure? {
        switch self {
        case .started: nil
        case .decided(_, _, let failure), .extracted(_, _, _, let failure), .replied(_, _, _, let failure): failure
        }
    }
}
