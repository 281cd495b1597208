extension Checker {
    // MARK: Operators

    mutating func typeOfBinary(_ symbol: BinaryOperator, _ left: Expression, _ right: Expression, _ range: SourceRange) -> ValueType {
        let (first, second) = (substitution.resolve(type(of: left)), substitution.resolve(type(of: right)))
        let isDynamic = [first, second].contains { $0 == .dyn || isOpen($0) }
        switch symbol {
        case .equal, .notEqual:
            let isComparable = first.isNumeric && second.isNumeric || first == .null || second == .null || substitution.fits(first, second)
            if !isComparable { report(.type, "\(name(first)) and \(name(second)) are never equal", at: range) }
            return .bool
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            let ordered: [ValueType] = [.bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .dyn]
            let haveOrder = [first, second].allSatisfy { ordered.contains($0) || isOpen($0) }
            let isComparable = isDynamic || first.isNumeric && second.isNumeric || first == second
            if !haveOrder || !isComparable { report(.type, "'\(symbol.rawValue)' can't compare \(name(first)) with \(name(second))", at: range) }
            return .bool
        case .within:
            checkMembership(first, second, left, right)
            return .bool
        case .add, .subtract, .multiply, .divide, .remainder:
            guard let result = arithmetic(symbol, first, second) else {
                let hint = first.isNumeric && second.isNumeric ? "; convert one of them" : ""
                report(.type, "'\(symbol.rawValue)' can't take \(name(first)) and \(name(second))\(hint)", at: range)
                return .dyn
            }
            return result
        }
    }

    private mutating func checkMembership(_ element: ValueType, _ collection: ValueType, _ left: Expression, _ right: Expression) {
        let wanted: ValueType
        switch collection {
        case .dyn, .parameter: return
        case .list(let type): wanted = substitution.resolve(type)
        case .map(let key, _): wanted = substitution.resolve(key)
        case .record: wanted = .string
        default:
            report(.type, "'in' looks into lists and maps, not \(name(collection))", at: right.range)
            return
        }
        if element.isNumeric && wanted.isNumeric || element == .null || wanted == .null || substitution.fits(element, wanted) { return }
        report(.type, "\(name(element)) is never in \(name(collection))", at: left.range)
    }

    /// The type of a result; nil when the operator can't take these types.
    private mutating func arithmetic(_ symbol: BinaryOperator, _ first: ValueType, _ second: ValueType) -> ValueType? {
        let isTime = { (type: ValueType) in type == .timestamp || type == .duration }
        switch (first, second) {
        case (.int, .int), (.uint, .uint): return first
        case (.double, .double): return symbol == .remainder ? nil : .double
        case (.string, .string), (.bytes, .bytes): return symbol == .add ? first : nil
        case (.list, .list):
            guard symbol == .add else { return nil }
            return substitution.fits(first, second) ? substitution.resolve(first) : .list(.dyn)
        case (.timestamp, .duration): return symbol == .add || symbol == .subtract ? .timestamp : nil
        case (.duration, .timestamp): return symbol == .add ? .timestamp : nil
        case (.timestamp, .timestamp): return symbol == .subtract ? .duration : nil
        case (.duration, .duration): return symbol == .add || symbol == .subtract ? .duration : nil
        default: break
        }
        // One of them is known only at evaluation; the other must be able to stand there at all.
        for (type, other) in [(first, second), (second, first)] where other == .dyn || isOpen(other) {
            if type == .dyn || isOpen(type) { return .dyn }
            if type.isNumeric { return symbol == .remainder && type == .double ? nil : isOpen(other) ? .dyn : type }
            if case .list = type { return symbol == .add ? .dyn : nil }
            if type == .string || type == .bytes { return symbol == .add ? type : nil }
            if isTime(type) { return symbol == .add || symbol == .subtract ? .dyn : nil }
        }
        return nil
    }

    // MARK: Functions

    mutating func typeOfCall(_ name: String, _ target: Expression?, _ arguments: [Expression], _ range: SourceRange) -> ValueType {
        if let target {
            if !isLocal(target), let prefix = Parser.qualifiedName(target), let global = environment.globalFunction("\(prefix).\(name)") {
                return typeOfCall(global, environment.functions.globals[global] ?? [], arguments, isMember: false, range)
            }
            guard let signatures = environment.functions.members[name] else {
                _ = type(of: target)
                for argument in arguments { _ = type(of: argument) }
                reportUnknownFunction(name, environment.functions.members, range)
                return .dyn
            }
            return typeOfCall(name, signatures, [target] + arguments, isMember: true, range)
        }
        guard let global = environment.globalFunction(name) else {
            for argument in arguments { _ = type(of: argument) }
            reportUnknownFunction(name, environment.functions.globals, range)
            return .dyn
        }
        return typeOfCall(global, environment.functions.globals[global] ?? [], arguments, isMember: false, range)
    }

    private func isLocal(_ target: Expression) -> Bool {
        var current = target
        while case .select(let operand, _, _) = current.kind { current = operand }
        guard case .identifier(let name, isRooted: false) = current.kind else { return false }
        return scope.contains { $0.name == name }
    }

    private mutating func reportUnknownFunction(_ name: String, _ functions: [String: [Function.Signature]], _ range: SourceRange) {
        guard !isFull else { return }
        let candidates = functions.keys.sorted()
        report(.unknownName, "unknown function '\(name)'", at: range, suggestion: NearestName.find(name, among: candidates), candidates: candidates)
    }

    private mutating func typeOfCall(
        _ name: String, _ signatures: [Function.Signature], _ arguments: [Expression], isMember: Bool, _ range: SourceRange
    ) -> ValueType {
        var types: [ValueType] = []
        for argument in arguments { types.append(substitution.resolve(type(of: argument))) }
        checkConstants(name, arguments)
        let before = substitution
        var matched: (Substitution, ValueType)?
        for signature in signatures where signature.parameters.count == types.count {
            substitution = before
            let instance = substitution.instance(of: signature)
            guard zip(types, instance.parameters).allSatisfy({ substitution.fits($0, $1) }) else { continue }
            let result = substitution.resolve(instance.result)
            guard let (_, previous) = matched else {
                matched = (substitution, result)
                continue
            }
            // Several forms fit, as arguments are known only at evaluation.
            if previous != result { matched = (before, .dyn) }
        }
        substitution = matched?.0 ?? before
        if let matched { return matched.1 }
        let wanted = Set(signatures.map { describe($0.parameters, isMember: isMember) }).sorted().prefix(6).joined(separator: " or ")
        report(.type, "\(name)() takes \(wanted), not \(describe(types, isMember: isMember))", at: range)
        return .dyn
    }

    private func describe(_ types: [ValueType], isMember: Bool) -> String {
        guard isMember, let target = types.first else { return "(\(types.map { self.name($0) }.joined(separator: ", ")))" }
        return "\(self.name(target)).(\(types.dropFirst().map { self.name($0) }.joined(separator: ", ")))"
    }

    /// Refuses constant arguments that no evaluation could take.
    private mutating func checkConstants(_ name: String, _ arguments: [Expression]) {
        guard let last = arguments.last, case .literal(.string(let text)) = last.kind else { return }
        switch (name, arguments.count) {
        case ("matches", 2):
            do throws(RegularExpression.SyntaxError) {
                _ = try RegularExpression(text)
            } catch {
                report(.type, "not a regular expression: \(error.description)", at: last.range)
            }
        case ("timestamp", 1) where Timestamp(text) == nil: report(.type, "not a timestamp", at: last.range)
        case ("duration", 1) where DurationValue(text) == nil: report(.type, "not a duration", at: last.range)
        default: break
        }
    }
}
