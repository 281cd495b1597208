/// Conversions between types, by the name of the type they convert to.
enum ConversionLibrary {
    static let functions: [Function] = [
        .global("bool", .unary(bool), .init([.bool], .bool), .init([.string], .bool)),
        .global(
            "int", .unary(int), .init([.int], .int), .init([.uint], .int), .init([.double], .int), .init([.string], .int),
            .init([.timestamp], .int), .init([.duration], .int)),
        .global("uint", .unary(uint), .init([.uint], .uint), .init([.int], .uint), .init([.double], .uint), .init([.string], .uint)),
        .global("double", .unary(double), .init([.double], .double), .init([.int], .double), .init([.uint], .double), .init([.string], .double)),
        .global(
            "string", .unary(string), .init([.string], .string), .init([.bool], .string), .init([.int], .string), .init([.uint], .string),
            .init([.double], .string), .init([.bytes], .string), .init([.timestamp], .string), .init([.duration], .string), .init([.ip], .string),
            .init([.cidr], .string)),
        .global("bytes", .unary(bytes), .init([.bytes], .bytes), .init([.string], .bytes)),
        .global("timestamp", .unary(timestamp), .init([.timestamp], .timestamp), .init([.string], .timestamp), .init([.int], .timestamp)),
        .global("duration", .unary(duration), .init([.duration], .duration), .init([.string], .duration), .init([.int], .duration)),
        .global("type", .unary(type), .init([.parameter("A")], .type)),
        .global("dyn", .unary(dyn), .init([.parameter("A")], .dyn)),
    ]

    @Sendable static func bool(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .bool: return value
        case .string(let text):
            if ["1", "t", "T", "true", "TRUE", "True"].contains(text) { return .bool(true) }
            if ["0", "f", "F", "false", "FALSE", "False"].contains(text) { return .bool(false) }
            throw .conversion(text, to: "bool")
        default: throw .noSuchOverload("bool", value)
        }
    }

    @Sendable static func int(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .int: return value
        case .uint(let number):
            guard let number = Int64(exactly: number) else { throw .overflow("int") }
            return .int(number)
        case .double(let number):
            // The bounds themselves are out: a double that equals one may have been rounded to it.
            guard number > -0x1p63, number < 0x1p63 else { throw .overflow("int") }
            return .int(Int64(number))
        case .string(let text):
            try meter.charge(text.utf8.count)
            guard let number = Int64(text) else { throw .conversion(text, to: "int") }
            return .int(number)
        case .timestamp(let timestamp): return .int(timestamp.seconds)
        case .duration(let duration): return .int(duration.nanoseconds)
        default: throw .noSuchOverload("int", value)
        }
    }

    @Sendable static func uint(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .uint: return value
        case .int(let number):
            guard let number = UInt64(exactly: number) else { throw .overflow("uint") }
            return .uint(number)
        case .double(let number):
            guard number >= 0, number < 0x1p64 else { throw .overflow("uint") }
            return .uint(UInt64(number))
        case .string(let text):
            try meter.charge(text.utf8.count)
            guard let number = UInt64(text), !text.hasPrefix("+") else { throw .conversion(text, to: "uint") }
            return .uint(number)
        default: throw .noSuchOverload("uint", value)
        }
    }

    @Sendable static func double(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .double: return value
        case .int(let number): return .double(Double(number))
        case .uint(let number): return .double(Double(number))
        case .string(let text):
            try meter.spend(20)
            try meter.charge(text.utf8.count * 8)
            switch text.lowercased() {
            case "nan": return .double(.nan)
            case "inf", "+inf", "infinity", "+infinity": return .double(.infinity)
            case "-inf", "-infinity": return .double(-.infinity)
            default:
                let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
                guard isPlain, let number = Double(text), number.isFinite else { throw .conversion(text, to: "double") }
                return .double(number)
            }
        default: throw .noSuchOverload("double", value)
        }
    }

    @Sendable static func string(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .string: return value
        case .bool(let value): return .string(value ? "true" : "false")
        case .int(let number):
            try meter.spend(2)
            return .string(String(number))
        case .uint(let number): return .string(String(number))
        case .double(let number):
            try meter.spend(60)
            return .string(number.shortestText)
        case .bytes(let bytes):
            try meter.charge(bytes.count)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw EvaluationError(.invalidConversion, "the bytes are not valid UTF-8")
            }
            return .string(text)
        case .timestamp(let timestamp):
            try meter.spend(60)
            return .string(timestamp.description)
        case .duration(let duration):
            try meter.spend(30)
            return .string(duration.description)
        case .ip(let address):
            try meter.spend(60)
            return .string(address.description)
        case .cidr(let block):
            try meter.spend(60)
            return .string(block.description)
        default: throw .noSuchOverload("string", value)
        }
    }

    @Sendable static func bytes(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .bytes: return value
        case .string(let text):
            try meter.charge(text.utf8.count)
            return .bytes(Array(text.utf8))
        default: throw .noSuchOverload("bytes", value)
        }
    }

    @Sendable static func timestamp(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .timestamp: return value
        case .string(let text):
            try meter.spend(30)
            try meter.charge(text.utf8.count * 8)
            guard let timestamp = Timestamp(text) else { throw .conversion(text, to: "timestamp") }
            return .timestamp(timestamp)
        case .int(let seconds):
            guard let timestamp = Timestamp(seconds: seconds) else { throw .overflow("timestamp") }
            return .timestamp(timestamp)
        default: throw .noSuchOverload("timestamp", value)
        }
    }

    @Sendable static func duration(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .duration: return value
        case .string(let text):
            try meter.spend(20)
            try meter.charge(text.utf8.count * 8)
            guard let duration = DurationValue(text) else { throw .conversion(text, to: "duration") }
            return .duration(duration)
        case .int(let nanoseconds): return .duration(DurationValue(nanoseconds: nanoseconds))
        default: throw .noSuchOverload("duration", value)
        }
    }

    @Sendable static func type(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value { .type(value.typeName) }

    @Sendable static func dyn(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value { value }
}

extension Double {
    /// The shortest text that stands for this double and no other, with an exponent where it is below -4 or from 6 on: `1e+06`.
    var shortestText: String { isInfinite ? (self < 0 ? "-Inf" : "+Inf") : text(exponentFrom: 6) }

    /// The shortest digits without an exponent, however many zeros that takes.
    var plainText: String { text(exponentFrom: Int.max) }

    private func text(exponentFrom limit: Int) -> String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Infinity" : "Infinity" }
        if self == 0 { return sign == .minus ? "-0" : "0" }
        // Swift's description has the shortest digits; only where it puts the exponent differs.
        let parts = magnitude.description.lowercased().split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        var digits = mantissa.joined()
        var point = mantissa[0].utf8.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        while digits.utf8.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        while digits.utf8.count > 1, digits.hasPrefix("0") {
            digits.removeFirst()
            point -= 1
        }
        let prefix = self < 0 ? "-" : ""
        let exponent = point - 1
        if limit != Int.max, exponent < -4 || exponent >= limit {
            let fraction = digits.dropFirst().isEmpty ? "" : ".\(digits.dropFirst())"
            let power = String(exponent.magnitude)
            return "\(prefix)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(power.utf8.count < 2 ? "0" : "")\(power)"
        }
        if point <= 0 { return "\(prefix)0.\(String(repeating: "0", count: -point))\(digits)" }
        if point >= digits.utf8.count { return prefix + digits + String(repeating: "0", count: point - digits.utf8.count) }
        return "\(prefix)\(digits.prefix(point)).\(digits.dropFirst(point))"
    }
}
