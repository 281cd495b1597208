import StageModel

/// What a query binds.
enum SQLValue: Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
    case timestamp(Timestamp)
    case boolean(Bool)

    init(_ value: Int64?) { self = value.map(SQLValue.integer) ?? .null }
    init(_ value: Int) { self = .integer(Int64(value)) }
    init(_ value: String?) { self = value.map(SQLValue.text) ?? .null }
    init(_ value: Timestamp?) { self = value.map(SQLValue.timestamp) ?? .null }
    init(_ value: [UInt8]) { self = .blob(value) }
    init(_ value: Bool) { self = .boolean(value) }
    init<Entity>(_ value: Identifier<Entity>?) { self = value.map { .text($0.description) } ?? .null }
    init(_ value: ConversationID) { self = .text(value.description) }
    init(json value: some JSONEncodable) { self = .text(value.jsonText) }

    /// An id that stands before all others.
    static let leastID = SQLValue.text("00000000-0000-0000-0000-000000000000")
}

/// A row while it is being read; columns are counted from 0.
protocol SQLRow {
    func integer(_ column: Int) -> Int64
    func text(_ column: Int) -> String
    func blob(_ column: Int) -> [UInt8]
    func isNull(_ column: Int) -> Bool

    /// The row, or a copy of its first columns, that may be read when its statement is done.
    func kept(columns: Int) -> any SQLRow & Sendable
}

extension SQLRow {
    func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
    func boolean(_ column: Int) -> Bool { integer(column) != 0 }
    func timestamp(_ column: Int) -> Timestamp { Timestamp(microseconds: integer(column)) }
    func optionalTimestamp(_ column: Int) -> Timestamp? { isNull(column) ? nil : timestamp(column) }

    func identifier<Entity>(_ column: Int) throws(SQLError) -> Identifier<Entity> {
        guard let id = Identifier<Entity>(text(column)) else { throw .unreadable("column \(column) holds no UUID") }
        return id
    }

    func optionalIdentifier<Entity>(_ column: Int) throws(SQLError) -> Identifier<Entity>? {
        isNull(column) ? nil : try identifier(column)
    }

    func json(_ column: Int) throws(SQLError) -> JSONValue {
        do throws(JSONSyntaxError) { return try JSONValue(parsing: text(column)) } catch {
            throw .unreadable("column \(column) holds no JSON: \(error.message)")
        }
    }

    func choice<Choice: RawRepresentable<String>>(_ column: Int) throws(SQLError) -> Choice {
        guard let choice = Choice(rawValue: text(column)) else { throw .unreadable("column \(column) holds no \(Choice.self)") }
        return choice
    }
}

/// A statement that changes something, and what it is to have changed.
struct SQLStatement: Sendable {
    let sql: String
    /// The same for any number of rows, in PostgreSQL's words: each parameter is the list of what the rows bind to it. Statements side by side that have
    /// the same are run as one there. nil: each is run for itself.
    let forRows: String?
    let values: [SQLValue]
    /// Why all is undone unless the statement changes, or finds, one row; nil: any number will do.
    var otherwise: (any Error)?

    init(_ sql: String, forRows: String? = nil, _ values: [SQLValue], otherwise: (any Error)? = nil) {
        self.sql = sql
        self.forRows = forRows
        self.values = values
        self.otherwise = otherwise
    }
}

/// A statement that inserts rows, for one and for any number of them.
struct SQLInsertion: Sendable {
    private let one: String
    private let forRows: String

    /// - Parameters:
    ///   - columns: in the order of their values, each with its type.
    ///   - prefixes: what stands before the value of a column, by the column's name.
    ///   - end: what follows.
    init(into table: String, _ columns: KeyValuePairs<String, String>, prefixes: [String: String] = [:], _ end: String = "") {
        let names = columns.map(\.key).joined(separator: ", ")
        func values(_ value: (Int, String) -> String) -> String {
            columns.enumerated().map { (prefixes[$0.element.key] ?? "") + value($0.offset + 1, $0.element.key) }.joined(separator: ", ")
        }
        one = "INSERT INTO \(table) (\(names)) VALUES (\(values { number, _ in "?\(number)" })) \(end)"
        forRows = "INSERT INTO \(table) (\(names)) SELECT \(values { "new.\($1)" }) FROM unnest(\(Self.lists(of: columns))) AS new(\(names)) \(end)"
    }

    func callAsFunction(_ values: [SQLValue], otherwise error: (any Error)? = nil) -> SQLStatement {
        SQLStatement(one, forRows: forRows, values, otherwise: error)
    }

    /// For each column the list of what the rows bind to it.
    static func lists(of columns: KeyValuePairs<String, String>) -> String {
        columns.enumerated().map { "?\($0.offset + 1)::\($0.element.value)[]" }.joined(separator: ", ")
    }
}

