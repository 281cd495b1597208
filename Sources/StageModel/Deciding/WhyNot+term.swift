import CEL

extension WhyNot.Solver {
    /// What may make an expression come to a value. One change without any assignment means that it does already.
    func value(_ expression: CEL.Expression, _ wanted: CEL.Value) -> [WhyNot.Change] {
        guard let inner = deeper else { return [] }
        switch expression.kind {
        case .literal(let literal): return literal == wanted ? [[]] : []
        case .identifier(let name, _):
            if let alias = alias(name) { return inner.value(alias, wanted) }
            return place(expression).map { set($0, wanted) } ?? []
        case .select, .index:
            guard let place = place(expression) else { return inner.indexed(expression, wanted) }
            guard isOptional(expression) else { return set(place, wanted) }
            guard case .optional(let wrapped) = wanted else { return [] }
            return set(place, wrapped)
        case .negate(let operand): return wanted.negated.map { inner.value(operand, $0) } ?? []
        case .binary(let symbol, let left, let right) where !symbol.isComparison: return inner.sum(symbol, left, right, wanted)
        case .conditional(let condition, let first, let second):
            let (taken, other, turn) = known(condition) == .bool(false) ? (second, first, true) : (first, second, false)
            let turned = combined([inner.truth(condition, turn), inner.value(other, wanted)])
            // A condition that errs has to be mended for either.
            guard known(condition) == nil else { return inner.value(taken, wanted) + turned }
            return combined([inner.truth(condition, true), inner.value(first, wanted)]) + turned
        case .call(let name, let target, let arguments):
            guard case .bool(let truth) = wanted, !WhyNot.Solver.conversions.contains(name) else {
                return inner.callValue(name, target, arguments, wanted, now: known(expression))
            }
            return inner.callTruth(name, target, arguments, truth)
        case .list(let elements):
            guard case .list(let values) = wanted, values.count == elements.count, values.count <= Self.mostCombined else { return [] }
            return combined(zip(elements, values).map { inner.value($0.value, $1) })
        case .comprehension(let macro):
            guard case .bool(let truth) = wanted else { return [] }
            return inner.quantified(macro, truth)
        case .bind(let name, let value, let body): return inner.binding(name, to: value).value(body, wanted)
        case .presence, .not, .and, .or, .binary:
            guard case .bool(let truth) = wanted else { return [] }
            return inner.truth(expression, truth)
        case .map, .structure: return []
        }
    }

    /// An element of what is no place; or an index that has no value itself, and is given one.
    private func indexed(_ expression: CEL.Expression, _ wanted: CEL.Value) -> [WhyNot.Change] {
        guard case .index(let operand, let index, isOptional: false) = expression.kind else { return [] }
        guard let place = place(operand) else {
            guard case .int(let position)? = known(index), (0...16).contains(position) else { return [] }
            var elements: [CEL.Value] = []
            if case .list(let known)? = known(operand) { elements = known }
            while elements.count <= position { elements.append(wanted) }
            elements[Int(position)] = wanted
            return value(operand, .list(elements))
        }
        guard known(index) == nil else { return [] }
        let first = combined([value(index, 0), set(place.appending(.key(0)), wanted)])
        return first + combined([value(index, "x"), set(place.appending(.field("x")), wanted)])
    }

    // MARK: Arithmetic

    private func sum(_ symbol: BinaryOperator, _ left: CEL.Expression, _ right: CEL.Expression, _ wanted: CEL.Value) -> [WhyNot.Change] {
        var changes: [WhyNot.Change] = []
        if let other = known(right) { changes += wanted.undoing(symbol, right: other, near: known(left)).flatMap { value(left, $0) } }
        if let other = known(left) { changes += wanted.undoing(symbol, left: other).flatMap { value(right, $0) } }
        guard known(left) == nil, known(right) == nil else { return changes }
        // Neither operand has a value: the right one is given a simple one.
        let any: [CEL.Value] = [1, 1.0, .timestamp(time), .duration(DurationValue(nanoseconds: 1_000_000_000)), "x"]
        return any.flatMap { sample in
            combined([value(right, sample), wanted.undoing(symbol, right: sample, near: nil).flatMap { value(left, $0) }])
        }
    }

    // MARK: Functions

    /// The functions that give a truth value of something that means one.
    static let conversions: Set<String> = ["bool", "dyn", "value", "orValue"]

