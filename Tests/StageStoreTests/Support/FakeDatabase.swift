import Synchronization

@testable import StageStoreSQL

/// A database that runs what waits when it is told to, and remembers the transactions.
final class FakeDatabase: SQLDatabase {
    typealias Work = @Sendable (_ transaction: (@Sendable (any SQLConnection) throws -> Void) throws -> Void) -> Bool

    let settledEvents = "TRUE"
    private let waiting = Mutex<[Work]>([])
    private let log = Mutex<[[String]]>([])
    private let failures = Mutex(0)

    /// The statements of each transaction that was committed.
    var transactions: [[String]] { log.withLock { $0 } }

    /// Lets the next commits fail.
    func failCommits(_ count: Int) { failures.withLock { $0 = count } }

    func scrub() async throws {}

    func drain(_ work: @escaping Work) { waiting.withLock { $0.append(work) } }

    /// How often the writer was asked to work.
    var waitingCount: Int { waiting.withLock { $0.count } }

    /// Runs what waits until nothing does.
    func runAll() {
        while let work = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            while work({ body in try self.transaction(body) }) {}
        }
    }

    private func transaction(_ body: (any SQLConnection) throws -> Void) throws {
        let connection = FakeConnection()
        try body(connection)
        let fails = failures.withLock { count in
            count -= 1
            return count >= 0
        }
        if fails { throw SQLError.unavailable("the disk is full") }
        log.withLock { $0.append(connection.statements) }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value { try body(FakeConnection()) }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value { try body(FakeConnection()) }
}

/// Remembers the statements that it is given.
final class FakeConnection: SQLConnection {
    private(set) var statements: [String] = []

    func run(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> Int {
        statements.append(sql)
        return 1
    }

    func insertCounted(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> Int64 {
        statements.append(sql)
        return Int64(statements.count)
    }

    func rows<Value>(_ sql: String, _ values: [SQLValue], _ read: (any SQLRow) throws(SQLError) -> Value) throws(SQLError) -> [Value] { [] }
}
