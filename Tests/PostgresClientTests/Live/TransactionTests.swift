import PostgresClient
import Testing

@Suite(.needsPostgres) struct TransactionTests {
    private struct Refusal: Error {}

    private func withTable<Value>(_ rows: Int, _ body: (PostgresPool, String) async throws -> Value) async throws -> Value {
        let table = TestServer.name("accounts")
        return try await TestServer.withPool { pool in
            try await pool.query("CREATE TABLE \(table) (id bigint PRIMARY KEY, amount bigint NOT NULL)")
            try await pool.query("INSERT INTO \(table) SELECT id, 0 FROM generate_series(1, $1::bigint) AS id", [PostgresValue(rows)])
            return try await body(pool, table)
        }
    }

    private func sum(_ pool: PostgresPool, _ table: String) async throws -> Int {
        try await pool.query("SELECT coalesce(sum(amount), 0)::bigint FROM \(table)")[0].decode(0)
    }

    @Test func allIsCommittedOrNothing() async throws {
        try await withTable(2) { pool, table in
            let answer = try await pool.withTransaction { connection in
                try connection.execute("UPDATE \(table) SET amount = 5 WHERE id = $1", [.integer(1)])
                return try connection.execute("UPDATE \(table) SET amount = 6 WHERE id = $1", [.integer(2)])
            }
            #expect(answer == 1)
            #expect(try await sum(pool, table) == 11)
            await #expect(throws: Refusal.self) {
                try await pool.withTransaction { connection in
                    try connection.execute("UPDATE \(table) SET amount = 100")
                    throw Refusal()
                }
            }
            #expect(try await sum(pool, table) == 11)
            #expect(try await pool.withTransaction { _ in 7 } == 7)
        }
    }

    @Test func anErrorThatTheBodySwallowsIsToldAtTheCommit() async throws {
        try await withTable(1) { pool, table in
            let error = await failure {
                try await pool.withTransaction { connection in
                    try connection.execute("UPDATE \(table) SET amount = 1")
                    _ = try? connection.execute("INSERT INTO \(table) VALUES (1, 1)")
                }
            }
            #expect(error?.code == .uniqueViolation)
            let total = try await sum(pool, table)
            #expect(total == 0)
        }
    }

    @Test func aTransactionThatABodyLeavesOpenIsUndone() async throws {
        try await withTable(1) { pool, table in
            try await pool.withConnection { try $0.run(script: "BEGIN; UPDATE \(table) SET amount = 1") }
            #expect(try await sum(pool, table) == 0)
            await #expect(throws: PostgresError.self) { try await pool.withTransaction { try $0.transaction { _ in } } }
        }
    }

    @Test func aTransactionHasItsOptions() async throws {
        try await TestServer.withPool { pool in
            let settings = try await pool.withTransaction(.snapshot) { connection in
                try ["transaction_isolation", "transaction_read_only"].map { try connection.query("SHOW \($0)")[0].decode(0, as: String.self) }
            }
            #expect(settings == ["repeatable read", "on"])
            let error = await failure { try await pool.withTransaction(.snapshot) { try $0.query("CREATE TABLE nothing (a int)") } }
            #expect(error?.code == .readOnly)
            let script = try await pool.withTransaction(PostgresTransactionOptions(isolation: .serializable)) { connection in
                try connection.run(script: "SELECT 1; SELECT 2")
                return try connection.query("SHOW transaction_isolation")[0].decode(0, as: String.self)
            }
            #expect(script == "serializable")
        }
    }

    @Test func transactionsUnderOneLockGoOneAtATime() async throws {
        try await withTable(1) { pool, table in
            let options = PostgresTransactionOptions(exclusiveLock: .random(in: .min ... .max))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        try await pool.withTransaction(options) { connection in
                            // Without the lock most of these would be lost.
                            let amount = try connection.query("SELECT amount FROM \(table)")[0].decode(0, as: Int.self)
                            try connection.execute("UPDATE \(table) SET amount = $1", [PostgresValue(amount + 1)])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await sum(pool, table) == 40)
        }
    }

    @Test func collidingTransactionsAreDoneAgain() async throws {
        try await withTable(1) { pool, table in
            let meeting = Meeting(of: 2)
            let runs = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        let once = Once()
                        try await pool.withTransaction(PostgresTransactionOptions(isolation: .repeatableRead)) { connection in
                            runs.add()
                            let amount = try connection.query("SELECT amount FROM \(table) WHERE id = 1")[0].decode(0, as: Int.self)
                            // Both have read before either writes, the first time.
                            if once.isFirst() { meeting.attend() }
                            do {
                                try connection.execute("UPDATE \(table) SET amount = $1 WHERE id = 1", [PostgresValue(amount + 1)])
                            } catch let error as PostgresError {
                                // A body may wrap what it is told.
                                throw error.isRetryable ? Refusal() : error
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(runs.value == 3)
            #expect(try await sum(pool, table) == 2)
        }
    }

    @Test func ofADeadlockBothTransactionsSucceedInTheEnd() async throws {
        try await withTable(2) { pool, table in
            let meeting = Meeting(of: 2)
            let runs = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for order in [[1, 2], [2, 1]] {
                    group.addTask {
                        let once = Once()
                        try await pool.withTransaction { connection in
                            runs.add()
                            for (step, id) in order.enumerated() {
                                try connection.execute("UPDATE \(table) SET amount = amount + 1 WHERE id = $1", [PostgresValue(id)])
                                if step == 0, once.isFirst() { meeting.attend() }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(runs.value == 3)
            #expect(try await sum(pool, table) == 4)
        }
    }

    @Test func whoKeepsCollidingIsToldInTheEnd() async throws {
        try await TestServer.withPool(change: { $0.retry.attempts = 3 }) { pool in
            let runs = Counter()
            let error = await failure {
                try await pool.withTransaction { connection in
                    runs.add()
                    try connection.run(script: "DO $$ BEGIN RAISE EXCEPTION 'collision' USING ERRCODE = '40001'; END $$")
                }
            }
            #expect(error?.code == .serializationFailure)
            #expect(runs.value == 3)
        }
    }

    @Test func aConnectionThatIsLostInTheCommitLeavesTheOutcomeUnknown() async throws {
        try await withTable(1) { pool, table in
            try await pool.withConnection {
                try $0.run(
                    script: """
                        CREATE FUNCTION \(table)_wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN NULL; END';
                        CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON \(table) DEFERRABLE INITIALLY DEFERRED
                            FOR EACH ROW EXECUTE FUNCTION \(table)_wait();
                        """)
            }
            let process = Counter()
            async let outcome = failure {
                try await pool.withTransaction { connection in
                    process.set(try connection.query("SELECT pg_backend_pid()")[0].decode(0))
                    try connection.execute("UPDATE \(table) SET amount = 1")
                }
            }
            try await pool.wait(until: "SELECT FROM pg_stat_activity WHERE query = 'COMMIT' AND wait_event = 'PgSleep' AND state = 'active'")
            try await pool.query("SELECT pg_terminate_backend($1)", [PostgresValue(process.value)])
            let error = await outcome
            #expect(error?.code == .outcomeUnknown)
            #expect(error?.mayHaveCommitted == true)
            #expect(try await sum(pool, table) == 0)
        }
    }

    @Test func aRefusalAtTheCommitIsDefinite() async throws {
        try await withTable(1) { pool, table in
            try await pool.query("CREATE TABLE \(table)_child (id bigint REFERENCES \(table) DEFERRABLE INITIALLY DEFERRED)")
            let error = await failure { try await pool.withTransaction { try $0.query("INSERT INTO \(table)_child VALUES (9)") } }
            #expect(error?.code == .foreignKeyViolation)
            #expect(error?.mayHaveCommitted == false)
        }
    }
}
