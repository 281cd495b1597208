/// The extension library of lists.
enum ListLibrary {
    private static let element = ValueType.parameter("A")
    private static let sortable: [ValueType] = [.int, .uint, .double, .bool, .duration, .timestamp, .string, .bytes]

    static let functions: [Function] =
        [
            .member("slice", .ternary(slice), .init([.list(element), .int, .int], .list(element))),
            .member(
                "flatten", .variadic(flatten), .init([.list(.list(element))], .list(element)), .init([.list(.dyn)], .list(.dyn)),
                .init([.list(.dyn), .int], .list(.dyn))),
            .member("distinct", .unary(distinct), .init([.list(element)], .list(element))),
            .member("first", .unary(first), .init([.list(element)], .optional(element))),
            .member("last", .unary(last), .init([.list(element)], .optional(element))),
            .global("lists.range", .unary(range), .init([.int], .list(.int))),
        ] + sortable.map { .member("sort", .unary(sort), .init([.list($0)], .list($0))) }

    @Sendable static func slice(_ value: Value, _ start: Value, _ end: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .list(let elements) = value, case .int(let start) = start, case .int(let end) = end else {
            throw .noSuchOverload("slice", value, start, end)
        }
        guard start >= 0, start <= end, end <= elements.count else {
            throw EvaluationError(.indexOutOfRange, "cannot slice(\(start), \(end)) a list of \(elements.count)")
        }
        try meter.admit(size: Int(end - start))
        try meter.spend(Int(end - start) / 4)
        return .list(Array(elements[Int(start)..<Int(end)]))
    }

    @Sendable static func flatten(_ arguments: [Value], _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .list(let elements) = arguments[0] else { throw .noSuchOverload("flatten", arguments: arguments) }
        var levels = Int64(1)
        if arguments.count > 1 {
            guard case .int(let given) = arguments[1] else { throw .noSuchOverload("flatten", arguments: arguments) }
            guard given >= 0 else { throw .invalid("flatten() level must be non-negative") }
            levels = given
        }
        var result: [Value] = []
        try flatten(elements, levels, 0, into: &result, &meter)
        return .list(result)
    }

    private static func flatten(_ elements: [Value], _ levels: Int64, _ depth: Int, into result: inout [Value], _ meter: inout Meter)
        throws(EvaluationError)
    {
        if depth > Value.maximumDepth {
            throw EvaluationError(.depthLimit, "values nested deeper than \(Value.maximumDepth) levels can't be flattened")
        }
        for element in elements {
            try meter.step()
            if levels > 0, case .list(let inner) = element {
                try flatten(inner, levels - 1, depth + 1, into: &result, &meter)
            } else {
                result.append(element)
            }
        }
        if result.count > meter.maximumSize { try meter.admit(size: result.count) }
    }

    @Sendable static func distinct(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .list(let elements) = value else { throw .noSuchOverload("distinct", value) }
        var result: [Value] = []
        var seen: Set<MapKey> = []
        var others: [Value] = []
        for element in elements {
            try meter.spend(10)
            if let key = MapKey(element) {
                if seen.insert(key).inserted { result.append(element) }
            } else {
                try meter.spend(others.count / 4)
                var isNew = true
                for other in others {
                    if try other.equals(element, &meter) { isNew = false }
                }
                if isNew {
                    others.append(element)
                    result.append(element)
                }
            }
        }
        return .list(result)
    }

    @Sendable static func first(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .list(let elements) = value else { throw .noSuchOverload("first", value) }
        return .optional(elements.first)
    }

    @Sendable static func last(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .list(let elements) = value else { throw .noSuchOverload("last", value) }
        return .optional(elements.last)
    }

    @Sendable static func range(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .int(let count) = value else { throw .noSuchOverload("lists.range", value) }
        guard count >= 0 else { throw .invalid("lists.range() of a negative number") }
        try meter.admit(size: Int(clamping: count))
        try meter.spend(Int(clamping: count))
        return .list((0..<count).map { .int($0) })
    }

    @Sendable static func sort(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .list(let elements) = value else { throw .noSuchOverload("sort", value) }
        return .list(try sorted(elements, by: elements, &meter))
    }

    /// The elements in the order of their keys, which must all be of one type that has an order. Equal keys keep their places.
    static func sorted(_ elements: [Value], by keys: [Value], _ meter: inout Meter) throws(EvaluationError) -> [Value] {
        guard let type = keys.first?.typeName else { return elements }
        for key in keys {
            try meter.spend(20)
            guard key.typeName == type, key.compare(key) != nil else {
                throw EvaluationError(.noSuchOverload, "only elements of one type that has an order can be sorted")
            }
        }
        let order = keys.indices.sorted { left, right in
            let ordering = keys[left].compare(keys[right])
            return ordering == .less || (ordering != .greater && left < right)
        }
        return order.map { elements[$0] }
    }
}
