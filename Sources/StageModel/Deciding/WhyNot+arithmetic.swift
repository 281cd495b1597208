import CEL

extension CEL.Value {
    /// Left operands with which an operation, or one that is near it, gives this value.
    /// - Parameters:
    ///   - right: the right operand.
    ///   - current: the left operand now; remainders stay near it.
    func undoing(_ symbol: BinaryOperator, right: CEL.Value, near current: CEL.Value?) -> [CEL.Value] {
        switch (symbol, fitting(right), right) {
        case (.add, _, _): return summand(beside: right, isLeft: true)
        case (.subtract, .int(let wanted), .int(let other)): return Self.int(wanted.addingReportingOverflow(other))
        case (.subtract, .uint(let wanted), .uint(let other)): return Self.uint(wanted.addingReportingOverflow(other))
        case (.subtract, .double(let wanted), .double(let other)): return Self.decimals(wanted + other)
        case (.subtract, .duration(let wanted), .duration(let other)):
            return Self.duration(wanted.nanoseconds.addingReportingOverflow(other.nanoseconds))
        case (.subtract, .duration(let wanted), .timestamp(let other)): return Self.time(other.moved(by: wanted.nanoseconds))
        case (.subtract, .timestamp(let wanted), .duration(let other)): return Self.time(wanted.moved(by: other.nanoseconds))
        case (.multiply, _, _): return factor(beside: right)
        case (.divide, .int(let wanted), .int(let other)): return Self.int(wanted.multipliedReportingOverflow(by: other))
        case (.divide, .uint(let wanted), .uint(let other)): return Self.uint(wanted.multipliedReportingOverflow(by: other))
        case (.divide, .double(let wanted), .double(let other)): return Self.decimals(wanted * other)
        case (.remainder, .int(let wanted), .int(let other)): return Self.remainders(wanted, other, near: current)
        default: return []
        }
    }

    /// Right operands with which an operation, or one that is near it, gives this value.
    func undoing(_ symbol: BinaryOperator, left: CEL.Value) -> [CEL.Value] {
        switch (symbol, fitting(left), left) {
        case (.add, _, _): return summand(beside: left, isLeft: false)
        case (.subtract, .int(let wanted), .int(let other)): return Self.int(other.subtractingReportingOverflow(wanted))
        case (.subtract, .double(let wanted), .double(let other)): return Self.decimals(other - wanted)
        case (.subtract, .duration(let wanted), .duration(let other)):
            return Self.duration(other.nanoseconds.subtractingReportingOverflow(wanted.nanoseconds))
        case (.subtract, .duration(let wanted), .timestamp(let other)):
            guard wanted.nanoseconds != Int64.min else { return [] }
            return Self.time(other.moved(by: -wanted.nanoseconds))
        case (.subtract, .timestamp(let wanted), .timestamp(let other)):
            return other.nanoseconds(since: wanted).map { Self.duration(($0, false)) } ?? []
        case (.multiply, _, _): return factor(beside: left)
        case (.divide, .int(let wanted), .int(let other)):
            guard wanted != 0, other != Int64.min else { return [] }
            return [.int(other / wanted)]
        case (.divide, .double(let wanted), .double(let other)): return wanted == 0 ? [] : Self.decimals(other / wanted)
        default: return []
        }
    }

