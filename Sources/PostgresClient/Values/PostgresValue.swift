/// What a statement binds to one of its parameters `$1`, `$2`, ….
///
/// The server says which type a parameter has; a value of that type goes in binary form, any other as text, which the server then reads.
public enum PostgresValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    /// For `smallint`, `integer` and `bigint`.
    case integer(Int64)
    case double(Double)
    /// For any type: the server reads what the text says.
    case text(String)
    case uuid(PostgresUUID)
    case timestamp(PostgresTimestamp)
    case bytes([UInt8])
    /// For an array of one dimension; elements may be null.
    case list([PostgresValue])

    public init(_ value: Bool?) { self = value.map(PostgresValue.boolean) ?? .null }
    public init(_ value: Int64?) { self = value.map(PostgresValue.integer) ?? .null }
    public init(_ value: Int) { self = .integer(Int64(value)) }
    public init(_ value: Double?) { self = value.map(PostgresValue.double) ?? .null }
    public init(_ value: String?) { self = value.map(PostgresValue.text) ?? .null }
    public init(_ value: PostgresUUID?) { self = value.map(PostgresValue.uuid) ?? .null }
    public init(_ value: PostgresTimestamp?) { self = value.map(PostgresValue.timestamp) ?? .null }
    public init(_ value: [UInt8]?) { self = value.map(PostgresValue.bytes) ?? .null }

    /// The kind of value, for messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .integer: "an integer"
        case .double: "a double"
        case .text: "a text"
        case .uuid: "a UUID"
        case .timestamp: "a time"
        case .bytes: "bytes"
        case .list: "a list"
        }
    }
}

/// A statement with the values that it binds.
public struct PostgresStatement: Sendable, Hashable {
    public let sql: String
    public let values: [PostgresValue]

    public init(_ sql: String, _ values: [PostgresValue] = []) {
        self.sql = sql
        self.values = values
    }
}
