import CEL

extension Expression {
    /// The operands of a chain of `&&`, those of chains in parentheses among them.
    var conjuncts: [Expression] {
        guard case .and(let operands) = kind else { return [self] }
        return operands.flatMap(\.conjuncts)
    }

    /// The operands of a chain of `||`, those of chains in parentheses among them.
    var disjuncts: [Expression] {
        guard case .or(let operands) = kind else { return [self] }
        return operands.flatMap(\.disjuncts)
    }

    /// Whether this is a variable or a member of one: something that has one value, or none, throughout a decision.
    var isPath: Bool {
        switch kind {
        case .identifier: true
        case .select(let operand, _, let isOptional): !isOptional && operand.isPath
        case .index(let operand, let index, let isOptional):
            if case .literal = index.kind { !isOptional && operand.isPath } else { false }
        case .literal, .presence, .call, .not, .negate, .binary, .and, .or, .conditional, .list, .map, .structure, .comprehension, .bind:
            false
        }
    }

    var isComprehension: Bool {
        if case .comprehension = kind { true } else { false }
    }

    /// Whether any variable of a condition is read.
    var readsVariables: Bool {
        if case .identifier(let name, _) = kind { return Condition.Variable.names.contains(name) }
        return children.contains(where: \.readsVariables)
    }
}

extension Condition.Variable {
    fileprivate static let names = Set(allCases.map(\.name))
}

/// The data that a condition reads.
struct DataReads {
    private(set) var names: Set<String> = []
    /// Whether it reads data whose names its text does not tell.
    private(set) var readsAny = false

    init(_ expression: Expression) { add(expression) }

    private mutating func add(_ expression: Expression) {
        switch expression.kind {
        case .identifier: if expression.isData { readsAny = true }
        case .select(let operand, let field, _), .presence(let operand, let field, _):
            if operand.isData { names.insert(field) } else { add(operand) }
        case .index(let operand, let index, _): add(index, of: operand, in: expression)
        case .binary(.within, let element, let collection): add(element, of: collection, in: expression)
        case .literal, .call, .not, .negate, .binary, .and, .or, .conditional, .list, .map, .structure, .comprehension, .bind:
            for child in expression.children { add(child) }
        }
    }

    /// `data["name"]`, or `"name" in data`.
    private mutating func add(_ name: Expression, of data: Expression, in expression: Expression) {
        if data.isData, case .literal(.string(let name)) = name.kind {
            names.insert(name)
        } else {
            for child in expression.children { add(child) }
        }
    }
}

extension Expression {
    /// Whether this is the variable `data` as a whole.
    fileprivate var isData: Bool {
        if case .identifier(let name, _) = kind { name == Condition.Variable.data.name } else { false }
    }
}
