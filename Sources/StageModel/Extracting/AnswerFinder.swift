/// Finds values in the user's own words: named in the text, or the whole answer to a question.
enum AnswerFinder {
    /// "NAME is VALUE", "NAME: VALUE", "NAME = VALUE", up to a mark or a conjunction.
    static func named(_ words: FieldWords, in text: MessageText, isQuestion: Bool) -> Find? {
        for index in text.tokens.indices where text.tokens[index].kind == .word {
            guard let end = words.phraseEnd(in: text, at: index), !text.isDenied(at: index) else { continue }
            let isMarked = text[end] == ":" || text[end] == "="
            guard isMarked || (text[end] == "is" && !isQuestion && !notValues.contains(text[end + 1])) else { continue }
            let value = end + 1..<valueEnd(from: end + 1, isMarked: isMarked, in: text)
            if !value.isEmpty { return find(value, in: text, Confidence.named) }
        }
        return nil
    }

    private static func valueEnd(from start: Int, isMarked: Bool, in text: MessageText) -> Int {
        var index = start
        while index < text.tokens.count {
            let mark = text[index]
            switch mark {
            case ",", ";", "\n", "!", "?": return index
            // Within "Main St. 5" and "3.5" it goes on.
            case "." where !text.isDigits(index + 1) && !text.isGlued(index + 1) && text[index - 1].utf8.count > 2: return index
            case "and" where !isMarked, "so" where !isMarked: return index
            case "but", "because", "please", "thanks": return index
            default: index += 1
            }
        }
        return index
    }

    /// The whole answer, without what other fields were read from at its ends.
    static func whole(_ answer: Range<Int>, in text: MessageText, isFree: (Range<Int>) -> Bool) -> Find? {
        guard text.isWhole else { return nil }
        func isTaken(_ index: Int) -> Bool { !isFree(index..<index + 1) }
        var start = answer.lowerBound
        var end = answer.upperBound
        var isCut = false
        while start < end, isTaken(start) || (isCut && isDangling(start, text)) {
            isCut = true
            start += 1
        }
        // Words that led up to what was taken stand alone now: "the shoes from".
        isCut = false
        while start < end, isTaken(end - 1) || (isCut && isDangling(end - 1, text)) {
            isCut = true
            end -= 1
        }
        if isCut {
            // "Berlin, and my phone is": what was cut takes the clause that led up to it along.
            end = (start..<end).dropFirst().last { clauseStarts.contains(text[$0]) && isDangling($0 - 1, text) } ?? end
            while end - start > 1, isDangling(end - 1, text) || text[end - 1] == "please" { end -= 1 }
        }
        if end - start > 2, text[start] == "\"", text[end - 1] == "\"" {
            start += 1
            end -= 1
        }
        guard start < end, text.tokens[start..<end].contains(where: { $0.kind != .mark }) else { return nil }
        let count = text.tokens[start..<end].count { $0.kind != .mark }
        return find(start..<end, in: text, count <= 6 ? Confidence.answer : count <= 15 ? Confidence.ambiguous : Confidence.longAnswer)
    }

    private static func isDangling(_ index: Int, _ text: MessageText) -> Bool {
        text.tokens[index].kind == .mark || dangling.contains(text[index])
    }

    private static func find(_ tokens: Range<Int>, in text: MessageText, _ confidence: Double) -> Find {
        Find(content: .value(.string(text.source(text.range(of: tokens)))), confidence: confidence, tokens: tokens)
    }

    private static let clauseStarts: Set<String> = ["my", "our", "i", "im", "its", "it", "you", "here"]
    private static let dangling: Set<String> = [
        "from", "of", "for", "order", "my", "is", "number", "on", "in", "at", "and", "with", "the", "by", "email", "to", "mail", "e", "id", "its",
        "it",
    ]
    private static let notValues: Set<String> = [
        "", "not", "no", "wrong", "late", "missing", "broken", "damaged", "always", "never", "still", "very", "too", "the", "a", "an", "being",
        "what",
        "where", "really", "so", "unknown", "correct", "right", "incorrect", "going", "gone", "different", "fine", "ok", "good", "bad", "that",
        "this",
        "it", "about", "terrible", "awful", "great", "in", "on", "at", "because", "how", "why", "when", "who", "already", "just", "only", "my",
        "your",
        ",", ".", "?", "!", "rude", "slow", "quite", "pretty", "also", "now", "empty", "lost", "closed", "open", "needed", "required", "given",
    ]
}
