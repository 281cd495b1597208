/// What can be read from a column.
public protocol PostgresDecodable {
    /// - Throws: `PostgresError` with `.unreadable` when the column is of another type.
    init(_ cell: PostgresCell) throws(PostgresError)
}

extension Bool: PostgresDecodable {
    public init(_ cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .bool else { throw cell.unreadable("a boolean") }
        self = try cell.number(UInt8.self) != 0
    }
}

extension PostgresDecodable where Self: FixedWidthInteger {
    /// Reads any of the integer types whose value fits.
    public init(_ cell: PostgresCell) throws(PostgresError) {
        let value: Int64
        switch cell.type {
        case .int8: value = try cell.number()
        case .int4: value = Int64(try cell.number(Int32.self))
        case .int2: value = Int64(try cell.number(Int16.self))
        case .oid: value = Int64(try cell.number(UInt32.self))
        default: throw cell.unreadable("an integer")
        }
        guard let fitting = Self(exactly: value) else { throw cell.unreadable("an integer of \(Self.bitWidth) bits: its value is too large") }
        self = fitting
    }
}

extension Int16: PostgresDecodable {}
extension Int32: PostgresDecodable {}
extension Int64: PostgresDecodable {}
extension Int: PostgresDecodable {}

extension Double: PostgresDecodable {
    public init(_ cell: PostgresCell) throws(PostgresError) {
        switch cell.type {
        case .float8: self = Double(bitPattern: try cell.number())
        case .float4: self = Double(Float(bitPattern: try cell.number()))
        default: throw cell.unreadable("a double")
        }
    }
}

extension String: PostgresDecodable {
    /// Reads texts, enumerations, `json` and `jsonb`.
    public init(_ cell: PostgresCell) throws(PostgresError) {
        switch cell.type {
        case .jsonb:
            // One byte of version, then the text.
            guard cell.bytes.first == 1 else { throw cell.unreadable("a text: its form is of an unknown version") }
            self = String(decoding: cell.bytes.dropFirst(), as: UTF8.self)
        default:
            guard cell.type.isText else { throw cell.unreadable("a text") }
            self = String(decoding: cell.bytes, as: UTF8.self)
        }
    }
}

extension PostgresUUID: PostgresDecodable {
    public init(_ cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .uuid, cell.bytes.count == 16 else { throw cell.unreadable("a UUID") }
        self.init(
            high: UInt64(bigEndian: cell.bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: cell.bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}

extension PostgresTimestamp: PostgresDecodable {
    public init(_ cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .timestamptz || cell.type == .timestamp else { throw cell.unreadable("a time") }
        guard let moment = PostgresTimestamp(stored: try cell.number()) else { throw cell.unreadable("a time: it is infinite") }
        self = moment
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    /// Reads arrays of one dimension without nulls.
    public init(_ cell: PostgresCell) throws(PostgresError) { self = try cell.elements() }
}

/// The bytes of a `bytea`.
public struct PostgresBytes: PostgresDecodable, Hashable, Sendable {
    public let bytes: [UInt8]

    public init(_ cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .bytea else { throw cell.unreadable("bytes") }
        bytes = Array(cell.bytes)
    }
}
