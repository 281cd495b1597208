/// Why an answer can't be the value of the field that was asked for.
extension MessageReading {
    /// - Returns: nil when it was read, or was no attempt to answer.
    func reasonAgainstAnswer() -> String? {
        guard let asked, values[asked] == nil, !manner.isQuestion else { return nil }
        let field = fields[asked].field
        switch fields[asked].method {
        case .email where text.has("@") && hasNoValues: return Self.noEmail
        case .date where hasImpossibleDate && hasNoValues: return "There is no such day; a date such as 2026-01-31 would do."
        case .email, .date, .pattern, .number, .choice, .consent, .text: break
        }
        // What belongs to another field was meant for that one.
        guard manner.isAttempt, hasNoValues else { return nil }
        switch fields[asked].method {
        case .email: return Self.noEmail
        case .pattern: return Self.reason(of: field)
        case .date: return "I can't read that as a date; 2026-01-31 or 'next Friday' would do."
        case .number: return "I can't read that as a number; 3 or 12.50 would do."
        case .choice(let finder): return "Please choose one of: \(Self.listed(finder.values))."
        case .consent: return manner.wordCount <= 2 && !isConsentUnclear ? "Please answer yes or no." : nil
        case .text(let kind): return Self.reason(of: kind)
        }
    }

    private var hasNoValues: Bool { values.allSatisfy { $0 == nil } }

    /// "Maybe" and "yes and no" are answers, though no values.
    private var isConsentUnclear: Bool {
        text.tokens.contains { ["maybe", "perhaps", "possibly", "depends", "yes", "no", "not", "unsure", "both", "either"].contains($0.text) }
    }

    private static let noEmail = "That does not look like an e-mail address, such as anna@example.com."

    private static func reason(of kind: ReadableField.TextKind) -> String? {
        guard kind.contains(.strict) else { return nil }
        if kind.isSuperset(of: [.phone, .email]) {
            return "Please give a telephone number, such as +49 170 1234567, or an e-mail address, such as anna@example.com."
        }
        if kind.contains(.phone) { return "That does not look like a telephone number, such as +49 170 1234567." }
        return "That does not look like a postal code, such as 10115."
    }

    /// What a field with a pattern asks for, in the words of its description.
    private static func reason(of field: DataField) -> String {
        let name = String(field.name.map { $0 == "_" ? " " : $0 })
        guard let first = field.description.first else { return "That does not look like a valid value for '\(name)'." }
        let beginsWithArticle = ["The ", "A ", "An ", "Your ", "the ", "a ", "an ", "your "].contains { field.description.hasPrefix($0) }
        let end = field.description.last.map { ".!?".contains($0) } == true ? "" : "."
        return beginsWithArticle
            ? "That does not fit. Please give \(first.lowercased())\(field.description.dropFirst())\(end)"
            : "That does not look like a valid value for '\(name)'. \(field.description)\(end)"
    }

    /// "refund, replacement or store credit"; of many choices the first ten.
    private static func listed(_ values: [String]) -> String {
        let shown = values.prefix(10).map { String($0.map { $0 == "_" ? " " : $0 }) }
        if values.count > shown.count { return shown.joined(separator: ", ") + " and \(values.count - shown.count) more" }
        guard let last = shown.last, shown.count > 1 else { return shown.joined() }
        return "\(shown.dropLast().joined(separator: ", ")) or \(last)"
    }
}
