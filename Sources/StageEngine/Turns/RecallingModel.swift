public import StageModel

/// A model that says again what it has said before to the same prompt, so that a trial that is run again does not come out otherwise.
struct RecallingModel: LanguageModel {
    let model: any LanguageModel
    /// Answers by the fingerprints of their prompts.
    let known: [String: String]

    func answer(
        _ prompt: ModelPrompt, before deadline: ContinuousClock.Instant, each: (@Sendable (String) async -> Void)?
    ) async throws(ModelFailure) -> ModelAnswer {
        if let text = known[prompt.fingerprint] { return ModelAnswer(text: text) }
        return try await model.answer(prompt, before: deadline, each: each)
    }
}

extension ModelPrompt {
    /// Equal prompts have the same, in every process: 64 bits of FNV-1a.
    public var fingerprint: String {
        let texts = [purpose.rawValue, stage.description, system ?? "", schema?.jsonText ?? ""] + lines.flatMap { [$0.role.rawValue, $0.text] }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for text in texts {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        return String(hash, radix: 36)
    }
}
