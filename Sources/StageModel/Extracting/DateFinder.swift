/// Finds dates in a message.
///
/// Read are 2026-01-31, 31.01.2026, 31.1., 1/31 and 1/31/2026 (the month first, unless that is over 12), months by name with a day before or after,
/// and what is relative to today. "Next Friday" and "Friday" are the Friday of the next seven days, today not counted; "last Friday" that of the
/// seven days before; "this weekend" its Saturday, or on a Sunday that Sunday.
struct DateFinder {
    /// What was read from tokens as far as `end`.
    struct Hit {
        var mention: DateMention
        var end: Int
        var confidence = Confidence.typed
        var needsContext = false
    }

    let text: MessageText
    /// Days since 1970-01-01.
    let today: Int64

    func finds() -> [Find] {
        var finds: [Find] = []
        var index = 0
        while index < text.tokens.count {
            guard let hit = hit(at: index) else {
                index += 1
                continue
            }
            finds.append(
                Find(content: .date(hit.mention), confidence: hit.confidence, tokens: index..<hit.end, needsContext: hit.needsContext))
            index = max(hit.end, index + 1)
        }
        return finds
    }

    private func hit(at index: Int) -> Hit? {
        switch text.tokens[index].kind {
        case .digits: numeric(at: index) ?? dayMonth(at: index) ?? ago(at: index)
        // Most words begin no date.
        case .word where !Self.starters.contains(text.tokens[index]): nil
        case .word: weekday(at: index) ?? monthDay(at: index) ?? dayMonth(at: index) ?? relative(at: index) ?? ago(at: index)
        case .mark: nil
        }
    }

    /// A date of the calendar.
    func explicit(at index: Int) -> Hit? { numeric(at: index) ?? monthDay(at: index) ?? dayMonth(at: index) }

    // MARK: Digits

    private func numeric(at index: Int) -> Hit? {
        // Digits that hang on letters or other digits are part of a number of something.
        if text.isGlued(index), text.isWord(index - 1) || text.isMark(index - 1, of: "-./+#:,€$£") { return nil }
        let mark = text[index + 1]
        guard mark == "-" || mark == "." || mark == "/", text.isGlued(index + 1), let first = text.number(index), let second = text.number(index + 2),
            text.isGlued(index + 2) || (mark == "." && text[index + 3] == ".")
        else { return nil }
        let firstLength = text[index].utf8.count
        guard text[index + 2].utf8.count <= 2 else { return nil }
        let hasThird = text[index + 3] == mark && text.isGlued(index + 3) && text.number(index + 4) != nil && (text.isGlued(index + 4) || mark == ".")
        if firstLength == 4 {
            guard hasThird, let third = text.number(index + 4), text[index + 4].utf8.count <= 2, isEnd(index + 5) else { return nil }
            return Hit(mention: mention(Int64(first), Int64(second), Int64(third)), end: index + 5, confidence: Confidence.exact)
        }
        guard firstLength <= 2 else { return nil }
        if hasThird, let year = text.number(index + 4), [2, 4].contains(text[index + 4].utf8.count), isEnd(index + 5) {
            return ordered(first, second, mark: mark, end: index + 5) { month, day in
                text[index + 4].utf8.count == 4
                    ? mention(Int64(year), month, day)
                    : DateMention.days(2000, month, day) == nil ? .impossible : .shortYear(Int64(year), month: month, day: day)
            }
        }
        guard mark != "-" else { return nil }
        var end = index + 3
        let isMarked = mark == "." && text[end] == "." && text.isGlued(end)
        if isMarked, end + 1 < text.tokens.count { end += 1 }
        guard isEnd(end) else { return nil }
        var hit = ordered(first, second, mark: mark, end: end) { month, day in
            DateMention.days(2000, month, day) == nil ? .impossible : .yearless(month: month, day: day)
        }
        hit.confidence = Confidence.ambiguous
        // "3.5" and "3/4" may be numbers, unless a preposition or the rest of the sentence says otherwise.
        hit.needsContext =
            !(Self.prepositions.contains(text[index - 1]) && (mark == "/" || isMarked)) && !(isMarked && end < text.tokens.count && text.isWord(end))
        if first == 24, second == 7 { hit.needsContext = true }
        return hit
    }

