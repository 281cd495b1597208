/// A part of a source text, in bytes of its UTF-8 form.
public struct SourceRange: Sendable, Hashable {
    /// The offset of the first byte.
    public let start: Int
    /// The offset after the last byte.
    public let end: Int

    /// Makes a range of byte offsets.
    public init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }
}

/// A place in a source text as people count it.
public struct SourceLocation: Sendable, Hashable {
    /// The line, from 1.
    public let line: Int
    /// The character in the line, from 1.
    public let column: Int
}

/// The text of an expression, which ranges refer to.
public struct Source: Sendable {
    /// The text.
    public let text: String

    /// Makes a source of a text.
    public init(_ text: String) { self.text = text }

    /// The line and column of a byte offset.
    public func location(of offset: Int) -> SourceLocation {
        var line = 1
        var column = 1
        for byte in text.utf8.prefix(max(0, offset)) {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return SourceLocation(line: line, column: column)
    }

    /// The text of a range.
    public func text(of range: SourceRange) -> String {
        let bytes = text.utf8.dropFirst(max(0, range.start)).prefix(max(0, range.end - range.start))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The line that a range begins on, and below it a caret under each of its characters on that line.
    public func excerpt(of range: SourceRange) -> String {
        let bytes = Array(text.utf8)
        let start = min(max(0, range.start), bytes.count)
        let lineStart = bytes[..<start].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let lineEnd = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
        // A long line is cut to what stands around the place.
        let shownStart = Self.boundary(bytes, max(lineStart, start - 80))
        let shownEnd = Self.boundary(bytes, min(lineEnd, start + 80))
        let line = String(decoding: bytes[shownStart..<shownEnd], as: UTF8.self)
        let indent = String(String(decoding: bytes[shownStart..<start], as: UTF8.self).map { $0 == "\t" ? "\t" : " " })
        let marked = max(start, min(range.end, shownEnd))
        let width = max(1, String(decoding: bytes[start..<marked], as: UTF8.self).count)
        return "\(line)\n\(indent)\(String(repeating: "^", count: width))"
    }

    private static func boundary(_ bytes: [UInt8], _ offset: Int) -> Int {
        var offset = offset
        while offset < bytes.count, offset > 0, bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
        return offset
    }
}
