import PostgresClient
import Testing

@Suite(.needsPostgres) struct StatementTests {
    @Test func aStatementIsPreparedOnceByConnection() async throws {
        try await TestServer.withPool(change: { $0.maximumConnections = 1 }) { pool in
            for number in 0..<5 {
                #expect(try await pool.query("SELECT $1::bigint + 1", [PostgresValue(number)])[0].decode(0, as: Int.self) == number + 1)
            }
            let prepared = try await pool.query(
                "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE '%+ 1'")
            #expect(prepared.count == 1)
            #expect(try prepared[0].decode(1, as: Int.self) == 5)
        }
    }

    @Test func ofTooManyStatementsTheServerForgetsTheOldest() async throws {
        try await TestServer.withPool(change: {
            $0.maximumConnections = 1
            $0.preparedStatements = 3
        }) { pool in
            for number in 0..<10 { try await pool.query("SELECT \(number)") }
            let kept = try await pool.query("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time DESC")
            #expect(try kept.map { try $0.decode(0, as: String.self) }.dropFirst() == ["SELECT 9", "SELECT 8"])
        }
    }

    @Test func aStatementWhoseColumnsChangeIsPreparedAnew() async throws {
        try await TestServer.withPool(change: { $0.maximumConnections = 1 }) { pool in
            let table = TestServer.name("changing")
            try await pool.query("CREATE TABLE \(table) (a text)")
            try await pool.query("INSERT INTO \(table) VALUES ('1')")
            #expect(try await pool.query("SELECT * FROM \(table)")[0].decode(0, as: String.self) == "1")
            try await pool.query("ALTER TABLE \(table) ALTER COLUMN a TYPE bigint USING a::bigint")
            #expect(try await pool.query("SELECT * FROM \(table)")[0].decode(0, as: Int.self) == 1)
            try await pool.query("DEALLOCATE ALL")
            #expect(try await pool.query("SELECT * FROM \(table)")[0].decode(0, as: Int.self) == 1)
        }
    }

    @Test func rowsAreCounted() async throws {
        try await TestServer.withPool { pool in
            let table = TestServer.name("counted")
            try await pool.query("CREATE TABLE \(table) (a bigint)")
            #expect(try await pool.execute("INSERT INTO \(table) SELECT generate_series(1, 10)") == 10)
            #expect(try await pool.execute("UPDATE \(table) SET a = a WHERE a > $1", [.integer(7)]) == 3)
            #expect(try await pool.execute("DELETE FROM \(table) WHERE a = ANY($1)", [.list([.integer(1), .integer(2), .integer(99)])]) == 2)
            #expect(try await pool.execute("SELECT a FROM \(table)") == 8)
            #expect(try await pool.execute("DROP TABLE \(table)") == 0)
        }
    }

    @Test func whatIsViolatedIsNamed() async throws {
        let (table, other) = (TestServer.name("strict"), TestServer.name("other"))
        try await TestServer.withPool { pool in
            try await pool.withConnection {
                try $0.run(
                    script: """
                        CREATE TABLE \(other) (id bigint PRIMARY KEY);
                        CREATE TABLE \(table) (id bigint CONSTRAINT \(other)_once PRIMARY KEY, size bigint NOT NULL CONSTRAINT not_small CHECK (size > 3),
                            other bigint CONSTRAINT of_other REFERENCES \(other), EXCLUDE USING btree (size WITH =));
                        INSERT INTO \(table) VALUES (1, 10, NULL);
                        """)
            }
            let insertions: [([PostgresValue], PostgresError.Code, constraint: String?, column: String?)] = [
                ([.integer(1), .integer(4), .null], .uniqueViolation, "\(other)_once", nil),
                ([.integer(2), .integer(3), .null], .checkViolation, "not_small", nil),
                ([.integer(2), .null, .null], .notNullViolation, nil, "size"),
                ([.integer(2), .integer(4), .integer(9)], .foreignKeyViolation, "of_other", nil),
                ([.integer(2), .integer(10), .null], .exclusionViolation, "\(table)_size_excl", nil),
            ]
            for insertion in insertions {
                let error = await failure { try await pool.query("INSERT INTO \(table) VALUES ($1, $2, $3)", insertion.0) }
                #expect(error?.code == insertion.1)
                #expect(error?.table == table)
                #expect(error?.constraint?.prefix(63) == insertion.constraint?.prefix(63) || insertion.1 == .exclusionViolation)
                #expect(error?.column == insertion.column)
                #expect(error?.debugDescription.contains("in: INSERT INTO \(table)") == true)
            }
        }
    }

    @Test func wrongStatementsAreNamed() async throws {
        try await TestServer.withPool(change: { $0.maximumConnections = 1 }) { pool in
            let process = try await pool.process()
            for (sql, code) in [
                ("SELEC 1", PostgresError.Code.invalidStatement), ("SELECT nothing", .invalidStatement), ("SELECT 1; SELECT 2", .invalidStatement),
                ("SELECT 1/0", .invalidData), ("CREATE ROLE somebody", .notPermitted), ("DROP TABLE pg_class", .notPermitted),
            ] {
                let error = await failure { try await pool.query(sql) }
                #expect(error?.code == code, "\(sql)")
            }
            #expect(try await pool.process() == process)
            // The connection would wait for data: it is given up.
            #expect(await failure { try await pool.query("COPY (SELECT 1) TO STDOUT") }?.code == .invalidStatement)
            #expect(try await pool.process() != process)
        }
    }

    @Test func aStatementThatTakesTooLongIsEndedByTheServer() async throws {
        try await TestServer.withPool(change: {
            $0.maximumConnections = 1
            $0.statementTimeout = .milliseconds(50)
        }) { pool in
            let process = try await pool.process()
            #expect(await failure { try await pool.query("SELECT pg_sleep(600)") }?.code == .statementTimeout)
            #expect(try await pool.process() == process)
            // One transaction may be given longer.
            let options = PostgresTransactionOptions(statementTimeout: .seconds(20))
            try await pool.withTransaction(options) { try $0.query("SELECT pg_sleep(0.1)") }
            #expect(await failure { try await pool.query("SELECT pg_sleep(600)") }?.code == .statementTimeout)
        }
    }
}
