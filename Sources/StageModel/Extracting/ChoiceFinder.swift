/// Finds the values of a field of type `enum`.
///
/// Case, diacritics, blanks, hyphens and underscores make no difference; a plural -s and small spelling mistakes little. What is denied ("not a
/// refund, a replacement") is no choice.
final class ChoiceFinder: Sendable {
    private struct Phrase {
        let words: [String]
        let value: Int
    }

    /// What a message says about the choice.
    enum Result {
        case none
        case found(Find)
        /// Several values, none of which is denied.
        case several
    }

    let values: [String]
    /// By their first word, the longest first.
    private let phrases: [String: [Phrase]]
    private let filter: WordFilter
    private let keys: [ChoiceKey]
    /// The words that belong to one value only.
    private let distinguishing: [String: Int]
    /// Values such as "other" and "3", which a message may hold without meaning the choice.
    private let isVague: [Bool]
    /// Values of one and of two words and so on, for misspellings.
    private let wordCounts: [Int]

    init(_ field: DataField) {
        values = field.values
        var phrases: [String: [Phrase]] = [:]
        var owners: [String: Set<Int>] = [:]
        var keys: [ChoiceKey] = []
        var isVague: [Bool] = []
        for (value, name) in field.values.enumerated() {
            let tokens = MessageText(name).tokens.filter { $0.kind != .mark }
            let words = tokens.map(\.text)
            keys.append(ChoiceKey(words: words, value: value))
            isVague.append(words.count < 2 && words.allSatisfy { Self.vague.contains($0) || $0.utf8.allSatisfy { $0 < 58 } })
            guard let first = words.first else { continue }
            phrases[first, default: []].append(Phrase(words: words, value: value))
            if words.count > 1 {
                let joined = words.joined()
                phrases[joined, default: []].append(Phrase(words: [joined], value: value))
            } else if first.singular != first {
                phrases[first.singular, default: []].append(Phrase(words: [first.singular], value: value))
            }
            for word in words where word.utf8.count >= 3 && !Self.vague.contains(word) { owners[word.singular, default: []].insert(value) }
        }
        // Of what is looked up without a plural -s, too.
        filter = WordFilter(Array(phrases.keys) + phrases.keys.map { "\($0)s" })
        self.phrases = phrases.mapValues { $0.sorted { $0.words.count > $1.words.count } }
        self.keys = keys
        self.isVague = isVague
        distinguishing = owners.compactMapValues { $0.count == 1 ? $0.first : nil }
        wordCounts = Set(keys.map(\.wordCount)).filter { (1...6).contains($0) }.sorted()
    }

    /// - Parameter isNamed: whether tokens stand by words that name the field.
    func result(
        in text: MessageText, isAsked: Bool, answer: Range<Int>, isFree: (Range<Int>) -> Bool, isNamed: (Range<Int>) -> Bool
    ) -> Result {
        let mentions = exact(in: text).filter {
            isFree($0.tokens) && (isAsked || !isVague[$0.value] || isNamed($0.tokens)) && (isAsked || !isLabel($0.tokens, text))
        }
        if !mentions.isEmpty { return choice(mentions, in: text, confidence: isAsked ? Confidence.exact : Confidence.typed) }
        let misspelt = misspelt(in: text, isAsked: isAsked).filter { isFree($0.tokens) }
        if !misspelt.isEmpty { return choice(misspelt, in: text, confidence: Confidence.corrected) }
        guard isAsked else { return .none }
        let parts = answer.compactMap { index in distinguishing[text[index].singular].map { Mention(value: $0, tokens: index..<index + 1) } }
        if !parts.isEmpty { return choice(parts.filter { isFree($0.tokens) }, in: text, confidence: Confidence.corrected) }
        if let place = position(in: text, answer: answer), values.indices.contains(place.value) {
            return choice([place], in: text, confidence: Confidence.answer)
        }
        return .none
    }

    struct Mention {
        let value: Int
        let tokens: Range<Int>
    }

    private func choice(_ mentions: [Mention], in text: MessageText, confidence: Double) -> Result {
        let meant = mentions.filter { !text.isDenied(at: $0.tokens.lowerBound) }
        guard let last = meant.last else { return .none }
        let isOne = meant.allSatisfy { $0.value == last.value }
        let isCorrected = text.isCorrected(before: last.tokens.lowerBound)
        guard isOne || isCorrected else { return .several }
        return .found(Find(content: .value(.string(values[last.value])), confidence: confidence, tokens: last.tokens))
    }

