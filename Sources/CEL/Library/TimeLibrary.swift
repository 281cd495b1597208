import Foundation

/// The parts of timestamps and durations.
enum TimeLibrary {
    static let functions: [Function] = [
        part("getFullYear") { $0.year },
        part("getMonth") { $0.month - 1 },
        part("getDate") { $0.day },
        part("getDayOfMonth") { $0.day - 1 },
        part("getDayOfWeek") { $0.dayOfWeek },
        part("getDayOfYear") { $0.dayOfYear },
        part("getHours", unit: 3_600_000_000_000) { $0.hour },
        part("getMinutes", unit: 60_000_000_000) { $0.minute },
        part("getSeconds", unit: 1_000_000_000) { $0.second },
        .member("getMilliseconds", .variadic(milliseconds), .init([.timestamp], .int), .init([.timestamp, .string], .int), .init([.duration], .int)),
    ]

    /// A function that picks a part of a timestamp, in UTC or a time zone; with a unit, also one that counts whole units of a duration.
    private static func part(_ name: String, unit: Int64? = nil, _ pick: @escaping @Sendable (CivilTime) -> Int64) -> Function {
        let body: @Sendable ([Value], inout Meter) throws(EvaluationError) -> Value = { (arguments, meter) throws(EvaluationError) in
            if arguments.count > 1 { try meter.spend(zoneCost) }
            switch (arguments.first, arguments.dropFirst().first) {
            case (.duration(let duration), nil):
                guard let unit else { throw .noSuchOverload(name, arguments: arguments) }
                return .int(duration.nanoseconds / unit)
            case (.timestamp(let timestamp), nil): return .int(pick(CivilTime(seconds: timestamp.seconds)))
            case (.timestamp(let timestamp), .string(let zone)):
                return .int(pick(CivilTime(seconds: timestamp.seconds + (try offset(of: zone, at: timestamp)))))
            default: throw .noSuchOverload(name, arguments: arguments)
            }
        }
        let signatures: [Function.Signature] = [.init([.timestamp], .int), .init([.timestamp, .string], .int)]
        guard unit != nil else { return .member(name, .variadic(body), signatures[0], signatures[1]) }
        return .member(name, .variadic(body), signatures[0], signatures[1], .init([.duration], .int))
    }

    /// The steps that looking up a time zone takes.
    private static let zoneCost = 50

    @Sendable static func milliseconds(_ arguments: [Value], _ meter: inout Meter) throws(EvaluationError) -> Value {
        if arguments.count > 1 { try meter.spend(zoneCost) }
        switch (arguments.first, arguments.dropFirst().first) {
        case (.timestamp(let timestamp), nil): return .int(Int64(timestamp.nanoseconds / 1_000_000))
        case (.timestamp(let timestamp), .string(let zone)):
            // No zone is off by a fraction of a second, but the zone must exist.
            _ = try offset(of: zone, at: timestamp)
            return .int(Int64(timestamp.nanoseconds / 1_000_000))
        // The part below the second, as the language definition has it.
        case (.duration(let duration), nil): return .int(duration.nanoseconds % 1_000_000_000 / 1_000_000)
        default: throw .noSuchOverload("getMilliseconds", arguments: arguments)
        }
    }

    /// The seconds that a zone is ahead of UTC at a time. A zone is a name of the IANA database or an offset such as `+01:30`.
    static func offset(of zone: String, at timestamp: Timestamp) throws(EvaluationError) -> Int64 {
        if zone.isEmpty || zone == "UTC" || zone == "Z" { return 0 }
        if zone.utf8.contains(UInt8(ascii: ":")) { return try fixedOffset(zone) }
        let isName = zone.utf8.allSatisfy { byte in
            (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || "/_-+".utf8.contains(byte)
        }
        guard isName, let timeZone = TimeZone(identifier: zone) else { throw .invalid("unknown time zone '\(zone)'") }
        return Int64(timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(timestamp.seconds))))
    }

    private static func fixedOffset(_ text: String) throws(EvaluationError) -> Int64 {
        var reader = DigitReader(text)
        let negative = reader.skip("-")
        if !negative { _ = reader.skip("+") }
        guard let hours = reader.number(digits: 2), reader.skip(":"), let minutes = reader.number(digits: 2), reader.isAtEnd, hours <= 23,
            minutes <= 59
        else { throw .invalid("unknown time zone '\(text)'") }
        return (hours * 3600 + minutes * 60) * (negative ? -1 : 1)
    }
}
