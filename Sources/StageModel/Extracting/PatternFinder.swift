import CEL

/// Finds what matches a field's pattern, also when it was written in lower case or with another mark, or none, between letters and digits.
final class PatternFinder: Sendable {
    private static let most = 8

    private let field: DataField
    /// The pattern alone, which is found sooner: mostly its matches do end with words.
    private let plain: RegularExpression?
    /// The pattern between ends of words, in a group of its own. It knows all letters there are and takes up to 118 KB.
    private let search: FieldPattern
    /// Whether the pattern also matches what is no value of it in most messages, such as a word or a date.
    let isLoose: Bool

    init(_ field: DataField) {
        self.field = field
        var pattern = field.pattern ?? ""
        // As parts of a text, values are not at its ends.
        if pattern.hasPrefix("^") { pattern.removeFirst() }
        if pattern.hasSuffix("$"), !pattern.hasSuffix("\\$") { pattern.removeLast() }
        plain = try? RegularExpression(pattern)
        search = FieldPattern(#"(?:^|[^\pL\pN])("# + pattern + #")(?:$|[^\pL\pN])"#)
        isLoose = ["2026-03-04", "04.03.2026", "ORDERNUMBER", "ordernumber", "Thursday", "WORD", "word", "42", "12345"].contains {
            field.expression?.matchesWhole($0) ?? false
        }
    }

    private func isValue(_ text: String) -> Bool { field.fault(of: .string(text), at: .root) == nil }

    /// The matches as they stand in the text.
    /// - Parameter isNamed: whether tokens stand by words that name the field.
    func exact(in text: MessageText, isAsked: Bool, answer: Range<Int>, isNamed: (Range<Int>) -> Bool) -> [Find] {
        if isAsked, let find = find(text, text.range(of: answer), Confidence.exact), hasDigit(find, text) || answer.count == 1 { return [find] }
        var finds: [Find] = []
        var offset = 0
        for _ in 0..<Self.most {
            guard let range = next(in: text, from: offset) else { break }
            offset = max(range.upperBound, offset + 1)
            if let find = find(text, trimmed(range, in: text), Confidence.exact), suits(find, text, isAsked: isAsked, isNamed: isNamed) {
                finds.append(find)
            }
            guard offset < text.bytes.count else { break }
        }
        return finds
    }

    private func next(in text: MessageText, from offset: Int) -> Range<Int>? {
        guard let range = plain?.firstMatch(in: text.bytes, from: offset) else { return nil }
        if range.count > 0, text.isEdge(range.lowerBound), text.isEdge(range.upperBound) { return range }
        return search.expression?.firstMatch(in: text.bytes, from: offset, group: 1)
    }

    /// Whether a match of a loose pattern is more than a coincidence.
    private func suits(_ find: Find, _ text: MessageText, isAsked: Bool, isNamed: (Range<Int>) -> Bool) -> Bool {
        let hasDigit = hasDigit(find, text)
        if isAsked { return hasDigit || !isLoose }
        if !hasDigit { return !isLoose || isNamed(find.tokens) }
        guard isLoose else { return true }
        let isOne = find.tokens.count == 1 || find.tokens.dropFirst().allSatisfy(text.isGlued)
        return (isOne && text.range(of: find.tokens).count >= 8) || isNamed(find.tokens)
    }

    private func hasDigit(_ find: Find, _ text: MessageText) -> Bool { find.tokens.contains(where: text.isDigits) }

    private func trimmed(_ range: Range<Int>, in text: MessageText) -> Range<Int> {
        var range = range
        while range.count > 0, [0x20, 0x0A, 0x09, 0x0D].contains(text.bytes[range.upperBound - 1]) { range = range.lowerBound..<range.upperBound - 1 }
        while range.count > 0, [0x20, 0x0A, 0x09, 0x0D].contains(text.bytes[range.lowerBound]) { range = range.lowerBound + 1..<range.upperBound }
        return range
    }

    private func find(_ text: MessageText, _ range: Range<Int>, _ confidence: Double) -> Find? {
        guard !range.isEmpty else { return nil }
        let (value, tokens) = (text.source(range), text.indices(touching: range))
        // What belongs to no token, such as an accent by itself, is nothing that anybody wrote for a value.
        return !tokens.isEmpty && isValue(value) ? Find(content: .value(.string(value)), confidence: confidence, tokens: tokens) : nil
    }

    // MARK: Written otherwise

    /// The matches that come about by upper case and by another mark between letters and digits.
    func changed(in text: MessageText, isAsked: Bool, answer: Range<Int>, isFree: (Range<Int>) -> Bool) -> [Find] {
        var finds: [Find] = []
        var tried = 0
        var index = 0
        while index < text.tokens.count, tried < Self.most {
            guard text.isDigits(index) else {
                index += 1
                continue
            }
            tried += 1
            var start = index
            while start > 0, text.isGlued(start), text.tokens[start - 1].kind != .mark || text[start - 1] == "-" { start -= 1 }
            var end = index + 1
            while end < text.tokens.count, text.isGlued(end), text.tokens[end].kind != .mark || (text[end] == "-" && text.isGlued(end + 1)) {
                end += 1
            }
            var candidates = [start..<end]
            if let before = shortWord(before: start, in: text) { candidates.insert(before..<end, at: 0) }
            if isAsked, answer.contains(index) { candidates.insert(answer, at: 0) }
            if let find = candidates.lazy.filter(isFree).compactMap({ changed($0, in: text, isAsked: isAsked) }).first { finds.append(find) }
            index = end
        }
        return finds
    }

    /// Letters that stand apart from their digits: "ab 1234", "AB - 1234". Ordinary words are none.
    private func shortWord(before index: Int, in text: MessageText) -> Int? {
        var position = index - 1
        if text[position] == "-" || text[position] == "_" { position -= 1 }
        guard text.isWord(position), text[position].utf8.count <= 4, !Self.ordinary.contains(text[position]), !text.isGlued(position) else {
            return nil
        }
        return position
    }

    private func changed(_ indices: Range<Int>, in text: MessageText, isAsked: Bool) -> Find? {
        let range = text.range(of: indices)
        guard !indices.isEmpty, range.count <= 64 else { return nil }
        let parts = indices.filter { text.tokens[$0].kind != .mark }.map { text.source(text.tokens[$0].range) }
        // Digits alone that lose their marks may be anything: a date, a telephone number.
        let hasLetters = indices.contains(where: text.isWord)
        guard parts.count <= 12, isAsked || hasLetters else { return nil }
        let source = text.source(range)
        for candidate in [source] + ["-", "", " "].map({ parts.joined(separator: $0) }) {
            for value in [candidate, candidate.uppercased()] where isValue(value) {
                if isLoose, !isAsked, value.utf8.count < 8 { continue }
                return Find(
                    content: .value(.string(value)), confidence: value == source ? Confidence.exact : Confidence.corrected, tokens: indices)
            }
        }
        return nil
    }

    private static let ordinary: Set<String> = [
        "is", "its", "no", "nr", "my", "the", "a", "an", "of", "to", "in", "on", "at", "for", "and", "or", "it", "id", "i", "we", "are", "am", "code",
        "from", "with", "by", "but", "not", "was", "be", "as", "that", "this", "has", "have", "had", "got", "paid", "buy", "want", "need", "size",
        "only", "just", "than", "then", "zip", "tel", "eur", "usd", "gbp", "item", "all", "about", "over", "him", "her", "you", "yes", "sure", "ok",
        "may", "jan", "feb", "mar", "apr", "june", "july", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "page", "line", "room", "day",
        "use",
        "so", "if", "me", "do", "did", "like", "take", "took", "last", "next", "past", "cost", "per", "will", "can", "case", "call", "mine", "hi",
        "hey",
    ]
}
