import CLibPQ

/// What a statement answered.
///
/// The result is libpq's own memory, which nothing writes to once it is here: it may be read by several threads at a time.
public final class PostgresResult: @unchecked Sendable {
    private let result: OpaquePointer
    /// How many rows it has.
    public let count: Int
    public let columnCount: Int

    /// - Parameter result: belongs to the new object from here on.
    init(owning result: OpaquePointer) {
        self.result = result
        count = Int(PQntuples(result))
        columnCount = Int(PQnfields(result))
    }

    deinit { PQclear(result) }

    /// How many rows the statement inserted, updated, deleted or found.
    public var affectedRows: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    /// What was done, such as `COMMIT` or `INSERT 0 1`.
    var commandTag: String { String(cString: PQcmdStatus(result)) }

    /// The types of the parameters of a statement that this result describes.
    var parameterTypes: [PostgresType] { (0..<PQnparams(result)).map { PostgresType(rawValue: PQparamtype(result, $0)) } }

    /// The type of a column, counted from 0; nil when there is none.
    public func type(ofColumn column: Int) -> PostgresType? {
        (0..<columnCount).contains(column) ? PostgresType(rawValue: PQftype(result, Int32(column))) : nil
    }

    /// The column of a name; nil when there is none.
    public func column(named name: String) -> Int? {
        (0..<columnCount).first { column in PQfname(result, Int32(column)).map { String(cString: $0) == name } ?? false }
    }

    /// The value in a place; nil for null and for places that do not exist.
    func cell(row: Int, column: Int) -> PostgresCell? {
        guard (0..<count).contains(row), let type = type(ofColumn: column), PQgetisnull(result, Int32(row), Int32(column)) == 0,
            let start = PQgetvalue(result, Int32(row), Int32(column))
        else { return nil }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, Int32(row), Int32(column))))
        return PostgresCell(type: type, bytes: bytes, column: column)
    }
}

extension PostgresResult: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { count }
    public subscript(position: Int) -> PostgresRow { PostgresRow(result: self, index: position) }
}

/// One row of a result; columns are counted from 0.
public struct PostgresRow: Sendable {
    let result: PostgresResult
    let index: Int

    public var columnCount: Int { result.columnCount }

    /// The type of a column; nil when there is none.
    public func type(ofColumn column: Int) -> PostgresType? { result.type(ofColumn: column) }

    public func isNull(_ column: Int) -> Bool { result.cell(row: index, column: column) == nil }

    /// Reads a column that is not null.
    /// - Throws: `PostgresError` with `.unreadable` when it is null, not there, or of another type.
    public func decode<Value: PostgresDecodable>(_ column: Int, as type: Value.Type = Value.self) throws(PostgresError) -> Value {
        guard let cell = result.cell(row: index, column: column) else {
            let fault = result.type(ofColumn: column) == nil ? "does not exist" : "is null"
            throw PostgresError(.unreadable, "column \(column) \(fault) and can't be read as \(Value.self)")
        }
        let value = try Value(cell)
        // The cell's bytes are the result's.
        return withExtendedLifetime(result) { value }
    }

    /// Reads a column that may be null.
    /// - Throws: `PostgresError` with `.unreadable` when it is not there or of another type.
    public func decodeIfPresent<Value: PostgresDecodable>(_ column: Int, as type: Value.Type = Value.self) throws(PostgresError) -> Value? {
        guard result.type(ofColumn: column) == nil || !isNull(column) else { return nil }
        return try decode(column, as: type)
    }

    /// Reads a column by its name.
    /// - Throws: `PostgresError` with `.unreadable` when it is null, not there, or of another type.
    public func decode<Value: PostgresDecodable>(_ name: String, as type: Value.Type = Value.self) throws(PostgresError) -> Value {
        guard let column = result.column(named: name) else { throw PostgresError(.unreadable, "there is no column \(name)") }
        return try decode(column, as: type)
    }

    /// The bytes of a `bytea` column.
    /// - Throws: `PostgresError` with `.unreadable` when it is null, not there, or of another type.
    public func bytes(_ column: Int) throws(PostgresError) -> [UInt8] { try decode(column, as: PostgresBytes.self).bytes }
}
