import CEL

extension WhyNot.Solver {
    /// The parts of times that go by units of a fixed length, with the seconds of one.
    private static let units: [String: Int64] = [
        "getDate": 86_400, "getDayOfMonth": 86_400, "getDayOfWeek": 86_400, "getDayOfYear": 86_400, "getHours": 3600, "getMinutes": 60,
        "getSeconds": 1,
    ]

    /// After how many seconds a part begins anew.
    private static let rounds: [String: Int64] = ["getDayOfWeek": 7 * 86_400, "getHours": 86_400, "getMinutes": 3600, "getSeconds": 60]

    /// What may make a part of a timestamp or duration come to a number; empty when the function is no such part.
    /// - Parameter now: what the part is now.
    func timed(_ name: String, _ subject: CEL.Expression, _ wanted: CEL.Value, now: CEL.Value?) -> [WhyNot.Change] {
        guard case .int(let number) = wanted else { return [] }
        switch known(subject) {
        case .duration?: return length(name, subject, number)
        case .timestamp(let time)?: return times(name, time, number, now).flatMap { value(subject, .timestamp($0)) }
        case .some, nil:
            // Of what has no time for a value, only differences are taken to be durations.
            if case .binary(.subtract, _, _) = subject.kind { return length(name, subject, number) }
            return times(name, time, number, part(name, of: time)).flatMap { value(subject, .timestamp($0)) }
        }
    }

    private func length(_ name: String, _ subject: CEL.Expression, _ number: Int64) -> [WhyNot.Change] {
        guard let unit = Self.units[name] else { return [] }
        let (nanoseconds, overflow) = number.multipliedReportingOverflow(by: unit * 1_000_000_000)
        return overflow ? [] : value(subject, .duration(DurationValue(nanoseconds: nanoseconds)))
    }

    private func part(_ name: String, of time: CEL.Timestamp) -> CEL.Value? {
        try? inquiry.part("time.\(name)()", variable: "time")?.evaluate(["time": .timestamp(time)] as Bindings)
    }

    /// Times near another one of which a part is a number.
    private func times(_ name: String, _ time: CEL.Timestamp, _ number: Int64, _ now: CEL.Value?) -> [CEL.Timestamp] {
        guard let unit = Self.units[name], case .int(let current)? = now, number.magnitude <= 366, current.magnitude <= 366 else {
            return dates(name, time, number)
        }
        let (distance, overflow) = (number - current).multipliedReportingOverflow(by: unit * 1_000_000_000)
        guard !overflow, let moved = time.moved(by: distance) else { return [] }
        // What lies ahead is more natural than what is past, and the full hour or minute than some seconds after it.
        let round = (Self.rounds[name] ?? 0) * 1_000_000_000
        let next = moved < time ? moved.moved(by: round) : nil
        let near = [next, moved].compactMap { $0 }
        let full = near.compactMap { unit < 86_400 ? CEL.Timestamp(seconds: $0.seconds - $0.seconds % unit) : nil }
        return full.prefix(1) + near + dates(name, time, number)
    }

    /// Times in another year or month, or on a day that not every month has.
    private func dates(_ name: String, _ time: CEL.Timestamp, _ number: Int64) -> [CEL.Timestamp] {
        let text = time.description
        let (year, month, rest) = (text.prefix(4), text.dropFirst(5).prefix(2), text.dropFirst(10))
        guard (0...9999).contains(number) else { return [] }
        let dates: [String] =
            switch name {
            case "getFullYear": ["\(number.padded(4))\(text.dropFirst(4))", "\(number.padded(4))-\(month)-01\(rest)"]
            case "getMonth": ["\(year)-\((number + 1).padded(2))-\(text.dropFirst(8))", "\(year)-\((number + 1).padded(2))-01\(rest)"]
            case "getDate": ["\(year)-01-\(number.padded(2))\(rest)"]
            case "getDayOfMonth": ["\(year)-01-\((number + 1).padded(2))\(rest)"]
            default: []
            }
        return dates.compactMap { CEL.Timestamp($0) }
    }
}

extension Int64 {
    fileprivate func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