/// A query for rows by their keys.
struct SQLLookup: Sendable {
    /// For one key.
    let one: String
    /// For any number of keys, in PostgreSQL's words: each parameter is the list of what the keys bind to it.
    let many: String

    /// - Parameter key: the columns to look for, and their types.
    init(_ columns: String, in table: String, by key: KeyValuePairs<String, String>) {
        let names = key.map(\.key).joined(separator: ", ")
        let conditions = key.enumerated().map { "\($0.element.key) = ?\($0.offset + 1)" }
        one = "SELECT \(columns) FROM \(table) WHERE \(conditions.joined(separator: " AND "))"
        many = "SELECT \(columns) FROM unnest(\(SQLInsertion.lists(of: key))) AS wanted(\(names)) JOIN \(table) USING (\(names))"
    }
}

/// A connection inside a transaction. Statements are written with `?1`, `?2`, … (which the PostgreSQL
/// driver turns into `$1`); they are prepared once and kept.
protocol SQLConnection {
    /// Runs a statement.
    /// - Returns: how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> Int

    /// Runs statements in their order, in one round trip where the database is elsewhere.
    /// - Returns: how many rows each changed, or found.
    func runAll(_ statements: [SQLStatement]) throws(SQLError) -> [Int]

    func rows<Value>(_ sql: String, _ values: [SQLValue], _ read: (any SQLRow) throws(SQLError) -> Value) throws(SQLError) -> [Value]

    /// Finds the rows of several keys, in any order, in one round trip where the database is elsewhere.
    func rows<Value>(
        _ lookup: SQLLookup, of keys: [[SQLValue]], _ read: (any SQLRow) throws(SQLError) -> Value
    ) throws(SQLError) -> [Value]

    /// Tells other processes, when this transaction is committed, that the log of changes has grown.
    func announceChange() throws(SQLError)
}

extension SQLConnection {
    func row<Value>(_ sql: String, _ values: [SQLValue], _ read: (any SQLRow) throws(SQLError) -> Value) throws(SQLError) -> Value? {
        try rows(sql, values, read).first
    }

    /// Runs statements, and sees to it that each has changed what it was to change.
    func run(_ statements: [SQLStatement]) throws {
        for (statement, count) in zip(statements, try runAll(statements)) where count != 1 {
            if let error = statement.otherwise { throw error }
        }
    }
}

/// A database with one writer at a time, in all processes, and many readers: what is committed is committed in the order of its positions.
protocol SQLDatabase: Sendable {
    /// Whether other processes change conversations, too, so that memory does not tell how they are now.
    var isShared: Bool { get }

    /// How many statements were run so far.
    var statementCount: Int { get }

    /// Reads one consistent state.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value

    /// Reads with one statement.
    func readOnce<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value

    /// Writes in one transaction, which an error undoes. The body may be run more than once, each time from the start.
    /// - Throws: `.outcomeUnknown` when nobody can tell whether it was committed.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value

    /// Removes from the files what was deleted or replaced, as far as the database keeps it for a while.
    func scrub() async throws

    /// Runs those migrations that were not yet, each of which is run once, whoever else is at it.
    func migrate(_ migrations: [SQLMigration]) async throws

    /// The number of the newest migration that was run; 0: none.
    func schemaNumber() async throws -> Int

    /// Calls a function whenever other processes have announced a change, if the database can tell; the log has to be read now and then, too.
    func whenChanged(_ call: @escaping @Sendable () -> Void) throws

    /// Closes all connections.
    func close() async throws
}

/// A step of the schema, numbered from 1.
struct SQLMigration: Sendable {
    let number: Int
    let name: String
    /// In PostgreSQL's words.
    let script: String
}

/// Why a statement or a transaction failed.
enum SQLError: Error {
    /// A UNIQUE or PRIMARY KEY constraint.
    case duplicate(String)
    /// A FOREIGN KEY constraint.
    case reference(String)
    /// The file or the server can't be used.
    case unavailable(String)
    /// The connection was lost, before anything was committed.
    case lost(String)
    /// The connection was lost in a commit, and what became of that can't be found out.
    case outcomeUnknown(String)
    /// The statement is wrong, or breaks another constraint: our fault.
    case invalid(String)
    /// What is stored is not what was written.
    case unreadable(String)
}

extension SQLMigration {
    /// Creates the table that tells which migrations were run.
    static let table = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            number BIGINT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            applied_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
        );
        """

    /// Reads the number of the newest that was run.
    static let newest = "SELECT coalesce(max(number), 0) FROM schema_migrations"

    /// Writes into the table that this one was run.
    var record: String { "INSERT INTO schema_migrations (number, name) VALUES (\(number), '\(name)');" }
}
