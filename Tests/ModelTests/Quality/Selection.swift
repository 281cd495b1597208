@testable import StageModel

/// Where a message leads by each way of choosing.
struct Selection {
    let message: LabelledMessage
    /// What can be chosen besides staying.
    let offered: [String]
    /// Without a choice that can be used: nil.
    let byModel: String?
    let byWords: String
    let asServer: String
    /// What the model said, or why it did not.
    let answer: String

    /// - Returns: nil when nothing is to be chosen.
    static func make(_ message: LabelledMessage, in flow: Flow, asking: Asking) async throws -> Selection? {
        guard let choosing = try Choosing(message, in: flow) else { return nil }
        var answers: ModelAnswers = [:]
        while true {
            var turn = TurnInProgress(choosing.request, answers)
            do throws(TurnInProgress.Stop) {
                let (chosen, _) = try turn.choose(
                    among: choosing.eligible, choosing.decision, at: choosing.stage, choosing.request.state, choosing.event)
                let said = answers.first?.value
                let byModel = (try? said?.get().text).map(choosing.offer.choice(in:)).flatMap { try? $0.map(choosing.name(of:)).get() }
                return Selection(
                    message: message, offered: choosing.offer.targets.map(\.name), byModel: byModel, byWords: choosing.byWords,
                    asServer: choosing.name(of: chosen), answer: said?.words ?? "")
            } catch {
                guard case .question(let prompt) = error else { throw UnfinishedTurn(message: message.text) }
                answers[prompt] = await asking.answer(prompt)
            }
        }
    }
}

/// A turn came to a fault.
struct UnfinishedTurn: Error { let message: String }

extension Result where Success == ModelAnswer, Failure == ModelFailure {
    var words: String {
        switch self {
        case .success(let answer): answer.text
        case .failure(let failure): "\(failure.cause.rawValue): \(failure.reason)"
        }
    }
}
