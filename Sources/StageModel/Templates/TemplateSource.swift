/// The source of a template, for messages that show a place in it.
struct TemplateSource {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The most characters of a line that a message shows.
    private static let excerptLength = 72

    /// The place of a byte, counted from 1; columns in Unicode scalars.
    func place(of offset: Int) -> (line: Int, column: Int) {
        let before = bytes[..<min(offset, bytes.count)]
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return (before.count { $0 == UInt8(ascii: "\n") } + 1, before[start...].count { $0 & 0xC0 != 0x80 } + 1)
    }

    /// A sentence with its place, and under it the line with a caret.
    /// - Parameters:
    ///   - sentence: without its full stop.
    ///   - hint: what follows the place, with a full stop or question mark.
    func message(_ sentence: String, hint: String = ".", at offset: Int) -> String {
        let (line, column) = place(of: offset)
        let (excerpt, indentation) = excerpt(of: offset, column: column)
        return "\(sentence) (line \(line), column \(column))\(hint)\n  \(excerpt)\n  \(String(repeating: " ", count: indentation))^"
    }

    /// The line of a byte, cut around its column, and how far the column is from the start of what is left.
    private func excerpt(of offset: Int, column: Int) -> (text: String, indentation: Int) {
        let offset = min(offset, bytes.count)
        let start = bytes[..<offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let scalars = Array(String(decoding: bytes[start..<end], as: UTF8.self).unicodeScalars)
        let first = max(0, min(column - 1 - Self.excerptLength / 2, scalars.count - Self.excerptLength))
        let last = min(scalars.count, first + Self.excerptLength)
        var text = String.UnicodeScalarView(scalars[first..<last].map { $0.properties.generalCategory == .control ? " " : $0 })
        while let last = text.last, last == " " { text.removeLast() }
        let excerpt = (first > 0 ? "…" : "") + String(text) + (last < scalars.count ? "…" : "")
        return (excerpt, column - 1 - first + (first > 0 ? 1 : 0))
    }
}
