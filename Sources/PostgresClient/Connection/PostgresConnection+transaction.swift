/// How a transaction is run.
public struct PostgresTransactionOptions: Sendable, Equatable {
    public enum Isolation: String, Sendable {
        case readCommitted = "READ COMMITTED"
        case repeatableRead = "REPEATABLE READ"
        case serializable = "SERIALIZABLE"
    }

    public var isolation: Isolation
    public var isReadOnly: Bool
    /// How long the server may work on each statement; nil: as the configuration says.
    public var statementTimeout: Duration?
    /// The number of a lock (`pg_advisory_xact_lock`) that the transaction takes before anything else and holds to its end: of those with the
    /// same number one goes at a time, in all processes.
    public var exclusiveLock: Int64?

    public init(
        isolation: Isolation = .readCommitted, isReadOnly: Bool = false, statementTimeout: Duration? = nil, exclusiveLock: Int64? = nil
    ) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
        self.statementTimeout = statementTimeout
        self.exclusiveLock = exclusiveLock
    }

    /// Reads one consistent state.
    public static let snapshot = PostgresTransactionOptions(isolation: .repeatableRead, isReadOnly: true)

    /// What begins it.
    var commands: [String] {
        var commands = ["BEGIN ISOLATION LEVEL \(isolation.rawValue) \(isReadOnly ? "READ ONLY" : "READ WRITE")"]
        if let statementTimeout { commands.append("SET LOCAL statement_timeout = \(statementTimeout.milliseconds)") }
        if let exclusiveLock { commands.append("SELECT pg_advisory_xact_lock(\(exclusiveLock))") }
        return commands
    }
}

extension PostgresConnection {
    private enum Attempt<Value> {
        case done(Value)
        /// - cause: what the server said when it gave up the transaction, whatever the body made of it.
        case failed(any Error, cause: PostgresError?)
    }

    /// Runs a body in a transaction, again from the start when the server undid it because it collided with others, as often as the
    /// configuration's `retry` says. The body must do nothing else that can't be done twice.
    /// - Throws: what the body threw, after everything was undone; `.outcomeUnknown` when the connection was lost in COMMIT.
    @discardableResult
    public func transaction<Value>(
        _ options: PostgresTransactionOptions = PostgresTransactionOptions(), _ body: (PostgresConnection) throws -> Value
    ) throws -> Value {
        guard !isInTransaction else { throw PostgresError(.invalidStatement, "the connection is in a transaction already") }
        var attempts = 0
        while true {
            attempts += 1
            switch attempt(options, body) {
            case .done(let value): return value
            case .failed(let error, let cause):
                guard let cause, !isBroken, !flag.isRaised,
                    let pause = configuration.retry.pause(after: cause, attempts: attempts, random: .random(in: 0...1))
                else { throw error }
                rest(for: pause)
            }
        }
    }

    private func attempt<Value>(_ options: PostgresTransactionOptions, _ body: (PostgresConnection) throws -> Value) -> Attempt<Value> {
        isInTransaction = true
        failure = nil
        pendingBegin = options.commands
        if let timeout = options.statementTimeout { statementTimeout = timeout }
        defer {
            isInTransaction = false
            statementTimeout = configuration.statementTimeout
        }
        do {
            let value = try body(self)
            try commit()
            return .done(value)
        } catch {
            // After a COMMIT nothing is open, and nothing is sent.
            rollBack()
            return .failed(error, cause: failure)
        }
    }

    private func commit() throws(PostgresError) {
        guard pendingBegin.isEmpty else {
            // The body sent nothing.
            pendingBegin = []
            return
        }
        guard !flag.isRaised else { throw PostgresError(.cancelled, "the task was cancelled before the commit") }
        guard !isBroken else { throw failure ?? PostgresError(.connectionLost, "the connection was lost before the commit") }
        do throws(PostgresError) {
            // A commit is waited for, wanted or not: who gave it up half way would not know what became of it.
            let result = try link.run("COMMIT", until: deadline, CancelFlag())
            // This is how the server answers in a transaction that it has given up.
            guard result.commandTag == "COMMIT" else { throw failure ?? PostgresError(.other, "the transaction was undone: \(result.commandTag)") }
        } catch {
            let error = error.code == .connectionLost && isBroken ? error.ofUnknownOutcome(.outcomeUnknown) : error
            failure = failure ?? error
            throw error.in("COMMIT")
        }
    }

    /// Undoes the open transaction, if there is one. Where that fails the connection is not used any more, and the server undoes it itself.
    func rollBack() {
        isInTransaction = false
        guard pendingBegin.isEmpty else {
            pendingBegin = []
            return
        }
        guard !isBroken, link.isTransactionOpen else { return }
        do throws(PostgresError) {
            _ = try link.run("ROLLBACK", until: deadline, CancelFlag())
        } catch {
            link.breakOff()
        }
    }

    /// Lets the other side of a collision go ahead.
    private func rest(for pause: Duration) {
        let end = ContinuousClock.now + pause
        while !flag.isRaised, link.wake.wait(socket: nil, until: end) != .timedOut {}
    }
}
