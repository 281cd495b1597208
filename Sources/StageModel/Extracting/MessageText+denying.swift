extension MessageText {
    /// Whether what stands at an index is denied: "not a refund", "I don't want a refund", "instead of a refund".
    func isDenied(at index: Int) -> Bool {
        var position = index - 1
        for _ in 0..<5 {
            guard position >= 0, !Self.clauseEnds.contains(tokens[position]) else { return false }
            if Self.denials.contains(tokens[position]) { return self[position - 1] != "why" && self[position + 1] != "only" }
            if self[position] == "of", self[position - 1] == "instead" { return true }
            if self[position] == "than", self[position - 1] == "rather" || self[position - 1] == "other" { return true }
            position -= 1
        }
        return false
    }

    /// Whether a correction leads up to an index: "…, sorry, AB-1234", "no, I meant".
    func isCorrected(before index: Int) -> Bool {
        guard index > 0 else { return false }
        for position in max(0, index - 5)..<index {
            if Self.corrections.contains(tokens[position]) { return true }
            if self[position] == "i", self[position + 1] == "mean" || self[position + 1] == "meant" { return true }
            if self[position] == "no", self[position + 1] == "," || self[position + 1] == "its" || self[position + 1] == "it" { return true }
        }
        return false
    }

    private static let clauseEnds = WordSet([",", ".", ";", "!", "?", "\n", ":", "but", "and", "because", "so"])
    private static let denials = WordSet([
        "not", "no", "never", "without", "dont", "isnt", "wasnt", "arent", "didnt", "doesnt", "wont", "cant", "cannot", "nor", "neither", "wouldnt",
        "nt", "hasnt", "havent",
    ])
    private static let corrections = WordSet(["sorry", "actually", "correction", "rather", "meant", "oops", "wait", "instead"])
}
