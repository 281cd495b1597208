/// The words by which a message may name a field, and by which a field tells what it is about.
struct FieldWords {
    /// The name, and what the description begins with ("The town or city." gives "town" and "city"), each as words.
    let phrases: [[String]]
    /// The words of the name.
    let name: Set<String>
    /// The words of the description.
    let description: Set<String>
    /// The words of both that say something, in the singular.
    let telling: Set<String>

    init(_ field: DataField) {
        let name = Self.words(ofName: field.name)
        let description = MessageText(field.description).tokens
        self.name = Set(name)
        self.description = Set(description.filter { $0.kind == .word }.map(\.text))
        var phrases = [name]
        for head in Self.heads(of: description) where !phrases.contains(head) { phrases.append(head) }
        self.phrases = phrases.filter { !$0.isEmpty }
        telling = Set((self.name.union(self.description)).subtracting(Self.vague).filter { $0.utf8.count > 2 }.map(\.singular))
    }

    func speaks(of words: Set<String>) -> Bool { !name.isDisjoint(with: words) || !description.isDisjoint(with: words) }

    /// The index after a phrase that ends right before a token.
    func phraseEnd(in text: MessageText, at index: Int) -> Int? {
        for phrase in phrases { if let end = text.end(of: phrase, at: index) { return end } }
        return nil
    }

    /// How far tokens are from words that name the field, within one sentence; nil: they are not near.
    func distance(of indices: Range<Int>, in text: MessageText) -> Int? {
        var best: Int?
        var index = indices.lowerBound
        for distance in 1...5 {
            index -= 1
            guard index >= 0, !text.isMark(index, of: Self.sentenceMarks) else { break }
            if phrases.contains(where: { text.end(of: $0, at: index - $0.count + 1) == index + 1 }) { return distance }
            if best == nil, telling.contains(text[index].singular) { best = distance + 8 }
        }
        index = indices.upperBound
        for distance in 1...3 {
            guard index < text.tokens.count, !text.isMark(index, of: Self.sentenceMarks), text[index] != ",", text[index] != "and" else { break }
            if phrases.contains(where: { text.end(of: $0, at: index) != nil || $0.map(\.singular) == [text[index].singular] }) {
                return min(best ?? 99, distance + 4)
            }
            if telling.contains(text[index].singular) { best = min(best ?? 99, distance + 12) }
            index += 1
        }
        return best
    }

    /// The words of `order_id` and `orderID`.
    private static func words(ofName name: String) -> [String] {
        var spaced = ""
        var previous: Character = "_"
        for character in name {
            if character.isUppercase, previous.isLowercase { spaced.append(" ") }
            spaced.append(character == "_" ? " " : character)
            previous = character
        }
        return MessageText(spaced).tokens.filter { $0.kind != .mark }.map(\.text)
    }

    /// The first noun phrases of a description: as far as a mark or a word that begins a clause, cut at "or" and "and".
    private static func heads(of tokens: [MessageText.Token]) -> [[String]] {
        var heads: [[String]] = []
        var head: [String] = []
        for token in tokens {
            if token.kind != .word || clauseWords.contains(token.text) {
                if heads.isEmpty, head.isEmpty { return [] }
                break
            }
            if token.text == "or" || token.text == "and" {
                heads.append(head)
                head = []
            } else if !articles.contains(token.text) {
                head.append(token.text)
            }
        }
        heads.append(head)
        return heads.filter { (1...3).contains($0.count) && !($0.count == 1 && vague.contains($0[0])) }
    }

    static let sentenceMarks = ".!?;\n"
    private static let articles: Set<String> = ["the", "a", "an", "your", "their", "customers", "users", "his", "her"]
    private static let clauseWords: Set<String> = [
        "of", "that", "which", "who", "whom", "for", "in", "with", "from", "to", "by", "as", "how", "what", "when", "where", "why", "whether", "is",
        "are", "on", "at", "if",
    ]
    private static let vague: Set<String> = [
        "number", "name", "value", "code", "date", "thing", "item", "text", "customer", "user", "person", "data", "information", "the", "and", "that",
        "which", "who", "what", "when", "where", "why", "how", "whether", "for", "with", "from", "would", "should", "like", "was", "were", "has",
        "have", "are", "its", "their", "they", "this", "such", "two", "one", "three", "many", "much", "least", "not", "will", "words", "digits",
        "letters", "capital", "order", "all", "any", "out", "off", "can", "does", "did", "you", "your", "our", "his", "her", "other", "another",
        "want", "wants", "yyyy", "about", "into", "number", "numbers", "made", "set", "get", "got", "instead", "than", "then", "whole", "amount",
    ]
}

extension String {
    /// Without a plural -s.
    var singular: String {
        let bytes = utf8
        guard bytes.count > 3, bytes.last == UInt8(ascii: "s"), bytes.dropLast().last != UInt8(ascii: "s") else { return self }
        return String(dropLast())
    }
}
