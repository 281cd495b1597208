/// How a message takes the question that it comes after.
struct Manner {
    var isQuestion = false
    /// "Hello", "thank you" and nothing else.
    var isGreeting = false
    /// "I don't know", "why do you need that", "I'd rather not say".
    var isRefusal = false
    /// A bare "yes", "no" or "ok".
    var isConsent = false
    /// Wants something else: "I want to talk to somebody", "cancel".
    var isRequest = false
    var wordCount = 0

    /// Whether the message tries to give a short value: what is then no value is a mistake that can be told.
    var isAttempt: Bool { !isQuestion && !isGreeting && !isRefusal && !isConsent && !isRequest && (1...6).contains(wordCount) }

    /// Whether the message as a whole can be a value in the user's own words.
    var isAnswer: Bool { !isQuestion && !isGreeting && !isRefusal && !isConsent && wordCount > 0 }

    /// - Parameter answer: the tokens of the message without what leads in.
    ///   Without any, only questions are told.
    init(_ text: MessageText, answer: Range<Int>?) {
        guard let answer else {
            isQuestion =
                text.has("?")
                || text.tokens.firstIndex { $0.kind == .word && !Self.polite.contains($0.text) }.map { Self.asks(text, $0) } == true
            return
        }
        let words = text.tokens.indices.filter { text.tokens[$0].kind != .mark }
        wordCount = answer.count { text.tokens[$0].kind != .mark }
        guard let first = words.first(where: { !Self.polite.contains(text[$0]) }) else {
            isGreeting = !words.isEmpty
            wordCount = words.count
            return
        }
        isQuestion = text.has("?") || Self.asks(text, first)
        isConsent = words.allSatisfy { Self.polite.contains(text[$0]) || Self.consents.contains(text[$0]) }
        isRefusal = Self.refusals.occurs(in: text)
        isRequest = Self.requests.match(in: text, at: first) != nil
    }

    private static func asks(_ text: MessageText, _ first: Int) -> Bool {
        var first = first
        if text[first] == "and" || text[first] == "but" || text[first] == "so" { first += 1 }
        return questionWords.contains(text[first]) || (auxiliaries.contains(text[first]) && subjects.contains(text[first + 1]))
    }

    /// Refuses as a whole what a choice might still be read from: "not sure" is no "not".
    static let polite: Set<String> = [
        "hi", "hello", "hey", "hallo", "dear", "thanks", "thank", "you", "thx", "cheers", "good", "morning", "afternoon", "evening", "day", "there",
        "please", "again", "greetings", "bye", "goodbye", "very", "much", "many", "so", "well", "um", "uh", "hmm", "oh", "great", "nice", "cool",
    ]
    private static let consents: Set<String> = [
        "yes", "yep", "yeah", "yup", "no", "nope", "ok", "okay", "sure", "of", "course", "correct", "right", "fine", "k", "alright", "nah", "exactly",
    ]
    private static let questionWords: Set<String> = [
        "what", "why", "how", "who", "which", "when", "where", "whose", "whats", "hows", "wheres", "whys", "whos", "whens",
    ]
    private static let auxiliaries: Set<String> = [
        "can", "could", "do", "does", "did", "is", "are", "was", "will", "would", "should", "shall", "may", "have", "has", "am", "isnt", "arent",
        "dont", "doesnt", "cant", "couldnt", "wont",
    ]
    private static let subjects: Set<String> = [
        "i", "you", "we", "it", "there", "this", "that", "these", "they", "the", "my", "your", "our", "someone", "somebody", "anyone", "he", "she",
    ]
    private static let refusals = PhraseTable([
        ["dont", "know"], ["do", "not", "know"], ["dunno"], ["no", "idea"], ["not", "sure"], ["unsure"], ["rather", "not"], ["prefer", "not"],
        ["none", "of", "your"], ["why", "do", "you"], ["wont", "tell"], ["not", "telling"], ["dont", "want", "to", "tell"],
        ["dont", "want", "to", "say"],
        ["dont", "remember"], ["cant", "remember"], ["cant", "find"], ["dont", "have"], ["do", "not", "have"], ["forgot"], ["skip"],
        ["yes", "and", "no"],
        ["never", "mind"], ["nevermind"], ["not", "your", "business"], ["lost", "it"], ["no", "comment"],
    ])
    private static let requests = PhraseTable([
        ["i", "want", "to"], ["i", "need", "to"], ["i", "would", "like", "to"], ["id", "like", "to"], ["let", "me"], ["give", "me"], ["get", "me"],
        ["talk", "to"], ["speak", "to"], ["connect", "me"], ["cancel"], ["stop"], ["help"], ["start", "over"], ["go", "back"], ["wait"], ["human"],
        ["agent"], ["just", "a"], ["one", "moment"], ["one", "second"], ["hold", "on"], ["i", "am", "looking"], ["im", "looking"], ["i", "have"],
        ["ive"], ["you", "already"], ["i", "already"], ["this", "is", "ridiculous"],
    ])
}

