import PostgresClient
import StageModel

/// A connection of the pool's, used by one transaction on the connection's thread.
final class PostgresSQLConnection: SQLConnection {
    private let connection: PostgresConnection
    private let counter: StatementCounter
    /// Goes before the first statement that writes: what tells afterwards whether the transaction was committed.
    private var mark: PostgresStatement?

    init(_ connection: PostgresConnection, counter: StatementCounter, mark: PostgresStatement? = nil) {
        self.connection = connection
        self.counter = counter
        self.mark = mark
    }

    @discardableResult
    func run(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> Int {
        try runAll([SQLStatement(sql, values)]).first ?? 0
    }

    func runAll(_ statements: [SQLStatement]) throws(SQLError) -> [Int] {
        let marked = mark.map { [$0] } ?? []
        mark = nil
        let runs = Run.all(of: statements)
        let results = try send(marked + runs.map(\.statement))
        return zip(runs, results.dropFirst(marked.count)).flatMap { run, result in
            // Each is for one row: which of several found none is not told.
            run.rows.count == 1 ? [result.affectedRows] : run.rows.map { _ in result.affectedRows == run.rows.count ? 1 : 0 }
        }
    }

    /// Statements side by side that are run as one.
    private struct Run {
        let first: SQLStatement
        var rows: [[SQLValue]]

        static func all(of statements: [SQLStatement]) -> [Run] {
            var runs: [Run] = []
            for statement in statements {
                if let forRows = statement.forRows, runs.last?.first.forRows == forRows {
                    runs[runs.count - 1].rows.append(statement.values)
                } else {
                    runs.append(Run(first: statement, rows: [statement.values]))
                }
            }
            return runs
        }

        var statement: PostgresStatement {
            first.forRows.map { PostgresSQLConnection.statement($0, rows) } ?? PostgresSQLConnection.statement(first.sql, first.values)
        }
    }

    func rows<Value>(
        _ sql: String, _ values: [SQLValue], _ read: (any SQLRow) throws(SQLError) -> Value
    ) throws(SQLError) -> [Value] {
        try rows(of: Self.statement(sql, values), read)
    }

    func rows<Value>(
        _ lookup: SQLLookup, of keys: [[SQLValue]], _ read: (any SQLRow) throws(SQLError) -> Value
    ) throws(SQLError) -> [Value] {
        try rows(of: Self.statement(lookup.many, keys), read)
    }

    private func rows<Value>(of statement: PostgresStatement, _ read: (any SQLRow) throws(SQLError) -> Value) throws(SQLError) -> [Value] {
        var found: [Value] = []
        for result in try send([statement]) {
            for row in result { found.append(try read(PostgresSQLRow(row: row))) }
        }
        return found
    }

    func announceChange() throws(SQLError) { _ = try send([PostgresStatement("NOTIFY \(PostgresDatabase.channel)")]) }

    private func send(_ statements: [PostgresStatement]) throws(SQLError) -> [PostgresResult] {
        counter.add(statements.count)
        do throws(PostgresError) {
            guard statements.count != 1 else { return [try connection.query(statements[0].sql, statements[0].values)] }
            var results: [PostgresResult] = []
            for outcome in try connection.pipeline(statements) {
                switch outcome {
                case .result(let result): results.append(result)
                case .failure(let error): throw error
                // Only behind a failure.
                case .skipped: break
                }
            }
            return results
        } catch {
            throw SQLError(error)
        }
    }

    private static func statement(_ sql: String, _ values: [SQLValue]) -> PostgresStatement {
        let statement = PostgresDialect.statement(sql)
        return PostgresStatement(statement.sql, statement.parameters.map { PostgresValue(values[$0]) })
    }

    private static func statement(_ sql: String, _ rows: [[SQLValue]]) -> PostgresStatement {
        let statement = PostgresDialect.statement(sql)
        return PostgresStatement(statement.sql, statement.parameters.map { parameter in .list(rows.map { PostgresValue($0[parameter]) }) })
    }
}

extension PostgresValue {
    fileprivate init(_ value: SQLValue) {
        switch value {
        case .null: self = .null
        case .integer(let value): self = .integer(value)
        case .text(let value): self = .text(value)
        case .blob(let value): self = .bytes(value)
        case .timestamp(let value): self = .timestamp(PostgresTimestamp(microseconds: value.microseconds))
        case .boolean(let value): self = .boolean(value)
        }
    }
}

/// A row of a result that lives as long as anybody reads it. As in SQLite, what a column does not hold reads as 0 or empty, which the readers
/// of identifiers, choices and JSON refuse.
struct PostgresSQLRow: SQLRow, Sendable {
    let row: PostgresRow

    func integer(_ column: Int) -> Int64 {
        switch row.type(ofColumn: column) {
        case .bool: value(column, Bool.self) == true ? 1 : 0
        case .timestamptz: value(column, PostgresTimestamp.self)?.microseconds ?? 0
        default: value(column, Int64.self) ?? 0
        }
    }

    func text(_ column: Int) -> String {
        switch row.type(ofColumn: column) {
        case .uuid: value(column, PostgresUUID.self)?.description ?? ""
        default: value(column, String.self) ?? ""
        }
    }

    func blob(_ column: Int) -> [UInt8] { value(column, PostgresBytes.self)?.bytes ?? [] }

    func isNull(_ column: Int) -> Bool { row.isNull(column) }

    func kept(columns: Int) -> any SQLRow & Sendable { self }

    private func value<Value: PostgresDecodable>(_ column: Int, _: Value.Type) -> Value? {
        do throws(PostgresError) { return try row.decodeIfPresent(column) } catch { return nil }
    }
}

extension SQLError {
    /// An error of the client's.
    init(_ error: PostgresError) {
        let text = error.debugDescription
        switch error.code {
        case .uniqueViolation: self = .duplicate(text)
        case .foreignKeyViolation: self = .reference(text)
        case .outcomeUnknown: self = .outcomeUnknown(text)
        case .connectionLost: self = .lost(text)
        case .serializationFailure, .deadlock, .cancelled, .statementTimeout, .unreachable, .connectTimeout, .serverNotReady,
            .authenticationFailed, .tlsFailed, .tooManyConnections, .unknownDatabase, .readOnly, .insufficientResources, .tooManyWaiting,
            .acquireTimeout, .closed, .invalidConfiguration, .notPermitted:
            self = .unavailable(text)
        case .unreadable: self = .unreadable(text)
        case .notNullViolation, .checkViolation, .exclusionViolation, .lockNotAvailable, .invalidValue, .invalidData, .invalidStatement, .other:
            self = .invalid(text)
        }
    }
}
