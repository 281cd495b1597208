/// Words without what stands between them, for finding misspellings.
struct ChoiceKey {
    let letters: [UInt8]
    let mask: UInt32
    let wordCount: Int
    let value: Int

    init(words: [String], value: Int) {
        letters = words.flatMap { Array($0.utf8) }
        mask = letters.reduce(0) { (97...122).contains($1) ? $0 | 1 << UInt32($1 - 97) : $0 }
        wordCount = words.count
        self.value = value
    }

    /// Some tokens of a message; nil when not all are words, or they are too short or too long to be a misspelt value.
    /// - Parameter isNear: whether a number of letters and the set of them may be those of a misspelt value; asked before anything is copied.
    init?(window: Range<Int>, in text: MessageText, isNear: (Int, UInt32) -> Bool) {
        var length = 0
        var mask: UInt32 = 0
        for index in window {
            guard text.tokens[index].kind == .word else { return nil }
            length += text.tokens[index].text.utf8.count
            mask |= text.tokens[index].letters
        }
        guard (3...64).contains(length), isNear(length, mask), !(window.count == 1 && Self.common.contains(text[window.lowerBound])) else {
            return nil
        }
        letters = window.flatMap { Array(text[$0].utf8) }
        self.mask = mask
        wordCount = window.count
        value = -1
    }

    /// The mistakes in a text for this value; nil when there are too many, or the first letter is another.
    func distance(to other: ChoiceKey) -> Int? {
        let limit = Spelling.tolerance(letters.count)
        // The first letter is hardly ever the wrong one.
        guard isNear(other.letters.count, other.mask), letters.first == other.letters.first || letters.dropFirst().first == other.letters.first
        else { return nil }
        return Spelling.distance(letters, other.letters, atMost: limit)
    }

    /// Whether so many letters of such a set may be this value with mistakes: each changes two letters of the set at most.
    func isNear(_ count: Int, _ letters: UInt32) -> Bool {
        let limit = Spelling.tolerance(self.letters.count)
        return limit > 0 && abs(self.letters.count - count) <= limit && (mask ^ letters).nonzeroBitCount <= 2 * limit
    }

    /// Words that are rather meant than misspelt.
    private static let common: Set<String> = [
        "order", "other", "others", "mother", "brother", "their", "there", "where", "which", "would", "could", "should", "about", "after", "again",
        "still", "these", "those", "thing", "think", "today", "never", "night", "right", "later", "large", "small", "great", "green", "black",
        "white",
        "with", "have", "that", "this", "what", "when", "from", "your", "been", "were", "will", "want", "need", "like", "just", "then", "than",
        "them",
        "they", "here", "come", "came", "over", "only", "very", "some", "such", "also", "back", "much", "many", "more", "most", "good", "does",
        "done",
        "late", "date", "rate", "name", "same", "game", "home", "hope", "help", "phone", "price", "piece", "place", "plane", "house", "horse",
        "please",
        "paid", "said", "send", "sent", "read", "real", "road", "blue", "true", "mail", "email", "main", "card", "cart", "care", "case", "cash",
    ]
}
