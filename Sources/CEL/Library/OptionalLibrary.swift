/// The extension library of optional values; `optMap` and `optFlatMap` are macros.
enum OptionalLibrary {
    private static let wrapped = ValueType.parameter("A")

    static let functions: [Function] = [
        .global("optional.of", .unary(of), .init([wrapped], .optional(wrapped))),
        .global("optional.ofNonZeroValue", .unary(ofNonZeroValue), .init([wrapped], .optional(wrapped))),
        .global("optional.none", .variadic(none), .init([], .optional(wrapped))),
        .global("optional.unwrap", .unary(unwrap), .init([.list(.optional(wrapped))], .list(wrapped))),
        .member("unwrapOpt", .unary(unwrap), .init([.list(.optional(wrapped))], .list(wrapped))),
        .member("hasValue", .unary(hasValue), .init([.optional(wrapped)], .bool)),
        .member("value", .unary(value), .init([.optional(wrapped)], wrapped)),
        // For checking only: these two evaluate their argument only when they need it.
        .member("or", .binary(or), .init([.optional(wrapped), .optional(wrapped)], .optional(wrapped))),
        .member("orValue", .binary(orValue), .init([.optional(wrapped), wrapped], wrapped)),
    ]

    @Sendable static func of(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value { .optional(value) }

    @Sendable static func ofNonZeroValue(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        .optional(value.isZero ? nil : value)
    }

    @Sendable static func none(_ arguments: [Value], _ meter: inout Meter) throws(EvaluationError) -> Value { .optional(nil) }

    @Sendable static func unwrap(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .list(let elements) = value else { throw .noSuchOverload("optional.unwrap", value) }
        try meter.charge(elements.count)
        var result: [Value] = []
        for element in elements {
            guard case .optional(let wrapped) = element else { throw .noSuchOverload("optional.unwrap", element) }
            if let wrapped { result.append(wrapped) }
        }
        return .list(result)
    }

    @Sendable static func hasValue(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .optional(let wrapped) = value else { throw .noSuchOverload("hasValue", value) }
        return .bool(wrapped != nil)
    }

    @Sendable static func value(_ value: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .optional(let wrapped) = value else { throw .noSuchOverload("value", value) }
        guard let wrapped else { throw .invalid("optional.none() has no value") }
        return wrapped
    }

    @Sendable static func or(_ value: Value, _ other: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .optional(let wrapped) = value, case .optional = other else { throw .noSuchOverload("or", value, other) }
        return wrapped == nil ? other : value
    }

    @Sendable static func orValue(_ value: Value, _ other: Value, _ meter: inout Meter) throws(EvaluationError) -> Value {
        guard case .optional(let wrapped) = value else { throw .noSuchOverload("orValue", value, other) }
        return wrapped ?? other
    }
}
