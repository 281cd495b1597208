/// Values that have a form of their own.
extension MessageReading {
    private func indices(where isIncluded: (ReadableField.Method) -> Bool) -> [Int] { fields.indices.filter { isIncluded(fields[$0].method) } }

    private func isNamed(_ index: Int) -> (Range<Int>) -> Bool { { fields[index].words.distance(of: $0, in: text) != nil } }

    /// Whether dates are to be known, be it to keep them from being read as something else.
    var needsDates: Bool {
        fields.contains {
            switch $0.method {
            case .date, .number: true
            case .pattern(let finder): finder.isLoose
            case .text(let kind): kind.contains(.phone)
            case .email, .choice, .consent: false
            }
        } && text.tokens.contains { $0.kind != .mark }
    }

    var needsPhones: Bool {
        text.hasDigits
            && fields.contains {
                switch $0.method {
                case .number: true
                case .text(let kind): kind.contains(.phone)
                case .email, .pattern, .date, .choice, .consent: false
                }
            }
    }

    mutating func readEmails() {
        guard text.has("@") else { return }
        let finds = AddressFinder.emails(in: text)
        var candidates = indices { if case .email = $0 { true } else { false } }
        // A text that may be an address is one only if no field is for addresses alone.
        if candidates.isEmpty { candidates = indices { if case .text(let kind) = $0 { kind.contains(.email) } else { false } } }
        assign(finds, to: candidates) { $0.fields[$1].words.distance(of: $2.tokens, in: $0.text) }
    }

    mutating func readPatterns() {
        for isLoose in [false, true] {
            for (index, readable) in fields.enumerated() {
                guard case .pattern(let finder) = readable.method, finder.isLoose == isLoose, values[index] == nil, !isLoose || finder.isLoose else {
                    continue
                }
                if isLoose, asked != index { continue }
                readPattern(finder, index)
            }
        }
    }

    private mutating func readPattern(_ finder: PatternFinder, _ index: Int) {
        let isAsked = asked == index
        if isAsked, finder.isLoose, manner.isRefusal || manner.isGreeting { return }
        let finds = finder.exact(in: text, isAsked: isAsked, answer: answer, isNamed: isNamed(index)).filter { isFree($0.tokens) }
        takeOne(of: finds, for: index)
    }

    /// Several matches: what was corrected, what is named, or the first, which is then not sure.
    private mutating func takeOne(of finds: [Find], for index: Int) {
        let meant = finds.filter { !text.isDenied(at: $0.tokens.lowerBound) }
        let finds = meant.isEmpty ? finds : meant
        guard var find = finds.first else { return }
        if !finds.allSatisfy({ $0.content == find.content }) {
            if let corrected = finds.last(where: { text.isCorrected(before: $0.tokens.lowerBound) }) {
                find = corrected
            } else if let named = finds.first(where: { isNamed(index)($0.tokens) }) {
                find = named
            } else {
                find.confidence = min(find.confidence, Confidence.ambiguous)
            }
        }
        take(find, for: index)
    }

    mutating func readOtherwiseWrittenPatterns() {
        // Loose patterns match what dates and telephone numbers are made of, so they come after those.
        for (index, readable) in fields.enumerated() where values[index] == nil {
            if case .pattern(let finder) = readable.method, finder.isLoose { readPattern(finder, index) }
        }
        guard text.hasDigits else { return }
        for (index, readable) in fields.enumerated() where values[index] == nil {
            guard case .pattern(let finder) = readable.method else { continue }
            let finds = finder.changed(in: text, isAsked: asked == index, answer: answer) { [self] in isFree($0) }
            takeOne(of: finds, for: index)
        }
    }

    mutating func readDates(_ dates: [Find]) {
        if dates.contains(where: { $0.content == .date(.impossible) }) { noteImpossibleDate() }
        let candidates = indices { if case .date = $0 { true } else { false } }
        guard !candidates.isEmpty else { return }
        assign(dates.filter { $0.content != .date(.impossible) }, to: candidates) { $0.fields[$1].words.distance(of: $2.tokens, in: $0.text) }
    }

