/// A type of PostgreSQL's, by its number (OID).
public struct PostgresType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let bool = PostgresType(rawValue: 16)
    public static let bytea = PostgresType(rawValue: 17)
    public static let name = PostgresType(rawValue: 19)
    public static let int8 = PostgresType(rawValue: 20)
    public static let int2 = PostgresType(rawValue: 21)
    public static let int4 = PostgresType(rawValue: 23)
    public static let text = PostgresType(rawValue: 25)
    public static let oid = PostgresType(rawValue: 26)
    public static let json = PostgresType(rawValue: 114)
    public static let xml = PostgresType(rawValue: 142)
    public static let float4 = PostgresType(rawValue: 700)
    public static let float8 = PostgresType(rawValue: 701)
    public static let unknown = PostgresType(rawValue: 705)
    public static let bpchar = PostgresType(rawValue: 1042)
    public static let varchar = PostgresType(rawValue: 1043)
    public static let timestamp = PostgresType(rawValue: 1114)
    public static let timestamptz = PostgresType(rawValue: 1184)
    public static let numeric = PostgresType(rawValue: 1700)
    public static let void = PostgresType(rawValue: 2278)
    public static let uuid = PostgresType(rawValue: 2950)
    public static let jsonb = PostgresType(rawValue: 3802)
    public static let jsonArray = PostgresType(rawValue: 199)
    public static let boolArray = PostgresType(rawValue: 1000)
    public static let byteaArray = PostgresType(rawValue: 1001)
    public static let int2Array = PostgresType(rawValue: 1005)
    public static let int4Array = PostgresType(rawValue: 1007)
    public static let textArray = PostgresType(rawValue: 1009)
    public static let varcharArray = PostgresType(rawValue: 1015)
    public static let int8Array = PostgresType(rawValue: 1016)
    public static let float8Array = PostgresType(rawValue: 1022)
    public static let timestampArray = PostgresType(rawValue: 1115)
    public static let timestamptzArray = PostgresType(rawValue: 1185)
    public static let uuidArray = PostgresType(rawValue: 2951)

    private static let names: [PostgresType: String] = [
        .bool: "boolean", .bytea: "bytea", .name: "name", .int8: "bigint", .int2: "smallint", .int4: "integer", .text: "text", .oid: "oid",
        .json: "json", .xml: "xml", .float4: "real", .float8: "double precision", .unknown: "unknown", .bpchar: "character",
        .varchar: "character varying", .timestamp: "timestamp", .timestamptz: "timestamp with time zone", .numeric: "numeric", .void: "void",
        .uuid: "uuid", .jsonb: "jsonb",
    ]

    /// What the elements of an array are, by the array's type.
    private static let elements: [PostgresType: PostgresType] = [
        .jsonArray: .json, .boolArray: .bool, .byteaArray: .bytea, .int2Array: .int2, .int4Array: .int4, .textArray: .text,
        .varcharArray: .varchar, .int8Array: .int8, .float8Array: .float8, .timestampArray: .timestamp, .timestamptzArray: .timestamptz,
        .uuidArray: .uuid,
    ]

    /// The type of an array's elements; nil when this is no array that goes in binary form.
    var element: PostgresType? { Self.elements[self] }

    /// The types whose binary form is their text.
    private static let texts: Set<PostgresType> = [.text, .varchar, .bpchar, .name, .json, .xml, .unknown]

    /// The lowest number of a type that a user made.
    private static let firstOfUsers: UInt32 = 16_384

    /// Whether the binary form is text. A user's own type is taken for an enumeration, which is.
    var isText: Bool { Self.texts.contains(self) || rawValue >= Self.firstOfUsers }
}

extension PostgresType: CustomStringConvertible {
    public var description: String { Self.names[self] ?? element.map { "\($0)[]" } ?? "type \(rawValue)" }
}
