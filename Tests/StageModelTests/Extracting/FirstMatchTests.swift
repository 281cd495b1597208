import CEL
import Testing

@Suite("Finding a match in a text")
struct FirstMatchTests {
    /// A pattern, a text, where to begin, the group, and the bytes of the match.
    static let matches: [(String, String, Int, Int, Range<Int>?)] = [
        ("b+", "abbab", 0, 0, 1..<3), ("b+", "abbab", 3, 0, 4..<5), ("b+", "abbab", 5, 0, nil), ("b+", "abbab", 6, 0, nil),
        ("b+", "abbab", -1, 0, nil),
        ("x(b)", "axb", 0, 0, 1..<3), ("x(b)", "axb", 0, 1, 2..<3), ("xb", "axb", 0, 1, nil), ("x|(b)", "ax", 0, 1, nil), ("b", "axb", 0, 2, nil),
        (#"\bb"#, "ab b", 1, 0, 3..<4), ("^b", "ab", 1, 0, nil), ("", "", 0, 0, 0..<0), ("é", "aé", 0, 0, 1..<3), ("a", "", 0, 0, nil),
    ]

    @Test("The first match from an offset on is told by its bytes, and what stands before is still seen", arguments: matches)
    func firstMatch(pattern: String, text: String, offset: Int, group: Int, expected: Range<Int>?) throws {
        #expect(try RegularExpression(pattern).firstMatch(in: Array(text.utf8), from: offset, group: group) == expected)
    }
}
