extension Timestamp: LosslessStringConvertible {
    /// Reads an RFC 3339 timestamp such as `2009-02-13T23:31:30.5+01:00`; nil when the text is not one or is out of range.
    public init?(_ text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2), reader.skip("-"),
            let day = reader.number(digits: 2), reader.skip("T") || reader.skip("t"), let hour = reader.number(digits: 2), reader.skip(":"),
            let minute = reader.number(digits: 2), reader.skip(":"), let second = reader.number(digits: 2)
        else { return nil }
        guard (1...12).contains(month), day >= 1, day <= CivilTime.length(ofMonth: month, year: year), hour < 24, minute < 60, second < 60
        else { return nil }
        var nanoseconds: Int64 = 0
        if reader.skip(".") {
            guard let fraction = reader.fraction() else { return nil }
            nanoseconds = fraction
        }
        var offset: Int64 = 0
        if !reader.skip("Z"), !reader.skip("z") {
            let negative = reader.skip("-")
            guard negative || reader.skip("+"), let hours = reader.number(digits: 2), reader.skip(":"), let minutes = reader.number(digits: 2),
                hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (negative ? -1 : 1)
        }
        guard reader.isAtEnd else { return nil }
        let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        self.init(seconds: civil.seconds - offset, nanoseconds: Int32(nanoseconds))
    }

    /// The timestamp in RFC 3339 in UTC, with as many decimals as needed.
    public var description: String {
        let civil = CivilTime(seconds: seconds)
        let date = "\(padded(civil.year, 4))-\(padded(civil.month, 2))-\(padded(civil.day, 2))"
        let time = "\(padded(civil.hour, 2)):\(padded(civil.minute, 2)):\(padded(civil.second, 2))"
        return "\(date)T\(time)\(decimals(of: Int64(nanoseconds)))Z"
    }
}

extension DurationValue: LosslessStringConvertible {
    /// Reads a duration such as `1h45m`, `-1.5s` or `20ms` (units h, m, s, ms, us, µs, ns); nil when the text is not one or is out
    /// of range.
    public init?(_ text: String) {
        var reader = DigitReader(text)
        let negative = reader.skip("-")
        if !negative { _ = reader.skip("+") }
        if reader.rest == "0" {
            self.init(nanoseconds: 0)
            return
        }
        guard !reader.isAtEnd else { return nil }
        // Collected below zero, since the least number has no positive counterpart.
        var total: Int64 = 0
        while !reader.isAtEnd {
            guard let (whole, fraction, scale) = reader.decimal(), let unit = reader.unit() else { return nil }
            let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
            let part = Int64(Double(fraction) * (Double(unit) / Double(scale)))
            let (less, underflow) = total.subtractingReportingOverflow(product)
            let (sum, carry) = less.subtractingReportingOverflow(part)
            guard !overflow, !underflow, !carry else { return nil }
            total = sum
        }
        if negative {
            self.init(nanoseconds: total)
        } else {
            guard total != Int64.min else { return nil }
            self.init(nanoseconds: -total)
        }
    }

    /// The duration in seconds, with as many decimals as needed: `6347s`, `-0.5s`.
    public var description: String {
        let magnitude = nanoseconds.magnitude
        let seconds = magnitude / 1_000_000_000
        return "\(nanoseconds < 0 ? "-" : "")\(seconds)\(decimals(of: Int64(magnitude % 1_000_000_000)))s"
    }
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// A fraction of a second as `.5`, or nothing when it is zero.
private func decimals(of nanoseconds: Int64) -> String {
    guard nanoseconds != 0 else { return "" }
    var digits = padded(nanoseconds, 9)
    while digits.hasSuffix("0") { digits.removeLast() }
    return ".\(digits)"
}

/// Reads numbers and signs off a text, byte by byte.
struct DigitReader {
    private var bytes: ArraySlice<UInt8>

    init(_ text: String) { bytes = Array(text.utf8)[...] }

    var isAtEnd: Bool { bytes.isEmpty }
    var rest: String { String(decoding: bytes, as: UTF8.self) }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let first = bytes.first, UInt32(first) == character.value else { return false }
        bytes.removeFirst()
        return true
    }

    private mutating func digit() -> Int64? {
        guard let first = bytes.first, (0x30...0x39).contains(first) else { return nil }
        bytes.removeFirst()
        return Int64(first - 0x30)
    }

    /// A number of exactly so many digits.
    mutating func number(digits: Int) -> Int64? {
        var number: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// Decimals of a second, in nanoseconds; those beyond the ninth are dropped.
    mutating func fraction() -> Int64? {
        guard let first = digit() else { return nil }
        var number = first * 100_000_000
        var scale: Int64 = 10_000_000
        while let digit = digit() {
            number += digit * scale
            scale /= 10
        }
        return number
    }

    /// A number with decimals: its whole part, and its decimals as a number and the power of ten that divides them.
    mutating func decimal() -> (whole: Int64, fraction: Int64, scale: Int64)? {
        var whole: Int64 = 0
        var digits = 0
        while let digit = digit() {
            let (product, overflow) = whole.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            whole = sum
            digits += 1
        }
        var fraction: Int64 = 0
        var scale: Int64 = 1
        if skip(".") {
            while let digit = digit() {
                digits += 1
                guard scale < 1_000_000_000_000_000 else { continue }
                fraction = fraction * 10 + digit
                scale *= 10
            }
        }
        return digits > 0 ? (whole, fraction, scale) : nil
    }

    /// A unit of time, in nanoseconds.
    mutating func unit() -> Int64? {
        if skip("h") { return 3_600_000_000_000 }
        if skip("s") { return 1_000_000_000 }
        if skip("m") { return skip("s") ? 1_000_000 : 60_000_000_000 }
        if skip("n") { return skip("s") ? 1 : nil }
        if skip("u") { return skip("s") ? 1000 : nil }
        // The micro sign and the Greek letter, in UTF-8.
        let prefix = Array(bytes.prefix(2))
        if prefix == [0xC2, 0xB5] || prefix == [0xCE, 0xBC] {
            bytes.removeFirst(2)
            return skip("s") ? 1000 : nil
        }
        return nil
    }
}
