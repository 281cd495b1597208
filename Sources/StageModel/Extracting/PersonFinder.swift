/// Finds the names of persons where they introduce themselves: "I'm Anna Schmidt", "this is Anna", "my name is anna".
enum PersonFinder {
    /// The part of a name that a field asks for.
    enum Part { case whole, first, last }

    static func find(_ part: Part, in text: MessageText) -> Find? {
        for index in text.tokens.indices {
            if let (start, isClear) = introduction(at: index, in: text), let name = name(at: start, isClear: isClear, in: text) {
                return taking(part, of: name, in: text, confidence: isClear ? Confidence.named : Confidence.corrected)
            }
        }
        return nil
    }

    /// The index after words that introduce a person, and whether nothing else can follow them.
    private static func introduction(at index: Int, in text: MessageText) -> (Int, isClear: Bool)? {
        guard text.isWord(index) else { return nil }
        guard let (end, isClear) = introductions.match(in: text, at: index), !isClear || text[index - 1] != "what" else { return nil }
        return (isClear && text[end] == ":" ? end + 1 : end, isClear)
    }

    /// Up to four words; after "I'm" each with a capital, for "I'm angry" is no name.
    private static func name(at start: Int, isClear: Bool, in text: MessageText) -> Range<Int>? {
        var end = start
        var count = 0
        var index = start
        while count < 4, text.isWord(index), isName(index, isClear: isClear, in: text) {
            count += 1
            index += 1
            end = index
            if text[index] == "-", text.isGlued(index), text.isGlued(index + 1) { index += 1 }
            if text[index] == ".", text.isGlued(index), text[index - 1].utf8.count == 1 { index += 1 }
        }
        guard count > 0, !text.isGlued(end) || text.tokens[end].kind == .mark, text.range(of: start..<end).count > 1 else { return nil }
        return start..<end
    }

    private static func isName(_ index: Int, isClear: Bool, in text: MessageText) -> Bool {
        guard !notNames.contains(text[index]) else { return false }
        if isClear { return true }
        let token = text.tokens[index]
        return token.isCapitalized && !unclearNames.contains(token.text) && !text.isDigits(index + 1)
            && !(token.range.count > 1 && text.source(token.range).allSatisfy(\.isUppercase))
    }

    private static func taking(_ part: Part, of name: Range<Int>, in text: MessageText, confidence: Double) -> Find? {
        let tokens: Range<Int>
        switch part {
        case .whole: tokens = name
        case .first: tokens = name.lowerBound..<(text[name.lowerBound + 1] == "-" ? min(name.upperBound, name.lowerBound + 3) : name.lowerBound + 1)
        case .last:
            guard name.count > 1 else { return nil }
            tokens = (text[name.upperBound - 2] == "-" && name.count > 3 ? name.upperBound - 3 : name.upperBound - 1)..<name.upperBound
        }
        return Find(content: .value(.string(text.source(text.range(of: tokens)))), confidence: confidence, tokens: tokens)
    }

    private static let introductions = PhraseTable(clear.map { ($0, true) } + unclear.map { ($0, false) })
    private static let clear: [[String]] = [
        ["my", "name", "is"], ["my", "names"], ["my", "full", "name", "is"], ["i", "am", "called"], ["im", "called"], ["call", "me"], ["name", "is"],
        ["name", ":"],
    ]
    private static let unclear: [[String]] = [["im"], ["i", "am"], ["this", "is"], ["its"]]
    private static let notNames: Set<String> = [
        "and", "but", "so", "because", "from", "i", "my", "not", "please", "thanks", "with", "the", "a", "an", "is", "on", "wrong", "misspelled",
        "what",
        "calling", "writing", "here", "speaking", "or", "at", "in", "who", "when", "tomorrow", "today", "for", "if", "about", "later", "back",
        "thank",
    ]
    private static let unclearNames: Set<String> = [
        "ok", "okay", "sorry", "happy", "german", "english", "american", "french", "austrian", "swiss", "dutch", "british", "italian", "spanish",
        "interested", "sure", "fine", "urgent", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "ridiculous", "your",
        "our",
        "still", "very", "just", "really", "looking", "waiting", "trying", "it", "how", "great", "good", "bad", "terrible", "unacceptable", "that",
    ]
}
