/// Why a text is not JSON.
public struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public let message: String
    /// Where, in bytes.
    public let offset: Int

    /// Makes an error.
    public init(message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }

    /// The message and the place.
    public var description: String { "\(message) at byte \(offset)" }
}

extension Value {
    /// The deepest that JSON may nest.
    private static let deepestJSON = 256

    /// Reads JSON: objects become maps in the order of their members, integers within 64 bits ints, other numbers doubles.
    /// - Throws: why the text is not JSON, or nests deeper than 256 levels.
    public init(json text: String) throws(JSONSyntaxError) {
        var reader = JSONReader(bytes: Array(text.utf8), deepest: Self.deepestJSON)
        self = try reader.document()
    }
}

/// Reads JSON as RFC 8259 has it.
private struct JSONReader {
    let bytes: [UInt8]
    let deepest: Int
    private var offset = 0

    init(bytes: [UInt8], deepest: Int) {
        self.bytes = bytes
        self.deepest = deepest
    }

    mutating func document() throws(JSONSyntaxError) -> Value {
        let value = try value(0)
        skipBlanks()
        guard offset == bytes.count else { throw fail("text after the value") }
        return value
    }

    private func fail(_ message: String) -> JSONSyntaxError { JSONSyntaxError(message: message, offset: offset) }

    private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipBlanks() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard peek() == byte else { return false }
        offset += 1
        return true
    }

    private mutating func value(_ depth: Int) throws(JSONSyntaxError) -> Value {
        skipBlanks()
        guard depth < deepest else { throw fail("nesting deeper than \(deepest) levels") }
        switch peek() {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some(let byte) where byte == UInt8(ascii: "-") || isDigit(byte): return try number()
        default: throw fail("expected a value")
        }
    }

    private mutating func word(_ word: String, _ value: Value) throws(JSONSyntaxError) -> Value {
        guard bytes[offset...].starts(with: word.utf8) else { throw fail("expected a value") }
        offset += word.utf8.count
        return value
    }

    private mutating func object(_ depth: Int) throws(JSONSyntaxError) -> Value {
        offset += 1
        var builder = MapValue.Builder()
        if skip(UInt8(ascii: "}")) { return .map(.empty) }
        repeat {
            skipBlanks()
            guard peek() == UInt8(ascii: "\"") else { throw fail("expected a member name") }
            let name = try string()
            guard skip(UInt8(ascii: ":")) else { throw fail("expected ':'") }
            // Of members that come twice, the last counts.
            _ = builder.set(.string(name), try value(depth + 1))
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "}")) else { throw fail("expected ',' or '}'") }
        return .map(builder.build())
    }

    private mutating func array(_ depth: Int) throws(JSONSyntaxError) -> Value {
        offset += 1
        var elements: [Value] = []
        if skip(UInt8(ascii: "]")) { return .list(elements) }
        repeat { elements.append(try value(depth + 1)) } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "]")) else { throw fail("expected ',' or ']'") }
        return .list(elements)
    }

    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private mutating func digits() throws(JSONSyntaxError) {
        guard let byte = peek(), isDigit(byte) else { throw fail("expected a digit") }
        while let byte = peek(), isDigit(byte) { offset += 1 }
    }

    private mutating func number() throws(JSONSyntaxError) -> Value {
        let start = offset
        if peek() == UInt8(ascii: "-") { offset += 1 }
        if peek() == UInt8(ascii: "0") { offset += 1 } else { try digits() }
        var isInteger = true
        if peek() == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            try digits()
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            isInteger = false
            offset += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        // Only a double has a negative zero.
        if isInteger, text != "-0", let integer = Int64(text) { return .int(integer) }
        guard let number = Double(text), number.isFinite else { throw fail("a number beyond the range of doubles") }
        return .double(number)
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        offset += 1
        let start = offset
        while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { offset += 1 }
        if peek() == UInt8(ascii: "\"") {
            offset += 1
            return String(decoding: bytes[start..<offset - 1], as: UTF8.self)
        }
        var content = Array(bytes[start..<offset])
        while let byte = peek(), byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw fail("a control character in a string") }
            offset += 1
            guard byte == UInt8(ascii: "\\") else {
                content.append(byte)
                continue
            }
            guard let escape = peek() else { break }
            offset += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(escape)
            case UInt8(ascii: "b"): content.append(0x08)
            case UInt8(ascii: "f"): content.append(0x0C)
            case UInt8(ascii: "n"): content.append(0x0A)
            case UInt8(ascii: "r"): content.append(0x0D)
            case UInt8(ascii: "t"): content.append(0x09)
            case UInt8(ascii: "u"): content.append(contentsOf: String(Character(try scalar())).utf8)
            default: throw fail("an unknown escape sequence")
            }
        }
        guard peek() != nil else { throw fail("a string without an end") }
        offset += 1
        return String(decoding: content, as: UTF8.self)
    }

    /// The code point of one `\u` escape, or of two that make a surrogate pair; a lone surrogate is the replacement character.
    private mutating func scalar() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if (0xD800...0xDBFF).contains(first), peek() == UInt8(ascii: "\\"), offset + 1 < bytes.count, bytes[offset + 1] == UInt8(ascii: "u") {
            let start = offset
            offset += 2
            let second = try hexadecimal()
            if (0xDC00...0xDFFF).contains(second) {
                return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
            }
            offset = start
        }
        return Unicode.Scalar(first) ?? "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw fail("expected four hexadecimal digits") }
            value = value * 16 + UInt32(digit)
            offset += 1
        }
        return value
    }
}
