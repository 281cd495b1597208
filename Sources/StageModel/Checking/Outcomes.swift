import CEL

/// What an expression can come to, as far as its text tells.
struct Outcomes: OptionSet, Hashable {
    let rawValue: UInt8

    static let isTrue = Outcomes(rawValue: 1)
    static let isFalse = Outcomes(rawValue: 2)
    /// It may have no value, as when it reads a datum that is not there.
    static let isMissing = Outcomes(rawValue: 4)
    static let any: Outcomes = [.isTrue, .isFalse, .isMissing]

    /// The outcomes of the opposite.
    var negated: Outcomes {
        var negated = intersection(.isMissing)
        if contains(.isTrue) { negated.insert(.isFalse) }
        if contains(.isFalse) { negated.insert(.isTrue) }
        return negated
    }

    /// The outcomes of `&&`: one false operand decides whatever the other comes to; else one that has no value does.
    func both(_ other: Outcomes) -> Outcomes {
        var outcomes = union(other).intersection(.isFalse)
        if contains(.isTrue), other.contains(.isTrue) { outcomes.insert(.isTrue) }
        let canBeMissing = contains(.isMissing) && !other.isDisjoint(with: [.isTrue, .isMissing])
        if canBeMissing || other.contains(.isMissing) && contains(.isTrue) { outcomes.insert(.isMissing) }
        return outcomes
    }

    /// The outcomes of `||`.
    func either(_ other: Outcomes) -> Outcomes { negated.both(other.negated).negated }
}

extension Program {
    /// What the condition can come to, whatever the values of the variables.
    var outcomes: Outcomes {
        var reader = OutcomeReader(program: self)
        return reader.outcomes(of: tree.root)
    }
}

/// Reads from the syntax tree what an expression can come to.
private struct OutcomeReader {
    let program: Program
    /// The condition evaluated with no variable bound: what has a value all the same has it always.
    private lazy var recording = program.evaluateRecording(Bindings())

    init(program: Program) { self.program = program }

    mutating func outcomes(of expression: Expression) -> Outcomes {
        if let outcomes = fixedOutcomes(of: expression) { return outcomes }
        switch expression.kind {
        case .not(let operand): return outcomes(of: operand).negated
        case .and: return conjunction(of: expression.conjuncts, negated: false)
        case .or: return conjunction(of: expression.disjuncts, negated: true).negated
        case .conditional(let condition, let first, let second):
            let condition = outcomes(of: condition)
            var outcomes = condition.intersection(.isMissing)
            if condition.contains(.isTrue) { outcomes.formUnion(self.outcomes(of: first)) }
            if condition.contains(.isFalse) { outcomes.formUnion(self.outcomes(of: second)) }
            return outcomes
        case .binary(let comparison, let left, let right):
            guard left.isPath, right.isPath, left.key == right.key else { return .any }
            return Self.outcomes(ofComparingWithItself: comparison)
        case .literal, .identifier, .select, .presence, .index, .call, .negate, .list, .map, .structure, .comprehension, .bind: return .any
        }
    }

    /// The one outcome of an expression that reads no variable, or whose operands decide it without; nil: it has to be looked into.
    private mutating func fixedOutcomes(of expression: Expression) -> Outcomes? {
        if case .literal(.bool(let value)) = expression.kind { return value ? .isTrue : .isFalse }
        let readsVariables = expression.readsVariables
        if readsVariables, !expression.isComprehension { return nil }
        return switch recording[expression] {
        case .success(.bool(let value)): value ? .isTrue : .isFalse
        case .failure(let error): readsVariables || error.code.isLimit ? nil : .isMissing
        case .success, nil: nil
        }
    }

    /// The outcomes of `&&` over the operands, or over what is opposite to each.
    private mutating func conjunction(of operands: [Expression], negated: Bool) -> Outcomes {
        var outcomes = Outcomes.isTrue
        var claims = Claims()
        for operand in operands {
            let ofOperand = self.outcomes(of: operand)
            outcomes = outcomes.both(negated ? ofOperand.negated : ofOperand)
            claims.add(operand, isClaimed: !negated)
        }
        if claims.areContradictory { outcomes.remove(.isTrue) }
        return outcomes
    }

    private static func outcomes(ofComparingWithItself comparison: BinaryOperator) -> Outcomes {
        switch comparison {
        case .equal, .lessOrEqual, .greaterOrEqual: [.isTrue, .isMissing]
        case .notEqual, .less, .greater: [.isFalse, .isMissing]
        case .add, .subtract, .multiply, .divide, .remainder, .within: .any
        }
    }
}

/// What the operands of `&&` claim, to find those that can't hold together: `a` and `!a`, or `a == 1` and `a == 2`.
private struct Claims {
    /// Whether an expression holds, by its key.
    private var holding: [String: Bool] = [:]
    /// The value that a path is said to have, by its key, and those that it is said not to have.
    private var values: [String: Value] = [:]
    private var otherValues: [String: [Value]] = [:]
    private var isContradicted = false

    var areContradictory: Bool {
        isContradicted || values.contains { key, value in otherValues[key]?.contains(value) ?? false }
    }

    mutating func add(_ expression: Expression, isClaimed: Bool) {
        switch expression.kind {
        case .not(let operand): return add(operand, isClaimed: !isClaimed)
        case .binary(.equal, let left, let right):
            if let (path, value) = Self.pathAndLiteral(left, right) { return add(path, value, isClaimed: isClaimed) }
        case .binary(.notEqual, let left, let right):
            if let (path, value) = Self.pathAndLiteral(left, right) { return add(path, value, isClaimed: !isClaimed) }
        case .literal, .identifier, .select, .presence, .index, .call, .negate, .binary, .and, .or, .conditional, .list, .map, .structure,
            .comprehension, .bind:
            break
        }
        if holding.updateValue(isClaimed, forKey: expression.key) == !isClaimed { isContradicted = true }
    }

    private mutating func add(_ path: Expression, _ value: Value, isClaimed: Bool) {
        let key = path.key
        if !isClaimed {
            otherValues[key, default: []].append(value)
        } else if let known = values[key] {
            if known != value { isContradicted = true }
        } else {
            values[key] = value
        }
    }

    private static func pathAndLiteral(_ left: Expression, _ right: Expression) -> (Expression, Value)? {
        if case .literal(let value) = right.kind, left.isPath { return (left, value) }
        if case .literal(let value) = left.kind, right.isPath { return (right, value) }
        return nil
    }
}