    private func exact(in text: MessageText) -> [Mention] {
        var mentions: [Mention] = []
        var index = 0
        while index < text.tokens.count {
            if let mention = exact(in: text, at: index) {
                mentions.append(mention)
                index = mention.tokens.upperBound
            } else {
                index += 1
            }
        }
        return mentions
    }

    private func exact(in text: MessageText, at index: Int) -> Mention? {
        let token = text.tokens[index]
        guard token.kind != .mark, !(token.kind == .digits && hangs(index, text)) else { return nil }
        if filter.mayContain(token.key), let candidates = phrases[token.text] ?? phrases[token.text.singular] {
            for phrase in candidates {
                if phrase.words.count == 1 { return Mention(value: phrase.value, tokens: index..<index + 1) }
                if let end = text.end(of: phrase.words, at: index) { return Mention(value: phrase.value, tokens: index..<end) }
                let plural = phrase.words.dropLast()
                if let end = text.end(of: Array(plural), at: index), text[end].singular == phrase.words.last {
                    return Mention(value: phrase.value, tokens: index..<end + 1)
                }
            }
        }
        // "E-mail" for "email".
        guard text[index + 1] == "-", text.isGlued(index + 1), text.isGlued(index + 2), text.isWord(index + 2),
            let phrase = phrases[token.text + text[index + 2].singular]?.first(where: { $0.words.count == 1 })
        else { return nil }
        return Mention(value: phrase.value, tokens: index..<index + 3)
    }

    /// Digits within a number with marks: the 3 of "3.50".
    private func hangs(_ index: Int, _ text: MessageText) -> Bool {
        (text.isGlued(index) && (text.tokens[index - 1].kind != .mark || text.isGlued(index - 1) && text.isDigits(index - 2)))
            || (text.isGlued(index + 1) && (text.tokens[index + 1].kind != .mark || text.isGlued(index + 2) && text.isDigits(index + 2)))
    }

    /// "My e-mail is …" and "the phone number" speak of something else than the choice.
    private func isLabel(_ tokens: Range<Int>, _ text: MessageText) -> Bool {
        ["is", "number", "address", ":", "=", "was"].contains(text[tokens.upperBound])
    }

    private func misspelt(in text: MessageText, isAsked: Bool) -> [Mention] {
        var mentions: [Mention] = []
        for count in wordCounts where count <= text.tokens.count {
            for start in 0...(text.tokens.count - count) {
                let window = ChoiceKey(window: start..<start + count, in: text) { length, letters in
                    keys.contains { $0.wordCount == count && $0.isNear(length, letters) }
                }
                guard let window, let value = nearest(to: window, isAsked: isAsked) else { continue }
                mentions.append(Mention(value: value, tokens: start..<start + count))
            }
        }
        return mentions.sorted { $0.tokens.lowerBound < $1.tokens.lowerBound }
    }

    /// The value that is nearer than all others, within the tolerance.
    private func nearest(to window: ChoiceKey, isAsked: Bool) -> Int? {
        var best: (value: Int, distance: Int)?
        var isTie = false
        for key in keys where key.wordCount == window.wordCount {
            guard isAsked || !isVague[key.value], let distance = key.distance(to: window) else { continue }
            if let current = best, current.distance == distance, current.value != key.value { isTie = true }
            if distance < best?.distance ?? .max {
                best = (key.value, distance)
                isTie = false
            }
        }
        return isTie ? nil : best?.value
    }

    /// "The second one", "option 2", "2".
    private func position(in text: MessageText, answer: Range<Int>) -> Mention? {
        let words = answer.filter { text.tokens[$0].kind != .mark && !Self.counters.contains(text[$0]) }
        guard words.count == 1, let word = words.first else { return nil }
        if text[word] == "last" || text[word] == "latter" { return Mention(value: values.count - 1, tokens: word..<word + 1) }
        let number = text.number(word).map(Int64.init) ?? NumberWords.ordinals[text[word]] ?? NumberWords.units[text[word]]
        guard let number, number > 0, number <= Int64(values.count) else { return nil }
        return Mention(value: Int(number) - 1, tokens: word..<word + 1)
    }

    private static let counters: Set<String> = ["the", "one", "option", "number", "no", "nr", "choice", "answer", "st", "nd", "rd", "th", "a"]
    private static let vague: Set<String> = [
        "other", "others", "none", "any", "all", "yes", "no", "maybe", "new", "old", "good", "bad", "low", "high", "medium", "early", "late", "too",
        "not", "on", "its", "way", "the", "of", "for", "out", "as", "a", "an", "to", "in", "one", "two", "three", "first", "last", "normal", "and",
        "or",
        "now", "later", "more", "less", "open", "back", "no", "longer", "some", "something", "else", "being", "general", "standard",
    ]
}
