import PostgresClient
import Testing

@Suite(.needsPostgres) struct PipelineTests {
    private func withTable<Value>(_ body: (PostgresPool, String) async throws -> Value) async throws -> Value {
        let table = TestServer.name("grouped")
        return try await TestServer.withPool(change: { $0.maximumConnections = 1 }) { pool in
            try await pool.query("CREATE TABLE \(table) (id bigint PRIMARY KEY, label text NOT NULL)")
            return try await body(pool, table)
        }
    }

    private func insertions(_ table: String, _ ids: some Sequence<Int>) -> [PostgresStatement] {
        ids.map { PostgresStatement("INSERT INTO \(table) VALUES ($1, $2)", [PostgresValue($0), .text("row \($0)")]) }
    }

    private func count(_ pool: PostgresPool, _ table: String) async throws -> Int {
        try await pool.query("SELECT count(*) FROM \(table)")[0].decode(0)
    }

    @Test func aHundredStatementsAreOneGroup() async throws {
        try await withTable { pool, table in
            let outcomes = try await pool.pipeline(insertions(table, 1...99) + [PostgresStatement("SELECT count(*) FROM \(table)")])
            #expect(outcomes.count == 100)
            for outcome in outcomes.dropLast() {
                guard case .result(let result) = outcome, result.affectedRows == 1 else {
                    Issue.record("\(outcome)")
                    return
                }
            }
            guard case .result(let last)? = outcomes.last else {
                Issue.record("no last outcome")
                return
            }
            #expect(try last[0].decode(0, as: Int.self) == 99)
        }
    }

    @Test func ofAHundredStatementsOneFailsAndNothingIsKept() async throws {
        try await withTable { pool, table in
            let process = try await pool.process()
            let ids = Array(1...50) + [7] + Array(51...99)
            let outcomes = try await pool.pipeline(insertions(table, ids))
            for (index, outcome) in outcomes.enumerated() {
                switch outcome {
                case .result: #expect(index < 50)
                case .failure(let error):
                    #expect(index == 50)
                    #expect(error.code == .uniqueViolation)
                    #expect(error.debugDescription.contains("in: INSERT INTO"))
                case .skipped: #expect(index > 50)
                }
            }
            #expect(outcomes.count == 100)
            #expect(try await count(pool, table) == 0)
            #expect(try await pool.process() == process)
            // What failed is not prepared anew.
            let prepared = try await pool.query("SELECT FROM pg_prepared_statements WHERE statement LIKE 'INSERT%'")
            #expect(prepared.count == 1)
            _ = try await pool.pipeline(insertions(table, 1...2))
            #expect(try await pool.query("SELECT FROM pg_prepared_statements WHERE statement LIKE 'INSERT%'").count == 1)
        }
    }

    @Test func aGroupInATransactionIsCommittedWithIt() async throws {
        try await withTable { pool, table in
            try await pool.withTransaction { connection in
                _ = try connection.pipeline(insertions(table, 1...10))
                try connection.execute("DELETE FROM \(table) WHERE id > 5")
                _ = try connection.pipeline(insertions(table, 11...13))
            }
            #expect(try await count(pool, table) == 8)
            let error = await failure { try await pool.withTransaction { try $0.pipeline(insertions(table, [14, 1, 15])) } }
            #expect(error?.code == .uniqueViolation)
            #expect(try await count(pool, table) == 8)
        }
    }

    @Test func whatCanNotBeSentStopsTheGroupBeforeItBegins() async throws {
        try await withTable { pool, table in
            let faults: [(PostgresStatement, PostgresError.Code)] = [
                (PostgresStatement("INSERT INTO nowhere VALUES (1)"), .invalidStatement),
                (PostgresStatement("INSERT INTO \(table) VALUES ($1, $2)", [.integer(1)]), .invalidValue),
            ]
            for (statement, code) in faults {
                let error = await failure { try await pool.pipeline(insertions(table, 1...3) + [statement]) }
                #expect(error?.code == code)
                #expect(error?.debugDescription.contains("in: \(statement.sql)") == true)
            }
            let kept = try await count(pool, table)
            #expect(kept == 0)
            let nothing = try await pool.pipeline([])
            #expect(nothing.isEmpty)
        }
    }

    @Test func aGroupOfManyMegabytesBothWaysDoesNotGetStuck() async throws {
        try await withTable { pool, table in
            let text = String(repeating: "x", count: 200_000)
            let outcomes = try await pool.pipeline((1...100).map { _ in PostgresStatement("SELECT $1::text", [.text(text)]) })
            for outcome in outcomes {
                guard case .result(let result) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect(try result[0].decode(0, as: String.self).utf8.count == text.utf8.count)
            }
        }
    }

    @Test func aConnectionThatIsLostInAGroupLeavesTheOutcomeUnknown() async throws {
        let name = TestServer.name("group")
        try await TestServer.withPool("application_name=\(name)") { pool in
            try await TestServer.withPool { other in
                async let error = failure { try await pool.pipeline([PostgresStatement("SELECT 1"), PostgresStatement("SELECT pg_sleep(600)")]) }
                try await other.wait(until: "SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event = 'PgSleep'", [.text(name)])
                try await other.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [.text(name)])
                #expect(await error?.code == .outcomeUnknown)
            }
        }
    }
}
