/// One message being read for all fields.
struct MessageReading {
    struct Value {
        let value: JSONValue
        let confidence: Double
        let bytes: Range<Int>
    }

    let text: MessageText
    let fields: [ReadableField]
    /// The field that was asked for.
    let asked: Int?
    let answer: Range<Int>
    let manner: Manner
    /// Days since 1970-01-01.
    let today: Int64
    /// What was read, by the index of the field.
    private(set) var values: [Value?]
    /// The tokens that values were read from.
    private var taken: [Range<Int>] = []
    /// A date was told that does not exist.
    private(set) var hasImpossibleDate = false

    init(_ text: MessageText, fields: [ReadableField], asked: Int?, at now: Timestamp) {
        self.text = text
        self.fields = fields
        self.asked = asked
        values = Array(repeating: nil, count: fields.count)
        answer = asked == nil ? 0..<0 : text.answer
        manner = Manner(text, answer: asked == nil ? nil : answer)
        today = now.microseconds.flooredQuotient(Timestamp.secondsPerDay * 1_000_000)
    }

    mutating func run() {
        readEmails()
        readPatterns()
        readAskedChoice()
        let dates = needsDates ? DateFinder(text: text, today: today).finds() : []
        readDates(dates)
        let phones = needsPhones ? PhoneFinder.phones(in: text, dates: dates) : []
        readTexts(phones)
        readOtherwiseWrittenPatterns()
        readChoices()
        readNumbers(dates + phones)
        readConsents()
        readNames()
        readAnswers()
    }

    func isFree(_ tokens: Range<Int>) -> Bool { !taken.contains { $0.overlaps(tokens) } }

    /// Keeps a value, if it is one of the field.
    @discardableResult
    mutating func take(_ find: Find, for index: Int) -> Bool {
        guard values[index] == nil, let value = value(of: find, for: index), fields[index].field.fault(of: value, at: .root) == nil else {
            return false
        }
        values[index] = Value(value: value, confidence: find.confidence, bytes: text.range(of: find.tokens))
        taken.append(find.tokens)
        return true
    }

    private func value(of find: Find, for index: Int) -> JSONValue? {
        switch find.content {
        case .value(let value): value
        case .date(let mention):
            mention.days(from: today, isPast: isPast(find, for: index)).flatMap(DateMention.text(ofDays:)).map(JSONValue.string)
        }
    }

    /// Gives values of one type to the fields of that type: first to those that are named beside them, then to the one that was asked for, and a single
    /// one that is left to the single field that is left.
    mutating func assign(_ finds: [Find], to candidates: [Int], distance: (MessageReading, Int, Find) -> Int?) {
        var finds = finds.filter { isFree($0.tokens) }
        let meant = finds.filter { !text.isDenied(at: $0.tokens.lowerBound) }
        if !meant.isEmpty { finds = meant }
        guard !finds.isEmpty else { return }
        var pairs: [(field: Int, find: Int, distance: Int)] = []
        for field in candidates where values[field] == nil {
            for (index, find) in finds.enumerated() {
                if let distance = distance(self, field, find) { pairs.append((field, index, distance)) }
            }
        }
        pairs.sort { ($0.distance, $0.field, $0.find) < ($1.distance, $1.field, $1.find) }
        for pair in pairs where values[pair.field] == nil && isFree(finds[pair.find].tokens) {
            // A correction follows what it corrects, farther from the field's name.
            let later = finds.indices.last { $0 > pair.find && text.isCorrected(before: finds[$0].tokens.lowerBound) && candidates.count == 1 }
            take(finds[later ?? pair.find], for: pair.field)
        }
        finds = finds.filter { isFree($0.tokens) }
        if let asked, candidates.contains(asked), values[asked] == nil, let find = chosen(from: finds) { take(find, for: asked) }
        let open = candidates.filter { values[$0] == nil }
        let clear = finds.filter { isFree($0.tokens) && !$0.needsContext && $0.content != .date(.impossible) }
        guard let field = open.first, open.count == 1, field != asked, let find = chosen(from: clear), liesRight(find, for: field),
            clear.allSatisfy({ $0.content == find.content }) || text.isCorrected(before: find.tokens.lowerBound)
        else { return }
        take(find, for: field)
    }

    /// The corrected one of several values, or the first, which is then not sure; none of "2 or 3".
    private func chosen(from finds: [Find]) -> Find? {
        guard var first = finds.first, let last = finds.last else { return nil }
        if finds.allSatisfy({ $0.content == first.content }) { return first }
        if let corrected = finds.last(where: { text.isCorrected(before: $0.tokens.lowerBound) }) { return corrected }
        if (first.tokens.lowerBound..<max(first.tokens.lowerBound, last.tokens.lowerBound)).contains(where: { text[$0] == "or" }) { return nil }
        first.confidence = min(first.confidence, Confidence.ambiguous)
        return first
    }

    mutating func noteImpossibleDate() { hasImpossibleDate = true }
}
