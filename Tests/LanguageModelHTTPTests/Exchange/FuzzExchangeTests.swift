import Fuzzing
@testable import LanguageModelHTTP
import StageModel
import Testing

@Suite("Any answer of a language model's server")
struct FuzzExchangeTests {
    /// `ANSWER_FUZZ_CASES` makes more than these.
    private static let run = FuzzRun("ANSWER", short: 2000)

    private static let documents = [
        #"{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Grüße, wie geht es?"},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":3}}"#,
        #"{"choices":[{"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}"#,
        #"{"choices":[{"index":0,"delta":{"content":"Gr\u00fc"}}]}"#, #"{"choices":[{"delta":{"content":"\ud83d\ude00 and more"}}]}"#,
        #"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, #"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}"#,
    ]
    /// What ends every answer.
    private static let refusals = [
        #"{"choices":[{"delta":{},"finish_reason":"length"}]}"#, #"{"error":{"message":"No such model.","code":404}}"#,
        #"{"choices":[{"message":{"content":null,"refusal":"I can't."},"finish_reason":"content_filter"}]}"#,
    ]
    private static let pieces =
        [
            "data: ", "data:", "data", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n", ": comment\n", "event: message\n", "id: 7\n", "retry: 10\n", "[DONE]",
            "data: [DONE]\n\n",
        ]
        .map { Array($0.utf8) } + HostileInput.bytes

    /// A stream of documents, some of them changed, and its bytes too.
    private static func stream(_ generator: inout CaseGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            bytes += Array("data: ".utf8) + document(&generator) + Array(generator.pick(["\n\n", "\r\n\r\n", "\r\r"], or: "\n\n").utf8)
        }
        if generator.isOnce(in: 2) { bytes += Array("data: [DONE]\n\n".utf8) }
        if generator.isOnce(in: 3) { generator.mutate(&bytes, times: 1...4, pieces: pieces) }
        return bytes
    }

    private static func document(_ generator: inout CaseGenerator) -> [UInt8] {
        var document = LooseJSON(generator.pick(generator.isOnce(in: 20) ? refusals : documents, or: "{}"))
        if generator.isOnce(in: 6) { document.mutate(times: 1...3, using: &generator) }
        var bytes = document.bytes
        if generator.isOnce(in: 20) { generator.mutate(&bytes, times: 1...2, pieces: HostileInput.bytes) }
        return bytes
    }

    /// What is made of a stream that comes in pieces.
    private struct Reading: Equatable {
        var pieces: [String] = []
        var answer: ModelAnswer?
        var failure: AttemptFailure?
        var isTooLong = false
    }

    private static func read(_ bytes: [UInt8], upTo length: Int, size: () -> Int) -> Reading {
        var (parser, assembly, reading) = (EventStreamParser(maximumLength: length), AnswerAssembly(), Reading())
        var rest = bytes[...]
        do {
            while !rest.isEmpty {
                let count = size()
                for event in try parser.feed(rest.prefix(count)) {
                    if let piece = try assembly.add(event) { reading.pieces.append(piece) }
                }
                rest = rest.dropFirst(count)
            }
            reading.answer = try assembly.answer(isComplete: false)
        } catch let failure as AttemptFailure {
            reading.failure = failure
        } catch {
            reading.isTooLong = true
        }
        return reading
    }

    @Test("A stream means the same however it is cut, and comes to an answer within its bounds or to a failure that says why")
    func streams() {
        var counts = (answers: 0, failures: 0)
        Self.run.forEach { number, generator in
            let bytes = Self.stream(&generator)
            let length = generator.isOnce(in: 4) ? 300 : EventStreamParser.maximumLength
            let whole = Self.read(bytes, upTo: length) { bytes.count }
            let cut = Self.read(bytes, upTo: length) { Int.random(in: 1...20, using: &generator) }
            // A line that is too long ends a stream at once, be there whole events before it in the same piece or not.
            let isSame = whole == cut || (whole.isTooLong && cut.pieces.starts(with: whole.pieces))
            if !isSame { Issue.record("\(Self.run.name(number)): \(bytes) is \(whole) as a whole and \(cut) in pieces") }
            if let answer = whole.answer {
                counts.answers += 1
                let isBounded = answer.text.utf8.count <= AnswerAssembly.maximumTextLength && answer.text == whole.pieces.joined()
                let tokens = [answer.promptTokens, answer.completionTokens]
                if !isBounded || !tokens.allSatisfy({ (0...100_000_000).contains($0) }) { Issue.record("\(Self.run.name(number)): \(answer)") }
            }
            if let failure = whole.failure {
                counts.failures += 1
                if failure.failure.reason.isEmpty { Issue.record("\(Self.run.name(number)) fails without a reason") }
            }
        }
        // Cases that all fail, or never, would show little.
        if Self.run.cases.count > 1000 { #expect(min(counts.answers, counts.failures) > Self.run.cases.count / 10, "\(counts)") }
    }

    @Test("What a server says of its error is one short line without the key, the instructions or what somebody wrote")
    func messages() {
        let run = FuzzRun("ERROR", short: 1000)
        let key: ModelKey = "sk-proj-abcdefghijklmnop"
        let secrets = ["sk-proj-abcdefghijklmnop", "Never tell anybody what you know.", "My card is 4111 1111 1111 1111"]
        let prompt = ModelPrompt.say(secrets[2], system: secrets[1])
        let texts = secrets + secrets.map { String($0.prefix(14)) } + ["No such model. ", "\\n", "\\u202e", " ", "\\u0007"]
        run.forEach { number, generator in
            let text = (0..<Int.random(in: 0...5, using: &generator)).map { _ in generator.pick(texts, or: "") }.joined()
            var document = LooseJSON(
                generator.pick([#"{"error":{"message":"@"}}"#, #"{"error":"@"}"#, #"{"detail":"@"}"#], or: "").replacing("@", with: text))
            if generator.isOnce(in: 2) { document.mutate(times: 1...2, using: &generator) }
            guard let shown = ServerMessage.read(document.bytes, hiding: key, prompt) else { return }
            let isShort = (1...ServerMessage.maximumLength).contains(shown.unicodeScalars.count)
            let isOneLine = !shown.unicodeScalars.contains { $0.properties.generalCategory == .control || $0.properties.generalCategory == .format }
            let isHarmless = secrets.allSatisfy { secret in
                !secret.indices.dropLast(11).contains { shown.contains(secret[$0...].prefix(12)) }
            }
            if !isShort || !isOneLine || !isHarmless { Issue.record("\(run.name(number)): \(shown.debugDescription)") }
        }
    }
}
