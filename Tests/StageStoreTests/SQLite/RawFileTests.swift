import Foundation
import StageModel
import StageStore
import Testing

@testable import StageStoreSQL

/// What lies in the files of the database, apart from what the store gives back.
@Suite("SQLite: what is in the file")
struct RawFileTests {
    /// Some text that nothing else holds.
    private static let secret = "4111-secret-8f3a"

    /// Every byte of the database and what belongs to it, once everything is written to where it belongs.
    private static func files(of folder: TemporaryFolder, _ store: SQLStageStore) async throws -> [Data] {
        let database = try #require(store.database as? SQLiteDatabase)
        try await database.scrub()
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).map { name in
            try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)"))
        }
    }

    private static func holds(_ text: String, _ folder: TemporaryFolder, _ store: SQLStageStore) async throws -> Bool {
        let base64 = Data(text.utf8).base64EncodedString().prefix(text.utf8.count / 3 * 4)
        let needles = [Data(text.utf8), Data(base64.utf8), Data(text.utf8.map { String(format: "%02x", $0) }.joined().utf8)]
        return try await files(of: folder, store).contains { file in needles.contains { file.range(of: $0) != nil } }
    }

    private static func marking(_ names: [String], in bench: Bench, on base: Flow? = nil) async throws -> Flow {
        let base = base ?? bench.flow
        let old = try #require(base.stages[bench.plan.greeting])
        var stage = old.body
        stage.configuration.fields = names.map { DataField(name: $0, isSensitive: true) }
        return try await bench.commit([.saveStage(bench.plan.saved(old.id, stage, revision: old.revision + 1))], on: base)
    }

    private static func go(_ bench: Bench, _ text: String, _ data: [String: JSONValue], by flow: Flow) async throws {
        try await bench.perform(.move(to: bench.plan.greeting, data: data, agent: nil), on: text, in: flow)
    }

    static let shapes: [[String: JSONValue]] = [
        ["card": .string(secret)], ["payment": ["method": ["card": .string(secret)]]], ["list": [["card": .string(secret)]]],
        ["card": .string(secret + String(repeating: "x", count: 20_000))],
    ]

    @Test("No sensitive value is in the file, at any depth, and all of them are read back", arguments: shapes)
    func sealed(data: [String: JSONValue]) async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let flow = try await Self.marking(["card"], in: bench)
            try await Self.go(bench, "c", data.merging(["open": "4111-open"]) { $1 }, by: flow)
            try await Self.go(bench, "c", ["more": 1], by: flow)
            #expect(try await !Self.holds(Self.secret, folder, store))
            #expect(try await Self.holds("4111-open", folder, store), "What is not sensitive lies open: the test looks in the right place.")
            let state = try await folder.open().state(of: bench.key("c"), fresh: true)
            #expect(state?.data.conversation == data.merging(["open": "4111-open", "more": 1]) { $1 })
        }
    }

    @Test("The body of a kept answer is not in the file")
    func answers() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            try await bench.perform(
                .move(to: bench.plan.greeting, data: [:], agent: nil), on: "c", answer: bench.answer("a", body: "{\"api_key\":\"\(Self.secret)\"}"))
            #expect(try await !Self.holds(Self.secret, folder, store))
            #expect(try await bench.kept("a")?.body == Array("{\"api_key\":\"\(Self.secret)\"}".utf8))
        }
    }

    @Test("A value that becomes sensitive later is in the file no more", arguments: shapes)
    func resealed(data: [String: JSONValue]) async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            try await bench.go(bench.plan.greeting, "c", data)
            try await bench.go(bench.plan.greeting, "d", ["card_holder": "card"])
            #expect(try await Self.holds(Self.secret, folder, store))
            let flow = try await Self.marking(["card"], in: bench)
            #expect(try await !Self.holds(Self.secret, folder, store))
            #expect(try await bench.state("c")?.data.conversation == data)
            #expect(try await bench.state("c", fresh: true)?.version == 1, "That a value is sealed is no new version.")
            try await Self.go(bench, "c", ["more": 1], by: flow)
            #expect(try await folder.open().state(of: bench.key("c"), fresh: true)?.data.conversation == data.merging(["more": 1]) { $1 })
            #expect(try await !Self.holds(Self.secret, folder, store))
        }
    }

    @Test("What was decided before a name became sensitive is sealed all the same")
    func decidedBefore() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            _ = try await Self.marking(["card"], in: bench)
            try await Self.go(bench, "c", ["card": .string(Self.secret)], by: bench.flow)
            #expect(try await !Self.holds(Self.secret, folder, store))
        }
    }

    @Test("An envelope that was copied to another conversation does not open there")
    func copied() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let flow = try await Self.marking(["card"], in: bench)
            for text in ["c", "d"] { try await Self.go(bench, text, ["card": .string("\(Self.secret)-\(text)")], by: flow) }
            let database = try #require(store.database as? SQLiteDatabase)
            try await database.execute(
                script:
                    "UPDATE conversations SET sealed_data = (SELECT sealed_data FROM conversations WHERE conversation_id = 'c') WHERE conversation_id = 'd'"
            )
            await #expect(throws: StoreError.unreadable(reason: "a sealed value does not open")) { _ = try await bench.state("d", fresh: true) }
            #expect(try await bench.state("c", fresh: true)?.data.conversation["card"] == .string("\(Self.secret)-c"))
        }
    }

    @Test("With another master key nothing is opened, and the reason says what is wrong")
    func wrongKey() async throws {
        try await TemporaryFolder.with { folder in
            _ = try await folder.open(key: "k1")
            await #expect {
                _ = try await folder.open(key: "k2")
            } throws: { error in
                if case StoreError.unreadable(let reason) = error { reason.contains("encryption keys") } else { false }
            }
        }
    }

    @Test(
        "What operators keep with a stage is sealed as data of conversations is, also when its name becomes sensitive later",
        arguments: [true, false])
    func stageStates(markedBefore: Bool) async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let data: [String: JSONValue] = ["card": .string(Self.secret), "open": "4111-open"]
            let state = StageState(status: .active, data: data, version: 1, updatedAt: bench.now(0))
            var flow = bench.flow
            if markedBefore { flow = try await Self.marking(["card"], in: bench, on: flow) }
            flow = try await bench.commit([.saveState(state, of: bench.plan.done)], on: flow)
            if !markedBefore { flow = try await Self.marking(["card"], in: bench, on: flow) }
            #expect(try await !Self.holds(Self.secret, folder, store))
            #expect(try await Self.holds("4111-open", folder, store))
            #expect(flow.state(of: bench.plan.done).data == data)
            #expect(try await folder.open().flow(of: bench.plan.business.id)?.state(of: bench.plan.done) == state)
        }
    }

    @Test("Nothing of an erased conversation is in the file, not even its id", arguments: [10, 20_000])
    func erased(count: Int) async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let id = "conversation-8f3a77"
            for stage in [bench.plan.greeting, bench.plan.order] {
                try await bench.perform(
                    .move(to: stage, data: ["note": .string(Self.secret + String(repeating: "x", count: count))], agent: nil), on: id,
                    answer: bench.answer("a\(stage)", conversation: id))
            }
            #expect(try await Self.holds(id, folder, store))
            while try await store.foldStatistics() > 0 {}
            #expect(
                try await store.erase(bench.key(id), audit: bench.plan.audit("conversation.erase", "a conversation"), answer: nil, at: bench.now(1)))
            while try await store.foldStatistics() > 0 {}
            #expect(try await !Self.holds(id, folder, store))
            #expect(try await !Self.holds(Self.secret, folder, store))
        }
    }

    @Test("The salt of a deleted business is not in the file")
    func salts() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            _ = try await Bench(store)
            let business = try #require(try await store.businesses(after: nil, limit: 1).first)
            let salt = try await store.database.read { try store.table.salt(of: business.id, $0) }
            #expect(salt.count == 32)
            #expect(try await store.deleteBusiness(business.id, at: Blueprint.start, answer: nil))
            #expect(
                try await Self.files(of: folder, store).allSatisfy { $0.range(of: Data(salt)) == nil },
                "With its salt gone, nothing of a business opens.")
        }
    }
}
