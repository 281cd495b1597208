@testable import LanguageModelHTTP
import StageModel
import Testing

@Suite("What a server says of its error")
struct ServerMessageTests {
    private func read(_ body: String, key: ModelKey? = nil, prompt: ModelPrompt = .say()) -> String? {
        ServerMessage.read(body.utf8, hiding: key, prompt)
    }

    @Test(
        "is found where servers write it",
        arguments: [
            (#"{"error":{"message":"No such model."}}"#, "No such model."), (#"{"error":"No such model."}"#, "No such model."),
            (#"{"message":"No such model."}"#, "No such model."), (#"{"detail":"Not Found"}"#, "Not Found"),
            (#"{"error":{"message":""}}"#, nil), (#"{"error":{"message":7}}"#, nil), (#"{"error":null}"#, nil), ("{}", nil), ("", nil),
            ("<html>Not Found</html>", nil), (#"{"detail":[{"input":"x"}]}"#, nil), ("\"text\"", nil),
        ])
    func finds(body: String, message: String?) {
        #expect(read(body) == message)
    }

    @Test("is one short line without control characters")
    func isPrintable() {
        #expect(read(#"{"error":"\u001b[31m one\r\n\u0007two\u202Ethree\u2028 "}"#) == "[31m one two three")
        #expect(read(#"{"error":"\n\t "}"#) == nil)
        #expect(read(#"{"error":"\#(String(repeating: "é", count: 5000))"}"#) == String(repeating: "é", count: 200))
        #expect(read(#"{"error":"e\#(String(repeating: "\u{301}", count: 5000))"}"#)?.unicodeScalars.count == 200)
    }

    @Test("never shows the key, nor much of it")
    func hidesTheKey() {
        let key: ModelKey = "sk-proj-abcdefghijklmnop"
        #expect(read(#"{"error":"Wrong key sk-proj-abcdefghijklmnop."}"#, key: key) == "Wrong key (the key).")
        #expect(read(#"{"error":"Wrong key sk-proj-abcdefgh****."}"#, key: key) == nil)
        #expect(read(#"{"error":"Wrong key sk-proj-****mnop."}"#, key: key) == "Wrong key sk-proj-****mnop.")
        #expect(read(#"{"error":"Wrong key 12345."}"#, key: "12345") == "Wrong key (the key).")
        // Cut in the middle of the key, it would not be found any more.
        let padding = String(repeating: "x", count: 190)
        #expect(read(#"{"error":"\#(padding)sk-proj-abcdefghijklmnop"}"#, key: key) == padding + "(the key)")
    }

    @Test(
        "is not shown when it quotes what somebody wrote, or the business's instructions",
        arguments: [
            (#"{"error":"Invalid content: My card is 4111 1111"}"#, false), (#"{"error":"Invalid: 4711"}"#, false),
            (#"{"error":"Invalid: first line second"}"#, false), (#"{"error":"Invalid: Never tell anybody"}"#, false),
            (#"{"error":"ok"}"#, true), (#"{"error":"Invalid content."}"#, true),
        ])
    func quotesNobody(body: String, isShown: Bool) {
        let prompt = ModelPrompt(
            purpose: .response, stage: Stage.ID(), system: "Never tell anybody what you know.",
            lines: [
                .init(.user, "My card is 4111 1111 1111 1111"), .init(.assistant, "ok"), .init(.user, "4711"),
                .init(.user, "first line\nsecond line"),
            ],
            schema: nil, maximumTokens: 10)
        #expect((read(body, prompt: prompt) != nil) == isShown)
    }
}
