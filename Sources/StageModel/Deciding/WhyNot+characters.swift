extension WhyNot.PatternSample {
    /// A set of characters, as ranges of code points or as what is not in them.
    struct Characters {
        var ranges: [ClosedRange<UInt32>] = []
        var isNegated = false

        static let digits = Characters(ranges: [0x30...0x39])
        static let words = Characters(ranges: [0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x5F...0x5F])
        static let blanks = Characters(ranges: [0x20...0x20, 0x09...0x0D])

        /// The class that a letter behind a backslash stands for; a capital letter for what is not in it.
        init?(escape: Unicode.Scalar) {
            switch escape {
            case "d", "D": self = Self.digits
            case "w", "W": self = Self.words
            case "s", "S": self = Self.blanks
            default: return nil
            }
            isNegated = ("A"..."Z").contains(escape)
        }

        /// The class of a name in POSIX, such as `alpha`, or of a Unicode property such as `Lu`.
        init?(name: String) {
            switch name {
            case "alpha", "L": ranges = [0x61...0x7A, 0x41...0x5A]
            case "alnum": ranges = [0x61...0x7A, 0x41...0x5A, 0x30...0x39]
            case "digit", "N", "Nd": self = Self.digits
            case "lower", "Ll": ranges = [0x61...0x7A]
            case "upper", "Lu": ranges = [0x41...0x5A]
            case "space", "Z", "Zs": self = Self.blanks
            case "word": self = Self.words
            case "xdigit": ranges = [0x30...0x39, 0x61...0x66, 0x41...0x46]
            case "punct", "P": ranges = [0x21...0x23, 0x25...0x2A, 0x2C...0x2F]
            default: return nil
            }
        }

        init(ranges: [ClosedRange<UInt32>] = []) { self.ranges = ranges }

        /// One of the characters; nil when none comes to mind.
        func sample(_ taste: Taste) -> Unicode.Scalar? {
            guard isNegated else {
                let value = taste == .last ? ranges.last?.upperBound : ranges.first?.lowerBound
                return value.flatMap { Unicode.Scalar($0) }
            }
            let common: [Unicode.Scalar] = ["a", "A", "0", "x", "-", " ", "!", "é"]
            let outside = common.filter { scalar in !ranges.contains { $0.contains(scalar.value) } }
            return taste == .last ? outside.last : outside.first
        }
    }

    /// What stands in brackets, whose first is read already.
    mutating func characterClass() -> Characters? {
        var set = Characters()
        set.isNegated = skip("^")
        var isFirst = true
        while let next = rest.popFirst() {
            if next == "]", !isFirst { return set }
            isFirst = false
            if next == "[", rest.first == ":" {
                rest = rest.dropFirst()
                let name = String(rest.prefix { $0 != ":" })
                rest = rest.dropFirst(name.unicodeScalars.count)
                guard skip(":]"), let named = Characters(name: name) else { return nil }
                set.ranges += named.ranges
                continue
            }
            var start = next
            if next == "\\" {
                guard let escape = rest.popFirst() else { return nil }
                if let named = Characters(escape: escape), !named.isNegated {
                    set.ranges += named.ranges
                    continue
                }
                guard let scalar = character(escape) else { return nil }
                start = scalar
            }
            var end = start
            // A minus at the end stands for itself.
            if rest.first == "-", rest.dropFirst().first.map({ $0 != "]" }) ?? false {
                rest = rest.dropFirst()
                guard var last = rest.popFirst() else { return nil }
                if last == "\\" {
                    guard let escape = rest.popFirst(), let scalar = character(escape) else { return nil }
                    last = scalar
                }
                end = last
            }
            guard start.value <= end.value else { return nil }
            set.ranges.append(start.value...end.value)
        }
        return nil
    }

    /// What a backslash begins, which is read already.
    mutating func escape() -> [Unicode.Scalar]? {
        guard let next = rest.popFirst() else { return nil }
        switch next {
        case "b", "B", "A", "z": return []
        case "Q":
            var text: [Unicode.Scalar] = []
            while !skip("\\E") {
                guard let scalar = rest.popFirst() else { break }
                text.append(scalar)
            }
            return text
        case "p", "P":
            guard let name = propertyName(), var set = Characters(name: name) else { return nil }
            set.isNegated = next == "P"
            return set.sample(taste).map { [$0] }
        default:
            if let set = Characters(escape: next) { return set.sample(taste).map { [$0] } }
            return character(next).map { [$0] }
        }
    }

    private mutating func propertyName() -> String? {
        guard skip("{") else { return rest.popFirst().map { String(Character($0)) } }
        let name = String(rest.prefix { $0 != "}" })
        rest = rest.dropFirst(name.unicodeScalars.count)
        return skip("}") ? name : nil
    }

    /// The one character that an escape stands for.
    private mutating func character(_ escape: Unicode.Scalar) -> Unicode.Scalar? {
        switch escape {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "f": return "\u{0C}"
        case "v": return "\u{0B}"
        case "x":
            let isBraced = skip("{")
            let digits = rest.prefix { $0 != "}" }.prefix(isBraced ? 6 : 2)
            rest = rest.dropFirst(digits.count)
            guard !isBraced || skip("}"), let value = UInt32(String(digits), radix: 16) else { return nil }
            return Unicode.Scalar(value)
        default:
            // Letters and digits have meanings of their own; anything else stands for itself.
            let isWord = Characters.words.ranges.contains { $0.contains(escape.value) } && escape != "_"
            return isWord ? nil : escape
        }
    }
}
