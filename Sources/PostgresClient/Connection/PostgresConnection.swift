/// A connection inside a closure that runs on the connection's own thread: its calls wait for the server. It must not be kept beyond the closure.
public final class PostgresConnection {
    let link: Link
    let configuration: PostgresConfiguration
    private var cache: StatementCache
    /// Whether what the connection is at is still wanted.
    private(set) var flag = CancelFlag()
    /// How long the server may work on one statement, as it was told last.
    var statementTimeout: Duration
    /// Whether a transaction was begun by `transaction`.
    var isInTransaction = false
    /// What begins the transaction: it goes to the server together with the first statement.
    var pendingBegin: [String] = []
    /// Why the server has given up the open transaction.
    var failure: PostgresError?

    /// Connects, and tells the server its limits of time.
    init(_ configuration: PostgresConfiguration, wake: WakeSignal, flag: CancelFlag) throws(PostgresError) {
        self.configuration = configuration
        cache = StatementCache(capacity: configuration.preparedStatements)
        statementTimeout = configuration.statementTimeout
        link = try Link(configuration, wake: wake, flag: flag)
        let settings = """
            SET statement_timeout = \(configuration.statementTimeout.milliseconds);
            SET idle_in_transaction_session_timeout = \(configuration.idleTransactionTimeout.milliseconds)
            """
        _ = try link.run(settings, until: .now + configuration.connectTimeout, flag)
    }

    var isBroken: Bool { link.isBroken }

    /// The moment at which an answer to something sent now is given up.
    var deadline: ContinuousClock.Instant { .now + statementTimeout + configuration.networkGrace }

    /// Runs one statement, which is prepared when it is first used and kept.
    /// - Parameters:
    ///   - sql: with `$1`, `$2`, … for the values.
    ///   - values: one for each parameter.
    /// - Returns: the rows, if it has any, and how many were affected.
    /// - Throws: outside a transaction, a lost connection has `mayHaveCommitted` set: the statement commits itself.
    @discardableResult
    public func query(_ sql: String, _ values: [PostgresValue] = []) throws(PostgresError) -> PostgresResult {
        try noted(sql) { () throws(PostgresError) in
            do throws(PostgresError) {
                return try runPrepared(sql, values)
            } catch {
                guard error.isStalePlan else { throw error }
                // The schema has changed, or the server has forgotten the statement.
                forget(sql, error)
                guard !isInTransaction else { throw error }
                return try runPrepared(sql, values)
            }
        }
    }

    /// Runs one statement.
    /// - Returns: how many rows it inserted, updated, deleted or found.
    @discardableResult
    public func execute(_ sql: String, _ values: [PostgresValue] = []) throws(PostgresError) -> Int {
        try query(sql, values).affectedRows
    }

    /// Runs several statements with `;` between them, which bind nothing. Outside a transaction they are one of their own.
    public func run(script: String) throws(PostgresError) {
        try noted(script) { () throws(PostgresError) in
            try begin()
            _ = try link.run(script, until: deadline, flag)
        }
    }

    private func runPrepared(_ sql: String, _ values: [PostgresValue]) throws(PostgresError) -> PostgresResult {
        try prepare([sql])
        guard let prepared = cache.statement(for: sql) else { throw PostgresError(.other, "the statement was not kept") }
        let parameters = try ParameterBuffer(values, types: prepared.types)
        guard !pendingBegin.isEmpty else { return try link.run(prepared, parameters, until: deadline, flag) }
        switch try group([(prepared, parameters)]).first {
        case .result(let result): return result
        case .failure(let error): throw error
        case .skipped, nil: throw PostgresError(.other, "the transaction did not begin")
        }
    }

    /// Begins the transaction, where that was put off, in a round trip of its own.
    private func begin() throws(PostgresError) {
        guard !pendingBegin.isEmpty else { return }
        let commands = pendingBegin.joined(separator: ";")
        pendingBegin = []
        _ = try link.run(commands, until: deadline, flag)
    }

    /// Prepares what is not yet, all in one round trip.
    func prepare(_ statements: [String]) throws(PostgresError) {
        var missing: [(name: String, sql: String)] = []
        for sql in statements where cache.statement(for: sql) == nil && !missing.contains(where: { $0.sql == sql }) {
            missing.append((cache.newName(), sql))
        }
        guard !missing.isEmpty else { return }
        let prepared = try link.prepare(missing, until: deadline, flag)
        for (statement, outcome) in zip(missing, prepared) {
            switch outcome {
            case .success(let types):
                let old = cache.keep(PreparedStatement(name: statement.name, types: types), for: statement.sql)
                if let old { try deallocate(old) }
            case .failure(let error): throw error.in(statement.sql)
            }
        }
    }

    func prepared(_ sql: String) -> PreparedStatement? { cache.statement(for: sql) }

    /// Sends statements at once, behind what begins the transaction if that was put off.
    /// - Returns: an outcome for each.
    func group(_ statements: [(PreparedStatement, ParameterBuffer)]) throws(PostgresError) -> [PostgresOutcome] {
        let commands = pendingBegin
        pendingBegin = []
        let answers = try link.group(until: deadline, flag) { () throws(PostgresError) in
            for command in commands { try link.send(command: command) }
            for (prepared, parameters) in statements { try link.send(prepared, parameters) }
        }
        for answer in answers.prefix(commands.count) {
            if case .failure(let error) = answer { throw error }
        }
        return answers.dropFirst(commands.count).map { answer in
            switch answer {
            case .result(let result): .result(result)
            case .failure(let error): .failure(error)
            case .skipped, .synchronized: .skipped
            }
        }
    }

    private func deallocate(_ name: String) throws(PostgresError) { _ = try link.run("DEALLOCATE \(name)", until: deadline, CancelFlag()) }

    /// After an error that says so, lets a statement be prepared anew.
    func forget(_ sql: String, _ error: PostgresError) {
        guard error.isStalePlan else { return }
        // A server that forgot one statement forgot all.
        if error.sqlState == PostgresError.unknownStatement { cache.forgetAll() } else { _ = cache.forget(sql) }
    }

    /// Lets a body work with the connection, and afterwards sees to it that no transaction is left open.
    func lend<Value>(_ flag: CancelFlag, _ body: (PostgresConnection) -> Value) -> Value {
        self.flag = flag
        let value = body(self)
        self.flag = CancelFlag()
        if !isBroken { rollBack() }
        return value
    }

    /// Whether the server answers.
    func check() -> Bool {
        guard link.looksAlive() else { return false }
        do throws(PostgresError) {
            _ = try link.run("", until: .now + configuration.connectTimeout, flag)
            return !isBroken
        } catch {
            return false
        }
    }
}

extension PostgresError {
    /// The SQLSTATE for a prepared statement that does not exist.
    static let unknownStatement = "26000"

    /// Whether the statement has to be prepared anew: the server has forgotten it, or the columns of its answer are others now.
    fileprivate var isStalePlan: Bool { sqlState == Self.unknownStatement || sqlState == "0A000" && message.contains("cached plan") }

    /// The same error with the statement's text.
    func `in`(_ statement: String) -> PostgresError {
        var error = self
        error.statement = error.statement ?? statement
        return error
    }
}

extension Duration {
    /// Whole milliseconds, at least 1: to the server 0 means no limit.
    var milliseconds: Int64 { max(1, components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000) }
}
