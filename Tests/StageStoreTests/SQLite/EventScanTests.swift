import StageModel
import StageStore
import Testing

@testable import StageStoreSQL

@Suite("SQLite: reading a quiet business in a busy log")
struct EventScanTests {
    @Test("One read looks at 10,000 positions, so that no reader holds others up; the next goes on behind them")
    func span() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let database = try #require(store.database as? SQLiteDatabase)
            try await bench.go(bench.plan.greeting, "first")
            try await database.execute(
                script: """
                    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 25000)
                    INSERT INTO events (business_id, conversation_id, version, body, at)
                    SELECT '\(Business.ID())', 'c' || n, 1, '{"transitions":[]}', 1 FROM numbers;
                    """)
            try await bench.go(bench.plan.greeting, "last")
            var pages: [EventPage] = []
            var position: Int64 = 0
            repeat {
                pages.append(try await store.events(of: bench.plan.business.id, after: position, limit: 100))
                position = pages.last?.position ?? .max
            } while pages.last?.isLast == false
            #expect(pages.map(\.position) == [10_000, 20_000, 25_002])
            #expect(pages.flatMap(\.events).map { $0.conversation?.description } == ["first", "last"])
            #expect(pages.allSatisfy { $0.extent == EventExtent(first: 1, last: 25_002) })
        }
    }

    @Test("An event from before events had agents is read as one without, and one that is damaged is told of")
    func oldAndDamaged() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let database = try #require(store.database as? SQLiteDatabase)
            try await bench.go(bench.plan.ofAda, "a", agent: bench.plan.ada)
            #expect(try await store.events(of: bench.plan.business.id, after: 0, limit: 1).events.map(\.agent) == [bench.plan.ada])
            try await database.execute(script: "UPDATE events SET body = json_remove(body, '$.agent_id');")
            let event = try #require(try await store.events(of: bench.plan.business.id, after: 0, limit: 1).events.first)
            #expect(event.agent == nil && event.transitions.map(\.to) == [bench.plan.ofAda])
            try await database.execute(script: "UPDATE events SET body = '{';")
            await #expect(throws: StoreError.self) { try await store.events(of: bench.plan.business.id, after: 0, limit: 1) }
        }
    }
}
