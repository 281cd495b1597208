import Dispatch
import GRDB
import StageModel

/// One SQLite file in WAL mode: durable at commit, one writer, several readers that never wait for it.
final class SQLiteDatabase: SQLDatabase {
    let counter = StatementCounter()
    private let pool: DatabasePool

    /// How many transactions the queue of waiting commits may take before other writers get their turn.
    private static let transactionsPerTurn = 16

    /// All: with one writer at a time, positions are given in the order of the commits.
    let settledEvents = "TRUE"

    init(path: String, isReadOnly: Bool = false) throws(SQLError) {
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.label = "stagekeeper"
        // `transaction` ends what it begins; should an error keep it from that, GRDB is not to trap.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA secure_delete = ON")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
            try database.execute(sql: "PRAGMA cache_size = -32000")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
        } catch {
            throw SQLError(error)
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        do {
            return try await pool.read { [counter] in try body(SQLiteConnection(database: $0, counter: counter)) }
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        do {
            return try await pool.writeWithoutTransaction { [counter] database in
                try Self.transaction(SQLiteConnection(database: database, counter: counter), body)
            }
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }

    func drain(_ work: @escaping @Sendable (_ transaction: (@Sendable (any SQLConnection) throws -> Void) throws -> Void) -> Bool) {
        pool.asyncWriteWithoutTransaction { [self] database in
            let connection = SQLiteConnection(database: database, counter: counter)
            for _ in 0..<Self.transactionsPerTurn {
                guard work({ body in try Self.transaction(connection, body) }) else { return }
            }
            drain(work)
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

    /// Creates what the migrations of higher numbers describe.
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
    func close() throws {
        do {
            try pool.writeWithoutTransaction { database in
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
