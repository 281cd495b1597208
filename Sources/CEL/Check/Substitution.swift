/// What the types that a check had to leave open turned out to be.
struct Substitution {
    private var found: [String: ValueType] = [:]
    private var next = 0

    /// A type that is still to be found.
    mutating func unknown() -> ValueType {
        next += 1
        return .parameter("#\(next)")
    }

    /// A signature with its type parameters replaced by types that are still to be found.
    mutating func instance(of signature: Function.Signature) -> Function.Signature {
        var names: [String: ValueType] = [:]
        var parameters: [ValueType] = []
        for parameter in signature.parameters { parameters.append(instance(of: parameter, &names)) }
        return Function.Signature(parameters, instance(of: signature.result, &names))
    }

    private mutating func instance(of type: ValueType, _ names: inout [String: ValueType]) -> ValueType {
        switch type {
        case .parameter(let name):
            if let known = names[name] { return known }
            let type = unknown()
            names[name] = type
            return type
        case .list(let element): return .list(instance(of: element, &names))
        case .map(let key, let value): return .map(instance(of: key, &names), instance(of: value, &names))
        case .optional(let wrapped): return .optional(instance(of: wrapped, &names))
        default: return type
        }
    }

    /// The type with everything that was found put in.
    func resolve(_ type: ValueType) -> ValueType {
        switch type {
        case .parameter(let name): found[name].map { resolve($0) } ?? type
        case .list(let element): .list(resolve(element))
        case .map(let key, let value): .map(resolve(key), resolve(value))
        case .optional(let wrapped): .optional(resolve(wrapped))
        default: type
        }
    }

    /// The type with what was not found taken for `dyn`.
    func closed(_ type: ValueType) -> ValueType {
        switch resolve(type) {
        case .parameter: .dyn
        case .list(let element): .list(closed(element))
        case .map(let key, let value): .map(closed(key), closed(value))
        case .optional(let wrapped): .optional(closed(wrapped))
        case let other: other
        }
    }

    /// Whether values of a type fit where another is wanted; finds types that are still open.
    mutating func fits(_ given: ValueType, _ wanted: ValueType) -> Bool {
        let (given, wanted) = (resolve(given), resolve(wanted))
        if given == wanted || given == .dyn || wanted == .dyn { return true }
        switch (given, wanted) {
        case (.parameter(let name), let other), (let other, .parameter(let name)):
            if !contains(other, name) { found[name] = other }
            return true
        case (.list(let given), .list(let wanted)), (.optional(let given), .optional(let wanted)): return fits(given, wanted)
        case (.map(let givenKey, let givenValue), .map(let wantedKey, let wantedValue)):
            return fits(givenKey, wantedKey) && fits(givenValue, wantedValue)
        case (.record, .map(let key, let value)), (.map(let key, let value), .record):
            _ = fits(.dyn, value)
            return fits(.string, key)
        case (.record, .record): return true
        default: return false
        }
    }

    private func contains(_ type: ValueType, _ name: String) -> Bool {
        switch type {
        case .parameter(let other): other == name
        case .list(let element): contains(element, name)
        case .map(let key, let value): contains(key, name) || contains(value, name)
        case .optional(let wrapped): contains(wrapped, name)
        default: false
        }
    }

    /// The type of something that is of the one type or the other.
    mutating func joined(_ first: ValueType, _ second: ValueType) -> ValueType {
        let (left, right) = (resolve(first), resolve(second))
        if left == right { return left }
        if left == .dyn || right == .dyn { return .dyn }
        let kept = self
        if fits(left, right) { return resolve(left) }
        self = kept
        return .dyn
    }
}