extension MessageText {
    /// The tokens of the message without what leads in ("it's", "my name is", "please use") and what is said for politeness at either end.
    var answer: Range<Int> {
        var start = 0
        var end = tokens.count
        var changed = true
        while changed, start < end {
            changed = false
            if tokens[start].kind == .mark, !Self.opening.contains(self[start]) || (self[start] == "-" && !isGlued(start + 1)) {
                start += 1
                changed = true
                continue
            }
            // "It is broken and smells" is told whole.
            if let (next, isWeak) = Self.leads.match(in: self, at: start), next < end, !isWeak || end - next <= 5,
                tokens[next].kind != .mark || next - start > 1 || self[next] == ","
            {
                start = next
                changed = true
            }
            if !changed, let next = endOfNaming(at: start), next < end {
                start = next
                changed = true
            }
        }
        while end > start {
            if Self.closing.contains(self[end - 1]) {
                end -= 1
            } else if let count = Self.tails.first(where: { self.end(of: $0, at: end - $0.count) == end && end - $0.count > start })?.count {
                end -= count
            } else {
                break
            }
        }
        return start..<end
    }

    /// After "my order number is", "the city is": an article, at most three words, and "is".
    private func endOfNaming(at start: Int) -> Int? {
        guard self[start] == "my" || self[start] == "the" || self[start] == "our" else { return nil }
        for length in 1...3 {
            guard isWord(start + length) else { return nil }
            if self[start + length + 1] == "is" || self[start + length + 1] == ":" { return start + length + 2 }
        }
        return nil
    }

    private static let opening: Set<String> = ["(", "+", "#", "€", "$", "£", "\"", "@", "/", "-"]
    private static let closing: Set<String> = [".", "!", ",", ";", ":", "?", "\n", "…"]
    private static let tails: [[String]] = [["please"], ["thanks"], ["thank", "you"], ["thx"], ["cheers"]]
    private static let weakLeads: [[String]] = [["it", "is"], ["its"], ["i", "am"], ["im"], ["this", "is"], ["that", "is"], ["thats"]]
    private static let leads = PhraseTable(strongLeads.map { ($0, false) } + weakLeads.map { ($0, true) })
    private static let strongLeads: [[String]] = [
        ["my", "name", "is"], ["my", "names"], ["the", "name", "is"], ["i", "am", "called"], ["call", "me"], ["i", "live", "in"],
        ["i", "live", "at"],
        ["it", "would", "be"], ["that", "would", "be"], ["it", "should", "be"], ["it", "was"], ["please", "use"], ["you", "can", "use"], ["use"],
        ["make", "it"], ["i", "mean"], ["i", "meant"], ["i", "think"], ["i", "guess"], ["i", "would", "like"], ["id", "like"], ["i", "want"],
        ["i", "need"], ["i", "prefer"], ["id", "prefer"], ["i", "choose"], ["ill", "take"], ["here", "it", "is"], ["here", "you", "go"],
        ["sure"], ["ok"], ["okay"], ["yes"], ["yeah"], ["no"],
        ["sorry"], ["actually"], ["well"], ["hi"], ["hello"], ["hey"], ["please"], ["oh"], ["um"], ["of", "course"], ["rather"], ["correction"],
    ]
}
