/// A moment in UTC, in whole microseconds since 1970-01-01T00:00:00Z, between the years 0000 and 9999.
public struct Timestamp: Hashable, Comparable, Sendable {
    public static let secondsPerDay: Int64 = 86_400

    /// The first and the last microsecond of those years.
    private static let range = (-62_167_219_200_000_000...253_402_300_799_999_999) as ClosedRange<Int64>

    public let microseconds: Int64

    /// - Parameter microseconds: outside those years, the nearest moment inside is taken.
    public init(microseconds: Int64) {
        self.microseconds = min(max(microseconds, Self.range.lowerBound), Self.range.upperBound)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// The moment so many seconds later; saturates instead of overflowing.
    public func adding(seconds: Int64) -> Timestamp {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflowed) = microseconds.addingReportingOverflow(product)
        return Timestamp(microseconds: overflow || overflowed ? (seconds < 0 ? .min : .max) : sum)
    }

    /// The seconds that passed since an earlier moment; never negative.
    public func seconds(since earlier: Timestamp) -> Double {
        max(0, Double(microseconds - earlier.microseconds) / 1_000_000)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with six decimals, such as `2026-11-22T13:09:31.123456Z`.
    public var description: String {
        String(unsafeUninitializedCapacity: 27) { buffer in
            write { position, byte in buffer[position] = byte }
            return 27
        }
    }

    /// Hands out the 27 characters of the text form.
    @inline(__always)
    func write(_ put: (Int, UInt8) -> Void) {
        let seconds = microseconds.flooredQuotient(1_000_000)
        let days = seconds.flooredQuotient(Self.secondsPerDay)
        let (year, month, day) = Self.civil(fromDays: days)
        let second = seconds - days * Self.secondsPerDay
        var position = 0
        func number(_ value: Int64, width: Int) {
            var divisor: Int64 = 1
            for _ in 1..<width { divisor *= 10 }
            while divisor > 0 {
                put(position, UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
                position += 1
                divisor /= 10
            }
        }
        func mark(_ character: Unicode.Scalar) {
            put(position, UInt8(ascii: character))
            position += 1
        }
        number(year, width: 4)
        mark("-")
        number(month, width: 2)
        mark("-")
        number(day, width: 2)
        mark("T")
        number(second / 3600, width: 2)
        mark(":")
        number(second / 60 % 60, width: 2)
        mark(":")
        number(second % 60, width: 2)
        mark(".")
        number(microseconds - seconds * 1_000_000, width: 6)
        mark("Z")
    }

    /// Reads RFC 3339 with any offset and up to nine decimals, those past the sixth being dropped.
    /// - Returns: nil for anything else.
    public init?(_ text: some StringProtocol) {
        var scanner = DigitScanner(bytes: Array(text.utf8))
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.number(2), scanner.skip(":"), let minute = scanner.number(2), scanner.skip(":"),
            let second = scanner.number(2),
            (1...12).contains(month), (1...Self.days(inMonth: month, year: year)).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction: Int64 = 0
        if scanner.skip(".") {
            guard let digits = scanner.fraction() else { return nil }
            fraction = digits
        }
        var offset: Int64 = 0
        if !scanner.skip("Z"), !scanner.skip("z") {
            let sign: Int64
            if scanner.skip("+") { sign = 1 } else if scanner.skip("-") { sign = -1 } else { return nil }
            guard let hours = scanner.number(2), scanner.skip(":"), let minutes = scanner.number(2), hours < 24, minutes < 60 else { return nil }
            offset = sign * (hours * 60 + minutes) * 60
        }
        guard scanner.isAtEnd else { return nil }
        let days = Self.days(fromCivil: year, month, day)
        let microseconds = (days * Self.secondsPerDay + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction
        guard Self.range.contains(microseconds) else { return nil }
        self.microseconds = microseconds
    }

    /// The whole minutes since 1970-01-01T00:00:00Z.
    public var minute: Int64 { microseconds.flooredQuotient(60_000_000) }

    /// The start of the hour that this moment is in.
    public var startOfHour: Timestamp {
        Timestamp(microseconds: microseconds.flooredQuotient(3_600_000_000) * 3_600_000_000)
    }
}

extension Timestamp {
    /// The date of a count of days since 1970-01-01 in the proleptic Gregorian calendar.
    static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredQuotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    /// The count of days since 1970-01-01 of a date in the proleptic Gregorian calendar.
    static func days(fromCivil year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year.flooredQuotient(400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func days(inMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// Division that rounds towards negative infinity; the divisor is positive.
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

/// Reads runs of decimal digits and single marks.
private struct DigitScanner {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    mutating func number(_ width: Int) -> Int64? {
        guard position + width <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<position + width] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        position += width
        return value
    }

    /// One to nine decimals, as microseconds.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while count < 9, let digit = number(1) {
            if count < 6 { value = value * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in 0..<max(0, 6 - count) { value *= 10 }
        return value
    }
}
