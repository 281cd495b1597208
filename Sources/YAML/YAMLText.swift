extension String {
    /// The text as a YAML document has it on one line: as it is where nothing else could be meant, else in double quotes.
    public var yaml: String { isPlainYAML ? self : quotedYAML }

    private var isPlainYAML: Bool {
        guard let first = unicodeScalars.first, first.properties.isAlphabetic, unicodeScalars.last != " ", utf8.count <= 120 else { return false }
        let marks: Set<Unicode.Scalar> = [" ", "_", "-", ".", "/", "(", ")", "+", "@", "!", "?", "'"]
        guard unicodeScalars.allSatisfy({ $0.properties.isAlphabetic || ("0"..."9").contains($0) || marks.contains($0) }) else { return false }
        // Not what reads as something else than text, here or by older rules.
        let word = lowercased()
        return !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(word)
    }

    private var quotedYAML: String {
        var text = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<" ", "\u{7F}"..<"\u{A0}", "\u{2028}", "\u{2029}", "\u{FEFF}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
