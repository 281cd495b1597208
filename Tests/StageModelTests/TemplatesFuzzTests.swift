import StageModel
import Testing

@Suite("Templates: any input")
struct TemplatesFuzzTests {
    /// SplitMix64: the same cases in every run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let pieces = [
        "{{", "}}", "{", "}", "{{{", "}}}", "{{#", "{{^", "{{/", "{{!", "{{&", "{{>", "{{=", "{{.}}", "data", "data.order_id", "fields", "name", ".",
        "value", "available_stages", "message_content", "current_stage", " ", "\n", "\r\n", "\t", "é", "\u{301}", "👍🏽", "\u{2028}", "\0", "(", ")",
        "{{#data}}", "{{/data}}", "{{#fields}}\n", "{{/fields}}\n", "{{^data.list}}", "{{/data.list}}", "{{#data.list}}", "{name}", "{fields}",
        "text",
        "{{name}}", "-", "_", "\"", ":",
    ]

    private static let values: [String: JSONValue] = TemplateVariable.samples.merging(
        ["data": ["list": [[1, 2], ["a": ["{{data}}"]], .null, "x"], "order_id": "AB-1234", "name": "{{#data}}"]]
    ) { $1 }

    /// Compiles and renders a text both ways, and checks what must hold of any.
    private static func check(_ source: String) {
        for allowsUserText in [true, false] {
            do throws(InvalidInput) {
                let template = try CompiledTemplate(source, in: .root, allowsUserText: allowsUserText)
                #expect(template.variablesUsed == Set(template.variablesUsed).sorted())
                _ = template.warnings(fieldNames: ["order_id"])
                let text = (try? template.render(values)) ?? ""
                #expect(text.utf8.count <= CompiledTemplate.maximumOutput)
                if !allowsUserText { #expect(!text.contains("AB-1234") || source.contains("AB-1234")) }
            } catch {
                #expect((1...20).contains(error.faults.count))
                #expect(error.faults.allSatisfy { $0.message.contains("(line ") && $0.message.hasSuffix("^") && $0.message.utf8.count < 1000 })
            }
        }
    }

    @Test("Any text is compiled and rendered or refused", arguments: 0..<8)
    func random(seed: Int) {
        var generator = Generator(state: UInt64(seed))
        for _ in 0..<500 {
            Self.check((0..<Int.random(in: 0...24, using: &generator)).compactMap { _ in Self.pieces.randomElement(using: &generator) }.joined())
        }
    }

    @Test(
        "The worst texts of 64 KiB take no longer than their length",
        arguments: pieces + ["{{a}}", "{a", "{{#a}}{{/a}}", "{{! {{", "{{a {{", "{{a\n"])
    func worst(piece: String) {
        let source = String(repeating: piece, count: Template.maximumBytes / piece.utf8.count)
        let time = ContinuousClock().measure { Self.check(source) }
        #expect(time < .seconds(10))
    }
}
