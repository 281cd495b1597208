extension TextMetrics.Font {
    private static let ellipsis = "…"
    /// Behind these a word may be broken.
    private static let marks: Set<Character> = [".", ",", ";", "/", "|", "(", "-", "_", "\u{AD}"]

    /// As much of a text as fits into a width, with an ellipsis where it ends early.
    func cut(_ text: String, to width: Int) -> String {
        let text = DrawableText.of(text)
        guard self.width(of: text) > width else { return text }
        let (head, _) = split(text[...], at: width - self.width(of: Self.ellipsis))
        return head.trimmingBlanks() + Self.ellipsis
    }

    /// A text in at most two lines of a width, broken between words where that is possible; an ellipsis ends what does not fit.
    func wrap(_ text: String, to width: Int) -> [String] {
        let text = DrawableText.of(text)
        guard !text.isEmpty else { return [] }
        guard self.width(of: text) > width else { return [text] }
        var (head, rest) = split(text[...], at: width)
        if rest.first != " " {
            // A break inside a word is for words that would leave most of the line empty; behind a mark rather than between letters.
            let blank = head.lastIndex(of: " ")
            let mark = head.dropLast().lastIndex { Self.marks.contains($0) }.map { head.index(after: $0) }
            if let place = [blank, mark].compactMap({ $0 }).first(where: { self.width(of: String(head[..<$0])) * 5 > width * 2 }) {
                rest = text[place...]
                head = head[..<place]
            }
        }
        let second = cut(String(rest.drop { $0 == " " }), to: width)
        return second.isEmpty ? [head.trimmingBlanks()] : [head.trimmingBlanks(), second]
    }

    /// The longest beginning that is not wider than so many pixels, but at least a character, and what is left.
    private func split(_ text: Substring, at width: Int) -> (head: Substring, rest: Substring) {
        var used = 0
        var end = text.startIndex
        while end < text.endIndex {
            used += text[end].unicodeScalars.reduce(0) { $0 + advance(of: $1) }
            if pixels(used) > width, end > text.startIndex { break }
            end = text.index(after: end)
        }
        return (text[..<end], text[end...])
    }
}

extension Substring {
    fileprivate func trimmingBlanks() -> String {
        var text = self
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

/// Text as it can stand on one line of a picture.
enum DrawableText {
    /// Nobody can read more in a picture; longer texts are cut before they are measured.
    private static let longest = 1000
    /// More marks than this on one letter would paint over what is above and below the line.
    private static let mostMarks = 3

    /// Drops controls and piled-up marks, and makes every run of white space one blank.
    static func of(_ text: String) -> String {
        if isPlain(text.utf8) { return text }
        var result = String.UnicodeScalarView()
        var endsInBlank = true
        var marks = 0
        for scalar in text.unicodeScalars.prefix(longest) {
            if scalar.properties.isWhitespace {
                if !endsInBlank { result.append(" ") }
                endsInBlank = true
                continue
            }
            switch scalar.properties.generalCategory {
            case .control: continue
            case .nonspacingMark, .enclosingMark:
                marks += 1
                if marks > mostMarks { continue }
            default: marks = 0
            }
            result.append(scalar)
            endsInBlank = false
        }
        if endsInBlank, !result.isEmpty { result.removeLast() }
        return String(result)
    }
    /// Whether a text needs nothing: short, of visible ASCII characters and single blanks between them.
    private static func isPlain(_ text: String.UTF8View) -> Bool {
        let blank = UInt8(ascii: " ")
        var last = blank
        for byte in text {
            guard (32..<127).contains(byte), byte != blank || last != blank else { return false }
            last = byte
        }
        return last != blank && text.count <= longest
    }
}
