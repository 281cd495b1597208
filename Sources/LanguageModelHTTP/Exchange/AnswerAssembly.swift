import StageModel

/// Puts an answer together from the documents that the server sends: one that holds all of it, or a stream of parts. It trusts none of them.
struct AnswerAssembly {
    /// The most bytes of an answer's text.
    static let maximumTextLength = 256 << 10
    /// Nobody reads or writes so many tokens at once; more is nonsense.
    private static let maximumTokens: Int64 = 100_000_000

    private var text = ""
    private var hasEnded = false
    private var promptTokens = 0
    private var completionTokens = 0

    /// Takes the next document.
    /// - Returns: the text that it adds; nil: none.
    mutating func add(_ bytes: some Collection<UInt8>) throws(AttemptFailure) -> String? {
        let document: JSONValue
        do { document = try JSONValue(parsing: bytes) } catch {
            throw .malformed("The language model's server answers with something that is not a JSON document.")
        }
        if let error = document["error"], !error.isNull { throw Self.failure(error) }
        if let usage = document["usage"] {
            promptTokens = Self.tokens(usage["prompt_tokens"]) ?? promptTokens
            completionTokens = Self.tokens(usage["completion_tokens"]) ?? completionTokens
        }
        // The last part of a stream, which tells the usage, has no choice.
        guard let choice = document["choices"]?.array?.first else { return nil }
        let message = choice["message"] ?? choice["delta"]
        if let refusal = message?["refusal"]?.string, !refusal.isEmpty {
            throw AttemptFailure(.refused, "The language model declined to answer.")
        }
        switch choice["finish_reason"]?.string {
        case nil: break
        case "length": throw AttemptFailure(.truncated, "The language model's answer was longer than the tokens that it may have.")
        case "content_filter": throw AttemptFailure(.refused, "A filter of contents held the language model's answer back.")
        case .some: hasEnded = true
        }
        guard let piece = message?["content"]?.string, !piece.isEmpty else { return nil }
        guard text.utf8.count + piece.utf8.count <= Self.maximumTextLength else {
            throw .malformed("The language model's answer is longer than \(Self.maximumTextLength >> 10) KiB.")
        }
        text += piece
        return piece
    }

    /// - Parameter isComplete: whether more can't have been meant to come, by what is known besides the documents.
    func answer(isComplete: Bool) throws(AttemptFailure) -> ModelAnswer {
        guard text.contains(where: { !$0.isWhitespace }) else { throw .malformed("The language model's answer has no text.") }
        guard isComplete || hasEnded else {
            throw AttemptFailure(.truncated, "The stream of the language model's answer ends in the middle.")
        }
        return ModelAnswer(text: text, promptTokens: promptTokens, completionTokens: completionTokens)
    }

    private static func tokens(_ value: JSONValue?) -> Int? {
        guard let count = value?.integer else { return nil }
        return (0...maximumTokens).contains(count) ? Int(count) : 0
    }

    /// Some servers find their fault only after they have answered that all is well.
    private static func failure(_ error: JSONValue) -> AttemptFailure {
        guard let status = error["code"]?.integer, (400..<600).contains(status) else {
            return AttemptFailure(
                .unavailable, "The language model's server answers with an error instead of an answer.", remedy: .again(notBefore: .zero))
        }
        return AttemptFailure(status: Int(status))
    }
}
