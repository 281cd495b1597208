import Foundation
import StageStore
import Testing

@testable import StageModel
@testable import StageStoreSQL

/// Files that an earlier version of the program has made.
@Suite("SQLite: a file of an older schema")
struct UpgradeTests {
    /// What was done before the upgrade, and what the store told of it then.
    private struct Before {
        let bench: Bench
        let states: [ConversationState]
        let history: [Transition]
        let statistics: StageStatistics
    }

    /// Does a bit of everything that the first schema could hold: sealed data, an expiry, an erased conversation, revisions, answers.
    private static func fill(_ folder: TemporaryFolder) async throws -> Before {
        let store = try await folder.open()
        let bench = try await Bench(store)
        let plan = bench.plan
        var stage = plan.stage("order")
        stage.configuration.fields = [DataField(name: "card", isSensitive: true)]
        stage.configuration.persistence.timeToLive = 3600
        let flow = try await bench.commit([
            .saveStage(plan.saved(plan.order, stage, revision: 2)),
            .saveState(
                StageState(status: .disabled, data: ["card": "4111", "n": 1], version: 1, updatedAt: bench.now(1)), of: plan.done),
        ])
        try await bench.go(plan.greeting, "a", ["name": "Eve"], at: 1)
        try await bench.perform(
            .move(to: plan.order, data: ["card": "4111", "é": ["👍🏽"]], agent: nil), on: "a", at: 2, in: flow,
            answer: bench.answer("first", conversation: "a"), audit: plan.audit("look"))
        try await bench.go(plan.ofAda, "b", at: 3, agent: plan.ada)
        try await bench.perform(.pause, on: "b", at: 4)
        try await bench.go(plan.greeting, "gone", at: 5)
        #expect(try await store.erase(bench.key("gone"), audit: plan.audit("erase"), answer: nil, at: bench.now(6)))
        while try await store.foldStatistics() > 0 {}
        try await bench.go(plan.greeting, "c", at: 7)
        let states = try await [bench.state("a", fresh: true), bench.state("b", fresh: true), bench.state("c", fresh: true)].compactMap { $0 }
        let statistics = try await store.statistics(of: plan.greeting, in: plan.business.id)
        let before = Before(bench: bench, states: states, history: try await bench.history("a"), statistics: statistics)
        try await store.close()
        return before
    }

    /// Makes a file of the first schema and copies all that it can hold from another file.
    private static func makeOlder(_ path: String, from filled: String) async throws {
        let database = try SQLiteDatabase(path: path)
        try await database.execute(
            script: """
                CREATE TABLE schema_migrations (
                    number BIGINT PRIMARY KEY NOT NULL,
                    name TEXT NOT NULL,
                    applied_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
                );
                \(String(decoding: PackageResources._001_initial_sql, as: UTF8.self))
                INSERT INTO schema_migrations (number, name) VALUES (1, 'initial');
                """)
        let copies = try await tables(of: database).map { table, columns in
            let names = columns.joined(separator: ", ")
            return "INSERT INTO main.\(table) (\(names)) SELECT \(names) FROM filled.\(table);"
        }
        try await database.execute(
            script: "ATTACH DATABASE '\(filled)' AS filled; PRAGMA foreign_keys = OFF; \(copies.joined(separator: "\n")) DETACH DATABASE filled;")
        try await database.close()
    }

    /// The tables with their columns, but for the one that counts the migrations.
    private static func tables(of database: any SQLDatabase) async throws -> [(String, [String])] {
        try await database.read { connection in
            let names = try connection.rows(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_migrations' ORDER BY name", []
            ) { $0.text(0) }
            return try names.map { name in (name, try connection.rows("SELECT name FROM pragma_table_info(?1)", [.text(name)]) { $0.text(0) }) }
        }
    }

    /// Every value of every row, as SQL writes it.
    private static func rows(_ tables: [(String, [String])], of database: any SQLDatabase) async throws -> [String: [String]] {
        try await database.read { connection in
            var all: [String: [String]] = [:]
            for (table, columns) in tables {
                let values = columns.map { "quote(\($0))" }.joined(separator: " || ' ' || ")
                all[table] = try connection.rows("SELECT \(values) FROM \(table) ORDER BY 1", []) { $0.text(0) }
            }
            return all
        }
    }

