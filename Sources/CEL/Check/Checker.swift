/// Finds the types of an expression's parts, and what can't be right whatever the values are.
struct Checker {
    let environment: Environment
    let source: Source
    var substitution = Substitution()
    private var diagnostics: [Diagnostic] = []
    /// The variables of macros around the expression at hand.
    var scope: [(name: String, type: ValueType)] = []
    private var nodeCount = 0
    /// The rest of many faults is left out.
    static let mostDiagnostics = 20

    init(environment: Environment, source: Source) {
        self.environment = environment
        self.source = source
    }

    /// The faults of an expression.
    func check(_ root: Expression, expecting: ValueType) -> [Diagnostic] {
        var checker = self
        let type = checker.type(of: root)
        if !checker.substitution.fits(type, expecting) {
            let wanted = expecting == .bool ? "a condition must be a bool" : "the result must be of type \(expecting)"
            checker.report(.type, "\(wanted), not \(checker.name(type))", at: root.range)
        }
        return checker.diagnostics
    }

    mutating func report(_ code: Diagnostic.Code, _ message: String, at range: SourceRange, suggestion: String? = nil, candidates: [String] = []) {
        guard diagnostics.count < Self.mostDiagnostics else { return }
        let diagnostic = Diagnostic(code, message, at: range, in: source, suggestion: suggestion, candidates: candidates)
        // What `cel.block` puts in several places is faulty in one.
        if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
    }

    /// Whether no more faults are wanted.
    var isFull: Bool { diagnostics.count >= Self.mostDiagnostics }

    /// A type as messages call it.
    func name(_ type: ValueType) -> String { substitution.closed(type).description }

    /// The type of an expression; `dyn` where a fault was found, so that one fault is reported once.
    mutating func type(of expression: Expression) -> ValueType {
        nodeCount += 1
        guard nodeCount < 50_000 else { return .dyn }
        switch expression.kind {
        case .literal(let value): return ValueType(of: value)
        case .identifier: return typeOfName(expression)
        case .select(let operand, let field, let isOptional):
            if !isOptional, let type = typeOfQualifiedName(expression) { return type }
            let type = fieldType(field, of: type(of: operand), expression.range)
            return isOptional ? optional(type) : type
        case .presence(let operand, let field, _):
            // The selection ends before the closing parenthesis.
            let length = source.text(of: expression.range).utf8.dropLast().reversed().drop { $0 == 0x20 || (0x09...0x0D).contains($0) }.count
            let selection = SourceRange(start: operand.range.start, end: expression.range.start + length)
            _ = fieldType(field, of: type(of: operand), selection)
            return .bool
        case .index(let operand, let index, let isOptional):
            let type = elementType(of: type(of: operand), index: index, expression.range)
            return isOptional ? optional(type) : type
        case .call(let name, let target, let arguments): return typeOfCall(name, target, arguments, expression.range)
        case .not(let operand):
            expectTruth(operand, "'!'")
            return .bool
        case .negate(let operand):
            let type = substitution.resolve(type(of: operand))
            guard [.int, .double, .dyn].contains(type) || isOpen(type) else {
                report(.type, "'-' takes an int or a double, not \(name(type))", at: expression.range)
                return .dyn
            }
            return type
        case .binary(let symbol, let left, let right): return typeOfBinary(symbol, left, right, expression.range)
        case .and(let operands):
            for operand in operands { expectTruth(operand, "'&&'") }
            return .bool
        case .or(let operands):
            for operand in operands { expectTruth(operand, "'||'") }
            return .bool
        case .conditional(let condition, let first, let second):
            expectTruth(condition, "'?'")
            let (first, second) = (type(of: first), type(of: second))
            return substitution.joined(first, second)
        case .list(let elements): return typeOfList(elements)
        case .map(let entries): return typeOfMap(entries)
        case .structure(let name, let entries): return typeOfStructure(name, entries, expression.range)
        case .comprehension(let macro): return typeOfMacro(macro)
        case .bind(let name, let value, let body):
            scope.append((name, type(of: value)))
            defer { scope.removeLast() }
            return type(of: body)
        }
    }

    /// Whether a type is still to be found.
    func isOpen(_ type: ValueType) -> Bool {
        if case .parameter = type { return true }
        return false
    }

    /// What an optional step gives: one optional, also where the value is an optional already.
    private func optional(_ type: ValueType) -> ValueType {
        if case .optional = substitution.resolve(type) { return type }
        return .optional(type)
    }

    mutating func expectTruth(_ expression: Expression, _ user: String) {
        let type = type(of: expression)
        if !substitution.fits(type, .bool) { report(.type, "\(user) takes a bool, not \(name(type))", at: expression.range) }
    }

    // MARK: Literals

    private mutating func typeOfList(_ elements: [Expression.Element]) -> ValueType {
        var joined: ValueType?
        for element in elements {
            var type = type(of: element.value)
            if element.isOptional { type = wrapped(type, element.value.range) }
            joined = joined.map { substitution.joined($0, type) } ?? type
        }
        return .list(joined ?? substitution.unknown())
    }

