extension PostgresPool {
    /// Runs one statement on any connection. Cancelling the task cancels the statement at the server.
    /// - Throws: a lost connection has `mayHaveCommitted` set: the statement commits itself.
    @discardableResult
    public func query(_ sql: String, _ values: [PostgresValue] = []) async throws(PostgresError) -> PostgresResult {
        do {
            return try await withConnection { try $0.query(sql, values) }
        } catch let error as PostgresError {
            throw error
        } catch {
            throw PostgresError(.other, String(describing: error))
        }
    }

    /// Runs one statement on any connection.
    /// - Returns: how many rows it inserted, updated, deleted or found.
    @discardableResult
    public func execute(_ sql: String, _ values: [PostgresValue] = []) async throws(PostgresError) -> Int {
        try await query(sql, values).affectedRows
    }

    /// Sends many statements at once, as a transaction of their own: see `PostgresConnection.pipeline`.
    public func pipeline(_ statements: [PostgresStatement]) async throws(PostgresError) -> [PostgresOutcome] {
        do {
            return try await withConnection { try $0.pipeline(statements) }
        } catch let error as PostgresError {
            throw error
        } catch {
            throw PostgresError(.other, String(describing: error))
        }
    }

    /// Runs a body in a transaction on the connection's thread, again from the start when it collided with others: see
    /// `PostgresConnection.transaction`.
    @discardableResult
    public func withTransaction<Value: Sendable>(
        _ options: PostgresTransactionOptions = PostgresTransactionOptions(),
        _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        try await withConnection { try $0.transaction(options, body) }
    }

    /// Runs a body with a connection, on the connection's thread. A transaction that it leaves open is undone.
    ///
    /// Cancelling the task ends the wait for a connection, or the statement that the body is at; the body's next statement throws `.cancelled`.
    @discardableResult
    public func withConnection<Value: Sendable>(_ body: @escaping @Sendable (PostgresConnection) throws -> Value) async throws -> Value {
        let ticket = Ticket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let id = submit(
                    { connection in
                        let outcome = Result { try body(connection) }
                        return { continuation.resume(with: outcome) }
                    },
                    fail: { continuation.resume(throwing: $0) })
                if ticket.take(id) { cancel(id) }
            }
        } onCancel: {
            if let id = ticket.tear() { cancel(id) }
        }
    }
}