    private static func withOlder(_ body: (TemporaryFolder, Before) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in
            let filled = TemporaryFolder(path: "\(folder.path)/filled")
            try FileManager.default.createDirectory(atPath: filled.path, withIntermediateDirectories: false)
            let before = try await fill(filled)
            try await makeOlder(folder.database, from: filled.database)
            try await body(folder, before)
        }
    }

    @Test("Every row of the first schema is as it was, and every conversation goes on")
    func nothingLost() async throws {
        try await Self.withOlder { folder, before in
            let old = try SQLiteDatabase(path: folder.database)
            let tables = try await Self.tables(of: old)
            let rows = try await Self.rows(tables, of: old)
            for name in ["agents", "stages", "stage_states", "conversations", "transitions", "events", "revisions", "audit_log", "idempotency"] {
                #expect(rows[name]?.isEmpty == false, "\(name)")
            }
            try await old.close()

            let store = try await folder.open()
            #expect(try await Self.rows(tables, of: store.database) == rows)
            let (bench, plan) = (before.bench, before.bench.plan)
            for state in before.states { #expect(try await store.state(of: state.key, fresh: true) == state) }
            #expect(before.states.map(\.version) == [2, 2, 1] && before.states.allSatisfy { $0.timeoutAt == nil && $0.turns == 0 })
            #expect(try await store.history(of: bench.key("a"), before: nil, limit: 9).map(\.stored) == before.history.map(\.stored))
            let statistics = try await store.statistics(of: plan.greeting, in: plan.business.id)
            #expect(statistics.entered == before.statistics.entered && statistics.left == before.statistics.left)
            #expect(statistics.durations == before.statistics.durations && statistics.recent == before.statistics.recent)
            while try await store.foldStatistics() > 0 {}
            #expect(try await store.conversationsHere(in: plan.business.id) == [plan.greeting: 1, plan.order: 1, plan.ofAda: 1])
            #expect(try await store.answer(to: IdempotencyScope(digest: Array("first".utf8)), at: bench.now(9))?.status == 201)
            #expect(try await store.due(at: bench.now(4000), limit: 9).map(\.conversation.description) == ["a"])
            try await store.close()
        }
    }

    @Test("What is new works on what was there: rules, deadlines and the rules of transitions")
    func goesOn() async throws {
        try await Self.withOlder { folder, before in
            let store = try await folder.open()
            let plan = before.bench.plan
            let flow = try #require(try await store.flow(of: plan.business.id))
            #expect(flow.rules.all.isEmpty && flow.stages[plan.order]?.revision == 2)
            var greeting = try #require(flow.stages[plan.greeting])
            greeting.body.configuration.timeout = StageConfiguration.Timeout(seconds: 60, toStageID: plan.order)
            greeting.body.configuration.transitionPolicy = .strict
            greeting.revision += 1
            let rule = plan.saved(TransitionRule.ID(), TransitionRule(from: plan.greeting, to: plan.order))
            let changed = try await store.commit(
                ConfigurationCommit(
                    base: flow, changes: [.saveStage(greeting), .saveRule(rule)], actor: "x", at: before.bench.now(20), audit: []))
            #expect(changed.rules.all == [rule])

            func perform(_ command: ConversationCommand, _ text: String, at seconds: Int64) async throws -> ConversationState {
                let context = ChangeContext(flow: changed, actor: "x", now: before.bench.now(seconds))
                return try await store.update(before.bench.key(text), at: context.now) { state, _ throws(ConversationFault) in
                    try state.applying(command, in: context).map { ConversationCommit(change: $0, sensitive: changed.sensitive) }
                }
            }
            let moved = try await perform(.move(to: plan.order, data: [:], agent: nil), "c", at: 30)
            #expect(moved.version == 2)
            #expect(try await store.history(of: before.bench.key("c"), before: nil, limit: 9).map(\.rule) == [rule.id, nil])
            #expect(
                try await perform(.move(to: plan.greeting, data: [:], agent: nil), "gone", at: 30).version == 2, "It goes on from the erased one.")
            #expect(try await store.due(at: before.bench.now(90), limit: 9).map(\.conversation.description) == ["gone"])
            #expect(try await perform(.elapse, "gone", at: 90).stageID == plan.order)
            try await store.close()
        }
    }

    @Test("Without being migrated it is refused with what to run, and is as it was")
    func refused() async throws {
        try await Self.withOlder { folder, _ in
            await #expect {
                _ = try await folder.open(migrating: false)
            } throws: { error in
                if case StoreError.unavailable(let reason) = error {
                    reason.contains("number 1, not \(SQLStageStore.schemaNumber)") && reason.contains("run 'stagekeeper migrate'")
                } else {
                    false
                }
            }
            let old = try SQLiteDatabase(path: folder.database)
            #expect(try await !Self.tables(of: old).map(\.0).contains("transition_rules"))
            try await old.close()
            try await folder.open().close()
            try await folder.open(migrating: false).close()
        }
    }
}
