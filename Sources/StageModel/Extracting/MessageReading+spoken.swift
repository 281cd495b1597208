/// Values that are told in words.
extension MessageReading {
    /// A choice that was asked for comes before dates: "Friday" may be one.
    mutating func readAskedChoice() {
        guard let asked, case .choice(let finder) = fields[asked].method else { return }
        readChoice(finder, asked)
    }

    mutating func readChoices() {
        for (index, readable) in fields.enumerated() where values[index] == nil && index != asked {
            if case .choice(let finder) = readable.method { readChoice(finder, index) }
        }
    }

    private mutating func readChoice(_ finder: ChoiceFinder, _ index: Int) {
        let isAsked = asked == index
        if isAsked, manner.isGreeting { return }
        let words = fields[index].words
        let result = finder.result(
            in: text, isAsked: isAsked, answer: answer, isFree: { [self] in isFree($0) },
            isNamed: { [text] in words.distance(of: $0, in: text) != nil })
        switch result {
        case .found(let find): take(find, for: index)
        case .none, .several: break
        }
    }

    mutating func readConsents() {
        for (index, readable) in fields.enumerated() where values[index] == nil {
            guard case .consent = readable.method else { continue }
            if let find = ConsentFinder.named(readable.words, in: text, isQuestion: manner.isQuestion), isFree(find.tokens) {
                take(find, for: index)
            } else if asked == index, let find = ConsentFinder.answer(in: text, manner: manner), isFree(find.tokens) {
                take(find, for: index)
            }
        }
    }

    mutating func readNames() {
        for (index, readable) in fields.enumerated() where values[index] == nil {
            guard case .text(let kind) = readable.method, kind.contains(.person) else { continue }
            let part: PersonFinder.Part = kind.contains(.firstName) ? .first : kind.contains(.lastName) ? .last : .whole
            if let find = PersonFinder.find(part, in: text), isFree(find.tokens) { take(find, for: index) }
        }
    }

    mutating func readAnswers() {
        for (index, readable) in fields.enumerated() where values[index] == nil {
            guard case .text(let kind) = readable.method, !kind.contains(.strict) else { continue }
            if let find = AnswerFinder.named(readable.words, in: text, isQuestion: manner.isQuestion), isFree(find.tokens) { take(find, for: index) }
        }
        guard let asked, values[asked] == nil, manner.isAnswer, case .text(let kind) = fields[asked].method, !kind.contains(.strict) else { return }
        if let find = AnswerFinder.whole(answer, in: text, isFree: { [self] in isFree($0) }) { take(find, for: asked) }
    }
}
