import Synchronization

@testable import StageStoreSQL

/// A database that can be held up, and that remembers its transactions.
final class FakeDatabase: SQLDatabase {
    let isShared = false
    let statementCount = 0
    private let gate = Mutex<Gate?>(nil)
    private let log = Mutex<[[String]]>([])
    private let failures = Mutex(0)

    /// The statements of each transaction that was committed.
    var transactions: [[String]] { log.withLock { $0 } }

    /// Lets the next commits fail.
    func failCommits(_ count: Int) { failures.withLock { $0 = count } }

    /// Holds up the next transaction until it is released.
    func hold() async { gate.withLock { $0 = Gate() } }

    /// Waits until a transaction is held up.
    func arrival() async { await gate.withLock { $0 }?.arrival() }

    func release() async {
        let held = gate.withLock { gate in
            defer { gate = nil }
            return gate
        }
        await held?.open()
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        await gate.withLock { $0 }?.pass()
        let connection = FakeConnection()
        let value = try body(connection)
        let fails = failures.withLock { count in
            count -= 1
            return count >= 0
        }
        if fails { throw SQLError.unavailable("the disk is full") }
        log.withLock { $0.append(connection.statements) }
        return value
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value { try body(FakeConnection()) }

    func readOnce<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try body(FakeConnection())
    }

    func scrub() async throws {}
    func migrate(_ migrations: [SQLMigration]) async throws {}
    func schemaNumber() async throws -> Int { 0 }
    func whenChanged(_ call: @escaping @Sendable () -> Void) {}
    func close() async throws {}
}

/// Remembers the statements that it is given.
final class FakeConnection: SQLConnection {
    private(set) var statements: [String] = []

    @discardableResult
    func run(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> Int {
        statements.append(sql)
        return 1
    }

    func runAll(_ statements: [SQLStatement]) throws(SQLError) -> [Int] {
        for statement in statements { try run(statement.sql, statement.values) }
        return statements.map { _ in 1 }
    }

    func rows<Value>(_ sql: String, _ values: [SQLValue], _ read: (any SQLRow) throws(SQLError) -> Value) throws(SQLError) -> [Value] { [] }

    func rows<Value>(
        _ lookup: SQLLookup, of keys: [[SQLValue]], _ read: (any SQLRow) throws(SQLError) -> Value
    ) throws(SQLError) -> [Value] { [] }

    func announceChange() {}
}
