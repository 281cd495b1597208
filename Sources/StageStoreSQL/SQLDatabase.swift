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
}

/// A row while it is being read; columns are counted from 0.
protocol SQLRow {
    func integer(_ column: Int) -> Int64
    func text(_ column: Int) -> String
    func blob(_ column: Int) -> [UInt8]
    func isNull(_ column: Int) -> Bool
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

/// A connection inside a transaction. Statements are written with `?1`, `?2`, … (which a PostgreSQL
/// driver turns into `$1` when it prepares them); they are prepared once and kept.
protocol SQLConnection {
    /// Runs a statement.
    /// - Returns: how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> Int

    /// Inserts a row into a table whose key `position` the database counts.
    /// - Returns: the position of the row.
    func insertCounted(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> Int64

    func rows<Value>(_ sql: String, _ values: [SQLValue], _ read: (any SQLRow) throws(SQLError) -> Value) throws(SQLError) -> [Value]
}

extension SQLConnection {
    func row<Value>(_ sql: String, _ values: [SQLValue], _ read: (any SQLRow) throws(SQLError) -> Value) throws(SQLError) -> Value? {
        try rows(sql, values, read).first
    }
}

/// A database with one writer at a time and many readers.
protocol SQLDatabase: Sendable {
    /// Reads one consistent state.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value

    /// Writes in one transaction, which an error undoes.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value

    /// A condition on rows of `events` that holds for those before which no other can appear any more: a database whose transactions
    /// do not commit in the order in which they took their positions leaves out what is behind one that is still open.
    var settledEvents: String { get }

    /// Removes from the files what was deleted or replaced, as far as the database keeps it for a while.
    func scrub() async throws

    /// Lets the writer work off what waits: calls `work` until it returns false, each time with the means to run one transaction.
    func drain(_ work: @escaping @Sendable (_ transaction: (@Sendable (any SQLConnection) throws -> Void) throws -> Void) -> Bool)
}

/// Why a statement or a transaction failed.
enum SQLError: Error {
    /// A UNIQUE or PRIMARY KEY constraint.
    case duplicate(String)
    /// A FOREIGN KEY constraint.
    case reference(String)
    /// The file or the server can't be used.
    case unavailable(String)
    /// The statement is wrong, or breaks another constraint: our fault.
    case invalid(String)
    /// What is stored is not what was written.
    case unreadable(String)
}
