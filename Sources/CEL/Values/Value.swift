/// A value of the Common Expression Language.
///
/// `==` is the equality of the language: numbers of different types are equal when they are the same number, `NaN`
/// equals nothing, and values of unrelated types are unequal.
public enum Value: Sendable {
    /// The null value.
    case null
    /// A truth value.
    case bool(Bool)
    /// A signed 64-bit integer.
    case int(Int64)
    /// An unsigned 64-bit integer.
    case uint(UInt64)
    /// An IEEE 754 double.
    case double(Double)
    /// Text: a sequence of Unicode code points, compared code point by code point.
    case string(String)
    /// A sequence of bytes.
    case bytes([UInt8])
    /// A list of values of any types.
    case list([Value])
    /// A map from bool, int, uint or string keys to values.
    case map(MapValue)
    /// A point in time, with nanoseconds.
    case timestamp(Timestamp)
    /// A length of time, with nanoseconds.
    case duration(DurationValue)
    /// A type as a value, by its name (`int`, `list`, `google.protobuf.Timestamp`).
    case type(String)
    /// A value that may be absent.
    indirect case optional(Value?)
    /// An IP address of the network library.
    indirect case ip(IPAddress)
    /// A block of IP addresses of the network library.
    indirect case cidr(IPBlock)

    /// The name of the type of this value, as `type(value)` gives it.
    public var typeName: String {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .list: "list"
        case .map: "map"
        case .timestamp: "google.protobuf.Timestamp"
        case .duration: "google.protobuf.Duration"
        case .type: "type"
        case .optional: "optional_type"
        case .ip: "net.IP"
        case .cidr: "net.CIDR"
        }
    }

    /// The number of characters, bytes, elements or entries; nil for values that have no size.
    public var size: Int? {
        switch self {
        case .string(let text): text.scalarCount
        case .bytes(let bytes): bytes.count
        case .list(let elements): elements.count
        case .map(let map): map.count
        case .null, .bool, .int, .uint, .double, .timestamp, .duration, .type, .optional, .ip, .cidr: nil
        }
    }

    /// Whether this is what `optional.ofNonZeroValue` calls a zero value.
    var isZero: Bool {
        switch self {
        case .null: true
        case .bool(let value): !value
        case .int(let value): value == 0
        case .uint(let value): value == 0
        case .double(let value): value == 0
        case .string(let text): text.isEmpty
        case .bytes(let bytes): bytes.isEmpty
        case .list(let elements): elements.isEmpty
        case .map(let map): map.isEmpty
        case .duration(let duration): duration.nanoseconds == 0
        case .timestamp(let timestamp): timestamp == Timestamp.zero
        case .optional(let wrapped): wrapped == nil
        case .type, .ip, .cidr: false
        }
    }
}

extension Value: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A bool.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An int.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A double.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A list.
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
    /// A map; of keys that come twice, the last counts, and keys of other types than bool, int, uint and string are left out.
    public init(dictionaryLiteral elements: (Value, Value)...) { self = .map(MapValue(elements)) }
}
