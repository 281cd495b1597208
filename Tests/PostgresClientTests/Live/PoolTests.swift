import PostgresClient
import Testing

@Suite(.needsPostgres) struct PoolTests {
    /// Keeps the only connection while the body runs.
    private func whileTaken(_ pool: PostgresPool, _ body: () async throws -> Void) async throws {
        let (gate, taken) = (Gate(), Gate())
        let holder = Task {
            defer { taken.open() }
            try await pool.withConnection { _ in
                taken.open()
                gate.wait()
            }
        }
        await taken.passed()
        defer { gate.open() }
        try await body()
        gate.open()
        try await holder.value
    }

    @Test func moreThanTheLimitMayNotWait() async throws {
        try await TestServer.withPool(change: {
            $0.maximumConnections = 1
            $0.maximumWaiting = 0
        }) { pool in
            try await pool.query("SELECT 1")
            try await whileTaken(pool) { #expect(await failure { try await pool.query("SELECT 1") }?.code == .tooManyWaiting) }
            try await pool.query("SELECT 1")
        }
    }

    @Test func whoWaitsForTooLongIsLetGo() async throws {
        try await TestServer.withPool(change: {
            $0.maximumConnections = 1
            $0.acquireTimeout = .milliseconds(50)
        }) { pool in
            // On a busy machine to connect may take longer than that.
            while await failure({ try await pool.query("SELECT 1") }) != nil {}
            try await whileTaken(pool) { #expect(await failure { try await pool.query("SELECT 1") }?.code == .acquireTimeout) }
            try await pool.query("SELECT 1")
        }
    }

    @Test func sixtyFourTasksShareEightConnections() async throws {
        let name = TestServer.name("crowd")
        try await TestServer.withPool("application_name=\(name)", change: { $0.maximumConnections = 8 }) { pool in
            try await pool.query("CREATE TABLE \(name) (id bigint PRIMARY KEY, amount bigint NOT NULL)")
            try await pool.query("INSERT INTO \(name) SELECT id, 0 FROM generate_series(0, 7) AS id")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        for round in 0..<20 {
                            let changed = try await pool.withTransaction { connection in
                                try connection.execute("UPDATE \(name) SET amount = amount + 1 WHERE id = $1", [PostgresValue((task + round) % 8)])
                            }
                            #expect(changed == 1)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let row = try await pool.query(
                "SELECT sum(amount)::bigint, (SELECT count(*) FROM pg_stat_activity WHERE application_name = $1) FROM \(name)", [.text(name)])[0]
            #expect(try row.decode(0, as: Int.self) == 64 * 20)
            #expect(try row.decode(1, as: Int.self) <= 8)
            #expect(pool.status.open <= 8 && pool.status.waiting == 0 && pool.status.trouble == nil)
        }
    }

    @Test func aConnectionThatBreaksInAStatementIsReplaced() async throws {
        let name = TestServer.name("killed")
        try await TestServer.withPool("application_name=\(name)", change: { $0.maximumConnections = 1 }) { pool in
            try await TestServer.withPool { other in
                let process = try await pool.process()
                for isInTransaction in [false, true] {
                    async let error = failure {
                        if isInTransaction {
                            try await pool.withTransaction { try $0.query("SELECT pg_sleep(600)") }
                        } else {
                            try await pool.query("SELECT pg_sleep(600)")
                        }
                    }
                    try await other.wait(until: "SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event = 'PgSleep'", [.text(name)])
                    try await other.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [.text(name)])
                    let found = await error
                    #expect(found?.code == .connectionLost)
                    #expect(found?.mayHaveCommitted == !isInTransaction)
                    #expect(try await pool.process() != process)
                }
            }
        }
    }

    @Test func aConnectionThatTheServerClosedIsNotGivenToAnybody() async throws {
        let name = TestServer.name("closed")
        try await TestServer.withPool("application_name=\(name)", change: { $0.maximumConnections = 1 }) { pool in
            try await TestServer.withPool { other in
                for _ in 0..<3 {
                    let process = try await pool.process()
                    try await other.query("SELECT pg_terminate_backend($1, 5000)", [.integer(Int64(process))])
                    // Whoever asks does not notice.
                    #expect(try await pool.process() != process)
                }
            }
        }
    }

    @Test func aConnectionThatIsNotUsedIsChecked() async throws {
        let name = TestServer.name("checked")
        try await TestServer.withPool("application_name=\(name)", change: { $0.idleCheckInterval = .milliseconds(10) }) { pool in
            try await TestServer.withPool { other in
                let process = try await pool.process()
                try await other.wait(until: "SELECT FROM pg_stat_activity WHERE application_name = $1 AND query = ''", [.text(name)])
                #expect(try await pool.process() == process)
            }
        }
    }

    @Test func aConnectionThatIsNotUsedIsClosedInTheEnd() async throws {
        let name = TestServer.name("idle")
        try await TestServer.withPool("application_name=\(name)", change: { $0.maximumIdleTime = .milliseconds(10) }) { pool in
            try await TestServer.withPool { other in
                try await pool.query("SELECT 1")
                try await other.wait(until: "SELECT WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1)", [.text(name)])
                #expect(pool.status.open == 0)
            }
        }
    }

    @Test func aClosedPoolLetsNobodyIn() async throws {
        let pool = try PostgresPool(try TestServer.configuration(), logger: TestServer.logger)
        try await pool.query("SELECT 1")
        let (gate, taken) = (Gate(), Gate())
        let holder = Task {
            try await pool.withConnection { connection in
                taken.open()
                gate.wait()
                return try connection.query("SELECT 7")[0].decode(0, as: Int.self)
            }
        }
        await taken.passed()
        async let closing: Void = pool.close()
        while await failure({ try await pool.query("SELECT 1") })?.code != .closed {}
        gate.open()
        #expect(try await holder.value == 7)
        await closing
        #expect(pool.status.open == 0)
        await pool.close()
    }
}
