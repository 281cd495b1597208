// Macros look like calls, but name variables and evaluate their last argument many times or not at all.
extension Parser {
    mutating func presence(_ arguments: [Expression], _ range: SourceRange) throws(SyntaxError) -> Expression {
        guard arguments.count == 1, case .select(let operand, let field, let isOptional) = arguments[0].kind else {
            throw SyntaxError(message: "has() takes one field selection, such as has(data.email)", range: range)
        }
        return try node(.presence(operand, field: field, isOptional: isOptional), range)
    }

    /// The macro that a call with a target is; nil when it is a plain call.
    mutating func memberMacro(_ target: Expression, _ name: String, _ arguments: [Expression], _ range: SourceRange) throws(SyntaxError)
        -> Expression?
    {
        if case .identifier("cel", _) = target.kind, let expression = try celMacro(name, arguments, range) { return expression }
        guard let macro = Expression.Comprehension.Macro(name) else { return nil }
        var arguments = arguments
        let counts = macro.argumentCounts
        guard counts.contains(arguments.count) else {
            // Names that functions share with macros are plain calls with other numbers of arguments.
            return nil
        }
        let body = arguments.removeLast()
        // `map` and the transforming macros take a condition before what they evaluate.
        let filter = macro.takesFilter(argumentCount: arguments.count + 1) ? arguments.removeLast() : nil
        var names: [String] = []
        for argument in arguments { names.append(try variable(argument)) }
        if names.count == 2, names[0] == names[1] { throw SyntaxError(message: "the two variables need different names", range: arguments[1].range) }
        let comprehension = Expression.Comprehension(macro: macro, target: target, variables: names, filter: filter, body: body)
        return try node(.comprehension(comprehension), range)
    }

    private func variable(_ expression: Expression) throws(SyntaxError) -> String {
        guard case .identifier(let name, isRooted: false) = expression.kind else {
            throw SyntaxError(message: "a macro's variable must be a simple name", range: expression.range)
        }
        return name
    }

    private mutating func celMacro(_ name: String, _ arguments: [Expression], _ range: SourceRange) throws(SyntaxError) -> Expression? {
        switch (name, arguments.count) {
        case ("bind", 3): return try node(.bind(try variable(arguments[0]), value: arguments[1], body: arguments[2]), range)
        case ("iterVar", 2), ("accuVar", 2):
            guard case .literal(.int(let depth)) = arguments[0].kind, case .literal(.int(let unique)) = arguments[1].kind else { return nil }
            return try node(.identifier("@\(name == "iterVar" ? "it" : "ac"):\(depth):\(unique)", isRooted: false), range)
        case ("index", 1):
            guard case .literal(.int(let index)) = arguments[0].kind else { return nil }
            return try node(.identifier("@index\(index)", isRooted: false), range)
        case ("block", 2), ("@block", 2):
            guard case .list(let slots) = arguments[0].kind else {
                throw SyntaxError(message: "cel.block() takes a list of expressions", range: arguments[0].range)
            }
            // A slot sees the variables of the place where it is used, so slots are put in their places.
            var inlined: [String: Expression] = [:]
            for (position, slot) in slots.enumerated() { inlined["@index\(position)"] = try replacing(inlined, in: slot.value) }
            return try replacing(inlined, in: arguments[1])
        default: return nil
        }
    }

    /// The expression with names replaced by expressions.
    private mutating func replacing(_ slots: [String: Expression], in expression: Expression) throws(SyntaxError) -> Expression {
        if slots.isEmpty { return expression }
        let kind: Expression.Kind
        switch expression.kind {
        case .literal: return expression
        case .identifier(let name, _): return slots[name] ?? expression
        case .select(let operand, let field, let isOptional):
            kind = .select(try replacing(slots, in: operand), field: field, isOptional: isOptional)
        case .presence(let operand, let field, let isOptional):
            kind = .presence(try replacing(slots, in: operand), field: field, isOptional: isOptional)
        case .index(let operand, let index, let isOptional):
            kind = .index(try replacing(slots, in: operand), try replacing(slots, in: index), isOptional: isOptional)
        case .call(let name, let target, let arguments):
            var replaced: Expression?
            if let target { replaced = try replacing(slots, in: target) }
            kind = .call(name, target: replaced, arguments: try replacing(slots, in: arguments))
        case .not(let operand): kind = .not(try replacing(slots, in: operand))
        case .negate(let operand): kind = .negate(try replacing(slots, in: operand))
        case .binary(let symbol, let left, let right): kind = .binary(symbol, try replacing(slots, in: left), try replacing(slots, in: right))
        case .and(let operands): kind = .and(try replacing(slots, in: operands))
        case .or(let operands): kind = .or(try replacing(slots, in: operands))
        case .conditional(let condition, let first, let second):
            kind = .conditional(try replacing(slots, in: condition), try replacing(slots, in: first), try replacing(slots, in: second))
        case .list(let elements):
            var replaced: [Expression.Element] = []
            for element in elements {
                replaced.append(Expression.Element(value: try replacing(slots, in: element.value), isOptional: element.isOptional))
            }
            kind = .list(replaced)
        case .map(let entries): kind = .map(try replacing(slots, in: entries))
        case .structure(let name, let entries): kind = .structure(name, try replacing(slots, in: entries))
        case .comprehension(let macro):
            var filter: Expression?
            if let condition = macro.filter { filter = try replacing(slots, in: condition) }
            kind = .comprehension(
                Expression.Comprehension(
                    macro: macro.macro, target: try replacing(slots, in: macro.target), variables: macro.variables, filter: filter,
                    body: try replacing(slots, in: macro.body)))
        case .bind(let name, let value, let body): kind = .bind(name, value: try replacing(slots, in: value), body: try replacing(slots, in: body))
        }
        return try node(kind, expression.range)
    }

    private mutating func replacing(_ slots: [String: Expression], in expressions: [Expression]) throws(SyntaxError) -> [Expression] {
        var replaced: [Expression] = []
        for expression in expressions { replaced.append(try replacing(slots, in: expression)) }
        return replaced
    }

    private mutating func replacing(_ slots: [String: Expression], in entries: [Expression.Entry]) throws(SyntaxError) -> [Expression.Entry] {
        var replaced: [Expression.Entry] = []
        for entry in entries {
            let (key, value) = (try replacing(slots, in: entry.key), try replacing(slots, in: entry.value))
            replaced.append(Expression.Entry(key: key, value: value, isOptional: entry.isOptional))
        }
        return replaced
    }
}

extension Expression.Comprehension.Macro {
    /// The macro of a name as it is written.
    fileprivate init?(_ name: String) {
        if name == "existsOne" { self = .existsOne } else { self.init(rawValue: name) }
    }

    /// How many arguments the macro may have, beside its target.
    fileprivate var argumentCounts: ClosedRange<Int> {
        switch self {
        case .all, .exists, .existsOne, .map: 2...3
        case .filter, .sortBy, .optMap, .optFlatMap: 2...2
        case .transformList, .transformMap, .transformMapEntry: 3...4
        }
    }

    fileprivate func takesFilter(argumentCount: Int) -> Bool {
        switch self {
        case .map: argumentCount == 3
        case .transformList, .transformMap, .transformMapEntry: argumentCount == 4
        case .all, .exists, .existsOne, .filter, .sortBy, .optMap, .optFlatMap: false
        }
    }
}
