import PostgresClient
import Testing

@Suite(.needsPostgres) struct CancelTests {
    private static let asleep = "SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event = 'PgSleep'"

    /// Pools with one connection that the test can find at the server.
    private func withPools(_ body: (_ pool: PostgresPool, _ other: PostgresPool, _ name: PostgresValue) async throws -> Void) async throws {
        let name = TestServer.name("cancel")
        try await TestServer.withPool("application_name=\(name)", change: { $0.maximumConnections = 1 }) { pool in
            try await TestServer.withPool { other in try await body(pool, other, .text(name)) }
        }
    }

    @Test func cancellingATaskEndsItsStatementAndTheConnectionGoesOn() async throws {
        try await withPools { pool, other, name in
            let process = try await pool.process()
            let task = Task { await failure { try await pool.query("SELECT pg_sleep(600)") } }
            try await other.wait(until: Self.asleep, [name])
            task.cancel()
            #expect(await task.value?.code == .cancelled)
            // The request does not hit what comes next.
            for _ in 0..<20 { #expect(try await pool.process() == process) }
        }
    }

    @Test func cancellingATaskUndoesItsTransaction() async throws {
        try await withPools { pool, other, name in
            let table = TestServer.name("undone")
            try await pool.query("CREATE TABLE \(table) (a bigint)")
            let task = Task {
                await failure {
                    try await pool.withTransaction { connection in
                        try connection.query("INSERT INTO \(table) VALUES (1)")
                        try connection.query("SELECT pg_sleep(600)")
                    }
                }
            }
            try await other.wait(until: Self.asleep, [name])
            task.cancel()
            #expect(await task.value?.code == .cancelled)
            #expect(try await pool.query("SELECT * FROM \(table)").isEmpty)
        }
    }

    @Test func cancellingATaskEndsItsGroup() async throws {
        try await withPools { pool, other, name in
            let process = try await pool.process()
            let task = Task {
                try await pool.pipeline([PostgresStatement("SELECT 1"), PostgresStatement("SELECT pg_sleep(600)"), PostgresStatement("SELECT 2")])
            }
            try await other.wait(until: Self.asleep, [name])
            task.cancel()
            let outcomes = try await task.value
            guard case .failure(let error) = outcomes[1], case .skipped = outcomes[2] else {
                Issue.record("\(outcomes)")
                return
            }
            #expect(error.code == .cancelled)
            #expect(try await pool.process() == process)
        }
    }

    @Test func aTaskThatIsCancelledBeforeItBeginsSendsNothing() async throws {
        try await withPools { pool, _, _ in
            let gate = Gate()
            let task = Task {
                await gate.passed()
                return await failure { try await pool.query("SELECT 1") }
            }
            task.cancel()
            gate.open()
            #expect(await task.value?.code == .cancelled)
        }
    }

    @Test func aTaskThatIsCancelledWhileItWaitsForAConnectionGivesUp() async throws {
        try await withPools { pool, _, _ in
            let (gate, taken) = (Gate(), Gate())
            let holder = Task {
                try await pool.withConnection { _ in
                    taken.open()
                    gate.wait()
                }
            }
            let task = Task {
                await taken.passed()
                return await failure { try await pool.query("SELECT 1") }
            }
            while pool.status.waiting == 0 { await Task.yield() }
            task.cancel()
            #expect(await task.value?.code == .cancelled)
            gate.open()
            try await holder.value
            #expect(try await pool.query("SELECT 1").count == 1)
        }
    }

    @Test func aStatementThatSomebodyElseCancelsIsCancelled() async throws {
        try await withPools { pool, other, name in
            let process = try await pool.process()
            async let error = failure { try await pool.query("SELECT pg_sleep(600)") }
            try await other.wait(until: Self.asleep, [name])
            try await other.query("SELECT pg_cancel_backend($1)", [.integer(Int64(process))])
            #expect(await error?.code == .cancelled)
        }
    }
}