    /// Month and day in the order that the marks tell.
    private func ordered(_ first: Int, _ second: Int, mark: String, end: Int, _ make: (Int64, Int64) -> DateMention) -> Hit {
        let isDayFirst = mark == "." || first > 12
        let mention = isDayFirst ? make(Int64(second), Int64(first)) : make(Int64(first), Int64(second))
        let isClear = mark == "." || first > 12 || second > 12 || first == second
        return Hit(mention: mention, end: end, confidence: isClear ? Confidence.typed : Confidence.ambiguous)
    }

    private func mention(_ year: Int64, _ month: Int64, _ day: Int64) -> DateMention {
        DateMention.days(year, month, day).map(DateMention.day) ?? .impossible
    }

    /// Whether no letters or digits go on without a blank.
    private func isEnd(_ index: Int) -> Bool {
        guard text.isGlued(index) else { return true }
        if text.isWord(index) || text.isDigits(index) { return text[index] == "t" }
        return !(text.isGlued(index + 1) && text.isDigits(index + 1)) && text[index] != "%"
    }

    // MARK: Months by name

    /// "March 3", "March 3rd, 2027", "March the third".
    private func monthDay(at index: Int) -> Hit? {
        guard let month = Self.months[text[index]] else { return nil }
        var position = index + 1
        if text[position] == "." { position += 1 }
        if text[position] == "the" { position += 1 }
        guard let (day, end) = day(at: position) else { return nil }
        if text[index] == "may" || text[index] == "mar", !text.tokens[index].isCapitalized, !Self.prepositions.contains(text[index - 1]) {
            return nil
        }
        return dated(month, day, end)
    }

    /// "3 March", "3rd of March 2027", "third of March", "3. March".
    private func dayMonth(at index: Int) -> Hit? {
        if text.isGlued(index), text[index - 1] == "-" || text[index - 1] == "." || text[index - 1] == "/" { return nil }
        guard var (day, position) = day(at: index) else { return nil }
        if text[position] == ".", text.isGlued(position) { position += 1 }
        if text[position] == "of" { position += 1 }
        guard let month = Self.months[text[position]] else { return nil }
        if text[position] == "may" || text[position] == "mar", !text.tokens[position].isCapitalized, !text.isDigits(position + 1) { return nil }
        if day > 99 { day = 99 }
        return dated(month, day, position + 1)
    }

    private func dated(_ month: Int64, _ day: Int64, _ end: Int) -> Hit {
        var position = end
        if text[position] == ".", text.isGlued(position), text.isDigits(position + 1) { position += 1 }
        if text[position] == "," || text[position] == "of" { position += 1 }
        if let year = text.number(position), text[position].utf8.count == 4, (1000...9999).contains(year), isEnd(position + 1) {
            return Hit(mention: mention(Int64(year), month, day), end: position + 1, confidence: Confidence.exact)
        }
        return Hit(mention: DateMention.days(2000, month, day) == nil ? .impossible : .yearless(month: month, day: day), end: end)
    }

    /// "3", "3rd", "third", "twenty-first".
    private func day(at index: Int) -> (Int64, Int)? {
        if let number = text.number(index), text[index].utf8.count <= 2 {
            if text.isGlued(index + 1), text.isWord(index + 1) {
                return ["st", "nd", "rd", "th"].contains(text[index + 1]) ? (Int64(number), index + 2) : nil
            }
            return isEnd(index + 1) ? (Int64(number), index + 1) : nil
        }
        if let ordinal = NumberWords.ordinals[text[index]] { return (ordinal, index + 1) }
        guard text[index] == "twenty" || text[index] == "thirty" else { return nil }
        let position = text[index + 1] == "-" ? index + 2 : index + 1
        guard let ordinal = NumberWords.ordinals[text[position]], ordinal < 10 else { return nil }
        return (ordinal + (text[index] == "twenty" ? 20 : 30), position + 1)
    }
}
