/// The extension library of lists as sets.
enum SetLibrary {
    private static let lists: [ValueType] = [.list(.parameter("A")), .list(.parameter("A"))]

    static let functions: [Function] = [
        .global("sets.contains", .binary(contains), .init(lists, .bool)),
        .global("sets.equivalent", .binary(equivalent), .init(lists, .bool)),
        .global("sets.intersects", .binary(intersects), .init(lists, .bool)),
    ]

    @Sendable static func contains(_ left: Value, _ right: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .list(let left) = left, case .list(let right) = right else { throw .noSuchOverload("sets.contains", left, right) }
        return .bool(try includes(left, right, &meter))
    }

    @Sendable static func equivalent(_ left: Value, _ right: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .list(let left) = left, case .list(let right) = right else { throw .noSuchOverload("sets.equivalent", left, right) }
        guard try includes(left, right, &meter) else { return .bool(false) }
        return .bool(try includes(right, left, &meter))
    }

    @Sendable static func intersects(_ left: Value, _ right: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .list(let left) = left, case .list(let right) = right else { throw .noSuchOverload("sets.intersects", left, right) }
        for element in right where try includes(left, element, &meter) { return .bool(true) }
        return .bool(false)
    }

    private static func includes(_ elements: [Value], _ others: [Value], _ meter: inout Meter) throws(EvaluationError) -> Bool {
        for other in others where try !includes(elements, other, &meter) { return false }
        return true
    }

    /// Whether a list has an element.
    static func includes(_ elements: [Value], _ wanted: Value, _ meter: inout Meter) throws(EvaluationError) -> Bool {
        for element in elements {
            try meter.step()
            if try element.equals(wanted, &meter) { return true }
        }
        return false
    }
}
