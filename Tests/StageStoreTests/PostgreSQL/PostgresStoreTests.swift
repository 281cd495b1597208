import Foundation
import PostgresClient
import StageModel
import StageStore
import Testing

@testable import StageStoreSQL

@Suite("PostgreSQL", .enabled(if: PostgresServer.isThere))
struct PostgresStoreTests {
    /// Runs a test on two stores over the same database, as two servers are.
    private static func withTwo(_ body: (_ here: Bench, _ there: Bench) async throws -> Void) async throws {
        try await StoreFactory.postgres.test { instance in
            let here = try await Bench(instance.store)
            try await body(here, Bench(try await instance.reopen(), like: here))
        }
    }

    @Test("A change is announced to other processes when it is committed, besides standing in the log")
    func announcements() async throws {
        try await Self.withTwo { here, there in
            let (calls, caller) = AsyncStream.makeStream(of: Void.self)
            try there.store.whenChanged { caller.yield() }
            var iterator = calls.makeAsyncIterator()
            // It listens now, and may have missed what was before.
            await iterator.next()
            let end = try await there.store.changes(after: nil).position
            _ = try await here.commit([.saveAgent(here.plan.saved(Agent.ID(), Agent(name: "New", description: "")))])
            await iterator.next()
            #expect(try await there.store.changes(after: end).changes == [.flow(here.plan.business.id)])
        }
    }

    @Test("Two processes that change the same conversations at once never refuse, lose or repeat a version")
    func twoWriters() async throws {
        try await Self.withTwo { here, there in
            let versions = try await withThrowingTaskGroup(of: (String, Int64).self) { group in
                for task in 0..<64 {
                    group.addTask {
                        let text = "c\(task % 4)"
                        return (text, try await (task % 8 < 4 ? here : there).go(here.plan.greeting, text).version)
                    }
                }
                return try await group.reduce(into: [String: [Int64]]()) { $0[$1.0, default: []].append($1.1) }
            }
            for number in 0..<4 { #expect(versions["c\(number)"]?.sorted() == (1...16).map(Int64.init)) }
        }
    }

    @Test("What became sensitive at one process is sealed by the next commit of another, though that has not heard of it")
    func sensitiveElsewhere() async throws {
        try await Self.withTwo { here, there in
            try await there.go(there.plan.greeting, "c", ["card": "open"])
            let old = try #require(here.flow.stages[here.plan.greeting])
            var stage = old.body
            stage.configuration.fields = [DataField(name: "card", isSensitive: true)]
            _ = try await here.commit([.saveStage(here.plan.saved(old.id, stage, revision: old.revision + 1))])
            try await there.go(there.plan.greeting, "d", ["card": "4111-secret"])
            let store = try #require(there.store as? SQLStageStore)
            let rows = try await store.database.read { try $0.rows("SELECT CAST(data AS TEXT) FROM conversations", []) { $0.text(0) } }
            #expect(rows.count == 2 && !rows.contains { $0.contains("4111") || $0.contains("open") })
            #expect(try await here.state("d", fresh: true)?.data.conversation["card"] == "4111-secret")
        }
    }

    @Test("Ten that migrate an empty schema at once leave one schema")
    func migrations() async throws {
        let schema = try await PostgresServer.makeSchema(migrated: false)
        try await withThrowingTaskGroup { group in
            for _ in 0..<10 {
                group.addTask {
                    let store = try await SQLStageStore.postgres(
                        schema.configuration(owner: true, connections: 1), masterKeys: PostgresServer.keys(), migrating: true,
                        logger: PostgresServer.logger)
                    #expect(try await store.database.schemaNumber() == SQLStageStore.schemaNumber)
                    try await store.close()
                }
            }
            try await group.waitForAll()
        }
        try await schema.remove()
    }

    @Test("A database without the schema is refused with what to run, and so is migrating it without being its owner")
    func unmigrated() async throws {
        let schema = try await PostgresServer.makeSchema(migrated: false)
        for (migrating, expected) in [(false, "stagekeeper migrate"), (true, "permission denied")] {
            let error = await #expect(throws: StoreError.self) {
                _ = try await SQLStageStore.postgres(
                    schema.configuration(), masterKeys: PostgresServer.keys(), migrating: migrating, logger: PostgresServer.logger)
            }
            #expect(error.map { "\($0)".contains(expected) } == true, "\(error as Any)")
        }
        try await schema.remove()
    }

    @Test("The spec's table of stages has its columns, in their order, and its types")
    func specification() async throws {
        try await StoreFactory.postgres.test { instance in
            let store = try #require(instance.store as? SQLStageStore)
            let columns = try await store.database.read { connection in
                try connection.rows(
                    """
                    SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT), CAST(is_nullable AS TEXT) FROM information_schema.columns
                    WHERE table_name = 'stages' AND table_schema = current_schema() ORDER BY ordinal_position
                    """, []
                ) { "\($0.text(0)) \($0.text(1)) \($0.text(2))" }
            }
            #expect(
                columns.prefix(10) == [
                    "stage_id uuid NO", "business_id uuid NO", "agent_id uuid YES", "stage_name text NO", "stage_description text NO",
                    "stage_type text NO", "stage_selection_template_id uuid NO", "data_extraction_template_id uuid NO",
                    "response_generation_template_id uuid NO", "created_at timestamp with time zone NO",
                ])
        }
    }
}

@Suite("PostgreSQL's dialect")
struct PostgresDialectTests {
    @Test(
        "Parameters are numbered as they appear, and none is left out",
        arguments: [
            ("SELECT 1", "SELECT 1", []), ("a = ?1 AND b = ?2", "a = $1 AND b = $2", [0, 1]), ("a = ?3 OR b = ?3", "a = $1 OR b = $1", [2]),
            ("?12, ?2, ?12", "$1, $2, $1", [11, 1]),
        ])
    func parameters(sql: String, expected: String, order: [Int]) {
        let statement = PostgresDialect.statement(sql)
        #expect(statement.sql == expected && statement.parameters == order)
    }
}
