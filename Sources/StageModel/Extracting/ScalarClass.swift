/// What a Unicode scalar is to the reader of a message.
enum ScalarClass {
    case letter(isUppercase: Bool)
    /// 0 to 9.
    case digit
    case apostrophe
    /// Belongs to what stands before it: a combining accent.
    case joiner
    case blank
    /// Anything else, and the end of a line.
    case mark

    init(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x61...0x7A: self = .letter(isUppercase: false)
        case 0x41...0x5A: self = .letter(isUppercase: true)
        case 0x30...0x39: self = .digit
        case 0x27, 0x2019: self = .apostrophe
        case 0x20, 0x09, 0x0D, 0xA0, 0x202F: self = .blank
        case 0x00..<0x80: self = .mark
        case 0x300...0x36F, 0x200D, 0xFE00...0xFE0F: self = .joiner
        default:
            let properties = scalar.properties
            if properties.isAlphabetic {
                self = .letter(isUppercase: properties.isUppercase)
            } else {
                self = properties.isWhitespace ? .blank : .mark
            }
        }
    }
}

extension Unicode.Scalar {
    /// The base letters of À (U+00C0) to ſ (U+017F).
    private static let baseLetters: [[UInt8]] = {
        let runs: [(Int, String)] = [
            (6, "a"), (1, "ae"), (1, "c"), (4, "e"), (4, "i"), (1, "d"), (1, "n"), (5, "o"), (1, "x"), (1, "o"), (4, "u"), (1, "y"), (1, "th"),
            (1, "ss"),
            (6, "a"), (1, "ae"), (1, "c"), (4, "e"), (4, "i"), (1, "d"), (1, "n"), (5, "o"), (1, "x"), (1, "o"), (4, "u"), (1, "y"), (1, "th"),
            (1, "y"),
            (6, "a"), (8, "c"), (4, "d"), (10, "e"), (8, "g"), (4, "h"), (10, "i"), (2, "ij"), (2, "j"), (3, "k"), (10, "l"), (9, "n"), (6, "o"),
            (2, "oe"), (6, "r"), (8, "s"), (6, "t"), (12, "u"), (2, "w"), (3, "y"), (6, "z"), (1, "s"),
        ]
        return runs.flatMap { Array(repeating: Array($0.1.utf8), count: $0.0) }
    }()

    /// Adds the letter without case and diacritics, as UTF-8.
    func appendFolded(to bytes: inout [UInt8]) {
        switch value {
        case 0x41...0x5A: bytes.append(UInt8(truncatingIfNeeded: value + 32))
        case 0x00..<0x80: bytes.append(UInt8(truncatingIfNeeded: value))
        case 0xC0...0x17F: bytes += Self.baseLetters[Int(value) - 0xC0]
        default: bytes += properties.lowercaseMapping.utf8
        }
    }
}
