/// `operand.field`. On an optional it goes on to what is inside, and gives an optional.
final class SelectNode: Node {
    let range: SourceRange
    let operand: any Node
    let field: FieldName

    init(_ operand: any Node, _ field: String, _ range: SourceRange) {
        self.operand = operand
        self.field = FieldName(field)
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        let operand = try operand.evaluate(&context)
        guard case .map(let map) = operand else { return try ofOptional(operand) }
        guard let value = map[field] else { throw EvaluationError.noSuchKey(field.text).at(range) }
        return value
    }

    private func ofOptional(_ operand: Value) throws(EvaluationError) -> Value {
        guard case .optional(let wrapped) = operand else {
            throw EvaluationError(.noSuchOverload, "no such overload: \(operand.typeName) has no fields, such as '\(field.text)'").at(range)
        }
        guard let wrapped else { return operand }
        guard case .map(let map) = wrapped else { return try ofOptional(wrapped) }
        return .optional(map[field])
    }
}

/// `variable.field`, the most common access, in one step.
final class VariableFieldNode: Node {
    let range: SourceRange
    let variable: Variable
    let variableRange: SourceRange
    let field: FieldName
    /// What does the same step by step, for everything but a field that is there.
    private let fallback: SelectNode

    init(_ operand: VariableNode, _ field: String, _ range: SourceRange) {
        variable = operand.variable
        variableRange = operand.range
        self.field = FieldName(field)
        fallback = SelectNode(operand, field, range)
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        guard case .map(let map) = context.activation.value(of: variable), let value = map[field] else { return try fallback.evaluate(&context) }
        return value
    }
}

/// `operand.?field`.
final class OptionalSelectNode: Node {
    let range: SourceRange
    let operand: any Node
    let field: FieldName

    init(_ operand: any Node, _ field: String, _ range: SourceRange) {
        self.operand = operand
        self.field = FieldName(field)
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        switch try operand.evaluate(&context) {
        case .map(let map): return .optional(map[field])
        case .optional(nil): return .optional(nil)
        case .optional(.some(.map(let map))): return .optional(map[field])
        case let other: throw EvaluationError(.noSuchOverload, "no such overload: \(other.typeName) has no fields, such as '\(field.text)'").at(range)
        }
    }
}

/// `has(operand.field)`.
final class PresenceNode: Condition {
    let range: SourceRange
    let operand: any Node
    let field: FieldName

    init(_ operand: any Node, _ field: String, _ range: SourceRange) {
        self.operand = operand
        self.field = FieldName(field)
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try context.meter.step()
        switch try operand.evaluate(&context) {
        case .map(let map): return map[field] != nil
        case .optional(nil): return false
        case .optional(.some(.map(let map))): return map[field] != nil
        case let other: throw EvaluationError(.noSuchOverload, "no such overload: \(other.typeName) has no fields, such as '\(field.text)'").at(range)
        }
    }
}

/// `operand[index]` and `operand[?index]`.
final class IndexNode: Node {
    let range: SourceRange
    let operand: any Node
    let index: any Node
    let isOptional: Bool

    init(_ operand: any Node, _ index: any Node, isOptional: Bool, _ range: SourceRange) {
        self.operand = operand
        self.index = index
        self.isOptional = isOptional
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        let operand = try operand.evaluate(&context)
        let index = try index.evaluate(&context)
        if case .optional(let wrapped) = operand {
            guard let wrapped else { return operand }
            return .optional(try find(index, in: wrapped))
        }
        let value = try find(index, in: operand)
        if isOptional { return .optional(value) }
        guard let value else {
            if case .list = operand { throw EvaluationError.indexOutOfRange(index).at(range) }
            throw EvaluationError.noSuchKey("\(index)").at(range)
        }
        return value
    }