    /// What gives this value in a sum with another operand.
    private func summand(beside other: CEL.Value, isLeft: Bool) -> [CEL.Value] {
        switch (fitting(other), other) {
        case (.int(let wanted), .int(let other)): return Self.int(wanted.subtractingReportingOverflow(other))
        case (.uint(let wanted), .uint(let other)): return Self.uint(wanted.subtractingReportingOverflow(other))
        case (.double(let wanted), .double(let other)): return Self.decimals(wanted - other)
        case (.duration(let wanted), .duration(let other)):
            return Self.duration(wanted.nanoseconds.subtractingReportingOverflow(other.nanoseconds))
        case (.timestamp(let wanted), .duration(let other)):
            guard other.nanoseconds != Int64.min else { return [] }
            return Self.time(wanted.moved(by: -other.nanoseconds))
        case (.timestamp(let wanted), .timestamp(let other)): return wanted.nanoseconds(since: other).map { Self.duration(($0, false)) } ?? []
        case (.string(let wanted), .string(let other)):
            let (text, part) = (Array(wanted.unicodeScalars), Array(other.unicodeScalars))
            let fits = isLeft ? text.suffix(part.count).elementsEqual(part) : text.starts(with: part)
            guard fits else { return [] }
            return [.string(String(String.UnicodeScalarView(isLeft ? text.dropLast(part.count) : text.dropFirst(part.count))))]
        case (.list(let wanted), .list(let other)):
            guard isLeft ? Array(wanted.suffix(other.count)) == other : Array(wanted.prefix(other.count)) == other else { return [] }
            return [.list(Array(isLeft ? wanted.dropLast(other.count) : wanted.dropFirst(other.count)))]
        default: return []
        }
    }

    /// What gives this value, or one near it, in a product with another factor.
    private func factor(beside other: CEL.Value) -> [CEL.Value] {
        switch (fitting(other), other) {
        case (.int(let wanted), .int(let other)):
            guard other != 0, wanted != Int64.min else { return wanted == 0 ? [1] : [] }
            let quotient = wanted / other
            return [.int(quotient)] + Self.int(quotient.addingReportingOverflow(1)) + Self.int(quotient.subtractingReportingOverflow(1))
        case (.double(let wanted), .double(let other)): return other == 0 ? [1.0] : Self.decimals(wanted / other)
        default: return []
        }
    }

    /// The number as the type of another operand; arithmetic needs both of the same type.
    private func fitting(_ other: CEL.Value) -> CEL.Value {
        switch (self, other) {
        case (.int(let number), .double): .double(Double(number))
        case (.uint(let number), .double): .double(Double(number))
        case (.double(let number), .int): Int64(exactly: number.rounded(.up)).map { .int($0) } ?? self
        case (.int(let number), .uint): UInt64(exactly: number).map { .uint($0) } ?? self
        case (.uint(let number), .int): Int64(exactly: number).map { .int($0) } ?? self
        default: self
        }
    }

    private static func int(_ result: (partialValue: Int64, overflow: Bool)) -> [CEL.Value] { result.overflow ? [] : [.int(result.partialValue)] }

    private static func uint(_ result: (partialValue: UInt64, overflow: Bool)) -> [CEL.Value] {
        result.overflow ? [] : CEL.Value.uint(result.partialValue).variants
    }

    private static func duration(_ result: (partialValue: Int64, overflow: Bool)) -> [CEL.Value] {
        result.overflow ? [] : [.duration(DurationValue(nanoseconds: result.partialValue))]
    }

    private static func time(_ time: CEL.Timestamp?) -> [CEL.Value] { time.map { [.timestamp($0)] } ?? [] }

    /// A number with few decimals near another one, on either side of it, and the number itself.
    private static func decimals(_ number: Double) -> [CEL.Value] {
        guard number.isFinite, number.magnitude < 1e12 else { return [.double(number)] }
        let hundredfold = number * 100
        return [
            hundredfold.rounded() / 100, hundredfold.rounded(.up) / 100, hundredfold.rounded(.down) / 100, (number * 1e9).rounded() / 1e9, number,
            number.nextUp, number.nextDown,
        ].map { .double($0) }
    }

    /// Numbers with a remainder: the nearest that is not below what is there now, the nearest below it, and the least one.
    private static func remainders(_ wanted: Int64, _ divisor: Int64, near current: CEL.Value?) -> [CEL.Value] {
        guard divisor != 0, divisor != Int64.min, wanted.magnitude < divisor.magnitude else { return [] }
        guard case .int(let number)? = current, number.magnitude < 1 << 61, divisor.magnitude < 1 << 60 else { return [.int(wanted)] }
        let step = abs(divisor)
        let base = number - number % step + wanted
        let above = base < number ? base + step : base
        return [above, above - step, above + step, wanted].map { .int($0) }
    }
}
