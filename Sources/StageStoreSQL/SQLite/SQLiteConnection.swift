import GRDB
import GRDBSQLite
import StageModel
import Synchronization

/// A connection of GRDB's, with its statements bound and stepped directly: it takes a third of the time, and rows need no boxes.
struct SQLiteConnection: SQLConnection {
    let database: Database
    /// Counts statements, for tests that hold the hot paths to none.
    let counter: StatementCounter

    @discardableResult
    func run(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> Int {
        try step(sql, values) { _ throws(SQLError) in }
        return database.changesCount
    }

    func runAll(_ statements: [SQLStatement]) throws(SQLError) -> [Int] {
        var counts: [Int] = []
        for statement in statements { counts.append(try run(statement.sql, statement.values)) }
        return counts
    }

    func rows<Value>(
        _ sql: String, _ values: [SQLValue], _ read: (any SQLRow) throws(SQLError) -> Value
    ) throws(SQLError) -> [Value] {
        var result: [Value] = []
        try step(sql, values) { row throws(SQLError) in result.append(try read(row)) }
        return result
    }

    func rows<Value>(
        _ lookup: SQLLookup, of keys: [[SQLValue]], _ read: (any SQLRow) throws(SQLError) -> Value
    ) throws(SQLError) -> [Value] {
        var result: [Value] = []
        for key in keys { try step(lookup.one, key) { row throws(SQLError) in result.append(try read(row)) } }
        return result
    }

    /// The commands beside a server are found by its looking at the log.
    func announceChange() {}

    private func step(_ sql: String, _ values: [SQLValue], _ visit: (SQLiteRow) throws(SQLError) -> Void) throws(SQLError) {
        counter.add()
        let statement = try prepared(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() { bind(value, at: Int32(index + 1), of: statement) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: try visit(SQLiteRow(statement: statement))
            case SQLITE_DONE: return
            default: throw SQLError(code: sqlite3_extended_errcode(database.sqliteConnection), message: database.lastErrorMessage ?? "")
            }
        }
    }

    private func prepared(_ sql: String) throws(SQLError) -> OpaquePointer {
        do {
            return try database.cachedStatement(sql: sql).sqliteStatement
        } catch {
            throw SQLError(error)
        }
    }

    private func bind(_ value: SQLValue, at index: Int32, of statement: OpaquePointer) {
        switch value {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let value): sqlite3_bind_int64(statement, index, value)
        case .boolean(let value): sqlite3_bind_int64(statement, index, value ? 1 : 0)
        case .timestamp(let value): sqlite3_bind_int64(statement, index, value.microseconds)
        case .text(let value) where value.isEmpty: sqlite3_bind_text(statement, index, "", 0, transient)
        case .text(var value):
            value.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    _ = sqlite3_bind_text(statement, index, $0.baseAddress, Int32($0.count), transient)
                }
            }
        case .blob(let value):
            value.withUnsafeBytes { bytes in
                _ =
                    bytes.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : sqlite3_bind_blob(statement, index, bytes.baseAddress, Int32(bytes.count), transient)
            }
        }
    }
}

/// Tells SQLite to copy what is bound.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

struct SQLiteRow: SQLRow {
    let statement: OpaquePointer

    func integer(_ column: Int) -> Int64 { sqlite3_column_int64(statement, Int32(column)) }

    func text(_ column: Int) -> String {
        guard let start = sqlite3_column_text(statement, Int32(column)) else { return "" }
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, Int32(column))))
        return String(decoding: bytes, as: UTF8.self)
    }

    func blob(_ column: Int) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, Int32(column)) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, Int32(column)))))
    }

    func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }

    func kept(columns: Int) -> any SQLRow & Sendable { StoredRow(copying: self, columns: columns) }
}

extension SQLError {
    /// Any error of GRDB's.
    init(_ error: any Error) {
        switch error {
        case let error as SQLError: self = error
        case let error as DatabaseError: self.init(code: error.extendedResultCode.rawValue, message: error.message ?? "")
        default: self = .invalid(String(describing: error))
        }
    }

    /// An extended result code of SQLite's.
    init(code: Int32, message: String) {
        let described = "\(message) (SQLite error \(code))"
        switch ResultCode(rawValue: code) {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID: self = .duplicate(described)
        case .SQLITE_CONSTRAINT_FOREIGNKEY: self = .reference(described)
        default:
            switch code & 0xFF {
            case SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN, SQLITE_BUSY, SQLITE_LOCKED,
                SQLITE_PERM, SQLITE_AUTH, SQLITE_NOMEM, SQLITE_PROTOCOL:
                self = .unavailable(described)
            default: self = .invalid(described)
            }
        }
    }
}

/// Counts the statements that a database ran.
final class StatementCounter: Sendable {
    private let total = Atomic<Int>(0)

    func add(_ count: Int = 1) { total.add(count, ordering: .relaxed) }

    var count: Int { total.load(ordering: .relaxed) }
}
