import StageModel

/// A fault as a page shows it: the sentence, its place in the text, and the line with a caret below it.
struct CaretFault: Sendable, Equatable {
    let message: String
    let position: String?
    let excerpt: String?

    /// Takes a message of the model apart: that of a condition begins with its line and column, that of a template has them in brackets; in
    /// both the next two lines are the excerpt. Any other is a sentence.
    init(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count >= 3 else {
            (message, position, excerpt) = (text, nil, nil)
            return
        }
        if let match = lines[0].wholeMatch(of: /(\d+):(\d+): (.*)/) {
            // The variables on offer are listed elsewhere in the page.
            let more = lines.dropFirst(3).filter { !$0.hasPrefix("The variables on offer") }
            message = ([String(match.3).asSentence] + more).joined(separator: " ")
            position = "line \(match.1), column \(match.2)"
            excerpt = "\(lines[1])\n\(lines[2])"
        } else if let match = lines[0].firstMatch(of: #/ \(line (\d+), column (\d+)\)/#) {
            message = lines[0].replacingCharacters(in: match.range, with: "")
            position = "line \(match.1), column \(match.2)"
            excerpt = lines[1...2].map { $0.hasPrefix("  ") ? String($0.dropFirst(2)) : $0 }.joined(separator: "\n")
        } else {
            (message, position, excerpt) = (text, nil, nil)
        }
    }

    init(message: String, excerpt: String? = nil) {
        self.message = message
        position = nil
        self.excerpt = excerpt
    }

    var model: PageValue { ["message": .text(message), "position": .optional(position), "excerpt": .optional(excerpt)] }
}

extension String {
    /// The text with a capital at its beginning and a full stop at its end.
    fileprivate var asSentence: String {
        let ends: Set<Character> = [".", "?", "!"]
        return prefix(1).uppercased() + dropFirst() + (last.map(ends.contains) ?? true ? "" : ".")
    }

    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
