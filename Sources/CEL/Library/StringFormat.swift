import Foundation

/// `format`: the clauses `%s %d %f %e %b %o %x %X %%`, with a precision for `%f` and `%e`.
enum StringFormat {
    /// More decimals than a double has.
    private static let mostDecimals = 1000

    @Sendable static func format(_ value: Value, _ arguments: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .string(let text) = value, case .list(let arguments) = arguments else { throw .noSuchOverload("format", value, arguments) }
        try meter.charge(text.utf8.count)
        var result = ""
        var next = 0
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            if scalars.first == "%" {
                scalars.removeFirst()
                result += "%"
                continue
            }
            let precision = try precision(&scalars)
            guard let clause = scalars.popFirst() else { throw .invalid("a format clause is cut off") }
            guard "sdfebxXo".unicodeScalars.contains(clause) else { throw .invalid("unrecognized formatting clause \"\(clause)\"") }
            if precision != nil, clause != "f", clause != "e" { throw .invalid("a precision goes only with %f and %e") }
            guard next < arguments.count else { throw .invalid("index \(next) out of range: there are \(arguments.count) arguments to format") }
            let formatted = try self.clause(clause, arguments[next], precision ?? 6, &meter)
            next += 1
            try meter.spend(30 + (precision ?? 0) / 4)
            result += formatted
            try meter.admit(size: formatted.utf8.count)
            if result.utf8.count > meter.maximumSize { try meter.admit(size: result.utf8.count) }
        }
        return .string(result)
    }

    private static func precision(_ scalars: inout Substring.UnicodeScalarView) throws(EvaluationError) -> Int? {
        guard scalars.first == "." else { return nil }
        scalars.removeFirst()
        var digits = ""
        while let scalar = scalars.first, ("0"..."9").contains(scalar) {
            digits.unicodeScalars.append(scalar)
            scalars.removeFirst()
        }
        guard let precision = Int(digits), precision <= mostDecimals else { throw .invalid("a precision must be a number up to \(mostDecimals)") }
        return precision
    }

    private static func clause(_ clause: Unicode.Scalar, _ value: Value, _ precision: Int, _ meter: inout Meter) throws(EvaluationError) -> String {
        switch clause {
        case "s": return try text(value, 0, &meter)
        case "d":
            switch value {
            case .int(let number): return String(number)
            case .uint(let number): return String(number)
            case .double(let number): return number.plainText
            default: throw refused("decimal clause", "numbers", value)
            }
        case "f", "e":
            let name = clause == "f" ? "fixed-point clause" : "scientific clause"
            let number: Double
            switch value {
            case .int(let integer): number = Double(integer)
            case .uint(let integer): number = Double(integer)
            case .double(let double): number = double
            default: throw refused(name, "numbers", value)
            }
            if !number.isFinite { return number.plainText }
            return String(format: "%.\(precision)\(clause)", number)
        case "b":
            if case .bool(let value) = value { return value ? "1" : "0" }
            return try integer(value, radix: 2, refusal: refused("binary clause", "integers and bools", value))
        case "o": return try integer(value, radix: 8, refusal: refused("octal clause", "integers", value))
        default: return try hexadecimal(value, isUppercase: clause == "X")
        }
    }

    private static func integer(_ value: Value, radix: Int, refusal: EvaluationError) throws(EvaluationError) -> String {
        switch value {
        case .int(let number): return String(number, radix: radix)
        case .uint(let number): return String(number, radix: radix)
        default: throw refusal
        }
    }

    private static func hexadecimal(_ value: Value, isUppercase: Bool) throws(EvaluationError) -> String {
        let bytes: [UInt8]
        switch value {
        case .int(let number): return String(number, radix: 16, uppercase: isUppercase)
        case .uint(let number): return String(number, radix: 16, uppercase: isUppercase)
        case .string(let text): bytes = Array(text.utf8)
        case .bytes(let given): bytes = given
        default: throw refused("hex clause", "integers, bytes and strings", value)
        }
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: isUppercase) }.joined()
    }

    private static func refused(_ clause: String, _ types: String, _ value: Value) -> EvaluationError {
        .invalid("\(clause) can only be used on \(types), was given \(value.typeName)")
    }

    /// A value as `%s` writes it; the entries of a map in the order of their keys' texts.
    private static func text(_ value: Value, _ depth: Int, _ meter: inout Meter) throws(EvaluationError) -> String {
        try meter.spend(10)
        if depth > Value.maximumDepth {
            throw EvaluationError(.depthLimit, "values nested deeper than \(Value.maximumDepth) levels can't be formatted")
        }
        switch value {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .int(let number): return String(number)
        case .uint(let number): return String(number)
        case .double(let number):
            try meter.spend(60)
            return number.plainText
        case .string(let text): return text
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else { return String(decoding: bytes, as: UTF8.self) }
            return text
        case .timestamp(let timestamp): return timestamp.description
        case .duration(let duration): return duration.description
        case .type(let name): return name
        case .list(let elements):
            var texts: [String] = []
            for element in elements { texts.append(try text(element, depth + 1, &meter)) }
            return "[\(texts.joined(separator: ", "))]"
        case .map(let map):
            var entries: [(key: String, value: String)] = []
            for (key, value) in zip(map.keys, map.values) { entries.append((try text(key, depth + 1, &meter), try text(value, depth + 1, &meter))) }
            entries.sort { $0.key.precedesByScalars($1.key) }
            return "{\(entries.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
        case .optional, .ip, .cidr:
            throw refused("string clause", "strings, bools, bytes, numbers, maps, lists, types, durations and timestamps", value)
        }
    }
}
