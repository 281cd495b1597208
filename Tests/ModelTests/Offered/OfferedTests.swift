import StageEngine
import StageModel
import Synchronization
import Testing

@Suite("Stages on offer, with a real language model", .enabled(if: TestModel.address != nil, TestModel.comment), .serialized)
struct OfferedTests {
    /// Asks the model for stages alone, with or without the schema that would keep it to the list, and counts.
    private final class Selecting: LanguageModel {
        private let model: any LanguageModel
        private let keepsSchema: Bool
        private let asked = Mutex(0)

        init(_ model: any LanguageModel, keepsSchema: Bool) {
            self.model = model
            self.keepsSchema = keepsSchema
        }

        var questions: Int { asked.withLock { $0 } }

        func answer(
            _ prompt: ModelPrompt, before deadline: ContinuousClock.Instant, each: (@Sendable (String) async -> Void)?
        ) async throws(ModelFailure) -> ModelAnswer {
            guard prompt.purpose == .selection else { throw ModelFailure(.unavailable, "Only stages are asked for here.") }
            asked.withLock { $0 += 1 }
            let question = ModelPrompt(
                purpose: prompt.purpose, stage: prompt.stage, system: prompt.system, lines: prompt.lines,
                schema: keepsSchema ? prompt.schema : nil, maximumTokens: keepsSchema ? prompt.maximumTokens : 30)
            return try await model.answer(question, before: deadline, each: nil)
        }
    }

    @Test("In 100 of 100 tries a turn ends at a stage that was on offer, whatever the model says", .timeLimit(.minutes(30)))
    func staysInside() async throws {
        let address = try #require(TestModel.address)
        try await TestModel.with(address: address) { model in
            var tries = 0
            var notOffered = 0
            for (index, offer) in OfferedFlow.offers.enumerated() {
                // The model's own words and what a schema makes of them, in turn.
                let model = Selecting(model, keepsSchema: index.isMultiple(of: 2))
                for text in OfferedFlow.messages {
                    let turn = try await turn(text, offer.open, model)
                    let allowed = offer.stages.union([OfferedFlow.desk])
                    #expect(allowed.isSuperset(of: turn.outcome.stages), "\(text)")
                    #expect(turn.outcome.state.stageID.map(allowed.contains) == true, "\(text)")
                    tries += 1
                    if case .decided(_, _, let failure)? = turn.outcome.steps.first(where: { if case .decided = $0 { true } else { false } }),
                        failure?.cause == .notOffered
                    {
                        notOffered += 1
                    }
                }
                #expect(model.questions == OfferedFlow.messages.count)
            }
            print("\(tries) of \(tries) tries inside the stages on offer; \(notOffered) answers named none of them, and words decided.")
            #expect(tries == 100)
        }
    }

    private func turn(_ text: String, _ open: [String], _ model: any LanguageModel) async throws -> Rehearsal.Turn {
        let flow = OfferedFlow.flow
        var state = ConversationState(key: ConversationKey(business: flow.business.id, conversation: .simulated), at: LabelledMessage.moment)
        state.stageID = OfferedFlow.desk
        state.data.conversation = ["open": .array(open.map(JSONValue.string))]
        var rehearsal = Rehearsal(flow: flow, model: model, from: state)
        let message = InboundMessage(id: "message", message: Message(text: text, receivedAt: LabelledMessage.moment))
        return try await rehearsal.send(message, at: LabelledMessage.moment)
    }
}
