import StageEngine
import StageModel
import Synchronization

/// A model that says what a test wants.
final class ScriptedModel: LanguageModel {
    typealias Script = @Sendable (ModelPrompt) async throws(ModelFailure) -> String

    private let script: Script
    private let asked = Mutex<[ModelPrompt]>([])

    init(_ script: @escaping Script) { self.script = script }

    /// What it was asked, in order.
    var prompts: [ModelPrompt] { asked.withLock { $0 } }

    func answer(
        _ prompt: ModelPrompt, before deadline: ContinuousClock.Instant, each: (@Sendable (String) async -> Void)?
    ) async throws(ModelFailure) -> ModelAnswer {
        asked.withLock { $0.append(prompt) }
        let text = try await script(prompt)
        await each?(text)
        return ModelAnswer(text: text, promptTokens: 100, completionTokens: 10)
    }
}