    private mutating func typeOfMap(_ entries: [Expression.Entry]) -> ValueType {
        var keys: ValueType?
        var values: ValueType?
        for entry in entries {
            let key = substitution.resolve(type(of: entry.key))
            if ![.bool, .int, .uint, .string, .dyn].contains(key), !isOpen(key) {
                report(.type, "a key of a map must be a bool, int, uint or string, not \(name(key))", at: entry.key.range)
            }
            keys = keys.map { substitution.joined($0, key) } ?? key
            var value = type(of: entry.value)
            if entry.isOptional { value = wrapped(value, entry.value.range) }
            values = values.map { substitution.joined($0, value) } ?? value
        }
        return .map(keys ?? substitution.unknown(), values ?? substitution.unknown())
    }

    /// The type inside an optional.
    private mutating func wrapped(_ type: ValueType, _ range: SourceRange) -> ValueType {
        let inner = substitution.unknown()
        if substitution.fits(type, .optional(inner)) { return type == .dyn ? .dyn : inner }
        report(.type, "an optional element needs an optional value, not \(name(type))", at: range)
        return .dyn
    }

    private mutating func typeOfStructure(_ structure: String, _ entries: [Expression.Entry], _ range: SourceRange) -> ValueType {
        for entry in entries { _ = type(of: entry.value) }
        let isRooted = structure.hasPrefix(".")
        let candidates = environment.candidates(isRooted ? String(structure.dropFirst()) : structure, isRooted: isRooted)
        if !candidates.contains(where: { WellKnownStructure(rawValue: $0) != nil }) {
            report(.unknownName, "unknown type '\(structure)'", at: range)
        }
        return .dyn
    }

    // MARK: Macros

    private mutating func typeOfMacro(_ macro: Expression.Comprehension) -> ValueType {
        let target = substitution.resolve(type(of: macro.target))
        let (single, first, second) = variableTypes(macro, target)
        let depth = scope.count
        defer { scope.removeSubrange(depth...) }
        if macro.variables.count == 2 {
            scope.append((macro.variables[0], first))
            scope.append((macro.variables[1], second))
        } else {
            scope.append((macro.variables[0], single))
        }
        if let filter = macro.filter { expectTruth(filter, "\(macro.macro.rawValue)()") }
        switch macro.macro {
        case .all, .exists, .existsOne:
            expectTruth(macro.body, "\(macro.macro.rawValue)()")
            return .bool
        case .filter:
            expectTruth(macro.body, "filter()")
            return .list(single)
        case .map, .transformList: return .list(type(of: macro.body))
        case .transformMap: return .map(first, type(of: macro.body))
        case .transformMapEntry:
            let (key, value) = (substitution.unknown(), substitution.unknown())
            let body = type(of: macro.body)
            if !substitution.fits(body, .map(key, value)) {
                report(.type, "transformMapEntry() needs a map for each element, not \(name(body))", at: macro.body.range)
            }
            return .map(key, value)
        case .sortBy:
            _ = type(of: macro.body)
            return target
        case .optMap: return .optional(type(of: macro.body))
        case .optFlatMap:
            let inner = ValueType.optional(substitution.unknown())
            let body = type(of: macro.body)
            if !substitution.fits(body, inner) { report(.type, "optFlatMap() needs an optional, not \(name(body))", at: macro.body.range) }
            return inner
        }
    }

    /// The types of the variable of a macro with one, and of the two of a macro with two.
    private mutating func variableTypes(_ macro: Expression.Comprehension, _ target: ValueType) -> (ValueType, ValueType, ValueType) {
        let isOptional = macro.macro == .optMap || macro.macro == .optFlatMap
        switch target {
        case .dyn, .parameter: return (.dyn, .dyn, .dyn)
        case .optional(let wrapped) where isOptional: return (wrapped, wrapped, wrapped)
        case .list(let element) where !isOptional: return (element, .int, element)
        case .map(let key, let value) where !isOptional && macro.macro != .sortBy: return (key, key, value)
        case .record where !isOptional && macro.macro != .sortBy: return (.string, .string, .dyn)
        default:
            let wanted = isOptional ? "takes an optional" : macro.macro == .sortBy ? "goes over lists" : "goes over lists and maps"
            report(.type, "\(macro.macro.rawValue)() \(wanted), not \(name(target))", at: macro.target.range)
            return (.dyn, .dyn, .dyn)
        }
    }
}

extension ValueType {
    /// The type of a literal.
    init(of literal: Value) {
        switch literal {
        case .null: self = .null
        case .bool: self = .bool
        case .int: self = .int
        case .uint: self = .uint
        case .double: self = .double
        case .string: self = .string
        case .bytes: self = .bytes
        case .list, .map, .timestamp, .duration, .type, .optional, .ip, .cidr: self = .dyn
        }
    }
}
