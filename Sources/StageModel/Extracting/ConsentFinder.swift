/// Finds yes and no.
enum ConsentFinder {
    /// The answer to a question of yes or no; nil when it is neither, or both.
    static func answer(in text: MessageText, manner: Manner) -> Find? {
        guard !unsure.occurs(in: text) else { return nil }
        var index = 0
        var hits: [(value: Bool, tokens: Range<Int>, isPlain: Bool)] = []
        while index < text.tokens.count, hits.count < 16 {
            if let (end, value) = phrases.match(in: text, at: index) {
                hits.append((value, index..<end, false))
                index = end
            } else if let value = plain[text[index]] {
                hits.append((value, index..<index + 1, true))
                index += 1
            } else {
                index += 1
            }
        }
        guard let first = hits.first else { return nil }
        let isLeading = text.tokens[..<first.tokens.lowerBound].allSatisfy { $0.kind == .mark || Manner.polite.contains($0.text) || $0.text == "i" }
        if isLeading, first.isPlain, plainest.contains(text[first.tokens.lowerBound]) {
            let isMixed = hits.contains { $0.value != first.value && $0.isPlain && plainest.contains(text[$0.tokens.lowerBound]) }
            return isMixed ? nil : find(first.value, first.tokens, Confidence.typed)
        }
        // Elsewhere only in a short message, and only if all of it says the same.
        guard !manner.isQuestion, text.tokens.count <= 10 else { return nil }
        let isDenied = hits.contains { !$0.value }
        guard isLeading || hits.contains(where: { !$0.isPlain }) || text.tokens.count <= 5, isDenied || hits.allSatisfy(\.value) else { return nil }
        if isDenied, hits.contains(where: { $0.value && $0.isPlain && plainest.contains(text[$0.tokens.lowerBound]) }) { return nil }
        return find(!isDenied, first.tokens, isLeading ? Confidence.typed : Confidence.corrected)
    }

    /// Yes or no about something that is named: "gift wrap: yes", "no gift wrap", "with gift wrap", "gift wrap, please".
    static func named(_ words: FieldWords, in text: MessageText, isQuestion: Bool) -> Find? {
        for index in text.tokens.indices {
            for phrase in words.phrases.prefix(1) {
                guard let end = text.end(of: phrase, at: index), !isQuestion || text[end] == ":" || text[end] == "?" else { continue }
                var following = end
                if text[following] == ":" || text[following] == "=" || text[following] == "?" || text[following] == "is" { following += 1 }
                if following > end, let value = plain[text[following]] { return find(value, index..<following + 1, Confidence.typed) }
                if text.isDenied(at: index) { return find(false, index - 1..<end, Confidence.corrected) }
                if text[index - 1] == ",", let value = plain[text[index - 2]] { return find(value, index - 2..<end, Confidence.corrected) }
                let before = max(0, index - 4)..<index
                if before.contains(where: { wishes.contains(text[$0]) }) || text[end] == "please" || (text[end] == "," && text[end + 1] == "please") {
                    return find(true, index..<end, Confidence.corrected)
                }
            }
        }
        return nil
    }

    private static func find(_ value: Bool, _ tokens: Range<Int>, _ confidence: Double) -> Find {
        Find(content: .value(.bool(value)), confidence: confidence, tokens: tokens.clamped(to: 0..<Int.max))
    }

    private static let plainest: Set<String> = ["yes", "yep", "yeah", "yup", "yea", "aye", "ja", "no", "nope", "nah", "nein"]
    private static let plain: [String: Bool] = [
        "yes": true, "yep": true, "yeah": true, "yup": true, "yea": true, "aye": true, "ja": true, "sure": true, "ok": true, "okay": true,
        "correct": true, "right": true, "true": true, "absolutely": true, "definitely": true, "certainly": true, "exactly": true, "indeed": true,
        "gladly": true, "affirmative": true, "fine": true, "agreed": true, "y": true, "alright": true, "confirmed": true, "confirm": true,
        "no": false, "nope": false, "nah": false, "never": false, "dont": false, "not": false, "n": false, "false": false, "negative": false,
        "nein": false, "incorrect": false, "wrong": false, "neither": false,
    ]
    private static let phrases: PhraseTable<Bool> = PhraseTable([
        (["of", "course", "not"], false), (["of", "course"], true), (["please", "do", "not"], false), (["please", "dont"], false),
        (["please", "do"], true), (["go", "ahead"], true), (["why", "not"], true), (["sounds", "good"], true), (["not", "really"], false),
        (["no", "way"], false), (["not", "now"], false), (["no", "problem"], true), (["i", "do", "not"], false), (["i", "dont", "mind"], true),
        (["i", "dont"], false), (["i", "do"], true), (["i", "would", "not"], false), (["i", "would"], true), (["i", "am", "not"], false),
        (["im", "not"], false),
        (["i", "am"], true), (["it", "is", "not"], false), (["it", "isnt"], false), (["it", "is"], true), (["that", "would", "be", "great"], true),
        (["thats", "fine"], true), (["thats", "not"], false), (["no", "thanks"], false), (["no", "thank", "you"], false),
        (["by", "all", "means"], true),
        (["id", "like", "that"], true), (["id", "love", "to"], true), (["not", "at", "all"], false), (["id", "rather", "not"], false),
    ])
    private static let unsure = PhraseTable([
        ["maybe"], ["perhaps"], ["not", "sure"], ["unsure"], ["dont", "know"], ["do", "not", "know"], ["depends"], ["no", "idea"],
        ["yes", "and", "no"],
        ["possibly"], ["dunno"], ["not", "yet", "sure"], ["yes", "or", "no"],
    ])
    private static let wishes: Set<String> = ["with", "want", "need", "include", "add", "like", "plus", "have", "including", "wants"]
}
