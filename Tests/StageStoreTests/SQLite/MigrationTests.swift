import Foundation
import StageModel
import StageStore
import Testing

@testable import StageStoreSQL

@Suite("SQLite: schema and backup")
struct MigrationTests {
    private static func execute(_ script: String, _ store: SQLStageStore) async throws {
        try await #require(store.database as? SQLiteDatabase).execute(script: script)
    }

    private static func reason(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "opened"
        } catch StoreError.unavailable(let reason) {
            return reason
        } catch {
            return "\(error)"
        }
    }

    @Test("An empty file is brought up to date once, and opened again as it is")
    func migrates() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            try await bench.go(bench.plan.greeting, "c")
            let applied = try await store.database.read { connection in
                try connection.rows("SELECT number, name FROM schema_migrations ORDER BY number", []) { "\($0.integer(0)) \($0.text(1))" }
            }
            #expect(applied.count == SQLStageStore.schemaNumber && applied.first == "1 initial")
            try await store.close()
            for migrating in [true, false] {
                let again = try await folder.open(migrating: migrating)
                #expect(try await again.state(of: bench.key("c"), fresh: true)?.version == 1)
                try await again.close()
            }
        }
    }

    @Test("Every table is strict, so that no column holds what its type does not allow")
    func strict() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let lax = try await store.database.read { connection in
                try connection.rows("SELECT name FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite_%'", []) { $0.text(0) }
            }
            #expect(lax.isEmpty, "\(lax)")
            let pragmas = try await store.database.read { connection in
                try ["journal_mode", "synchronous", "foreign_keys"].map { try connection.row("PRAGMA \($0)", []) { $0.text(0) } }
            }
            #expect(pragmas == ["wal", "2", "1"])
        }
    }

    @Test("A file without the schema is refused with what to run, unless it is to be migrated")
    func older() async throws {
        try await TemporaryFolder.with { folder in
            let empty = await Self.reason { _ = try await folder.open(migrating: false) }
            #expect(empty.contains("number 0") && empty.contains("run 'stagekeeper migrate'"), "\(empty)")
            try await folder.open().close()
            #expect(await Self.reason { try await folder.open(migrating: false).close() } == "opened")
        }
    }

    @Test("A file of a newer schema is refused with what to run")
    func newer() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            try await Self.execute("INSERT INTO schema_migrations (number, name) VALUES (99, 'later')", store)
            try await store.close()
            let reason = await Self.reason { _ = try await folder.open(migrating: false) }
            #expect(reason.contains("number 99") && reason.contains("run a newer version of stagekeeper"), "\(reason)")
        }
    }

    @Test("A file of a newer schema is refused also by a server that migrates")
    func newerWhileMigrating() async {
        await #expect(processExitsWith: .success) {
            try await TemporaryFolder.with { folder in
                let store = try await folder.open()
                try await Self.execute("INSERT INTO schema_migrations (number, name) VALUES (99, 'later')", store)
                try await store.close()
                let reason = await Self.reason { _ = try await folder.open(migrating: true) }
                guard reason.contains("run a newer version of stagekeeper") else { throw StoreError.unavailable(reason: reason) }
            }
        }
    }

    @Test("The pseudonyms' secret is made once")
    func pseudonyms() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let name = store.table.pseudonym(of: try bench.key("c"))
            try await store.close()
            #expect(try await folder.open().table.pseudonym(of: bench.key("c")) == name)
        }
    }

    @Test("A backup that is made in the middle of writing opens, and holds all that was acknowledged before it")
    func backup() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            for number in 0..<50 { try await bench.go(bench.plan.greeting, "before\(number)") }
            async let writing: Void = {
                for number in 0..<50 { try await bench.go(bench.plan.greeting, "during\(number)") }
            }()
            let target = TemporaryFolder(path: "\(folder.path)/copy")
            try FileManager.default.createDirectory(atPath: target.path, withIntermediateDirectories: false)
            try await SQLStageStore.backUp(sqlite: folder.database, to: target.database) { #expect((0...1).contains($0)) }
            try await writing
            let copy = try await target.open()
            for number in 0..<50 { #expect(try await copy.state(of: bench.key("before\(number)"), fresh: true)?.version == 1) }
            #expect(try await copy.flow(of: bench.plan.business.id)?.stages.all == bench.flow.stages.all)
            let missing = await Self.reason { try await SQLStageStore.backUp(sqlite: "\(folder.path)/no.sqlite", to: "\(folder.path)/x") { _ in } }
            #expect(missing.contains("there is no file"))
        }
    }
}
