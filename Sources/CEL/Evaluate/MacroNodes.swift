/// What a macro goes over, and the slots of its one or two variables.
struct Iteration: Sendable {
    let target: any Node
    let first: Int
    let second: Int?
}

/// The elements of a list or the entries of a map.
private enum Elements {
    case list([Value])
    case map(MapValue)

    init(_ value: Value, _ macro: String, _ range: SourceRange) throws(EvaluationError) {
        switch value {
        case .list(let elements): self = .list(elements)
        case .map(let map): self = .map(map)
        default:
            throw EvaluationError(.noSuchOverload, "no such overload: \(macro)() goes over lists and maps, not \(value.typeName)").at(range)
        }
    }

    var count: Int {
        switch self {
        case .list(let elements): elements.count
        case .map(let map): map.count
        }
    }

    @inline(__always)
    func bind(_ position: Int, _ iteration: Iteration, _ context: inout Context) {
        switch self {
        case .list(let elements):
            if let second = iteration.second {
                context.locals[iteration.first] = .int(Int64(position))
                context.locals[second] = elements[position]
            } else {
                context.locals[iteration.first] = elements[position]
            }
        case .map(let map):
            context.locals[iteration.first] = map.keys[position]
            if let second = iteration.second { context.locals[second] = map.values[position] }
        }
    }
}

/// `all` and `exists`: the body joined over the elements by `&&` or `||`.
final class QuantifierNode: Condition {
    let range: SourceRange
    let iteration: Iteration
    let body: any Node
    /// The body's value that decides: false for `all`, true for `exists`.
    let deciding: Bool

    init(_ iteration: Iteration, _ body: any Node, deciding: Bool, _ range: SourceRange) {
        self.iteration = iteration
        self.body = body
        self.deciding = deciding
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try context.meter.step()
        let elements = try Elements(try iteration.target.evaluate(&context), deciding ? "exists" : "all", range)
        for position in 0..<elements.count {
            try context.meter.step()
            elements.bind(position, iteration, &context)
            do {
                if try body.test(&context) == deciding { return deciding }
            } catch {
                if error.code.isLimit { throw error }
                return try testRest(of: elements, from: position + 1, after: error, &context)
            }
        }
        return !deciding
    }

    /// The outcome when the body has failed: it may still be decided by the elements that are left.
    @inline(never)
    private func testRest(of elements: Elements, from start: Int, after failure: EvaluationError, _ context: inout Context)
        throws(EvaluationError) -> Bool
    {
        for position in start..<elements.count {
            try context.meter.step()
            elements.bind(position, iteration, &context)
            do {
                if try body.test(&context) == deciding { return deciding }
            } catch {
                if error.code.isLimit { throw error }
            }
        }
        throw failure
    }
}

/// `exists_one`: whether the body holds for exactly one element; any failure is a failure.
final class ExistsOneNode: Condition {
    let range: SourceRange
    let iteration: Iteration
    let body: any Node

    init(_ iteration: Iteration, _ body: any Node, _ range: SourceRange) {
        self.iteration = iteration
        self.body = body
        self.range = range
    }

    func test(_ context: inout Context) throws(EvaluationError) -> Bool {
        try context.meter.step()
        let elements = try Elements(try iteration.target.evaluate(&context), "exists_one", range)
        var found = 0
        for position in 0..<elements.count {
            try context.meter.step()
            elements.bind(position, iteration, &context)
            if try body.test(&context) { found += 1 }
        }
        return found == 1
    }
}

/// `map`, `filter` and `transformList`: a list of what the body comes to, for the elements that satisfy the condition.
final class TransformNode: Node {
    let range: SourceRange
    let iteration: Iteration
    let condition: (any Node)?
    /// Nil for the first variable itself.
    let body: (any Node)?

    init(_ iteration: Iteration, condition: (any Node)?, body: (any Node)?, _ range: SourceRange) {
        self.iteration = iteration
        self.condition = condition
        self.body = body
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        let elements = try Elements(try iteration.target.evaluate(&context), body == nil ? "filter" : "map", range)
        var values: [Value] = []
        if condition == nil { values.reserveCapacity(elements.count) }
        for position in 0..<elements.count {
            try context.meter.step()
            elements.bind(position, iteration, &context)
            if let condition, try !condition.test(&context) { continue }
            values.append(try body?.evaluate(&context) ?? context.locals[iteration.first])
        }
        if values.count > context.meter.maximumSize { try context.meter.admit(size: values.count) }
        return .list(values)
    }
}

