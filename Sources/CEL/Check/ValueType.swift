/// A type of values, as declarations give it and as the checker finds it.
public indirect enum ValueType: Sendable, Hashable {
    /// A type that is known only at evaluation; it fits everything.
    case dyn
    case null
    case bool
    case int
    case uint
    case double
    case string
    case bytes
    case timestamp
    case duration
    /// A type as a value.
    case type
    case list(ValueType)
    case map(ValueType, ValueType)
    case optional(ValueType)
    /// A map with string keys of which some are declared.
    case record(RecordType)
    case ip
    case cidr
    /// A type that stands for any one type throughout a signature; or, with a number, for one that is still to be found.
    case parameter(String)
}

/// A map with string keys whose fields are declared, all or some of them.
public struct RecordType: Sendable, Hashable {
    /// What messages call it.
    public let name: String
    /// The declared fields with their types.
    public let fields: [String: ValueType]
    /// Whether there may be fields that are not declared; those are of type `dyn`.
    public let isOpen: Bool

    /// Makes a record type.
    public init(name: String, fields: [String: ValueType], isOpen: Bool = false) {
        self.name = name
        self.fields = fields
        self.isOpen = isOpen
    }
}

extension ValueType: CustomStringConvertible {
    /// The type as messages write it: `list(int)`, `map(string, dyn)`.
    public var description: String {
        switch self {
        case .dyn: "dyn"
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .type: "type"
        case .list(let element): "list(\(element))"
        case .map(let key, let value): "map(\(key), \(value))"
        case .optional(let wrapped): "optional(\(wrapped))"
        case .record(let record): record.name
        case .ip: "net.IP"
        case .cidr: "net.CIDR"
        case .parameter(let name): name.hasPrefix("#") ? "dyn" : name
        }
    }

    var isNumeric: Bool { self == .int || self == .uint || self == .double }
}
