final class UnaryNode: Node {
    let range: SourceRange
    let function: @Sendable (Value, inout Meter) throws(EvaluationError) -> Value
    let argument: any Node

    init(_ function: @escaping @Sendable (Value, inout Meter) throws(EvaluationError) -> Value, _ argument: any Node, _ range: SourceRange) {
        self.function = function
        self.argument = argument
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        let argument = try argument.evaluate(&context)
        do { return try function(argument, &context.meter) } catch { throw error.at(range) }
    }
}

final class BinaryNode: Node {
    let range: SourceRange
    let function: @Sendable (Value, Value, inout Meter) throws(EvaluationError) -> Value
    let first: any Node
    let second: any Node

    init(
        _ function: @escaping @Sendable (Value, Value, inout Meter) throws(EvaluationError) -> Value, _ first: any Node, _ second: any Node,
        _ range: SourceRange
    ) {
        self.function = function
        self.first = first
        self.second = second
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        let first = try first.evaluate(&context)
        let second = try second.evaluate(&context)
        do { return try function(first, second, &context.meter) } catch { throw error.at(range) }
    }
}

final class TernaryNode: Node {
    let range: SourceRange
    let function: @Sendable (Value, Value, Value, inout Meter) throws(EvaluationError) -> Value
    let first: any Node
    let second: any Node
    let third: any Node

    init(
        _ function: @escaping @Sendable (Value, Value, Value, inout Meter) throws(EvaluationError) -> Value, _ first: any Node, _ second: any Node,
        _ third: any Node, _ range: SourceRange
    ) {
        self.function = function
        self.first = first
        self.second = second
        self.third = third
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        let first = try first.evaluate(&context)
        let second = try second.evaluate(&context)
        let third = try third.evaluate(&context)
        do { return try function(first, second, third, &context.meter) } catch { throw error.at(range) }
    }
}

final class VariadicNode: Node {
    let range: SourceRange
    let function: @Sendable ([Value], inout Meter) throws(EvaluationError) -> Value
    let arguments: [any Node]

    init(_ function: @escaping @Sendable ([Value], inout Meter) throws(EvaluationError) -> Value, _ arguments: [any Node], _ range: SourceRange) {
        self.function = function
        self.arguments = arguments
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        var values: [Value] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(try argument.evaluate(&context)) }
        do { return try function(values, &context.meter) } catch { throw error.at(range) }
    }
}

/// `matches` with a constant pattern, compiled once.
final class MatchesNode: Condition {
    let range: SourceRange
    let text: any Node
    let pattern: RegularExpression

    init(_ text: any Node, _ pattern: RegularExpression, _ range: SourceRange) {
        self.text = text
        self.pattern = pattern
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try context.meter.step()
        let value = try text.evaluate(&context)
        guard case .string(let text) = value else { throw EvaluationError.noSuchOverload("matches", value, .string(pattern.pattern)).at(range) }
        try context.meter.charge(text.utf8.count)
        return pattern.matchesPart(of: text)
    }
}

/// `contains` with a constant part.
final class ContainsNode: Condition {
    let range: SourceRange
    let text: any Node
    let part: String

    init(_ text: any Node, _ part: String, _ range: SourceRange) {
        self.text = text
        self.part = part
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try context.meter.step()
        let value = try text.evaluate(&context)
        guard case .string(let text) = value else { throw EvaluationError.noSuchOverload("contains", value, .string(part)).at(range) }
        try context.meter.charge(text.utf8.count)
        return text.withBytes { text in part.withBytes { firstOffset(of: $0, in: text) != nil } }
    }
}

/// `or` and `orValue` of optionals, which need their argument only when there is no value.
final class OptionalOrNode: Node {
    let range: SourceRange
    let optional: any Node
    let alternative: any Node
    /// Whether the result is the value and not an optional.
    let isValue: Bool

    init(_ optional: any Node, _ alternative: any Node, isValue: Bool, _ range: SourceRange) {
        self.optional = optional
        self.alternative = alternative
        self.isValue = isValue
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        let value = try optional.evaluate(&context)
        guard case .optional(let wrapped) = value else { throw EvaluationError.noSuchOverload(isValue ? "orValue" : "or", value).at(range) }
        if let wrapped { return isValue ? wrapped : value }
        let other = try alternative.evaluate(&context)
        if isValue { return other }
        guard case .optional = other else { throw EvaluationError.noSuchOverload("or", value, other).at(range) }
        return other
    }
}

/// Arithmetic; `+` also joins strings, bytes and lists.
final class ArithmeticNode: Node {
    let range: SourceRange
    let operation: Arithmetic
    let left: any Node
    let right: any Node

    init(_ operation: Arithmetic, _ left: any Node, _ right: any Node, _ range: SourceRange) {
        self.operation = operation
        self.left = left
        self.right = right
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        let left = try left.evaluate(&context)
        let right = try right.evaluate(&context)
        do { return try operation.apply(left, right, &context.meter) } catch { throw error.at(range) }
    }
}

final class NegateNode: Node {
    let range: SourceRange
    let operand: any Node

    init(_ operand: any Node, _ range: SourceRange) {
        self.operand = operand
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        switch try operand.evaluate(&context) {
        case .int(let number):
            guard number != Int64.min else { throw EvaluationError.overflow("int").at(range) }
            return .int(-number)
        case .double(let number): return .double(-number)
        case let other: throw EvaluationError.noSuchOverload("-_", other).at(range)
        }
    }
}
