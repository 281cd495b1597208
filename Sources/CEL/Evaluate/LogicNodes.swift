/// A chain of `&&` or of `||`. An operand that decides does so whatever the others come to, even if they fail.
final class ChainNode: Condition {
    let range: SourceRange
    let operands: [any Node]
    /// The value that decides: false for `&&`, true for `||`.
    let deciding: Bool
    /// Whether all operands are evaluated even when one has decided, so that they can be recorded.
    let isExhaustive: Bool

    init(_ operands: [any Node], deciding: Bool, isExhaustive: Bool, _ range: SourceRange) {
        self.operands = operands
        self.deciding = deciding
        self.isExhaustive = isExhaustive
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        if isExhaustive { return try testRest(from: 0, after: nil, &context) }
        for position in 0..<operands.count {
            do {
                if try operands[position].test(&context) == deciding { return deciding }
            } catch {
                if error.code.isLimit { throw error }
                return try testRest(from: position + 1, after: error, &context)
            }
        }
        return !deciding
    }

    /// The outcome when an operand has failed, or all are to be evaluated: the rest may still decide.
    @inline(never)
    private func testRest(from start: Int, after earlier: EvaluationError?, _ context: inout Context) throws(EvaluationError) -> Bool {
        var failure = earlier
        var isDecided = false
        for position in start..<operands.count {
            do {
                if try operands[position].test(&context) == deciding {
                    if !isExhaustive { return deciding }
                    isDecided = true
                }
            } catch {
                if error.code.isLimit { throw error }
                if failure == nil { failure = error }
            }
        }
        if isDecided { return deciding }
        if let failure { throw failure }
        return !deciding
    }
}

final class NotNode: Condition {
    let range: SourceRange
    let operand: any Node

    init(_ operand: any Node, _ range: SourceRange) {
        self.operand = operand
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool { try !operand.test(&context) }
}

final class ConditionalNode: Node {
    let range: SourceRange
    let condition: any Node
    let first: any Node
    let second: any Node

    init(_ condition: any Node, _ first: any Node, _ second: any Node, _ range: SourceRange) {
        self.condition = condition
        self.first = first
        self.second = second
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try condition.test(&context) ? try first.evaluate(&context) : try second.evaluate(&context)
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try condition.test(&context) ? try first.test(&context) : try second.test(&context)
    }
}

final class EqualNode: Condition {
    let range: SourceRange
    let left: any Node
    let right: any Node
    let isNegated: Bool

    init(_ left: any Node, _ right: any Node, isNegated: Bool, _ range: SourceRange) {
        self.left = left
        self.right = right
        self.isNegated = isNegated
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try context.meter.step()
        let left = try left.evaluate(&context)
        let right = try right.evaluate(&context)
        do { return try left.equals(right, &context.meter) != isNegated } catch { throw error.at(range) }
    }
}

/// Equality with a constant string, the most common comparison.
final class EqualStringNode: Condition {
    let range: SourceRange
    let operand: any Node
    let text: String
    let isNegated: Bool

    init(_ operand: any Node, _ text: String, isNegated: Bool, _ range: SourceRange) {
        self.operand = operand
        self.text = text
        self.isNegated = isNegated
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try context.meter.step()
        guard case .string(let value) = try operand.evaluate(&context) else { return isNegated }
        try context.meter.charge(text.utf8.count)
        return value.hasSameScalars(as: text) != isNegated
    }
}

/// Equality with a constant.
final class EqualConstantNode: Condition {
    let range: SourceRange
    let operand: any Node
    let value: Value
    let isNegated: Bool

    init(_ operand: any Node, _ value: Value, isNegated: Bool, _ range: SourceRange) {
        self.operand = operand
        self.value = value
        self.isNegated = isNegated
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try context.meter.step()
        let operand = try operand.evaluate(&context)
        do { return try operand.equals(value, &context.meter) != isNegated } catch { throw error.at(range) }
    }
}

final class OrderNode: Condition {
    enum Relation: String, Sendable {
        case less = "_<_"
        case lessOrEqual = "_<=_"
        case greater = "_>_"
        case greaterOrEqual = "_>=_"

        @inline(__always)
        func holds(_ left: Value, _ right: Value, _ meter: inout Meter) throws(EvaluationError) -> Bool {
            if case .string(let text) = left { try meter.charge(text.utf8.count) }
            guard let ordering = left.compare(right) else { throw EvaluationError.noSuchOverload(rawValue, left, right) }
            switch self {
            case .less: return ordering == .less
            case .lessOrEqual: return ordering == .less || ordering == .equal
            case .greater: return ordering == .greater
            case .greaterOrEqual: return ordering == .greater || ordering == .equal
            }
        }
    }

    let range: SourceRange
    let left: any Node
    let right: any Node
    let relation: Relation

    init(_ left: any Node, _ right: any Node, _ relation: Relation, _ range: SourceRange) {
        self.left = left
        self.right = right
        self.relation = relation
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try context.meter.step()
        let left = try left.evaluate(&context)
        let right = try right.evaluate(&context)
        do { return try relation.holds(left, right, &context.meter) } catch { throw error.at(range) }
    }
}

/// An order against a constant.
final class OrderConstantNode: Condition {
    let range: SourceRange
    let operand: any Node
    let value: Value
    let relation: OrderNode.Relation

    init(_ operand: any Node, _ value: Value, _ relation: OrderNode.Relation, _ range: SourceRange) {
        self.operand = operand
        self.value = value
        self.relation = relation
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try context.meter.step()
        let operand = try operand.evaluate(&context)
        do { return try relation.holds(operand, value, &context.meter) } catch { throw error.at(range) }
    }
}

/// `element in list`, or `key in map`.
final class WithinNode: Condition {
    let range: SourceRange
    let element: any Node
    let collection: any Node

    init(_ element: any Node, _ collection: any Node, _ range: SourceRange) {
        self.element = element
        self.collection = collection
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try context.meter.step()
        let element = try element.evaluate(&context)
        switch try collection.evaluate(&context) {
        case .list(let elements):
            do { return try SetLibrary.includes(elements, element, &context.meter) } catch { throw error.at(range) }
        case .map(let map): return map[key: element] != nil
        case let other: throw EvaluationError.noSuchOverload("@in", element, other).at(range)
        }
    }
}

/// `element in list` with a constant list of keys, which are looked up by hash.
final class WithinSetNode: Condition {
    let range: SourceRange
    let element: any Node
    let elements: [Value]
    let keys: Set<MapKey>

    init(_ element: any Node, _ elements: [Value], keys: Set<MapKey>, _ range: SourceRange) {
        self.element = element
        self.elements = elements
        self.keys = keys
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try context.meter.step()
        let wanted = try element.evaluate(&context)
        // A large double equals integers that are other keys.
        if case .double = wanted { return try SetLibrary.includes(elements, wanted, &context.meter) }
        guard let key = MapKey(wanted) else { return false }
        return keys.contains(key)
    }
}
