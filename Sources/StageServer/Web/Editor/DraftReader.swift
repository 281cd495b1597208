import StageModel

/// Reads what was typed, by the limits that the API has, and notes what is wrong in words for people.
struct DraftReader {
    private(set) var faults: [EditorFault] = []

    mutating func note(_ field: String, _ message: String) { faults.append(EditorFault(field, message)) }

    /// A text of a certain length.
    mutating func text(_ typed: String, _ schema: Schema?, at field: String) -> String {
        guard let schema, !schema.faults(of: .string(typed), at: .root).isEmpty else { return typed }
        let length = typed.unicodeScalars.count
        if typed.allSatisfy(\.isWhitespace) {
            note(field, "Must not be empty.")
        } else if let most = schema.textLength?.upperBound, length > most {
            note(field, "Must have at most \(most.grouped) characters, not \(length.grouped).")
        } else if let fault = schema.faults(of: .string(typed), at: .root).first {
            note(field, fault.message)
        }
        return typed
    }

    /// A whole number; nil when nothing is typed, or none.
    mutating func number(_ typed: String, _ schema: Schema?, at field: String, isRequired: Bool = false) -> Int64? {
        let range = schema?.numbers ?? Int64.min...Int64.max
        let text = String(typed[...].trimming(while: \.isWhitespace))
        if text.isEmpty, !isRequired { return nil }
        if let number = Int64(text), range.contains(number) { return number }
        let found = text.isEmpty ? "" : ", not '\(text.prefix(60))'"
        note(field, "Must be a whole number from \(range.lowerBound.grouped) to \(range.upperBound.grouped)\(found).")
        return nil
    }

    /// A length of time in seconds; nil when nothing is typed, or none.
    mutating func seconds(_ amount: StageDraft.Amount, _ schema: Schema?, at field: String) -> Int64? {
        let text = String(amount.typed[...].trimming(while: \.isWhitespace))
        guard !text.isEmpty else { return nil }
        let range = schema?.numbers ?? 1...Int64.max
        guard let unit = StageDraft.Amount.units.first(where: { $0.seconds == amount.unit }) else {
            note(field, "Its unit must be seconds, minutes, hours or days.")
            return nil
        }
        if let number = Int64(text), case let (seconds, hasOverflown) = number.multipliedReportingOverflow(by: unit.seconds), !hasOverflown,
            range.contains(seconds)
        {
            return seconds
        }
        note(field, "Must be a whole number from 1 to \((range.upperBound / unit.seconds).grouped) \(unit.name), not '\(text.prefix(60))'.")
        return nil
    }

    /// One of some words.
    mutating func choice<Choice: RawRepresentable<String>>(_ typed: String, at field: String) -> Choice? {
        let choice = Choice(rawValue: typed)
        if choice == nil { note(field, "Choose one.") }
        return choice
    }

    /// The id of something that must be chosen.
    mutating func id<Entity>(_ typed: String, _ what: String, at field: String) -> Identifier<Entity>? {
        let text = typed[...].trimming(while: \.isWhitespace)
        let id = Identifier<Entity>(text)
        if id == nil { note(field, text.isEmpty ? "Choose a \(what)." : "There is no \(what) '\(text.prefix(60))' in this business.") }
        return id
    }
}

extension Schema {
    /// The schema of a member at any depth.
    func member(_ names: String...) -> Schema? {
        names.reduce(Optional(self)) { schema, name in schema?.properties.first { $0.name == name }?.schema }
    }

    fileprivate var textLength: ClosedRange<Int>? {
        switch self {
        case .text(let count): count
        case .nullable(let schema), .named(_, let schema): schema.textLength
        case .fieldName: 1...64
        case .anything, .boolean, .integer, .number, .identifier, .conversationID, .timestamp, .choice, .array, .map, .object, .anyOf: nil
        }
    }

    fileprivate var numbers: ClosedRange<Int64>? {
        switch self {
        case .integer(let range): range
        case .nullable(let schema), .named(_, let schema): schema.numbers
        case .anything, .boolean, .number, .text, .identifier, .conversationID, .fieldName, .timestamp, .choice, .array, .map, .object,
            .anyOf:
            nil
        }
    }
}
