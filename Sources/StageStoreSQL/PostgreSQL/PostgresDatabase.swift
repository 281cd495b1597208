import Foundation
import Logging
import Metrics
import PostgresClient
import Synchronization

/// A PostgreSQL database that several processes use.
///
/// Writers take turns, in all processes, by a lock that each transaction takes first: so what is committed is committed in the order of its
/// positions, and nobody decides on what another is about to change.
final class PostgresDatabase: SQLDatabase {
    /// Numbers of advisory locks, which are to be nobody else's in this database.
    private enum Lock {
        static let writing: Int64 = 0x7374_6167_6577
        static let migrating: Int64 = 0x7374_6167_656d
    }

    /// The channel of NOTIFY on which changes are announced.
    static let channel = "stagekeeper_changes"

    /// How long to look for what became of a commit, and how often.
    private static let patience = (whole: Duration.seconds(30), pause: Duration.milliseconds(100))
    private static let attempts = 3

    let isShared = true
    private let counter = StatementCounter()
    private let pool: PostgresPool
    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let listener = Mutex<PostgresListener?>(nil)
    private let unresolved = Counter(label: "stagekeeper_postgres_lost_commits_total")
    private let metrics: SQLMetrics
    private let observation: Task<Void, Never>

    var statementCount: Int { counter.count }

    init(_ configuration: PostgresConfiguration, logger: Logger, metrics: SQLMetrics = SQLMetrics()) throws(SQLError) {
        self.metrics = metrics
        self.configuration = configuration
        self.logger = logger
        let pool: PostgresPool
        do throws(PostgresError) { pool = try PostgresPool(configuration, logger: logger) } catch { throw SQLError(error) }
        self.pool = pool
        observation = Task { await Self.observe(pool) }
    }

    /// Tells every second how the connections are used, as long as it is not cancelled.
    private static func observe(_ pool: PostgresPool) async {
        let connections = ["idle", "used"].map { Gauge(label: "stagekeeper_postgres_connections", dimensions: [("state", $0)]) }
        let waiting = Gauge(label: "stagekeeper_postgres_waiting")
        let isReachable = Gauge(label: "stagekeeper_postgres_reachable")
        while !Task.isCancelled {
            let status = pool.status
            connections[0].record(status.idle)
            connections[1].record(status.leased)
            waiting.record(status.waiting)
            isReachable.record(status.trouble == nil ? 1 : 0)
            // Throws only when it is time to stop.
            try? await Task.sleep(for: .seconds(1))
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await reading { [counter] connection in
            var value: Value?
            do {
                return try connection.transaction(.snapshot) { connection in
                    let read = try body(PostgresSQLConnection(connection, counter: counter))
                    value = read
                    return read
                }
            } catch let error as PostgresError where error.code == .outcomeUnknown {
                // Whether a transaction that only reads was committed does not matter.
                guard let value else { throw error }
                return value
            }
        }
    }

    func readOnce<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await reading { [counter] in try body(PostgresSQLConnection($0, counter: counter)) }
    }

    /// Runs a body, and once more on another connection when the first was lost.
    private func reading<Value: Sendable>(_ body: @escaping @Sendable (PostgresConnection) throws -> Value) async throws -> Value {
        try await metrics.read {
            try await translating {
                do { return try await pool.withConnection(body) } catch {
                    guard Self.isLost(error) else { throw error }
                    return try await pool.withConnection(body)
                }
            }
        }
    }