    /// Whether a date that nobody asked for lies on the side of today that its field speaks of: "I ordered it last week" tells no day of delivery.
    func liesRight(_ find: Find, for index: Int) -> Bool {
        guard case .date(let mention) = find.content, case .date(let isPast?) = fields[index].method,
            let days = mention.days(from: today, isPast: isPast)
        else { return true }
        return isPast ? days <= today : days >= today && !followsPast(find)
    }

    /// Whether a date lies behind: as the field tells, or the words of its sentence before it.
    func isPast(_ find: Find, for index: Int) -> Bool {
        if case .date(let isPast) = fields[index].method, let isPast { return isPast }
        return followsPast(find)
    }

    private func followsPast(_ find: Find) -> Bool {
        var position = find.tokens.lowerBound
        for _ in 0..<12 {
            position -= 1
            guard position >= 0, !text.isMark(position, of: FieldWords.sentenceMarks) else { return false }
            if Self.pastWords.contains(text[position]) { return true }
        }
        return false
    }

    private static let pastWords: Set<String> = [
        "was", "did", "had", "bought", "ordered", "purchased", "paid", "received", "arrived", "came", "got", "since", "happened", "broke", "born",
        "sent",
        "started", "went", "returned", "delivered", "last",
    ]

    mutating func readTexts(_ phones: [Find]) {
        let phoneFields = indices { if case .text(let kind) = $0 { kind.contains(.phone) } else { false } }
        if !phoneFields.isEmpty, !phones.isEmpty {
            assign(phones, to: phoneFields) { $0.fields[$1].words.distance(of: $2.tokens, in: $0.text) ?? $0.distanceToPhoneWord($2) }
        }
        let postal = indices { if case .text(let kind) = $0 { kind.contains(.postalCode) } else { false } }
        if !postal.isEmpty {
            assign(PhoneFinder.postalCodes(in: text), to: postal) { $0.fields[$1].words.distance(of: $2.tokens, in: $0.text) }
        }
        let urls = indices { if case .text(let kind) = $0 { kind.contains(.url) } else { false } }
        if !urls.isEmpty { assign(AddressFinder.urls(in: text), to: urls) { $0.fields[$1].words.distance(of: $2.tokens, in: $0.text) } }
    }

    /// "Call me at", "my mobile is": what follows is a telephone number.
    private func distanceToPhoneWord(_ find: Find) -> Int? {
        for distance in 1...4 where ["phone", "call", "mobile", "tel", "telephone", "cell", "ring"].contains(text[find.tokens.lowerBound - distance])
        {
            return distance
        }
        return nil
    }

    mutating func readNumbers(_ others: [Find]) {
        let candidates = indices { if case .number = $0 { true } else { false } }
        guard !candidates.isEmpty else { return }
        let finder = NumberFinder(text: text, others: others.filter { !$0.needsContext })
        if let asked, candidates.contains(asked), let whole = finder.whole(answer), isFree(whole.tokens) { take(whole, for: asked) }
        var finds = finder.finds()
        if let asked, case .text = fields[asked].method, values[asked] == nil {
            // A number in an answer to another question is part of that answer, unless its field is named.
            for index in finds.indices where !finds[index].hasCurrency { finds[index].needsContext = true }
        }
        // Money is no count of anything else.
        for index in finds.indices where finds[index].hasCurrency && !candidates.contains(where: isAmount) {
            finds[index].needsContext = true
        }
        assign(finds, to: candidates) { reading, field, find in
            let distance = reading.fields[field].words.distance(of: find.tokens, in: reading.text)
            return distance ?? (find.hasCurrency && reading.isAmount(field) ? 20 : nil)
        }
    }

    private func isAmount(_ index: Int) -> Bool { if case .number(let isAmount) = fields[index].method { isAmount } else { false } }
}
