import CEL

extension Expression {
    /// A text that two expressions share exactly when their trees are the same: blanks, comments and parentheses don't matter.
    var key: String {
        var key = ""
        write(to: &key)
        return key
    }

    private func write(to key: inout String) {
        key += kind.label
        let children = children
        guard !children.isEmpty else { return }
        key += "("
        for child in children {
            child.write(to: &key)
            key += ","
        }
        key += ")"
    }
}

extension Expression.Kind {
    /// What the node is, apart from the nodes below it.
    fileprivate var label: String {
        switch self {
        case .literal(let value): Self.label(value)
        case .identifier(let name, let isRooted): "name\(isRooted ? "." : "")\(Self.counted(name))"
        case .select(_, let field, let isOptional): ".\(isOptional ? "?" : "")\(Self.counted(field))"
        case .presence(_, let field, let isOptional): "has\(isOptional ? "?" : "")\(Self.counted(field))"
        case .index(_, _, let isOptional): "[\(isOptional ? "?" : "")]"
        case .call(let function, let target, _): "\(target == nil ? "call" : "method")\(Self.counted(function))"
        case .not: "!"
        case .negate: "negative"
        case .binary(let comparison, _, _): comparison.rawValue
        case .and: "&&"
        case .or: "||"
        case .conditional: "?"
        case .list(let elements): "list\(Self.marks(elements.map(\.isOptional)))"
        case .map(let entries): "map\(Self.marks(entries.map(\.isOptional)))"
        case .structure(let name, let entries): "structure\(Self.counted(name))\(Self.marks(entries.map(\.isOptional)))"
        case .comprehension(let macro):
            "\(macro.macro.rawValue)\(macro.filter == nil ? "" : "?")\(macro.variables.map(Self.counted).joined())"
        case .bind(let name, _, _): "bind\(Self.counted(name))"
        }
    }

    private static func label(_ value: Value) -> String {
        switch value {
        // Their descriptions leave out what is long.
        case .string(let text): "string\(counted(text))"
        case .bytes(let bytes): "bytes\(bytes)"
        case .null, .bool, .int, .uint, .double, .list, .map, .timestamp, .duration, .type, .optional, .ip, .cidr:
            "\(value.typeName)\(counted(value.description))"
        }
    }

    /// A text behind its length, so that none can pose as what follows another.
    private static func counted(_ text: String) -> String { "\(text.utf8.count):\(text)" }

    private static func marks(_ areOptional: [Bool]) -> String { String(areOptional.map { $0 ? "?" : "-" }) }
}
