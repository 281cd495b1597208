import CEL

extension WhyNot.Solver {
    /// What may make an expression come to true or false.
    func truth(_ expression: CEL.Expression, _ wanted: Bool) -> [WhyNot.Change] {
        guard let inner = deeper else { return [] }
        switch expression.kind {
        case .literal, .negate, .list, .map, .structure: return []
        case .identifier(let name, _):
            if let alias = alias(name) { return inner.truth(alias, wanted) }
            return place(expression).map { set($0, .bool(wanted)) } ?? []
        case .select, .index:
            guard !isOptional(expression) else { return [] }
            return place(expression).map { set($0, .bool(wanted)) } ?? []
        case .presence(let operand, let field, _):
            guard let place = place(operand)?.appending(.field(field)) else { return [] }
            return wanted ? samples(place).flatMap { set(place, $0) } : set(place, nil)
        case .not(let operand): return inner.truth(operand, !wanted)
        case .and(let operands): return inner.joined(operands, wanted, isAll: wanted)
        case .or(let operands): return inner.joined(operands, wanted, isAll: !wanted)
        case .conditional(let condition, let first, let second):
            let (taken, other, turn) = known(condition) == .bool(false) ? (second, first, true) : (first, second, false)
            return inner.truth(taken, wanted) + combined([inner.truth(condition, turn), inner.truth(other, wanted)])
        case .binary(.within, let element, let collection): return inner.membership(element, collection, wanted)
        case .binary(let symbol, let left, let right): return inner.comparison(symbol, left, right, wanted)
        case .call(let name, let target, let arguments): return inner.callTruth(name, target, arguments, wanted)
        case .comprehension(let macro): return inner.quantified(macro, wanted)
        case .bind(let name, let value, let body): return inner.binding(name, to: value).truth(body, wanted)
        }
    }

    /// What may make all operands come to what is wanted, or one of them.
    private func joined(_ operands: [CEL.Expression], _ wanted: Bool, isAll: Bool) -> [WhyNot.Change] {
        guard isAll else { return operands.flatMap { truth($0, wanted) } }
        let missing = operands.filter { known($0) != .bool(wanted) }
        return missing.count <= Self.mostCombined ? combined(missing.map { truth($0, wanted) }) : []
    }

    // MARK: Comparisons

    private func comparison(_ symbol: BinaryOperator, _ left: CEL.Expression, _ right: CEL.Expression, _ wanted: Bool) -> [WhyNot.Change] {
        guard let relation = WhyNot.Relation(symbol, wanted) else { return [] }
        var changes: [WhyNot.Change] = []
        if let known = known(right) { changes += relation.values(towards: known).flatMap { value(left, $0) } }
        if let known = known(left) { changes += relation.mirrored.values(towards: known).flatMap { value(right, $0) } }
        guard known(left) == nil, known(right) == nil else { return changes }
        // Neither side has a value: one is given any.
        return (samples(of: right) + (relation.isOrder ? [1, "x"] : ["x", 1])).flatMap { sample in
            combined([relation.values(towards: sample).flatMap { value(left, $0) }, value(right, sample)])
        }
    }

    /// Values that an expression which has none may well come to.
    private func samples(of expression: CEL.Expression) -> [CEL.Value] {
        if let place = place(expression) { return samples(place) }
        switch expression.kind {
        case .call("timestamp", nil, _): return [.timestamp(time)]
        case .call("duration", nil, _): return [.duration(DurationValue(nanoseconds: 3_600_000_000_000))]
        case .literal, .identifier, .select, .presence, .index, .call, .not, .negate, .binary, .and, .or, .conditional, .list, .map, .structure,
            .comprehension, .bind:
            return []
        }
    }

    private func membership(_ element: CEL.Expression, _ collection: CEL.Expression, _ wanted: Bool) -> [WhyNot.Change] {
        var changes: [WhyNot.Change] = []
        var members: [CEL.Value] = []
        switch known(collection) {
        case .list(let elements)?: members = elements
        case .map(let map)?: members = map.keys
        case .some, nil: break
        }
        if case .list(let elements) = collection.kind, let wantedMember = known(element), wanted {
            // The element itself is put into the list, where the list reads a place.
            changes += elements.prefix(8).filter { !$0.value.isLiteral }.flatMap { value($0.value, wantedMember) }
        }
        if wanted {
            changes += members.prefix(32).flatMap { value(element, $0) }
        } else if let first = members.first {
            let near = members.prefix(32).flatMap { $0.above.prefix(1) + $0.below.prefix(1) }
            let others = [first.different].compactMap { $0 } + near + ["other", "another"]
            changes += others.filter { !members.contains($0) }.flatMap { value(element, $0) }
        } else {
            changes += value(element, "x")
        }
        guard let place = place(collection) else { return changes }
        guard let member = known(element) else {
            guard wanted, case .some = self.place(element) else { return changes }
            return changes + combined([value(element, "x"), value(collection, .list(["x"]))])
        }
        return changes + containing(member, in: place, known(collection), wanted)
    }

    /// What puts an element or key into a collection, or takes it out.
    private func containing(_ member: CEL.Value, in place: WhyNot.Place, _ collection: CEL.Value?, _ wanted: Bool) -> [WhyNot.Change] {
        switch collection {
        case .list(let elements)?: return set(place, .list(wanted ? elements + [member] : elements.filter { $0 != member }))
        case .map, .none, .some:
            var isMap = place.steps.isEmpty
            if case .map? = collection { isMap = true }
            guard wanted else {
                guard isMap, case .string(let field) = member else { return set(place, .list([])) }
                return set(place.appending(.field(field)), nil)
            }
            var entry: [WhyNot.Change] = []
            if case .string(let field) = member {
                let inner = place.appending(.field(field))
                entry = samples(inner).prefix(1).flatMap { set(inner, $0) }
            }
            return isMap ? entry : set(place, .list([member])) + entry
        }
    }
}

extension WhyNot {
    /// How the left side of a comparison is to stand to the right one.
    enum Relation {
        case equal, different, less, atMost, greater, atLeast

        init?(_ symbol: BinaryOperator, _ holds: Bool) {
            switch symbol {
            case .equal: self = holds ? .equal : .different
            case .notEqual: self = holds ? .different : .equal
            case .less: self = holds ? .less : .atLeast
            case .lessOrEqual: self = holds ? .atMost : .greater
            case .greater: self = holds ? .greater : .atMost
            case .greaterOrEqual: self = holds ? .atLeast : .less
            case .within, .add, .subtract, .multiply, .divide, .remainder: return nil
            }
        }

        /// How the right side is to stand to the left one.
        var mirrored: Relation {
            switch self {
            case .equal: .equal
            case .different: .different
            case .less: .greater
            case .atMost: .atLeast
            case .greater: .less
            case .atLeast: .atMost
            }
        }

        var isOrder: Bool { self != .equal && self != .different }

        /// Values that stand so to a value, the most natural ones first.
        func values(towards value: CEL.Value) -> [CEL.Value] {
            switch self {
            case .equal: value.variants
            case .different: [value.different].compactMap { $0 } + value.above.prefix(1) + value.below.prefix(1)
            case .less: value.below
            case .atMost: value.variants + value.below
            case .greater: value.above
            case .atLeast: value.variants + value.above
            }
        }
    }
}
