extension PostgresConnection {
    /// Runs something that is sent to the server and completes its errors: with the statement, with whether it may have been committed, and with
    /// whose limit it was that ended it. Keeps why the open transaction was given up.
    func noted<Value>(_ statement: String, _ body: () throws(PostgresError) -> Value) throws(PostgresError) -> Value {
        guard !flag.isRaised else { throw PostgresError(.cancelled, "the task was cancelled before the statement was sent") }
        guard !isBroken else { throw PostgresError(.connectionLost, "the connection was lost before") }
        let start = ContinuousClock.now
        let commitsItself = !isInTransaction && !link.isTransactionOpen
        do throws(PostgresError) {
            return try body()
        } catch {
            var error = error.in(statement)
            if error.code == .cancelled, error.sqlState != nil, !flag.isRaised, ContinuousClock.now - start >= statementTimeout {
                error = error.with(.statementTimeout)
            }
            if error.code == .connectionLost, commitsItself { error.mayHaveCommitted = true }
            if isInTransaction, failure == nil, error.sqlState != nil || isBroken { failure = error }
            throw error
        }
    }
}

extension PostgresError {
    /// The same error under another code.
    func with(_ code: Code) -> PostgresError {
        PostgresError(
            code, message, sqlState: sqlState, constraint: constraint, table: table, column: column, detail: detail, hint: hint,
            statement: statement, mayHaveCommitted: mayHaveCommitted)
    }
}