    /// What may make the result of a function come to a value.
    /// - Parameter now: what it comes to now.
    func callValue(
        _ name: String, _ target: CEL.Expression?, _ arguments: [CEL.Expression], _ wanted: CEL.Value, now: CEL.Value?
    ) -> [WhyNot.Change] {
        let values = (target.map { $0.isNamespace ? [] : [$0] } ?? []) + arguments
        guard let subject = values.first else { return [] }
        switch (name, values.count) {
        case ("size", 1): return sized(subject, wanted)
        case ("lowerAscii", 1), ("upperAscii", 1), ("trim", 1), ("dyn", 1): return value(subject, wanted)
        case ("reverse", 1):
            switch wanted {
            case .string(let text): return value(subject, .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed()))))
            case .list(let elements): return value(subject, .list(elements.reversed()))
            default: return []
            }
        case ("int", 1), ("uint", 1), ("double", 1), ("string", 1), ("bool", 1), ("timestamp", 1), ("duration", 1):
            return wanted.unconverted(by: name, like: known(subject)).flatMap { value(subject, $0) }
        case ("type", 1):
            guard case .type(let type) = wanted else { return [] }
            let samples: [CEL.Value] = ["x", 1, 1.5, true, .list([]), .map(.empty), .null]
            return samples.filter { $0.typeName == type }.flatMap { value(subject, $0) }
        case ("orValue", 2), ("or", 2):
            let isValue = name == "orValue"
            let isAlternative = known(values[1]).map { $0 == wanted } ?? false
            let absent = isAlternative ? value(subject, .optional(nil)) : []
            let alternative = known(subject) == .optional(nil) ? value(values[1], wanted) : []
            return value(subject, isValue ? .optional(wanted) : wanted) + absent + alternative.filter { !$0.isEmpty }
        case ("value", 1): return value(subject, .optional(wanted))
        case ("of", 1), ("ofNonZeroValue", 1):
            guard case .optional(let wrapped?) = wanted else { return [] }
            return value(subject, wrapped)
        case ("split", 2), ("join", 2):
            guard case .string(let separator)? = known(values[1]) else { return [] }
            return wanted.unsplit(by: separator).map { value(subject, $0) } ?? []
        case ("indexOf", 2), ("lastIndexOf", 2):
            guard case .string(let part)? = known(values[1]), case .int(let offset) = wanted, offset <= 100 else { return [] }
            let texts = offset < 0 ? ["other", "x", ""] : ["x", " "].map { String(repeating: $0, count: Int(offset)) + part }
            return texts.flatMap { value(subject, .string($0)) }
        case ("abs", 1): return value(subject, wanted) + (wanted.negated.map { value(subject, $0) } ?? [])
        default:
            let times = timed(name, subject, wanted, now: now)
            // Of other functions the result is often one of what goes in.
            return times.isEmpty ? values.prefix(4).filter { !$0.isLiteral }.flatMap { value($0, wanted) } : times
        }
    }
}

extension CEL.Value {
    /// The number with the other sign.
    fileprivate var negated: CEL.Value? {
        switch self {
        case .int(let number): number == Int64.min ? nil : .int(-number)
        case .double(let number): .double(-number)
        case .null, .bool, .uint, .string, .bytes, .list, .map, .timestamp, .duration, .type, .optional, .ip, .cidr: nil
        }
    }

    /// The text whose parts between separators this list is, or the list of the parts of this text.
    fileprivate func unsplit(by separator: String) -> CEL.Value? {
        switch self {
        case .string(let text):
            guard !separator.isEmpty else { return .list(text.map { .string(String($0)) }) }
            return .list(text.split(separator: separator, omittingEmptySubsequences: false).map { .string(String($0)) })
        case .list(let elements):
            let texts = elements.compactMap { element in
                if case .string(let text) = element { text } else { nil }
            }
            return texts.count == elements.count ? .string(texts.joined(separator: separator)) : nil
        case .null, .bool, .int, .uint, .double, .bytes, .map, .timestamp, .duration, .type, .optional, .ip, .cidr: return nil
        }
    }

    /// Values that a conversion turns into this one, those of the type of what is there now first.
    fileprivate func unconverted(by conversion: String, like current: CEL.Value?) -> [CEL.Value] {
        var values: [CEL.Value] = [self]
        switch (conversion, self) {
        case ("int", .int(let number)), ("double", .int(let number)), ("uint", .int(let number)):
            values = conversion == "double" ? [.double(Double(number)), self] : [self]
            values += [.string(String(number)), .double(Double(number))]
            if conversion == "int" { values += CEL.Timestamp(seconds: number).map { [.timestamp($0), .string($0.description)] } ?? [] }
        case ("uint", .uint(let number)): values = variants + [.string(String(number))]
        case ("double", .double(let number)), ("int", .double(let number)), ("uint", .double(let number)):
            values = [self, .string(number.description)] + (Int64(exactly: number).map { [.int($0), .string(String($0))] } ?? [])
        case ("string", .string(let text)):
            values += Int64(text).map { [.int($0)] } ?? []
            values += Double(text).map { [.double($0)] } ?? []
            if text == "true" || text == "false" { values.append(.bool(text == "true")) }
        case ("bool", .bool(let truth)): values.append(.string(truth ? "true" : "false"))
        case ("timestamp", .timestamp(let time)): values = [.string(time.description), self, .int(time.seconds)]
        case ("duration", .duration(let duration)): values = [.string(duration.description), self]
        default: break
        }
        guard let current else { return values }
        return values.filter { $0.typeName == current.typeName } + values.filter { $0.typeName != current.typeName }
    }
}
