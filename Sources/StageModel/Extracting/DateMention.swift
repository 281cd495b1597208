/// A date as it was said, before it is known on which side of today it lies.
enum DateMention: Equatable {
    /// Days since 1970-01-01.
    case day(Int64)
    /// "March 3": the next or the last one.
    case yearless(month: Int64, day: Int64)
    /// "3.4.85": this or the last century.
    case shortYear(Int64, month: Int64, day: Int64)
    /// "Friday": 0 is Monday.
    case weekday(Int64)
    /// There is no such day.
    case impossible
}

extension DateMention {
    /// The days since 1970-01-01.
    /// - Parameters:
    ///   - today: the same of the day from which it is said.
    ///   - isPast: whether it speaks of what has been: without a year the last such day counts, today included; else the next, today included.
    ///     A weekday alone is never today.
    func days(from today: Int64, isPast: Bool) -> Int64? {
        switch self {
        case .day(let days): return days
        case .weekday(let weekday): return isPast ? Self.last(weekday, before: today) : Self.next(weekday, after: today)
        case .yearless(let month, let day):
            let year = Timestamp.civil(fromDays: today).year
            // 29 February comes every eight years at least.
            for distance in 0...8 as ClosedRange<Int64> {
                guard let days = Self.days(isPast ? year - distance : year + distance, month, day) else { continue }
                if isPast ? days <= today : days >= today { return days }
            }
            return nil
        case .shortYear(let short, let month, let day):
            let year = 2000 + short
            let latest = Timestamp.civil(fromDays: today).year + (isPast ? 0 : 20)
            return Self.days(year > latest ? year - 100 : year, month, day)
        case .impossible: return nil
        }
    }

    /// The days of a date; nil when there is none.
    static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        guard (1000...9999).contains(year), (1...12).contains(month), (1...Timestamp.days(inMonth: month, year: year)).contains(day) else {
            return nil
        }
        return Timestamp.days(fromCivil: year, month, day)
    }

    /// 1970-01-01 was a Thursday.
    static func weekday(of days: Int64) -> Int64 { (days + 3) - (days + 3).flooredQuotient(7) * 7 }

    /// The first such weekday of the next seven days, today not counted.
    static func next(_ weekday: Int64, after today: Int64) -> Int64 { today + 1 + (weekday - Self.weekday(of: today) + 6) % 7 }

    static func last(_ weekday: Int64, before today: Int64) -> Int64 { next(weekday, after: today) - (weekday == Self.weekday(of: today) ? 14 : 7) }

    /// As `YYYY-MM-DD`.
    static func text(ofDays days: Int64) -> String? {
        let (year, month, day) = Timestamp.civil(fromDays: days)
        guard (0...9999).contains(year) else { return nil }
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}
