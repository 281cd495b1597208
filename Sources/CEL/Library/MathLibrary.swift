/// The extension library of mathematics.
enum MathLibrary {
    private static let numbers: [ValueType] = [.int, .uint, .double]

    static let functions: [Function] =
        [extreme("math.greatest", .greater), extreme("math.least", .less)].flatMap { $0 } + [
            rounding("math.ceil", .up), rounding("math.floor", .down), rounding("math.round", .toNearestOrAwayFromZero),
            rounding("math.trunc", .towardZero),
            .global("math.abs", .unary(abs), .init([.int], .int), .init([.uint], .uint), .init([.double], .double)),
            .global("math.sign", .unary(sign), .init([.int], .int), .init([.uint], .uint), .init([.double], .double)),
            .global("math.sqrt", .unary(sqrt), .init([.int], .double), .init([.uint], .double), .init([.double], .double)),
            test("math.isNaN") { $0.isNaN }, test("math.isInf") { $0.isInfinite }, test("math.isFinite") { $0.isFinite },
            bitwise("math.bitAnd", { $0 & $1 }, { $0 & $1 }), bitwise("math.bitOr", { $0 | $1 }, { $0 | $1 }),
            bitwise("math.bitXor", { $0 ^ $1 }, { $0 ^ $1 }),
            .global("math.bitNot", .unary(bitNot), .init([.int], .int), .init([.uint], .uint)),
            .global("math.bitShiftLeft", .binary(shiftLeft), .init([.int, .int], .int), .init([.uint, .int], .uint)),
            .global("math.bitShiftRight", .binary(shiftRight), .init([.int, .int], .int), .init([.uint, .int], .uint)),
        ]

    /// The most arguments that `greatest` and `least` take one by one.
    private static let mostArguments = 32

    private static func extreme(_ name: String, _ wanted: Ordering) -> [Function] {
        let body: @Sendable ([Value], inout Meter) throws(EvaluationError) -> Value = { (arguments, meter) throws(EvaluationError) in
            var candidates = arguments
            if arguments.count == 1, case .list(let elements) = arguments[0] {
                guard !elements.isEmpty else { throw .invalid("\(name)() of an empty list") }
                candidates = elements
            }
            try meter.charge(candidates.count)
            var best = candidates[0]
            for candidate in candidates {
                guard candidate.compareNumbers(candidate) != nil, let ordering = candidate.compareNumbers(best) else {
                    throw .noSuchOverload(name, arguments: arguments)
                }
                if ordering == wanted { best = candidate }
            }
            return best
        }
        var functions: [Function] = []
        for count in 1...mostArguments {
            var signatures: [Function.Signature] = []
            if count == 1 {
                signatures = numbers.map { Function.Signature([$0], $0) } + numbers.map { Function.Signature([.list($0)], $0) }
                signatures.append(.init([.list(.dyn)], .dyn))
            } else if count == 2 {
                for first in numbers {
                    for second in numbers { signatures.append(.init([first, second], first == second ? first : .dyn)) }
                }
            } else {
                // What is not a number is found when evaluated.
                signatures.append(.init(Array(repeating: .dyn, count: count), .dyn))
            }
            functions += signatures.map { .global(name, .variadic(body), $0) }
        }
        return functions
    }

    private static func rounding(_ name: String, _ rule: FloatingPointRoundingRule) -> Function {
        .global(
            name,
            .unary { (value, _) throws(EvaluationError) in
                guard case .double(let number) = value else { throw .noSuchOverload(name, value) }
                return .double(number.rounded(rule))
            }, .init([.double], .double))
    }

    private static func test(_ name: String, _ holds: @escaping @Sendable (Double) -> Bool) -> Function {
        .global(
            name,
            .unary { (value, _) throws(EvaluationError) in
                guard case .double(let number) = value else { throw .noSuchOverload(name, value) }
                return .bool(holds(number))
            }, .init([.double], .bool))
    }

    private static func bitwise(
        _ name: String, _ signed: @escaping @Sendable (Int64, Int64) -> Int64, _ unsigned: @escaping @Sendable (UInt64, UInt64) -> UInt64
    ) -> Function {
        .global(
            name,
            .binary { (left, right, _) throws(EvaluationError) in
                switch (left, right) {
                case (.int(let left), .int(let right)): return .int(signed(left, right))
                case (.uint(let left), .uint(let right)): return .uint(unsigned(left, right))
                default: throw .noSuchOverload(name, left, right)
                }
            }, .init([.int, .int], .int), .init([.uint, .uint], .uint))
    }

    @Sendable static func abs(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .int(let number):
            guard number != Int64.min else { throw .overflow("int") }
            return .int(Swift.abs(number))
        case .uint: return value
        case .double(let number): return .double(Swift.abs(number))
        default: throw .noSuchOverload("math.abs", value)
        }
    }

    @Sendable static func sign(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .int(let number): return .int(number.signum())
        case .uint(let number): return .uint(number.signum())
        case .double(let number): return .double(number.isNaN ? .nan : number > 0 ? 1 : number < 0 ? -1 : 0)
        default: throw .noSuchOverload("math.sign", value)
        }
    }

    @Sendable static func sqrt(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .int(let number): return .double(Double(number).squareRoot())
        case .uint(let number): return .double(Double(number).squareRoot())
        case .double(let number): return .double(number.squareRoot())
        default: throw .noSuchOverload("math.sqrt", value)
        }
    }

    @Sendable static func bitNot(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        switch value {
        case .int(let number): return .int(~number)
        case .uint(let number): return .uint(~number)
        default: throw .noSuchOverload("math.bitNot", value)
        }
    }

    @Sendable static func shiftLeft(_ value: Value, _ bits: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .int(let count) = bits else { throw .noSuchOverload("math.bitShiftLeft", value, bits) }
        guard count >= 0 else { throw .invalid("math.bitShiftLeft() negative offset: \(count)") }
        switch value {
        case .int(let number): return .int(number << count)
        case .uint(let number): return .uint(number << count)
        default: throw .noSuchOverload("math.bitShiftLeft", value, bits)
        }
    }

    /// Zeros come in from the left, also for negative numbers.
    @Sendable static func shiftRight(_ value: Value, _ bits: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .int(let count) = bits else { throw .noSuchOverload("math.bitShiftRight", value, bits) }
        guard count >= 0 else { throw .invalid("math.bitShiftRight() negative offset: \(count)") }
        switch value {
        case .int(let number): return .int(Int64(bitPattern: UInt64(bitPattern: number) >> count))
        case .uint(let number): return .uint(number >> count)
        default: throw .noSuchOverload("math.bitShiftRight", value, bits)
        }
    }
}
