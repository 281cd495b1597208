/// What became of one statement of a group.
public enum PostgresOutcome: Sendable {
    case result(PostgresResult)
    case failure(PostgresError)
    /// It was not run, because one before it failed.
    case skipped
}

extension PostgresConnection {
    /// Sends many statements at once and reads their answers together: one round trip for all, and one more for those that were never prepared.
    ///
    /// Outside a transaction the group is one: either all is committed, or, when one fails, nothing. Inside, a failure ends the transaction.
    /// All together they have the time of one statement.
    /// - Returns: an outcome for each statement, in their order.
    /// - Throws: when no statement was run (one can't be prepared, a value can't be bound), or when the connection was lost, outside a transaction
    ///   as `.outcomeUnknown`.
    public func pipeline(_ statements: [PostgresStatement]) throws(PostgresError) -> [PostgresOutcome] {
        guard !statements.isEmpty else { return [] }
        let name = "a group of \(statements.count) statements"
        do throws(PostgresError) {
            var outcomes = try noted(name) { () throws(PostgresError) in try send(statements) }
            for (index, outcome) in outcomes.enumerated() {
                guard case .failure(let error) = outcome else { continue }
                let failed = error.in(statements[index].sql)
                forget(statements[index].sql, failed)
                if isInTransaction, failure == nil { failure = failed }
                outcomes[index] = .failure(failed)
            }
            return outcomes
        } catch {
            throw error.code == .connectionLost && error.mayHaveCommitted ? error.with(.outcomeUnknown) : error
        }
    }

    private func send(_ statements: [PostgresStatement]) throws(PostgresError) -> [PostgresOutcome] {
        // Whoever has more statements in a group than the connection keeps would push out the first while preparing the last.
        guard Set(statements.map(\.sql)).count <= configuration.preparedStatements else {
            throw PostgresError(.invalidStatement, "a group has more different statements than the \(configuration.preparedStatements) that are kept")
        }
        try prepare(statements.map(\.sql))
        var bound: [(PreparedStatement, ParameterBuffer)] = []
        bound.reserveCapacity(statements.count)
        for statement in statements {
            guard let prepared = prepared(statement.sql) else { throw PostgresError(.other, "the statement was not kept") }
            do throws(PostgresError) {
                bound.append((prepared, try ParameterBuffer(statement.values, types: prepared.types)))
            } catch {
                throw error.in(statement.sql)
            }
        }
        return try group(bound)
    }
}
