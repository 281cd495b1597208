public import StageModel

/// Something that answers prompts, slowly and not always.
public protocol LanguageModel: Sendable {
    /// Answers a prompt.
    /// - Parameters:
    ///   - deadline: when an answer is of no use any more. Attempts, the pauses between them and the answer itself all end by then.
    ///   - each: is called with the pieces of the answer in their order, as they come; nil: nobody looks before it is complete. After a piece was
    ///     handed out the answer is not begun anew.
    /// - Throws: why there is no answer. A task that is cancelled gets a `timeout` at once.
    func answer(
        _ prompt: ModelPrompt, before deadline: ContinuousClock.Instant, each: (@Sendable (String) async -> Void)?
    ) async throws(ModelFailure) -> ModelAnswer
}
