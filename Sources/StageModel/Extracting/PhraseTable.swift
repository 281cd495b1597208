/// Phrases with what they stand for, found at a place of a text by one look-up of their first word.
struct PhraseTable<Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let words: [String]
        let value: Value
    }

    /// By the first word, the longest first.
    private let entries: [String: [Entry]]
    private let filter: WordFilter

    init(_ phrases: [([String], Value)]) {
        var entries: [String: [Entry]] = [:]
        for (words, value) in phrases { if let first = words.first { entries[first, default: []].append(Entry(words: words, value: value)) } }
        filter = WordFilter(entries.keys)
        self.entries = entries.mapValues { $0.sorted { $0.words.count > $1.words.count } }
    }

    /// The longest phrase that stands at an index, and the index after it.
    func match(in text: MessageText, at index: Int) -> (end: Int, value: Value)? {
        guard text.tokens.indices.contains(index), filter.mayContain(text.tokens[index].key), let candidates = entries[text[index]] else {
            return nil
        }
        for candidate in candidates { if let end = text.end(of: candidate.words, at: index) { return (end, candidate.value) } }
        return nil
    }

    func occurs(in text: MessageText) -> Bool { text.tokens.indices.contains { match(in: text, at: $0) != nil } }
}

extension PhraseTable where Value == Bool {
    /// Phrases that all stand for the same.
    init(_ phrases: [[String]]) { self.init(phrases.map { ($0, true) }) }
}
