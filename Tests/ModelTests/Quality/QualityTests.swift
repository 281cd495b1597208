import Foundation
import StageModel
import Testing

@Suite("Quality with a real language model", .enabled(if: TestModel.address != nil, TestModel.comment), .serialized)
struct QualityTests {
    @Test("The labelled messages are chosen for and read by the model, by words and patterns, and by both", .timeLimit(.minutes(60)))
    func measure() async throws {
        let demo = try Flow.demo()
        let flow = demo.leavingWordsToChoose()
        let address = try #require(TestModel.address)
        let report = try await TestModel.with(address: address) { model in
            let asking = Asking(model)
            var selections: [Selection] = []
            var extractions: [Extraction] = []
            // Stage by stage: what a server has read of a prompt it need not read again.
            for message in try LabelledMessage.all() {
                if let selection = try await Selection.make(message, in: flow, asking: asking) { selections.append(selection) }
            }
            for message in try LabelledMessage.all().sorted(by: { $0.target < $1.target }) {
                extractions.append(try await Extraction.make(message, in: flow, asking: asking))
            }
            return QualityReport(selections: selections, extractions: extractions, calls: await asking.calls)
        }
        print(report.markdown)
        #expect(report.selections.count >= 30 && report.extractions.count == 60)
        // Every answer came, and what was chosen was on offer.
        #expect(report.calls.allSatisfy { if case .success = $0.answer { true } else { false } })
        for selection in report.selections { #expect((selection.offered + [selection.message.stage]).contains(selection.asServer)) }
    }
}
