/// Finds e-mail addresses and addresses of web pages.
enum AddressFinder {
    /// Addresses are at most this many: more are no answer.
    private static let most = 16

    static func emails(in text: MessageText) -> [Find] {
        var finds: [Find] = []
        var covered = 0
        for token in text.tokens where token.kind == .mark && token.text == "@" && finds.count < most {
            var start = token.range.lowerBound
            // Longer local parts are no addresses.
            while start > 0, token.range.lowerBound - start <= 65, isLocal(text.bytes[start - 1]) { start -= 1 }
            while start < token.range.lowerBound, text.bytes[start] == UInt8(ascii: ".") || text.bytes[start] == UInt8(ascii: "'") { start += 1 }
            let domainStart = token.range.upperBound
            var end = domainStart
            while end < text.bytes.count, end - domainStart <= 253, isDomain(text.bytes[end]) { end += 1 }
            while end > domainStart, text.bytes[end - 1] == UInt8(ascii: ".") || text.bytes[end - 1] == UInt8(ascii: "-") { end -= 1 }
            let domain = text.source(domainStart..<end).lowercased()
            // The domain of one is no local part of the next.
            guard start < token.range.lowerBound, start >= covered, let dot = domain.lastIndex(of: "."), domain[dot...].utf8.count > 2 else {
                continue
            }
            covered = end
            finds.append(
                Find(
                    content: .value(.string(text.source(start..<domainStart) + domain)), confidence: Confidence.exact,
                    tokens: text.indices(touching: start..<end)))
        }
        return finds
    }

    static func urls(in text: MessageText) -> [Find] {
        var finds: [Find] = []
        var covered = 0
        for (index, token) in text.tokens.enumerated() where token.kind == .word && index >= covered && finds.count < most {
            guard ["http", "https", "www"].contains(token.text) || (text[index + 1] == "." && text.isGlued(index + 1) && text.isGlued(index + 2)),
                !(index > 0 && text.isGlued(index) && text[index - 1] != "(")
            else { continue }
            var end = token.range.upperBound
            while end < text.bytes.count, text.bytes[end] > 0x20, text.bytes[end] != UInt8(ascii: "<"), text.bytes[end] != UInt8(ascii: ">") {
                end += 1
            }
            while end > token.range.upperBound, ".,;:!?)\"'".utf8.contains(text.bytes[end - 1]) { end -= 1 }
            let indices = text.indices(touching: token.range.lowerBound..<end)
            covered = indices.upperBound
            let source = text.source(token.range.lowerBound..<end)
            guard isAddress(source) else { continue }
            finds.append(Find(content: .value(.string(source)), confidence: Confidence.exact, tokens: indices))
        }
        return finds
    }

    /// With a scheme and a host, or a host that ends in a domain of two letters or more.
    private static func isAddress(_ source: String) -> Bool {
        let lower = source.lowercased()
        let rest: Substring
        if lower.hasPrefix("https://") || lower.hasPrefix("http://") {
            rest = lower.drop { $0 != "/" }.dropFirst(2)
        } else {
            rest = lower[...]
        }
        let labels = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != ":" }.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, let last = labels.last, last.utf8.count >= 2, last.allSatisfy(\.isLetter) else { return false }
        return labels.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } }
    }

    private static func isLocal(_ byte: UInt8) -> Bool {
        isDomain(byte) || "_%+'!#$&*=?^`{|}~/".utf8.contains(byte)
    }

    /// Letters beyond ASCII are letters of international domains.
    private static func isDomain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
        default: byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
        }
    }
}
