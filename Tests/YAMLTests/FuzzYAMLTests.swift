import Fuzzing
import Testing
import YAML

@Suite("YAML: any bytes")
struct FuzzYAMLTests {
    /// `YAML_FUZZ_CASES` makes more than these.
    private static let run = FuzzRun("YAML", short: 3000)

    private static let corpus = [
        """
        format: stagekeeper-test/1   # A comment.
        now: 2026-01-31T10:00:00Z
        conversations:
          - name: "A \\u00fc quoted name"
            data: {order_id: LL-20417, email: null, list: [1, -2.5, true, ~, 'it''s']}
            messages:
              - user: Hello!
                reply: >-
                  That does not fit.
                  Please again.
              - user: |
                  one
                    two
                after: 10m
        """,
        "{\"a\":[1,-2.5e1,true,null,\"\\u00fc\\/\\t\"],\r\n\"b\":{\"c\":\"x: y # z\"}}", "- - - a\n    - b\n  - {c: [d, {e: f}]}\n",
        "a: &x [1]\nb: *x\n",
        "%YAML 1.2\n---\n!!map {? a : b, c}\n...\n", "? a\n: b\n? |\n  c\n: d\n", "key: 'single\n\n  folded'\n", "\u{FEFF}a: \"\\x41\\U0001F600\"\n",
    ]
    private static let pieces =
        [
            "\n", "\r\n", "\r", "  ", "\t", "- ", ": ", "? ", ", ", "[", "]", "{", "}", "#", "&a", "*a", "!", "!!str ", "!<x>", "|", "|+2\n", ">-\n",
            "'",
            "\"", "\\", "\\u", "\\x00", "\\0", "%", "%TAG ! x\n", "---", "...", "--- ", "~", "null", "true", "0x", "0o7", ".inf", "-.nan", "1e999",
            ".", "1.",
            "9223372036854775808", "<<: ", "a: 1\n", "\u{85}", "\u{2028}", "@", "`",
        ].map { Array($0.utf8) } + HostileInput.bytes

    @Test("Any bytes are read or refused, and every place that is told lies in the document")
    func survives() {
        Self.run.forEach { number, generator in
            var bytes = Array(generator.pick(Self.corpus, or: "").utf8)
            if generator.isOnce(in: 10) { bytes = Array(generator.text(of: Int.random(in: 0...40, using: &generator), pieces: Self.corpus).utf8) }
            generator.mutate(&bytes, times: 1...6, pieces: Self.pieces)
            if generator.isOnce(in: 300) { bytes = Array(repeatElement(bytes, count: generator.length(upTo: 2000)).joined()) }
            // A line ends in more ways than one, and libyaml counts a mark of its own at the end.
            let lines = bytes.count { $0 == 0x0A || $0 == 0x0D || $0 == 0x85 || $0 == 0xA8 || $0 == 0xA9 } + 2
            func isInside(_ place: YAMLPlace) -> Bool { (1...lines).contains(place.line) && (1...bytes.count + 2).contains(place.column) }
            do throws(YAMLError) {
                let node = try YAMLNode(parsing: bytes)
                if !Self.all(node, isInside) { Issue.record("\(Self.run.name(number)): a place outside of \(bytes)") }
            } catch {
                if !isInside(error.place) || !error.message.hasSuffix(".") { Issue.record("\(Self.run.name(number)): \(error) for \(bytes)") }
            }
        }
    }

    private static func all(_ node: YAMLNode, _ holds: (YAMLPlace) -> Bool) -> Bool {
        guard holds(node.place) else { return false }
        switch node.content {
        case .null, .bool, .integer, .number, .string: return true
        case .sequence(let elements): return elements.allSatisfy { all($0, holds) }
        case .mapping(let members): return members.allSatisfy { holds($0.place) && all($0.value, holds) }
        }
    }

    @Test("Any text that is written is read as the same text, wherever it stands")
    func writing() throws {
        let texts = FuzzRun("YAML_TEXT", short: 2000)
        texts.forEach { number, generator in
            let written = generator.text(
                of: Int.random(in: 0...12, using: &generator), pieces: Self.pieces.compactMap { String(validating: $0, as: UTF8.self) })
            let text = written.replacing("\0", with: "")
            for (document, isItem) in [(text.yaml, false), ("- k: \(text.yaml)\n  l: [\(text.yaml), {m: \(text.yaml)}]\n", true)] {
                guard let node = try? YAMLNode(parsing: document) else {
                    Issue.record("\(texts.name(number)): \(document.debugDescription) is refused")
                    continue
                }
                var found: [String] = []
                Self.collect(node, &found)
                if found != Array(repeating: text, count: isItem ? 3 : 1) {
                    Issue.record("\(texts.name(number)): \(document.debugDescription) is \(found)")
                }
            }
        }
    }

    private static func collect(_ node: YAMLNode, _ texts: inout [String]) {
        switch node.content {
        case .null, .bool, .integer, .number: break
        case .string(let text): texts.append(text)
        case .sequence(let elements): for element in elements { collect(element, &texts) }
        case .mapping(let members): for member in members { collect(member.value, &texts) }
        }
    }
}
