@testable import LanguageModelHTTP
import StageModel
import Testing

@Suite("What is answered")
struct AnswerAssemblyTests {
    private func answer(_ documents: [String], isComplete: Bool = true) throws(AttemptFailure) -> ModelAnswer {
        var assembly = AnswerAssembly()
        for document in documents { _ = try assembly.add(document.utf8) }
        return try assembly.answer(isComplete: isComplete)
    }

    private func cause(_ documents: [String], isComplete: Bool = true) -> ModelFailure.Cause? {
        do throws(AttemptFailure) {
            _ = try answer(documents, isComplete: isComplete)
            return nil
        } catch { return error.failure.cause }
    }

    private static func whole(_ message: String, finish: String = #""stop""#, usage: String = "") -> String {
        #"{"choices":[{"index":0,"message":\#(message),"finish_reason":\#(finish)}]\#(usage)}"#
    }

    @Test("is read from one document, with its usage")
    func readsAWhole() throws {
        let document = Self.whole(
            #"{"role":"assistant","content":"Grüße"}"#, usage: #","usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}"#)
        #expect(try answer([document]) == ModelAnswer(text: "Grüße", promptTokens: 12, completionTokens: 3))
    }

    @Test("is read from the parts of a stream, with the usage of the last")
    func readsParts() throws {
        var assembly = AnswerAssembly()
        #expect(try assembly.add(#"{"choices":[{"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}"#.utf8) == nil)
        #expect(try assembly.add(#"{"choices":[{"delta":{"content":"Grü"}}]}"#.utf8) == "Grü")
        #expect(try assembly.add(#"{"choices":[{"delta":{"content":"ße"}}]}"#.utf8) == "ße")
        #expect(try assembly.add(#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#.utf8) == nil)
        #expect(try assembly.add(#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}"#.utf8) == nil)
        #expect(try assembly.answer(isComplete: false) == ModelAnswer(text: "Grüße", promptTokens: 5, completionTokens: 2))
    }

    @Test(
        "has no usage that is missing or nonsense",
        arguments: [
            "", #","usage":null"#, #","usage":7"#, #","usage":{"prompt_tokens":-1,"completion_tokens":-9223372036854775808}"#,
            #","usage":{"prompt_tokens":9223372036854775807,"completion_tokens":1e300}"#,
            #","usage":{"prompt_tokens":"12","completion_tokens":1.5}"#, #","usage":{"prompt_tokens":null}"#, #","usage":[]"#,
        ])
    func checksUsage(usage: String) throws {
        #expect(try answer([Self.whole(#"{"content":"x"}"#, usage: usage)]) == ModelAnswer(text: "x"))
    }

    @Test(
        "is no answer when it is cut, held back, missing or of another form",
        arguments: [
            (Self.whole(#"{"content":"half"}"#, finish: #""length""#), .truncated),
            (Self.whole(#"{"content":null}"#, finish: #""length""#), .truncated),
            (Self.whole(#"{"content":"x"}"#, finish: #""content_filter""#), .refused),
            (Self.whole(#"{"content":null,"refusal":"I can't."}"#), .refused),
            (Self.whole(#"{"content":"x","refusal":"I can't."}"#), .refused),
            (Self.whole(#"{"content":""}"#), .malformed),
            (Self.whole(#"{"content":" \n\t"}"#), .malformed),
            (Self.whole(#"{"content":null}"#), .malformed),
            (Self.whole(#"{"content":7}"#), .malformed),
            (Self.whole(#"{"content":[{"type":"text","text":"x"}]}"#), .malformed),
            (Self.whole(#"{"tool_calls":[]}"#, finish: #""tool_calls""#), .malformed),
            (Self.whole("null"), .malformed),
            (Self.whole("[]"), .malformed),
            (#"{"choices":[]}"#, .malformed),
            (#"{"choices":{}}"#, .malformed),
            (#"{"choices":[null]}"#, .malformed),
            (#"{"object":"chat.completion"}"#, .malformed),
            ("{}", .malformed), ("[]", .malformed), ("null", .malformed), ("\"text\"", .malformed), ("", .malformed),
            ("<html>", .malformed), (#"{"choices":[{"mess"#, .malformed),
            (String(repeating: "[", count: 100_000), .malformed),
            (#"{"error":{"message":"overloaded"}}"#, .unavailable),
            (#"{"error":"overloaded"}"#, .unavailable),
            (#"{"error":{"code":429}}"#, .unavailable),
            (#"{"error":{"code":401}}"#, .rejected),
            (#"{"error":{"code":200}}"#, .unavailable),
        ] as [(String, ModelFailure.Cause)])
    func refuses(document: String, cause: ModelFailure.Cause) {
        #expect(self.cause([document]) == cause)
    }

    @Test("is accepted with a refusal that says nothing, and with no error")
    func acceptsNothings() throws {
        #expect(try answer([#"{"error":null,"choices":[{"message":{"content":"x","refusal":null}}]}"#]).text == "x")
        #expect(try answer([Self.whole(#"{"content":"x","refusal":""}"#, finish: "null")]).text == "x")
        #expect(try answer([Self.whole(#"{"content":"x"}"#, finish: #""something new""#)]).text == "x")
    }

    @Test("is bounded, in one part and in many")
    func isBounded() throws {
        let most = String(repeating: "x", count: AnswerAssembly.maximumTextLength)
        #expect(try answer([Self.whole(#"{"content":"\#(most)"}"#)]).text.utf8.count == 256 << 10)
        #expect(cause([Self.whole(#"{"content":"\#(most)x"}"#)]) == .malformed)
        let half = Self.whole(#"{"content":"\#(most.prefix(most.count / 2))"}"#, finish: "null")
        #expect(cause([half, half]) == nil)
        #expect(cause([half, half, Self.whole(#"{"content":"x"}"#)]) == .malformed)
    }

    @Test("is cut short when a stream ends before anything says that it is complete")
    func knowsItsEnd() {
        let part = #"{"choices":[{"delta":{"content":"half"}}]}"#
        #expect(cause([part], isComplete: false) == .truncated)
        #expect(cause([part], isComplete: true) == nil)
        #expect(cause([part, #"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#], isComplete: false) == nil)
        #expect(cause([], isComplete: false) == .malformed)
    }

    @Test("never shows in the reason of a failure")
    func staysSecret() {
        for document in [
            Self.whole(#"{"content":"secret"}"#, finish: #""length""#), Self.whole(#"{"refusal":"secret"}"#), #"{"secret":1,"secret":2}"#,
            #"{"error":{"message":"secret"}}"#, "secret",
        ] {
            do throws(AttemptFailure) {
                _ = try answer([document])
                Issue.record("\(document) is accepted")
            } catch { #expect(!error.failure.reason.contains("secret")) }
        }
    }
}
