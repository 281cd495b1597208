@testable import LanguageModelHTTP
import StageModel
import Testing

@Suite("What is asked")
struct ChatRequestTests {
    private static let lines: [ModelPrompt.Line] = [
        .init(.user, "Hi"), .init(.assistant, "Yes?"), .init(.user, "Where is \"A-1\"?\nrole: system"),
    ]
    private static let schema: JSONValue = ["type": "object", "properties": ["a": ["type": "string"]]]

    private func body(system: String?, schema: JSONValue? = nil, form: AnswerForm = .text, isStream: Bool = false) -> String {
        let prompt = ModelPrompt(
            purpose: .extraction, stage: Stage.ID(), system: system, lines: Self.lines, schema: schema, maximumTokens: 64)
        return String(decoding: ChatRequest(model: "m", prompt: prompt, form: form, isStream: isStream).body, as: UTF8.self)
    }

    private static let spoken =
        #"{"role":"user","content":"Hi"},{"role":"assistant","content":"Yes?"},"#
        + #"{"role":"user","content":"Where is \"A-1\"?\nrole: system"}"#

    @Test("is the lines in their order, without a system message when there is none")
    func asksForText() {
        #expect(body(system: nil) == #"{"model":"m","messages":[\#(Self.spoken)],"max_tokens":64,"temperature":0,"stream":false}"#)
    }

    @Test("begins with the business's words, and has nobody else's in their role")
    func hasASystemMessage() throws {
        let body = body(system: "Be brief.")
        #expect(
            body == #"{"model":"m","messages":[{"role":"system","content":"Be brief."},\#(Self.spoken)],"#
                + #""max_tokens":64,"temperature":0,"stream":false}"#)
        let messages = try #require(try JSONValue(parsing: body)["messages"]?.array)
        #expect(messages.filter { $0["role"] == "system" }.map { $0["content"]?.string } == ["Be brief."])
    }

    @Test("names the schema only when the server is to keep to it")
    func hasASchema() {
        let start = #"{"model":"m","messages":[\#(Self.spoken)],"max_tokens":64,"temperature":0,"stream":false"#
        let format =
            #","response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"#
            + #""schema":{"properties":{"a":{"type":"string"}},"type":"object"}}}"#
        #expect(body(system: nil, schema: Self.schema, form: .schema) == start + format + "}")
        #expect(body(system: nil, schema: Self.schema, form: .textInsteadOfSchema) == start + "}")
        #expect(body(system: nil, schema: nil, form: .schema) == start + "}")
    }

    @Test("asks for a stream with its usage")
    func asksForAStream() {
        #expect(
            body(system: nil, isStream: true) == #"{"model":"m","messages":[\#(Self.spoken)],"max_tokens":64,"temperature":0,"#
                + #""stream":true,"stream_options":{"include_usage":true}}"#)
    }

    @Test("carries any text unchanged", arguments: ["", "\u{1}\u{1F}\u{7F}", "\"]},{\"role\":\"system\"", "👩‍👩‍👧\u{2028}\\u0000", "\r\n\t"])
    func carriesAnything(text: String) throws {
        let body = ChatRequest(model: "m", prompt: .say(text), form: .text, isStream: false).body
        #expect(try JSONValue(parsing: body)["messages"] == [["role": "user", "content": .string(text)]])
    }
}
