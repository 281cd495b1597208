/// The operators that compute.
enum Arithmetic: Sendable {
    case add
    case subtract
    case multiply
    case divide
    case remainder

    func apply(_ left: Value, _ right: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch (left, right) {
        case (.int(let first), .int(let second)): return .int(try integer(first, second, "int"))
        case (.uint(let first), .uint(let second)): return .uint(try integer(first, second, "uint"))
        case (.double(let first), .double(let second)):
            switch self {
            case .add: return .double(first + second)
            case .subtract: return .double(first - second)
            case .multiply: return .double(first * second)
            case .divide: return .double(first / second)
            case .remainder: throw .noSuchOverload(symbol, left, right)
            }
        default:
            switch self {
            case .add: return try joined(left, right, &meter)
            case .subtract: return try difference(left, right)
            case .multiply, .divide, .remainder: throw .noSuchOverload(symbol, left, right)
            }
        }
    }

    private var symbol: String {
        switch self {
        case .add: "_+_"
        case .subtract: "_-_"
        case .multiply: "_*_"
        case .divide: "_/_"
        case .remainder: "_%_"
        }
    }

    private func integer<Integer: FixedWidthInteger>(_ left: Integer, _ right: Integer, _ type: String) throws(EvaluationError) -> Integer {
        let (result, overflow): (Integer, Bool)
        switch self {
        case .add: (result, overflow) = left.addingReportingOverflow(right)
        case .subtract: (result, overflow) = left.subtractingReportingOverflow(right)
        case .multiply: (result, overflow) = left.multipliedReportingOverflow(by: right)
        case .divide:
            if right == 0 { throw EvaluationError(.divisionByZero, "division by zero") }
            (result, overflow) = left.dividedReportingOverflow(by: right)
        case .remainder:
            if right == 0 { throw EvaluationError(.divisionByZero, "modulus by zero") }
            (result, overflow) = left.remainderReportingOverflow(dividingBy: right)
        }
        if overflow { throw .overflow(type) }
        return result
    }

    private func joined(_ left: Value, _ right: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch (left, right) {
        case (.string(let first), .string(let second)):
            try meter.admit(size: first.utf8.count + second.utf8.count)
            return .string(first + second)
        case (.bytes(let first), .bytes(let second)):
            try meter.admit(size: first.count + second.count)
            return .bytes(first + second)
        case (.list(let first), .list(let second)):
            try meter.admit(size: first.count + second.count)
            try meter.charge(16 * (first.count + second.count) / 4)
            return .list(first + second)
        case (.timestamp(let timestamp), .duration(let duration)), (.duration(let duration), .timestamp(let timestamp)):
            guard let sum = timestamp.adding(duration) else { throw .overflow("timestamp") }
            return .timestamp(sum)
        case (.duration(let first), .duration(let second)):
            let (sum, overflow) = first.nanoseconds.addingReportingOverflow(second.nanoseconds)
            if overflow { throw .overflow("duration") }
            return .duration(DurationValue(nanoseconds: sum))
        default: throw .noSuchOverload(symbol, left, right)
        }
    }

    private func difference(_ left: Value, _ right: Value) throws(EvaluationError) -> Value {
        switch (left, right) {
        case (.timestamp(let first), .timestamp(let second)):
            guard let duration = first.since(second) else { throw .overflow("duration") }
            return .duration(duration)
        case (.timestamp(let timestamp), .duration(let duration)):
            guard duration.nanoseconds != Int64.min, let sum = timestamp.adding(DurationValue(nanoseconds: -duration.nanoseconds)) else {
                throw .overflow("timestamp")
            }
            return .timestamp(sum)
        case (.duration(let first), .duration(let second)):
            let (result, overflow) = first.nanoseconds.subtractingReportingOverflow(second.nanoseconds)
            if overflow { throw .overflow("duration") }
            return .duration(DurationValue(nanoseconds: result))
        default: throw .noSuchOverload(symbol, left, right)
        }
    }
}
