/// The functions of the language itself that are neither operators, conversions nor about time.
enum BasicLibrary {
    static let functions: [Function] = [
        .global(
            "size", .unary(size), sizeOf(.string), sizeOf(.bytes), sizeOf(.list(.parameter("A"))), sizeOf(.map(.parameter("A"), .parameter("B")))),
        .member(
            "size", .unary(size), sizeOf(.string), sizeOf(.bytes), sizeOf(.list(.parameter("A"))), sizeOf(.map(.parameter("A"), .parameter("B")))),
        .member("contains", .binary(contains), .init([.string, .string], .bool)),
        .member("startsWith", .binary(startsWith), .init([.string, .string], .bool)),
        .member("endsWith", .binary(endsWith), .init([.string, .string], .bool)),
        .member("matches", .binary(matches), .init([.string, .string], .bool)),
        .global("matches", .binary(matches), .init([.string, .string], .bool)),
    ]

    private static func sizeOf(_ type: ValueType) -> Function.Signature { .init([type], .int) }

    @Sendable static func size(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        if case .string(let text) = value { try meter.charge(text.utf8.count) }
        guard let size = value.size else { throw .noSuchOverload("size", value) }
        return .int(Int64(size))
    }

    @Sendable static func contains(_ value: Value, _ part: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = value, case .string(let part) = part else { throw .noSuchOverload("contains", value, part) }
        try meter.charge(text.utf8.count)
        return .bool(text.withBytes { text in part.withBytes { part in firstOffset(of: part, in: text) != nil } })
    }

    @Sendable static func startsWith(_ value: Value, _ part: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = value, case .string(let part) = part else { throw .noSuchOverload("startsWith", value, part) }
        try meter.charge(part.utf8.count)
        return .bool(text.utf8.starts(with: part.utf8))
    }

    @Sendable static func endsWith(_ value: Value, _ part: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = value, case .string(let part) = part else { throw .noSuchOverload("endsWith", value, part) }
        try meter.charge(part.utf8.count)
        return .bool(text.utf8.count >= part.utf8.count && text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8))
    }

    /// The longest pattern that is compiled during an evaluation, in bytes.
    private static let longestPattern = 4096

    @Sendable static func matches(_ value: Value, _ pattern: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = value, case .string(let pattern) = pattern else { throw .noSuchOverload("matches", value, pattern) }
        guard pattern.utf8.count <= longestPattern else { throw .invalid("the pattern is longer than \(longestPattern) bytes") }
        // Compiling takes microseconds for each byte, far more than matching.
        try meter.charge(1000 + pattern.utf8.count * 200 + text.utf8.count)
        do {
            return .bool(try RegularExpression(pattern).matchesPart(of: text))
        } catch {
            throw .invalid("'\(pattern)' is not a regular expression: \(error.description)")
        }
    }
}