/// `transformMap` and `transformMapEntry`: a map of what the body comes to.
final class TransformMapNode: Node {
    let range: SourceRange
    let iteration: Iteration
    let condition: (any Node)?
    let body: any Node
    /// Whether the body gives maps whose entries are put together, and not the value for the key at hand.
    let isEntries: Bool

    init(_ iteration: Iteration, condition: (any Node)?, body: any Node, isEntries: Bool, _ range: SourceRange) {
        self.iteration = iteration
        self.condition = condition
        self.body = body
        self.isEntries = isEntries
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        let elements = try Elements(try iteration.target.evaluate(&context), isEntries ? "transformMapEntry" : "transformMap", range)
        var builder = MapValue.Builder()
        for position in 0..<elements.count {
            try context.meter.step()
            elements.bind(position, iteration, &context)
            if let condition, try !condition.test(&context) { continue }
            let value = try body.evaluate(&context)
            try context.meter.spend(10)
            do throws(EvaluationError) {
                guard isEntries else {
                    // The index of a list, or the key of a map.
                    elements.bind(position, iteration, &context)
                    try builder.add(context.locals[iteration.first], value)
                    continue
                }
                guard case .map(let entries) = value else { throw EvaluationError.noSuchOverload("transformMapEntry", value) }
                try context.meter.spend(entries.count * 10)
                for entry in 0..<entries.count { try builder.add(entries.keys[entry], entries.values[entry]) }
            } catch {
                throw error.at(range)
            }
        }
        return .map(builder.build())
    }
}

/// `sortBy`: the elements in the order of what the body comes to for them.
final class SortByNode: Node {
    let range: SourceRange
    let iteration: Iteration
    let body: any Node

    init(_ iteration: Iteration, _ body: any Node, _ range: SourceRange) {
        self.iteration = iteration
        self.body = body
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        let target = try iteration.target.evaluate(&context)
        guard case .list(let elements) = target else { throw EvaluationError.noSuchOverload("sortBy", target).at(range) }
        var keys: [Value] = []
        keys.reserveCapacity(elements.count)
        for element in elements {
            try context.meter.step()
            context.locals[iteration.first] = element
            keys.append(try body.evaluate(&context))
        }
        do { return .list(try ListLibrary.sorted(elements, by: keys, &context.meter)) } catch { throw error.at(range) }
    }
}

/// `optMap` and `optFlatMap`: the body for the value of an optional, if there is one.
final class OptionalMapNode: Node {
    let range: SourceRange
    let iteration: Iteration
    let body: any Node
    /// Whether the body gives the resulting optional, and not its value.
    let isFlat: Bool

    init(_ iteration: Iteration, _ body: any Node, isFlat: Bool, _ range: SourceRange) {
        self.iteration = iteration
        self.body = body
        self.isFlat = isFlat
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        try context.meter.step()
        let target = try iteration.target.evaluate(&context)
        guard case .optional(let wrapped) = target else { throw EvaluationError.noSuchOverload(isFlat ? "optFlatMap" : "optMap", target).at(range) }
        guard let wrapped else { return target }
        context.locals[iteration.first] = wrapped
        let value = try body.evaluate(&context)
        guard isFlat else { return .optional(value) }
        guard case .optional = value else { throw EvaluationError.noSuchOverload("optFlatMap", target, value).at(range) }
        return value
    }
}

/// `cel.bind`: a failure of the value matters only where the variable is read.
final class BindNode: Node {
    let range: SourceRange
    let slot: Int
    let value: any Node
    let body: any Node

    init(_ slot: Int, _ value: any Node, _ body: any Node, _ range: SourceRange) {
        self.slot = slot
        self.value = value
        self.body = body
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        do {
            context.locals[slot] = try value.evaluate(&context)
            context.failures?[slot] = nil
        } catch {
            if error.code.isLimit { throw error }
            context.failures = [slot: error].merging(context.failures ?? [:]) { new, _ in new }
        }
        return try body.evaluate(&context)
    }
}

/// A variable of `cel.bind`.
final class BoundNode: Node {
    let range: SourceRange
    let slot: Int

    init(_ slot: Int, _ range: SourceRange) {
        self.slot = slot
        self.range = range
    }

    func evaluate(_ context: inout Context) throws(EvaluationError) -> Value {
        if let failure = context.failures?[slot] { throw failure }
        return context.locals[slot]
    }
}
