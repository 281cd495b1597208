import CEL

extension JSONValue {
    private static let longestText = 500
    private static let mostElements = 20

    /// A value of CEL as a trace shows it: texts of over 500 characters and lists and maps of over 20 elements are cut, what nests deeper than
    /// 8 is left out, and what JSON has no form for is a text.
    init(abridging value: CEL.Value, depth: Int = 0) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .integer(value)
        case .uint(let value): self = Int64(exactly: value).map(JSONValue.integer) ?? .number(Double(value))
        case .double(let value): self = value.isFinite ? .number(value) : .string(value.description)
        case .string(let text): self = .string(text.unicodeScalars.count > Self.longestText ? "\(text.prefix(Self.longestText))…" : text)
        case .optional(let wrapped): self = wrapped.map { JSONValue(abridging: $0, depth: depth + 1) } ?? .null
        case .list(let elements):
            guard depth < 8 else { self = "…"; return }
            let shown = elements.prefix(Self.mostElements).map { JSONValue(abridging: $0, depth: depth + 1) }
            self = .array(elements.count > Self.mostElements ? shown + ["…"] : shown)
        case .map(let map):
            guard depth < 8 else { self = "…"; return }
            var members: [String: JSONValue] = [:]
            for (key, member) in map.entries.prefix(Self.mostElements) {
                let name = if case .string(let text) = key { text } else { "\(key)" }
                members[name] = JSONValue(abridging: member, depth: depth + 1)
            }
            if map.count > Self.mostElements { members["…"] = "…" }
            self = .object(members)
        case .type(let name): self = .string(name)
        case .timestamp(let time): self = .string("\(time)")
        case .duration(let duration): self = .string("\(duration)")
        case .bytes, .ip, .cidr: self = .string("\(value)")
        }
    }
}
