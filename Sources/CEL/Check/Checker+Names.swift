// Names are looked up as the compiler does it: the longest dotted name that was declared, the innermost namespace first.
extension Checker {
    mutating func typeOfName(_ expression: Expression) -> ValueType {
        guard case .identifier(let name, let isRooted) = expression.kind else { return .dyn }
        if let type = declaredType(name, isRooted: isRooted) { return type }
        // A namespace of variables or functions is no value itself.
        guard !isFull else { return .dyn }
        let candidates = visibleNames
        report(
            .unknownName, "unknown name '\(name)'", at: expression.range, suggestion: NearestName.find(name, among: candidates),
            candidates: candidates)
        return .dyn
    }

    /// The type of a variable with a dotted name; nil when the expression is a selection of a field.
    func typeOfQualifiedName(_ expression: Expression) -> ValueType? {
        guard let name = Parser.qualifiedName(expression) else { return nil }
        let isRooted = name.hasPrefix(".")
        return declaredType(isRooted ? String(name.dropFirst()) : name, isRooted: isRooted)
    }

    private func declaredType(_ name: String, isRooted: Bool) -> ValueType? {
        let root = name.prefix { $0 != "." }
        if !isRooted, let local = scope.last(where: { $0.name == root }) { return root.utf8.count == name.utf8.count ? local.type : nil }
        for candidate in environment.candidates(name, isRooted: isRooted) {
            if let variable = environment.variable(candidate) { return environment.variables[variable.index].type }
            if TypeNames.all.contains(candidate) { return .type }
            if candidate == TypeNames.nullConstant { return .int }
        }
        return nil
    }

    /// The names that could have been meant, in the order of their letters.
    private var visibleNames: [String] { Set(scope.map(\.name) + environment.variables.map(\.name)).sorted() }

    // MARK: Fields and elements

    mutating func fieldType(_ field: String, of operand: ValueType, _ range: SourceRange) -> ValueType {
        let operand = substitution.resolve(operand)
        switch operand {
        case .dyn, .parameter: return .dyn
        case .map(let key, let value):
            if !substitution.fits(.string, key) { report(.type, "a map with keys of type \(name(key)) has no fields, such as '\(field)'", at: range) }
            return value
        case .record(let record):
            if let type = record.fields[field] { return type }
            if !record.isOpen {
                let candidates = record.fields.keys.sorted()
                let place = SourceRange(start: max(range.start, range.end - field.utf8.count), end: range.end)
                report(
                    .unknownName, "\(record.name) has no field '\(field)'", at: source.text(of: place) == field ? place : range,
                    suggestion: NearestName.find(field, among: candidates), candidates: candidates)
            }
            return .dyn
        case .optional(let wrapped):
            let type = fieldType(field, of: wrapped, range)
            if case .optional = substitution.resolve(type) { return type }
            return .optional(type)
        default:
            report(.type, "\(name(operand)) has no fields, such as '\(field)'", at: range)
            return .dyn
        }
    }

    mutating func elementType(of operand: ValueType, index: Expression, _ range: SourceRange) -> ValueType {
        let given = substitution.resolve(type(of: index))
        let operand = substitution.resolve(operand)
        switch operand {
        case .dyn, .parameter: return .dyn
        case .list(let element):
            if !given.isNumeric, given != .dyn, !isOpen(given) { report(.type, "a list takes an int as index, not \(name(given))", at: index.range) }
            return element
        case .map(let key, let value):
            let wanted = substitution.resolve(key)
            if !(given.isNumeric && wanted.isNumeric), !substitution.fits(given, wanted) {
                report(.type, "the keys of the map are of type \(name(wanted)), not \(name(given))", at: index.range)
            }
            return value
        case .record(let record):
            guard case .literal(.string(let field)) = index.kind else { return .dyn }
            return fieldType(field, of: .record(record), index.range)
        case .optional(let wrapped):
            let type = elementType(of: wrapped, index: index, range)
            if case .optional = substitution.resolve(type) { return type }
            return .optional(type)
        default:
            report(.type, "\(name(operand)) has no elements", at: range)
            return .dyn
        }
    }
}
