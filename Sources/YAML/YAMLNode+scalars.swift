extension YAMLNode {
    /// What a text without quotes stands for, by the core schema of YAML 1.2: `yes`, `no`, `on` and dates are texts.
    static func content(ofPlain text: String, at place: YAMLPlace) throws(YAMLError) -> Content {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        if let integer = integer(text) { return integer }
        let unsigned = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        if [".inf", ".Inf", ".INF"].contains(unsigned) || [".nan", ".NaN", ".NAN"].contains(text) {
            throw YAMLError(message: "'\(text)' is no number that can be stored; put it in quotes if it is a text.", place: place)
        }
        guard isDecimal(unsigned) else { return .string(text) }
        // Foreign to Swift: no digit before or behind the point.
        let digits = unsigned.replacing(".e", with: ".0e").replacing(".E", with: ".0E")
        let number = Double("0" + digits + (digits.hasSuffix(".") ? "0" : ""))
        guard let number, number.isFinite else {
            throw YAMLError(message: "The number is out of range; the largest magnitude is about 1.8e308.", place: place)
        }
        return .number(text.hasPrefix("-") ? -number : number)
    }

    /// A whole number; one beyond 64 bits becomes a double.
    private static func integer(_ text: String) -> Content? {
        for (prefix, radix) in [("0x", 16), ("0o", 8)] where text.hasPrefix(prefix) {
            let digits = text.dropFirst(2)
            guard digits.first?.isHexDigit == true else { return nil }
            return Int64(digits, radix: radix).map(Content.integer)
        }
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard areDigits(digits) else { return nil }
        return Int64(text).map(Content.integer)
    }

    /// Whether a text is a number without its sign: digits with a point, an exponent, or both.
    private static func isDecimal(_ text: Substring) -> Bool {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        if parts.count == 2 {
            let exponent = parts[1].hasPrefix("-") || parts[1].hasPrefix("+") ? parts[1].dropFirst() : parts[1]
            guard areDigits(exponent) else { return false }
        }
        let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        return mantissa.contains { !$0.isEmpty } && mantissa.allSatisfy { $0.isEmpty || areDigits($0) }
            && !(mantissa[0].isEmpty && mantissa.count == 1)
    }

    private static func areDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