    private static func isLost(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError: error.code == .connectionLost
        case SQLError.lost: true
        default: false
        }
    }

    // MARK: - Writing

    /// A commit whose answer was lost.
    private struct Lost<Value: Sendable>: Error {
        let value: Value
        let error: PostgresError
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        var attempt = 1
        while true {
            let id = UUID()
            do {
                return try await metrics.write { try await translating { try await pool.withConnection { [self] in try transact($0, id, body) } } }
            } catch let lost as Lost<Value> {
                unresolved.increment()
                let details: Logger.Metadata = ["commit": "\(id)", "error": "\(lost.error.debugDescription)"]
                logger.warning("The connection to PostgreSQL was lost in a commit; what became of it is being looked up.", metadata: details)
                let isCommitted = try await isCommitted(id, lost.error)
                logger.notice("It was found out what became of a commit.", metadata: ["commit": "\(id)", "committed": "\(isCommitted)"])
                if isCommitted { return lost.value }
                guard attempt < Self.attempts else { throw SQLError.unavailable(lost.error.debugDescription) }
            } catch {
                // Before its commit was sent, nothing was committed.
                guard Self.isLost(error), attempt < Self.attempts else { throw error }
            }
            attempt += 1
        }
    }

    private func transact<Value: Sendable>(
        _ connection: PostgresConnection, _ id: UUID, _ body: (any SQLConnection) throws -> Value
    ) throws -> Value {
        let mark = PostgresStatement("INSERT INTO commits (commit_id) VALUES ($1)", [.text(id.uuidString)])
        var value: Value?
        do {
            return try connection.transaction(PostgresTransactionOptions(exclusiveLock: Lock.writing)) { connection in
                let made = try body(PostgresSQLConnection(connection, counter: counter, mark: mark))
                value = made
                return made
            }
        } catch let error as PostgresError where error.code == .outcomeUnknown {
            guard let value else { throw error }
            throw Lost(value: value, error: error)
        }
    }

    /// Looks whether a transaction was committed: under the lock, so that the server is done with it.
    /// - Throws: `.outcomeUnknown` when the database stays away.
    private func isCommitted(_ id: UUID, _ error: PostgresError) async throws -> Bool {
        let end = ContinuousClock.now + Self.patience.whole
        while true {
            do {
                return try await pool.withTransaction(PostgresTransactionOptions(exclusiveLock: Lock.writing)) { connection in
                    try connection.query("SELECT 1 FROM commits WHERE commit_id = $1", [.text(id.uuidString)]).count == 1
                }
            } catch let failure as PostgresError {
                guard failure.isUnavailable, ContinuousClock.now < end else {
                    throw metrics.counted(.outcomeUnknown("\(error.debugDescription); then: \(failure.debugDescription)"))
                }
                try await Task.sleep(for: Self.patience.pause)
            }
        }
    }

    /// Deleted rows stay in the files until PostgreSQL's own VACUUM: see docs/operations.md.
    func scrub() {}

    /// Changes what need not outlive the database's next crash, without waiting for the writers.
    /// - Parameter lock: the number of a lock that is held meanwhile; nil: none.
    func changeLine<Value: Sendable>(
        lock: Int64?, _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await translating {
            try await pool.withTransaction(PostgresTransactionOptions(exclusiveLock: lock)) { [counter] connection in
                try body(PostgresSQLConnection(connection, counter: counter))
            }
        }
    }

    // MARK: - The schema

    func migrate(_ migrations: [SQLMigration]) async throws {
        let options = PostgresTransactionOptions(statementTimeout: .seconds(3600), exclusiveLock: Lock.migrating)
        guard try await schemaNumber() < migrations.count else { return }
        try await translating {
            try await pool.withTransaction(options) { connection in
                try connection.run(script: PostgresDialect.schema(SQLMigration.table))
                let newest = try connection.query(SQLMigration.newest).first?.decode(0, as: Int.self) ?? 0
                for migration in migrations where migration.number > newest {
                    try connection.run(script: PostgresDialect.schema(migration.script) + "\n" + migration.record)
                }
            }
        }
    }

    func schemaNumber() async throws -> Int {
        try await translating {
            try await pool.withConnection { connection in
                let exists = try connection.query("SELECT to_regclass('schema_migrations') IS NOT NULL").first?.decode(0, as: Bool.self) ?? false
                return exists ? try connection.query(SQLMigration.newest).first?.decode(0, as: Int.self) ?? 0 : 0
            }
        }
    }

    // MARK: - Hearing of others

    func whenChanged(_ call: @escaping @Sendable () -> Void) throws {
        let new: PostgresListener
        do throws(PostgresError) {
            new = try PostgresListener(configuration, channels: [Self.channel], logger: logger)
        } catch {
            throw SQLError(error)
        }
        let old = listener.withLock { listener in
            defer { listener = new }
            return listener
        }
        old?.close()
        Task {
            for await event in new.events {
                switch event {
                case .listening, .notification, .missed: call()
                case .interrupted: break
                }
            }
        }
    }

    func close() async {
        observation.cancel()
        listener.withLock { $0 }?.close()
        await pool.close()
    }

    private func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch {
            switch error {
            case let error as PostgresError: throw metrics.counted(SQLError(error))
            case let error as SQLError: throw metrics.counted(error)
            default: throw error
            }
        }
    }
}