    private func find(_ index: Value, in collection: Value) throws(EvaluationError) -> Value? {
        switch collection {
        case .map(let map):
            if let value = map[key: index] { return value }
            // A double that is no integer is a key that no map has; values of other types can't be keys.
            if case .double = index { return nil }
            guard MapValue.Builder.accepts(index) else { throw EvaluationError.noSuchOverload("_[_]", collection, index).at(range) }
            return nil
        case .list(let elements):
            let position: Int?
            switch index {
            case .int(let number): position = Int(exactly: number)
            case .uint(let number): position = Int(exactly: number)
            case .double(let number):
                guard number == number.rounded(.towardZero) else {
                    throw EvaluationError(.invalidArgument, "\(index) is no index of a list").at(range)
                }
                position = Int(exactly: number)
            default: throw EvaluationError.noSuchOverload("_[_]", collection, index).at(range)
            }
            guard let position, elements.indices.contains(position) else { return nil }
            return elements[position]
        default: throw EvaluationError.noSuchOverload("_[_]", collection, index).at(range)
        }
    }
}

/// A list literal.
final class ListNode: Node {
    let range: SourceRange
    let elements: [any Node]
    /// The positions of optional elements.
    let optionals: Set<Int>

    init(_ elements: [any Node], optionals: Set<Int>, _ range: SourceRange) {
        self.elements = elements
        self.optionals = optionals
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for position in elements.indices {
            try context.meter.step()
            let value = try elements[position].evaluate(&context)
            guard optionals.contains(position) else {
                values.append(value)
                continue
            }
            guard case .optional(let wrapped) = value else { throw EvaluationError.noSuchOverload("[?_]", value).at(range) }
            if let wrapped { values.append(wrapped) }
        }
        return .list(values)
    }
}

/// A map literal.
final class MapNode: Node {
    let range: SourceRange
    let entries: [(key: any Node, value: any Node, isOptional: Bool)]

    init(_ entries: [(key: any Node, value: any Node, isOptional: Bool)], _ range: SourceRange) {
        self.entries = entries
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        var builder = MapValue.Builder(capacity: entries.count)
        for entry in entries {
            try context.meter.spend(6)
            let key = try entry.key.evaluate(&context)
            var value = try entry.value.evaluate(&context)
            if entry.isOptional {
                guard case .optional(let wrapped) = value else { throw EvaluationError.noSuchOverload("{?_: _}", value).at(range) }
                guard let wrapped else { continue }
                value = wrapped
            }
            do { try builder.add(key, value) } catch { throw error.at(entry.key.range) }
        }
        return .map(builder.build())
    }
}

extension MapValue.Builder {
    /// Adds an entry whose key must be new and of a type that keys may have.
    mutating func add(_ key: Value, _ value: Value) throws(EvaluationError) {
        guard Self.accepts(key) else { throw EvaluationError(.invalidKey, "a key of a map can't be of type \(key.typeName)") }
        guard set(key, value) else { throw EvaluationError(.invalidKey, "the key \(key) comes twice") }
    }
}

/// `Type{fields: values}` of one of the types that stand for plain values.
final class StructureNode: Node {
    let range: SourceRange
    let structure: WellKnownStructure
    let fields: [(name: String, value: any Node, isOptional: Bool)]

    init(_ structure: WellKnownStructure, _ fields: [(name: String, value: any Node, isOptional: Bool)], _ range: SourceRange) {
        self.structure = structure
        self.fields = fields
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        var values: [String: Value] = [:]
        for field in fields {
            try context.meter.step()
            var value = try field.value.evaluate(&context)
            if field.isOptional {
                guard case .optional(let wrapped) = value else { throw EvaluationError.noSuchOverload("{?_: _}", value).at(range) }
                guard let wrapped else { continue }
                value = wrapped
            }
            guard values.updateValue(value, forKey: field.name) == nil else {
                throw EvaluationError(.invalidKey, "the field '\(field.name)' comes twice").at(range)
            }
        }
        do { return try structure.value(of: values) } catch { throw error.at(range) }
    }
}
