import Dispatch
import GRDB
import StageModel

/// One SQLite file in WAL mode: durable at commit, one writer, several readers that never wait for it.
final class SQLiteDatabase: SQLDatabase {
    private let counter = StatementCounter()
    private let pool: DatabasePool
    /// nil: nothing is written.
    private let checkpointer: LogCheckpointer?
    private let metrics: SQLMetrics

    /// One server at a time has the file. Should a command beside it change a conversation, that one's version tells.
    let isShared = false

    var statementCount: Int { counter.count }

    var path: String { pool.path }

    init(
        path: String, isReadOnly: Bool = false, checkpoints: LogCheckpointer.Limits = LogCheckpointer.Limits(), metrics: SQLMetrics = SQLMetrics()
    ) throws(SQLError) {
        self.metrics = metrics
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.label = "stagekeeper"
        // `transaction` ends what it begins; should an error keep it from that, GRDB is not to trap.
        configuration.allowsUnsafeTransactions = true
        // The configuration, and so the pool, keeps it.
        let length = LogCheckpointer.Length()
        configuration.prepareDatabase { database in
            length.watch(database)
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA secure_delete = ON")
            try database.execute(sql: "PRAGMA cache_size = -32000")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            checkpointer = isReadOnly ? nil : try LogCheckpointer(path: path, limits: checkpoints, length: length)
        } catch {
            throw SQLError(error)
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await reading(body) { [pool] in pool.asyncRead($0) }
    }

    func readOnce<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        // A statement is a transaction of its own.
        try await reading(body) { [pool] in pool.asyncUnsafeRead($0) }
    }

    /// Runs a body on a reader, which is free for others as soon as the body is done. GRDB's `async` reads hold it until the task that asked goes on; in an
    /// overload that is late, and a reader that is used for microseconds was held for milliseconds.
    private func reading<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value,
        on reader: (@escaping @Sendable (Result<Database, any Error>) -> Void) -> Void
    ) async throws -> Value {
        try await metrics.read {
            try await translating {
                try await withCheckedThrowingContinuation { continuation in
                    reader { [counter] database in
                        continuation.resume(with: Result { try body(SQLiteConnection(database: database.get(), counter: counter)) })
                    }
                }
            }
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await metrics.write {
            try await translating { try await committing(body) }
        }
    }

    private func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch {
            guard error is DatabaseError || error is SQLError else { throw error }
            throw metrics.counted(SQLError(error))
        }
    }

    func whenChanged(_ call: @escaping @Sendable () -> Void) {}

    /// Runs a body in a transaction, and sees to the log.
    private func committing<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        defer { checkpointer?.begin(pool) }
        return try await pool.writeWithoutTransaction { [counter, checkpointer] database in
            let value = try Self.transaction(SQLiteConnection(database: database, counter: counter), body)
            checkpointer?.committed(database)
            return value
        }
    }

    func scrub() async throws {
        do {
            // Readers that are at work keep the log as it is; it is truncated when they are done, at the latest by the next scrub.
            _ = try await pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED {
            return
        } catch {
            throw SQLError(error)
        }
    }

    func migrate(_ migrations: [SQLMigration]) async throws {
        try await execute(script: SQLMigration.table)
        let newest = try await schemaNumber()
        for migration in migrations where migration.number > newest {
            try await execute(script: "BEGIN IMMEDIATE;\n\(migration.script)\n\(migration.record)\nCOMMIT;")
        }
    }

    func schemaNumber() async throws -> Int {
        try await read { connection in
            let exists = try connection.row("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'", []) { _ throws(SQLError) in true }
            guard exists != nil else { return 0 }
            return try connection.row(SQLMigration.newest, []) { Int($0.integer(0)) } ?? 0
        }
    }

    /// Runs statements in PostgreSQL's words, one after another.
    func execute(script: String) async throws {
        do {
            try await pool.writeWithoutTransaction { try $0.execute(sql: SQLiteDialect.schema(script)) }
        } catch {
            throw SQLError(error)
        }
    }

    /// Copies the database as it is now into a file, while it is in use.
    /// - Parameter progress: gets the share that is done, from 0 to 1.
    func backUp(to path: String, progress: @escaping @Sendable (Double) -> Void) async throws {
        do {
            let target = try DatabaseQueue(path: path)
            try pool.backup(to: target, pagesPerStep: 1000) { step in
                progress(step.totalPageCount == 0 ? 1 : Double(step.completedPageCount) / Double(step.totalPageCount))
            }
            try target.close()
        } catch {
            throw SQLError(error)
        }
    }

    /// Brings all that is committed into the file itself, as far as others let it, and closes all connections.
    func close() async throws {
        do {
            // It may be at work.
            try checkpointer?.close()
            try await pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA busy_timeout = 0")
                try database.checkpoint(.truncate)
            }
        } catch is DatabaseError {
            // Another process is at work on the file, or it can't be written: all stays in the log, where the next to open it finds it.
        }
        try pool.close()
    }

    private static func transaction<Value>(_ connection: SQLiteConnection, _ body: (any SQLConnection) throws -> Value) throws -> Value {
        // One that could not be undone when it failed is undone now, or this one fails, too.
        if connection.database.isInsideTransaction { try connection.run("ROLLBACK", []) }
        try connection.run("BEGIN IMMEDIATE", [])
        do {
            let value = try body(connection)
            try connection.run("COMMIT", [])
            return value
        } catch {
            // Some errors (a full disk, say) have undone the transaction already. The first error is the one to tell.
            if connection.database.isInsideTransaction { _ = try? connection.run("ROLLBACK", []) }
            throw error
        }
    }
}
