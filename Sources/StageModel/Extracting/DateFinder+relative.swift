/// Dates that are told from today.
extension DateFinder {
    func relative(at index: Int) -> Hit? {
        func hit(_ days: Int64, _ length: Int) -> Hit { Hit(mention: .day(today + days), end: index + length) }
        switch text[index] {
        case "today", "tonight": return hit(0, 1)
        case "tomorrow":
            return Hit(mention: .day(today + 1), end: index + 1)
        case "yesterday": return hit(-1, 1)
        case "the", "day":
            let start = text[index] == "the" ? index + 1 : index
            if text.end(of: ["day", "after", "tomorrow"], at: start) != nil { return Hit(mention: .day(today + 2), end: start + 3) }
            if text.end(of: ["day", "before", "yesterday"], at: start) != nil { return Hit(mention: .day(today - 2), end: start + 3) }
            return endOfPeriod(at: start)
        case "end": return endOfPeriod(at: index)
        case "this", "next", "last", "coming":
            guard text[index + 1] == "weekend" else { return nil }
            let weekday = DateMention.weekday(of: today)
            switch text[index] {
            case "last": return hit(DateMention.last(5, before: today) - today, 2)
            case "next": return hit(DateMention.next(5, after: today) - today, 2)
            default: return hit(weekday >= 5 ? 0 : 5 - weekday, 2)
            }
        case "in": return inSomeTime(at: index)
        default: return nil
        }
    }

    /// "end of the month", "end of next month", "end of the year", "end of the week" (its Sunday).
    private func endOfPeriod(at index: Int) -> Hit? {
        guard text[index] == "end", text[index + 1] == "of" else { return nil }
        var position = index + 2
        var months: Int64 = 0
        if ["the", "this", "next"].contains(text[position]) {
            if text[position] == "next" { months = 1 }
            position += 1
        }
        let (year, month, _) = Timestamp.civil(fromDays: today)
        switch text[position] {
        case "month":
            let first = Timestamp.days(fromCivil: year, month, 1) + (months == 0 ? 0 : Timestamp.days(inMonth: month, year: year))
            let end = Timestamp.civil(fromDays: first)
            return Hit(mention: .day(first + Timestamp.days(inMonth: end.month, year: end.year) - 1), end: position + 1)
        case "year": return Hit(mention: .day(Timestamp.days(fromCivil: year + months, 12, 31)), end: position + 1)
        case "week": return Hit(mention: .day(today + 6 - DateMention.weekday(of: today) + 7 * months), end: position + 1)
        default: return nil
        }
    }

    /// "in 3 days", "in two weeks", "in a month".
    private func inSomeTime(at index: Int) -> Hit? {
        guard let (days, end) = period(at: index + 1, sign: 1) else { return nil }
        // "In two weeks' time" is one, "in 3 days' old clothes" is not.
        return Hit(mention: .day(today + days), end: text[end] == "time" ? end + 1 : end)
    }

    /// "3 days ago", "two weeks ago", "5 days from now".
    func ago(at index: Int) -> Hit? {
        if text[index] == "a" || text[index] == "an" || text[index] == "one" || text.isDigits(index) || NumberWords.units[text[index]] != nil {
            if let (days, end) = period(at: index, sign: -1), text[end] == "ago" { return Hit(mention: .day(today + days), end: end + 1) }
            if let (days, end) = period(at: index, sign: 1), text[end] == "from", text[end + 1] == "now" || text[end + 1] == "today" {
                return Hit(mention: .day(today + days), end: end + 2)
            }
        }
        return nil
    }

    /// A count and a unit, as days from today.
    private func period(at index: Int, sign: Int64) -> (days: Int64, end: Int)? {
        var position = index
        let count: Int64
        if text[position] == "a", text[position + 1] == "couple" {
            count = 2
            position += text[position + 2] == "of" ? 3 : 2
        } else if text[position] == "a" || text[position] == "an" {
            count = 1
            position += 1
        } else if let number = text.number(position), number <= 40_000 {
            guard !text.isGlued(position) || !text.isWord(position - 1) else { return nil }
            count = Int64(number)
            position += 1
        } else if let (number, end) = NumberWords.number(in: text, at: position), number <= 40_000 {
            count = number
            position = end
        } else {
            return nil
        }
        switch text[position] {
        case "day", "days": return (sign * count, position + 1)
        case "week", "weeks": return (sign * count * 7, position + 1)
        case "month", "months": return (moved(months: sign * count) - today, position + 1)
        case "year", "years": return (moved(months: sign * count * 12) - today, position + 1)
        default: return nil
        }
    }

    /// The same day of another month, or its last day when it is shorter.
    private func moved(months: Int64) -> Int64 {
        let (year, month, day) = Timestamp.civil(fromDays: today)
        let total = year * 12 + month - 1 + months
        let newYear = total.flooredQuotient(12)
        let newMonth = total - newYear * 12 + 1
        return Timestamp.days(fromCivil: newYear, newMonth, min(day, Timestamp.days(inMonth: newMonth, year: newYear)))
    }

    func weekday(at index: Int) -> Hit? {
        var position = index
        var direction = ""
        if ["next", "last", "this", "coming", "past"].contains(text[position]) {
            direction = text[position]
            position += 1
        }
        let weekday: Int64
        if let full = Self.weekdays[text[position]] {
            weekday = full
        } else if let short = Self.shortWeekdays[text[position]],
            !direction.isEmpty || Self.dayPrepositions.contains(text[position - 1]) || text.tokens.count <= 2
        {
            // "I sat" and "the sun" are no days.
            weekday = short
        } else {
            return nil
        }
        position += 1
        // "Monday, March 3" is March 3.
        let following = text[position] == "," || text[position] == "the" ? position + 1 : position
        if direction.isEmpty, following < text.tokens.count, let date = explicit(at: following) { return date }
        switch direction {
        case "last", "past": return Hit(mention: .day(DateMention.last(weekday, before: today)), end: position)
        case "":
            if text[position] == "next", text[position + 1] == "week" {
                return Hit(mention: .day(today - DateMention.weekday(of: today) + 7 + weekday), end: position + 2)
            }
            return Hit(mention: .weekday(weekday), end: position)
        default: return Hit(mention: .day(DateMention.next(weekday, after: today)), end: position)
        }
    }

    private static let dayPrepositions: Set<String> = ["on", "by", "until", "till", "from", "since", "before", "after"]
    static let prepositions = dayPrepositions.union(["for", "is", "the", "to", "and"])
    static let months: [String: Int64] = [
        "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10,
        "november": 11,
        "december": 12, "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
    ]
    static let starters = WordSet(
        Set(months.keys).union(weekdays.keys).union(shortWeekdays.keys).union(NumberWords.units.keys)
            .union(NumberWords.ordinals.keys).union([
                "today", "tonight", "tomorrow", "yesterday", "the", "day", "end", "this", "next", "last", "coming", "past", "in", "a", "an", "twenty",
                "thirty",
            ]))
    private static let weekdays: [String: Int64] = [
        "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
    ]
    private static let shortWeekdays: [String: Int64] = [
        "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
    ]
}
