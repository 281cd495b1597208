/// The part of a message that is looked at, as words, digits and marks with their places.
struct MessageText {
    /// How many Unicode scalars of a message are looked at.
    static let limit = 4_000

    struct Token {
        enum Kind { case word, digits, mark }

        let kind: Kind
        /// A word without case, diacritics and apostrophes; digits and marks as they stand.
        let text: String
        /// The bytes of the text.
        let range: Range<Int>
        /// One bit for each of the letters a to z that occurs: words that differ in many can't be misspellings of each other.
        let letters: UInt32
        let isCapitalized: Bool
        /// What `WordFilter` knows the text by.
        let key: UInt16
    }

    /// UTF-8.
    let bytes: [UInt8]
    let tokens: [Token]
    /// False when the message goes on after the part that is looked at.
    let isWhole: Bool

    init(_ text: String) {
        var builder = TokenBuilder()
        builder.reserve(min(text.utf8.count, Self.limit) / 4 + 4)
        var count = 0
        for scalar in text.unicodeScalars {
            if count == Self.limit { break }
            count += 1
            builder.take(scalar)
        }
        builder.close()
        tokens = builder.tokens
        isWhole = builder.offset == text.utf8.count
        bytes = isWhole ? Array(text.utf8) : Array(text.utf8.prefix(builder.offset))
    }

    var hasDigits: Bool { bytes.contains { (0x30...0x39).contains($0) } }

    /// Whether an ASCII character occurs.
    func has(_ scalar: Unicode.Scalar) -> Bool { bytes.contains(UInt8(ascii: scalar)) }

    /// The text of a token; empty outside the message.
    subscript(index: Int) -> String { tokens.indices.contains(index) ? tokens[index].text : "" }

    func isWord(_ index: Int) -> Bool { tokens.indices.contains(index) && tokens[index].kind == .word }

    func isDigits(_ index: Int) -> Bool { tokens.indices.contains(index) && tokens[index].kind == .digits }

    /// Whether a token is one of some marks.
    func isMark(_ index: Int, of marks: String) -> Bool {
        guard tokens.indices.contains(index), tokens[index].kind == .mark, let mark = tokens[index].text.unicodeScalars.first else { return false }
        return marks.unicodeScalars.contains(mark)
    }

    /// Whether a token follows the one before it without a blank.
    func isGlued(_ index: Int) -> Bool {
        index > 0 && index < tokens.count && tokens[index].range.lowerBound == tokens[index - 1].range.upperBound
    }

    /// The number that the digits of a token make, if they are nine at most.
    func number(_ index: Int) -> Int? { isDigits(index) && tokens[index].range.count <= 9 ? Int(tokens[index].text) : nil }

    /// Whether the words stand at an index, blanks, hyphens and underscores between them being alike.
    /// - Returns: the index after the last of them.
    func end(of words: [String], at index: Int) -> Int? {
        var position = index
        for (number, word) in words.enumerated() {
            if number > 0, self[position] == "-" || self[position] == "_" { position += 1 }
            guard self[position] == word else { return nil }
            position += 1
        }
        return position
    }

    /// The bytes of tokens; empty at the start for none.
    func range(of indices: Range<Int>) -> Range<Int> {
        guard !indices.isEmpty, tokens.indices.contains(indices.lowerBound), tokens.indices.contains(indices.upperBound - 1) else { return 0..<0 }
        return tokens[indices.lowerBound].range.lowerBound..<tokens[indices.upperBound - 1].range.upperBound
    }

    /// Whether no letters or digits stand on both sides of a byte; letters beyond ASCII are not told from marks, and count as letters.
    func isEdge(_ offset: Int) -> Bool {
        guard offset > 0, offset < bytes.count else { return true }
        return !Self.isWordByte(bytes[offset - 1]) || !Self.isWordByte(bytes[offset])
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
        default: false
        }
    }

    /// What was written between two places.
    func source(_ range: Range<Int>) -> String { String(decoding: bytes[range.clamped(to: bytes.indices)], as: UTF8.self) }

    /// The tokens that touch bytes.
    func indices(touching range: Range<Int>) -> Range<Int> {
        let start = tokens.firstIndex { $0.range.upperBound > range.lowerBound } ?? tokens.endIndex
        let end = tokens[start...].firstIndex { $0.range.lowerBound >= range.upperBound } ?? tokens.endIndex
        return start..<max(start, end)
    }
}

/// Cuts a text into tokens, scalar by scalar.
private struct TokenBuilder {
    private(set) var tokens: [MessageText.Token] = []
    /// The bytes that were taken.
    private(set) var offset = 0
    private var kind: MessageText.Token.Kind?
    private var start = 0
    private var end = 0
    private var folded: [UInt8] = []
    private var letters: UInt32 = 0
    private var isCapitalized = false
    private var followsApostrophe = false

    mutating func reserve(_ count: Int) {
        tokens.reserveCapacity(count)
        folded.reserveCapacity(64)
    }

    mutating func take(_ scalar: Unicode.Scalar) {
        let width = UTF8.width(scalar)
        switch ScalarClass(scalar) {
        case .letter(let isUppercase):
            if kind != .word { open(.word, isCapitalized: isUppercase) }
            let count = folded.count
            scalar.appendFolded(to: &folded)
            for byte in folded[count...] where (97...122).contains(byte) { letters |= 1 << UInt32(byte - 97) }
            end = offset + width
        case .digit:
            if kind != .digits { open(.digits, isCapitalized: false) }
            folded.append(UInt8(truncatingIfNeeded: scalar.value))
            end = offset + width
        case .apostrophe where kind == .word && !followsApostrophe:
            followsApostrophe = true
            offset += width
            return
        case .joiner:
            if kind != nil { end = offset + width }
        case .blank:
            close()
        case .apostrophe, .mark:
            open(.mark, isCapitalized: false)
            folded.append(contentsOf: UTF8.encode(scalar) ?? .init())
            end = offset + width
            close()
        }
        followsApostrophe = false
        offset += width
    }

    private mutating func open(_ kind: MessageText.Token.Kind, isCapitalized: Bool) {
        close()
        self.kind = kind
        self.isCapitalized = isCapitalized
        start = offset
    }

    mutating func close() {
        guard let kind else { return }
        let text = String(decoding: folded, as: UTF8.self)
        let key = WordFilter.key(of: folded)
        tokens.append(.init(kind: kind, text: text, range: start..<end, letters: letters, isCapitalized: isCapitalized, key: key))
        self.kind = nil
        folded.removeAll(keepingCapacity: true)
        letters = 0
    }
}
