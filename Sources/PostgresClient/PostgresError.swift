/// Why something asked of PostgreSQL was not done.
public struct PostgresError: Error, Sendable, Equatable {
    /// What kind of failure it was.
    public enum Code: String, Sendable, CaseIterable {
        // The statement broke a constraint.
        case uniqueViolation, foreignKeyViolation, notNullViolation, checkViolation, exclusionViolation
        /// The transaction collided with another (SQLSTATE 40001); done again it may succeed.
        case serializationFailure
        /// The transaction waited for another that waited for it (SQLSTATE 40P01); done again it may succeed.
        case deadlock
        /// A lock that was not to be waited for is held by another.
        case lockNotAvailable
        /// The task was cancelled, or somebody cancelled the statement at the server.
        case cancelled
        /// The server took longer over a statement than is allowed.
        case statementTimeout
        /// The connection broke, or the server stopped answering; the transaction, if one was open, is undone.
        case connectionLost
        /// The connection broke while a commit was on its way: it may have been done or not, and only a look at the data can tell.
        case outcomeUnknown
        /// The server could not be reached.
        case unreachable
        /// The server did not accept a connection within the time allowed.
        case connectTimeout
        /// The server is starting, stopping or recovering.
        case serverNotReady
        /// The server refused the user, the password or the certificate.
        case authenticationFailed
        /// TLS could not be agreed on, or the server's certificate is not the expected one.
        case tlsFailed
        /// The server has no room for another connection.
        case tooManyConnections
        /// There is no such database.
        case unknownDatabase
        /// The role may not do this.
        case notPermitted
        /// The server, or the transaction, takes no writes.
        case readOnly
        /// The server is out of disk, memory or another resource.
        case insufficientResources
        /// So many already wait for a connection of the pool that no more are let in.
        case tooManyWaiting
        /// No connection of the pool became free within the time allowed.
        case acquireTimeout
        /// The pool or listener was closed.
        case closed
        /// The connection settings can't be used.
        case invalidConfiguration
        /// A value can't be bound where it was given.
        case invalidValue
        /// A column does not hold what was asked for.
        case unreadable
        /// The server can't use a value: out of range, or not of the type's form.
        case invalidData
        /// The statement is wrong, or was used where it can't be.
        case invalidStatement
        /// Anything else.
        case other
    }

    public let code: Code
    /// The server's five-character code, where the server answered.
    public let sqlState: String?
    /// The names that the server gave for what was violated.
    public let constraint: String?
    public let table: String?
    public let column: String?
    /// Whether what was asked may have been committed all the same: it was on its way outside a transaction, or was a COMMIT.
    public internal(set) var mayHaveCommitted: Bool

    /// What the server or libpq said: may hold data.
    let message: String
    let detail: String?
    let hint: String?
    /// The text of the statement, without its values.
    var statement: String?

    init(
        _ code: Code, _ message: String, sqlState: String? = nil, constraint: String? = nil, table: String? = nil, column: String? = nil,
        detail: String? = nil, hint: String? = nil, statement: String? = nil, mayHaveCommitted: Bool = false
    ) {
        self.code = code
        self.sqlState = sqlState
        self.constraint = constraint
        self.table = table
        self.column = column
        self.mayHaveCommitted = mayHaveCommitted
        self.message = message
        self.detail = detail
        self.hint = hint
        self.statement = statement
    }

    /// Whether the same transaction, done again, may succeed: the server undid it because of others.
    public var isRetryable: Bool { code == .serializationFailure || code == .deadlock }

    /// Whether the database can't be used at all, now or with these settings, whatever is asked of it.
    public var isUnavailable: Bool {
        switch code {
        case .connectionLost, .outcomeUnknown, .unreachable, .connectTimeout, .serverNotReady, .authenticationFailed, .tlsFailed, .tooManyConnections,
            .unknownDatabase, .readOnly, .insufficientResources, .tooManyWaiting, .acquireTimeout, .closed, .invalidConfiguration,
            .statementTimeout:
            true
        case .uniqueViolation, .foreignKeyViolation, .notNullViolation, .checkViolation, .exclusionViolation, .serializationFailure, .deadlock,
            .lockNotAvailable, .cancelled, .notPermitted, .invalidValue, .unreadable, .invalidData, .invalidStatement, .other:
            false
        }
    }

    /// Whether trying to connect again with the same settings can't help before somebody changes something.
    var isPermanent: Bool {
        switch code {
        case .authenticationFailed, .tlsFailed, .unknownDatabase, .invalidConfiguration: true
        case .uniqueViolation, .foreignKeyViolation, .notNullViolation, .checkViolation, .exclusionViolation, .serializationFailure, .deadlock,
            .lockNotAvailable, .cancelled, .statementTimeout, .connectionLost, .outcomeUnknown, .unreachable, .connectTimeout, .serverNotReady,
            .tooManyConnections, .notPermitted, .readOnly, .insufficientResources, .tooManyWaiting, .acquireTimeout, .closed, .invalidValue,
            .unreadable, .invalidData, .invalidStatement, .other:
            false
        }
    }

    /// The same failure of something that may have been committed.
    func ofUnknownOutcome(_ code: Code) -> PostgresError {
        PostgresError(
            code, message, sqlState: sqlState, constraint: constraint, table: table, column: column, detail: detail, hint: hint,
            statement: statement, mayHaveCommitted: true)
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// What may be shown to anybody: the kind of failure and names of the schema, no data.
    public var description: String {
        var text = "PostgreSQL: \(code.sentence)"
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        if let constraint { text += ", constraint \(constraint)" }
        return text
    }

    /// Everything that is known, for the log; may hold data, never the password.
    public var debugDescription: String {
        var text = "\(description): \(message)"
        if let detail { text += "; \(detail)" }
        if let hint { text += "; \(hint)" }
        if let statement { text += "; in: \(statement)" }
        return text
    }
}
