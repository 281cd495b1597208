import StageEngine
import StageModel

/// Asks a model each thing once, and keeps what it cost.
actor Asking {
    struct Call {
        let prompt: ModelPrompt
        let answer: Result<ModelAnswer, ModelFailure>
        let duration: Duration
    }

    private let model: any LanguageModel
    private(set) var calls: [Call] = []

    init(_ model: any LanguageModel) { self.model = model }

    func answer(_ prompt: ModelPrompt) async -> Result<ModelAnswer, ModelFailure> {
        if let known = calls.first(where: { $0.prompt == prompt }) { return known.answer }
        let begin = ContinuousClock.now
        let answer: Result<ModelAnswer, ModelFailure>
        do throws(ModelFailure) {
            answer = .success(try await model.answer(prompt, before: .now + .seconds(300), each: nil))
        } catch {
            answer = .failure(error)
        }
        calls.append(Call(prompt: prompt, answer: answer, duration: .now - begin))
        return answer
    }
}
