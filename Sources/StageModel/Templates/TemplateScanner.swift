/// A piece of a template's source.
struct TemplateToken: Equatable {
    enum Content: Equatable {
        case text(String)
        case value(TemplateName)
        case open(TemplateName, isInverted: Bool)
        case close(TemplateName)
    }

    let content: Content
    /// Of its first byte in the source.
    let offset: Int
}

/// What a tag names: `data.order_id` as its parts; no parts for `.`, the current element.
struct TemplateName: Hashable, CustomStringConvertible {
    let parts: [String]

    var description: String { parts.isEmpty ? "." : parts.joined(separator: ".") }
}

/// Something wrong at a place of a template.
struct TemplateFlaw {
    /// Without its full stop.
    let sentence: String
    let offset: Int
}

/// Splits a template into text and tags, in one pass over its bytes.
///
/// A Mustache tag alone on its line, unless it prints something, takes the line with it. `{name}` is a tag when it names a variable, else text.
struct TemplateScanner {
    /// The longest name in a tag, in bytes.
    static let longestName = 200

    private let bytes: [UInt8]
    private var position = 0
    /// Where the text begins that is not among the tokens yet.
    private var textStart = 0
    private(set) var tokens: [TemplateToken] = []
    private(set) var flaws: [TemplateFlaw] = []
    /// Words in single braces that are no variables, and so remain text.
    private(set) var braced: [(word: String, offset: Int)] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "{") {
                position += 1
            } else if byte(at: position + 1) == UInt8(ascii: "{") {
                scanTag()
            } else {
                scanBraced()
            }
        }
        flush(to: bytes.count)
    }

    private func byte(at index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func flush(to end: Int) {
        guard textStart < end else { return }
        tokens.append(TemplateToken(content: .text(text(textStart..<end)), offset: textStart))
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

// MARK: - Tags

extension TemplateScanner {
    /// Reads the tag whose two opening braces are at the position.
    private mutating func scanTag() {
        let start = position
        let isTriple = byte(at: start + 2) == UInt8(ascii: "{")
        let content = skipBlanks(from: start + (isTriple ? 3 : 2))
        if !isTriple, byte(at: content) == UInt8(ascii: "!") { return scanComment(from: start) }
        guard let close = endOfTag(from: content) else { return }
        position = close + 2
        if isTriple {
            guard byte(at: position) == UInt8(ascii: "}") else {
                return flaw("'{{{' must be closed by '}}}'", at: start)
            }
            position += 1
        }
        guard let token = token(of: content..<close, isTriple: isTriple, at: start) else {
            textStart = position
            return
        }
        switch token {
        case .value, .text: flush(to: start)
        case .open, .close: flushAroundStandalone(from: start)
        }
        tokens.append(TemplateToken(content: token, offset: start))
        textStart = position
    }

    private mutating func scanComment(from start: Int) {
        var end = start + 2
        while end < bytes.count, !(bytes[end] == UInt8(ascii: "}") && byte(at: end + 1) == UInt8(ascii: "}")) { end += 1 }
        guard end < bytes.count else {
            position = bytes.count
            return flaw("The comment is not closed; '}}' is missing", at: start)
        }
        position = end + 2
        flushAroundStandalone(from: start)
        textStart = position
    }

    /// Where the closing braces are of a tag whose content begins at an index. Another tag that begins first, or the end of the source, is a
    /// flaw; scanning goes on there.
    private mutating func endOfTag(from content: Int) -> Int? {
        var end = content
        while let byte = byte(at: end) {
            let next = self.byte(at: end + 1)
            if byte == UInt8(ascii: "}"), next == byte { return end }
            if byte == UInt8(ascii: "{"), next == byte { break }
            end += 1
        }
        let start = position
        position = end
        flaw("The tag is not closed; '}}' is missing", at: start)
        return nil
    }

    /// Takes the text before a tag; when the tag, which ends at the position, has its line to itself, without the line's blanks and its end.
    private mutating func flushAroundStandalone(from start: Int) {
        var lineStart = start
        while lineStart > textStart, Self.isBlank(bytes[lineStart - 1]) { lineStart -= 1 }
        var lineEnd = position
        while let byte = byte(at: lineEnd), Self.isBlank(byte) { lineEnd += 1 }
        let isFirst = lineStart == 0 || bytes[lineStart - 1] == UInt8(ascii: "\n")
        if byte(at: lineEnd) == UInt8(ascii: "\r"), byte(at: lineEnd + 1) == UInt8(ascii: "\n") { lineEnd += 1 }
        let isLast = lineEnd == bytes.count || bytes[lineEnd] == UInt8(ascii: "\n")
        guard isFirst, isLast else { return flush(to: start) }
        flush(to: lineStart)
        position = min(lineEnd + 1, bytes.count)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func isSpace(_ byte: UInt8) -> Bool { isBlank(byte) || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    private func skipBlanks(from index: Int) -> Int {
        var index = index
        while let byte = byte(at: index), Self.isSpace(byte) { index += 1 }
        return index
    }

    private mutating func flaw(_ sentence: String, at offset: Int) { flaws.append(TemplateFlaw(sentence: sentence, offset: offset)) }
}

// MARK: - Names

extension TemplateScanner {
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// What stands between a tag's braces, or nil and a flaw.
    private mutating func token(of content: Range<Int>, isTriple: Bool, at start: Int) -> TemplateToken.Content? {
        guard let mark = content.isEmpty ? nil : bytes[content.lowerBound] else {
            flaw("The tag is empty; it must name a variable", at: start)
            return nil
        }
        let rest = content.dropFirst()
        switch Unicode.Scalar(mark) {
        case "#" where !isTriple: return name(in: rest, at: start).map { .open($0, isInverted: false) }
        case "^" where !isTriple: return name(in: rest, at: start).map { .open($0, isInverted: true) }
        case "/" where !isTriple: return name(in: rest, at: start).map { .close($0) }
        case "&" where !isTriple: return name(in: rest, at: start).map { .value($0) }
        case ">": flaw("Partials ('{{>…}}') are not available in templates; write their text here", at: start)
        case "<", "$": flaw("Inheritance ('{{\(Unicode.Scalar(mark))…}}') is not available in templates; write the text here", at: start)
        case "%": flaw("Pragmas ('{{%…}}') are not available in templates; leave the tag out", at: start)
        case "=": flaw("The delimiters can't be changed ('{{=…}}'); they are always '{{' and '}}'", at: start)
        case "*": flaw("Dynamic names ('{{*…}}') are not available in templates; name the variable itself", at: start)
        default: return name(in: content, at: start).map { .value($0) }
        }
        return nil
    }

    private mutating func name(in range: Range<Int>, at start: Int) -> TemplateName? {
        var end = range.upperBound
        while end > range.lowerBound, Self.isSpace(bytes[end - 1]) { end -= 1 }
        let first = min(skipBlanks(from: range.lowerBound), end)
        guard end - first <= Self.longestName else {
            flaw("The tag holds over \(Self.longestName) bytes, too many for a name; '}}' may be missing behind the name", at: start)
            return nil
        }
        let text = text(first..<end)
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if text == "." { return TemplateName(parts: []) }
        guard !text.isEmpty, bytes[first..<end].allSatisfy(Self.isNameByte), !parts.contains("") else {
            flaw(Self.complaint(about: text), at: start)
            return nil
        }
        return TemplateName(parts: parts)
    }

    private static func complaint(about text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace)
        switch words.first {
        case .none: return "The tag is empty; it must name a variable"
        case "if" where words.count > 1, "each" where words.count > 1, "with" where words.count > 1:
            return "There is no '\(words[0])' in Mustache; a section does its work: {{#name}}…{{/name}}"
        case "unless" where words.count > 1: return "There is no 'unless' in Mustache; an inverted section does its work: {{^name}}…{{/name}}"
        case .some: break
        }
        let quoted = text.count <= 40 ? text : text.prefix(40) + "…"
        if text.contains("(") { return "Functions such as '\(quoted)' are not available in templates; name the variable itself" }
        if text.contains("\"") || text.contains("{") || text.contains(":") {
            return "'\(quoted)' is not a name; for braces that are not a tag put a blank between them: '{ {'"
        }
        return "'\(quoted)' is not a name; names have letters, digits, '_' and '-', and single dots between their parts"
    }

    /// Reads a single opening brace, which begins a tag of the older form when a variable's name and a closing brace follow.
    private mutating func scanBraced() {
        let start = position
        var end = start + 1
        while let byte = byte(at: end), Self.isNameByte(byte) { end += 1 }
        position = end
        guard byte(at: end) == UInt8(ascii: "}"), end > start + 1, end - start - 1 <= Self.longestName else { return }
        let parts = text(start + 1..<end).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let word = parts.first, !parts.contains("") else { return }
        guard TemplateVariable(rawValue: word) != nil else {
            if parts.count == 1 { braced.append((word, start)) }
            return
        }
        flush(to: start)
        position = end + 1
        textStart = position
        tokens.append(TemplateToken(content: .value(TemplateName(parts: parts)), offset: start))
    }
}
