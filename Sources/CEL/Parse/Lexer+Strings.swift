extension Lexer {
    /// Reads a string or bytes literal from its opening quote on.
    mutating func string(isRaw: Bool, isBytes: Bool, from start: Int) throws(SyntaxError) -> Token.Kind {
        guard let quote = peek() else { throw fail("a string needs a closing quote", from: start) }
        let isTriple = peek(1) == quote && peek(2) == quote
        offset += isTriple ? 3 : 1
        var content: [UInt8] = []
        while true {
            guard let byte = peek() else { throw fail("a string needs a closing quote", from: start) }
            if byte == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
                offset += isTriple ? 3 : 1
                break
            }
            if !isTriple, byte == 0x0A || byte == 0x0D { throw fail("a string with single quotes can't go over the end of a line", from: start) }
            if byte == UInt8(ascii: "\\"), !isRaw {
                try escape(isBytes: isBytes, into: &content)
            } else {
                content.append(byte)
                offset += 1
            }
        }
        return isBytes ? .bytes(content) : .string(String(decoding: content, as: UTF8.self))
    }

    /// Reads an escape sequence. In strings `\x` and octal escapes are code points, in bytes they are bytes.
    private mutating func escape(isBytes: Bool, into content: inout [UInt8]) throws(SyntaxError) {
        let start = offset
        offset += 1
        guard let byte = peek() else { throw fail("an escape sequence is cut off", from: start) }
        offset += 1
        switch byte {
        case UInt8(ascii: "a"): content.append(0x07)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "v"): content.append(0x0B)
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "?"): content.append(byte)
        case UInt8(ascii: "x"), UInt8(ascii: "X"): try append(try digits(2, radix: 16, from: start), isBytes: isBytes, from: start, to: &content)
        case UInt8(ascii: "u") where isBytes, UInt8(ascii: "U") where isBytes: throw fail("bytes can't have this escape sequence", from: start)
        case UInt8(ascii: "u"): try append(try digits(4, radix: 16, from: start), isBytes: false, from: start, to: &content)
        case UInt8(ascii: "U"): try append(try digits(8, radix: 16, from: start), isBytes: false, from: start, to: &content)
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            offset -= 1
            try append(try digits(3, radix: 8, from: start), isBytes: isBytes, from: start, to: &content)
        default: throw fail("unknown escape sequence", from: start)
        }
    }

    private mutating func digits(_ count: Int, radix: Int, from start: Int) throws(SyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix else {
                throw fail("this escape sequence needs \(count) \(radix == 8 ? "octal" : "hexadecimal") digits", from: start)
            }
            value = value * UInt32(radix) + UInt32(digit)
            offset += 1
        }
        return value
    }

    private func append(_ value: UInt32, isBytes: Bool, from start: Int, to content: inout [UInt8]) throws(SyntaxError) {
        if isBytes {
            content.append(UInt8(truncatingIfNeeded: value))
        } else {
            guard let scalar = Unicode.Scalar(value) else { throw fail("no character has this code point", from: start) }
            content.append(contentsOf: String(Character(scalar)).utf8)
        }
    }
}
