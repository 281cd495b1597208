/// A word of the grammar.
struct Token {
    enum Kind: Equatable {
        case identifier(String)
        /// A name in backquotes.
        case quotedIdentifier(String)
        case int(UInt64)
        case uint(UInt64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
        case symbol(Symbol)
        case end
    }

    enum Symbol: String {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case slash = "/"
        case percent = "%"
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case and = "&&"
        case or = "||"
        case not = "!"
        case question = "?"
        case colon = ":"
        case dot = "."
        case comma = ","
        case openParenthesis = "("
        case closeParenthesis = ")"
        case openBracket = "["
        case closeBracket = "]"
        case openBrace = "{"
        case closeBrace = "}"
    }

    let kind: Kind
    let range: SourceRange

    /// The token as a message names it.
    var name: String {
        switch kind {
        case .identifier(let name): "'\(name)'"
        case .quotedIdentifier(let name): "'`\(name)`'"
        case .int, .uint, .double: "a number"
        case .string: "a string"
        case .bytes: "bytes"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end"
        }
    }
}

/// A fault that ends the reading of a source.
struct SyntaxError: Error {
    var code = Diagnostic.Code.syntax
    let message: String
    let range: SourceRange
}

/// Cuts a source into tokens.
struct Lexer {
    let bytes: [UInt8]
    var offset = 0

    init(_ source: Source) { bytes = Array(source.text.utf8) }

    mutating func next() throws(SyntaxError) -> Token {
        skipBlanks()
        let start = offset
        guard let byte = peek() else { return Token(kind: .end, range: SourceRange(start: start, end: start)) }
        if isIdentifierStart(byte) {
            if let literal = try prefixedString() { return Token(kind: literal, range: SourceRange(start: start, end: offset)) }
            while let byte = peek(), isIdentifierPart(byte) { offset += 1 }
            let name = String(decoding: bytes[start..<offset], as: UTF8.self)
            return Token(kind: .identifier(name), range: SourceRange(start: start, end: offset))
        }
        if isDigit(byte) || (byte == UInt8(ascii: ".") && peek(1).map(isDigit) == true) {
            return Token(kind: try number(), range: SourceRange(start: start, end: offset))
        }
        if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
            return Token(kind: try string(isRaw: false, isBytes: false, from: start), range: SourceRange(start: start, end: offset))
        }
        if byte == UInt8(ascii: "`") { return try quotedIdentifier() }
        return try symbol()
    }

    func peek(_ distance: Int = 0) -> UInt8? { offset + distance < bytes.count ? bytes[offset + distance] : nil }

    func fail(_ message: String, from start: Int) -> SyntaxError {
        SyntaxError(message: message, range: SourceRange(start: start, end: min(bytes.count, max(offset, start + 1))))
    }

    private mutating func skipBlanks() {
        while let byte = peek() {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0C, 0x0D: offset += 1
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
                while let byte = peek(), byte != 0x0A { offset += 1 }
            default: return
            }
        }
    }

    // The `@` begins the names that optimisers give to common sub-expressions.
    private func isIdentifierStart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "@")
    }

    private func isIdentifierPart(_ byte: UInt8) -> Bool { isIdentifierStart(byte) || isDigit(byte) }

    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// A string with a prefix `r`, `b` or `br`; nil when what follows is a name.
    private mutating func prefixedString() throws(SyntaxError) -> Token.Kind? {
        var isRaw = false
        var isBytes = false
        var length = 0
        while length < 2, let byte = peek(length) {
            switch byte {
            case UInt8(ascii: "r") where !isRaw, UInt8(ascii: "R") where !isRaw: isRaw = true
            case UInt8(ascii: "b") where !isBytes && !isRaw, UInt8(ascii: "B") where !isBytes && !isRaw: isBytes = true
            default: break
            }
            guard isRaw || isBytes, length + 1 == (isRaw ? 1 : 0) + (isBytes ? 1 : 0) else { break }
            length += 1
        }
        guard length > 0, let quote = peek(length), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
        let start = offset
        offset += length
        return try string(isRaw: isRaw, isBytes: isBytes, from: start)
    }

    private mutating func quotedIdentifier() throws(SyntaxError) -> Token {
        let start = offset
        offset += 1
        while let byte = peek(), byte != UInt8(ascii: "`") {
            let isAllowed = isIdentifierPart(byte) || ".-/ ".utf8.contains(byte)
            guard isAllowed else { throw fail("a name in backquotes can't hold this character", from: offset) }
            offset += 1
        }
        guard peek() != nil, offset > start + 1 else { throw fail("a name in backquotes needs a closing backquote", from: start) }
        offset += 1
        let name = String(decoding: bytes[start + 1..<offset - 1], as: UTF8.self)
        return Token(kind: .quotedIdentifier(name), range: SourceRange(start: start, end: offset))
    }

    private mutating func number() throws(SyntaxError) -> Token.Kind {
        let start = offset
        if peek() == UInt8(ascii: "0"), let second = peek(1), second == UInt8(ascii: "x") || second == UInt8(ascii: "X") {
            offset += 2
            let digits = offset
            while let byte = peek(), Unicode.Scalar(byte).properties.isASCIIHexDigit { offset += 1 }
            return try integer(digits..<offset, radix: 16, from: start)
        }
        while let byte = peek(), isDigit(byte) { offset += 1 }
        var isDouble = false
        if peek() == UInt8(ascii: "."), let byte = peek(1), isDigit(byte) {
            isDouble = true
            offset += 1
            while let byte = peek(), isDigit(byte) { offset += 1 }
        }
        if let byte = peek(), byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
            if let digit = peek(sign ? 2 : 1), isDigit(digit) {
                isDouble = true
                offset += sign ? 2 : 1
                while let byte = peek(), isDigit(byte) { offset += 1 }
            }
        }
        guard isDouble else { return try integer(start..<offset, radix: 10, from: start) }
        guard let value = Double(String(decoding: bytes[start..<offset], as: UTF8.self)), value.isFinite else {
            throw fail("the number is too large for a double", from: start)
        }
        try endNumber(from: start)
        return .double(value)
    }

    private mutating func integer(_ digits: Range<Int>, radix: Int, from start: Int) throws(SyntaxError) -> Token.Kind {
        guard !digits.isEmpty else { throw fail("a hexadecimal number needs digits", from: start) }
        let value = UInt64(String(decoding: bytes[digits], as: UTF8.self), radix: radix)
        var isUnsigned = false
        if let byte = peek(), byte == UInt8(ascii: "u") || byte == UInt8(ascii: "U") {
            isUnsigned = true
            offset += 1
        }
        guard let value else { throw fail("the number is too large for \(isUnsigned ? "a uint" : "an int")", from: start) }
        try endNumber(from: start)
        return isUnsigned ? .uint(value) : .int(value)
    }

    private func endNumber(from start: Int) throws(SyntaxError) {
        if let byte = peek(), isIdentifierPart(byte) { throw fail("a number can't be followed by a name", from: start) }
    }

    private mutating func symbol() throws(SyntaxError) -> Token {
        let start = offset
        for length in [2, 1] where start + length <= bytes.count {
            if let symbol = Token.Symbol(rawValue: String(decoding: bytes[start..<start + length], as: UTF8.self)) {
                offset += length
                return Token(kind: .symbol(symbol), range: SourceRange(start: start, end: offset))
            }
        }
        var end = start + 1
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        let character = String(decoding: bytes[start..<end], as: UTF8.self)
        throw SyntaxError(message: "unexpected character '\(character)'", range: SourceRange(start: start, end: end))
    }
}
