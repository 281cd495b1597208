import Dispatch
import StageModel
import StageStore
import Testing

@testable import StageStoreSQL

/// Groups of commits as SQLite really writes them: the writer is held up until all of a group are waiting.
@Suite("SQLite: groups, caches and statements")
struct GroupedStoreTests {
    /// Something to do, and the version that its conversation has on the way to the disk when it waits there; nil: it does not wait.
    private struct Member<Value: Sendable>: Sendable {
        let waits: (key: ConversationKey, version: Int64)?
        let body: @Sendable () async throws -> Value
    }

    /// Starts the members in their order while the writer is held up, and lets it go on when all are waiting.
    private static func inOneGroup<Value: Sendable>(_ store: SQLStageStore, _ members: [Member<Value>]) async throws -> [Result<Value, any Error>] {
        let entered = AsyncStream<Void>.makeStream()
        let release = DispatchSemaphore(value: 0)
        let blocker = Task {
            try await store.database.write { _ in
                entered.continuation.finish()
                release.wait()
            }
        }
        for await _ in entered.stream {}
        var tasks: [Task<Value, any Error>] = []
        for member in members {
            tasks.append(Task { try await member.body() })
            guard let waits = member.waits else { continue }
            while pendingVersion(of: waits.key, store) != waits.version { await Task.yield() }
        }
        release.signal()
        try await blocker.value
        var results: [Result<Value, any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
    }

    private static func pendingVersion(of key: ConversationKey, _ store: SQLStageStore) -> Int64? {
        store.states.withBase(of: key, read: nil) { base in (base.flatMap { $0.isPending ? $0.state.version : nil }, nil) }
    }

    @Test("In a group of real commits the one that errs or is stale fails alone")
    func failures() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let gone = bench.plan.saved(Stage.ID(), bench.plan.stage("gone"))
            let broken = Flow(business: bench.flow.business, stages: [gone])
            let results = try await Self.inOneGroup(
                store,
                [
                    Member(waits: (try bench.key("a"), 1)) { try await bench.go(bench.plan.greeting, "a").version },
                    Member(waits: (try bench.key("b"), 1)) {
                        try await bench.perform(.move(to: gone.id, data: [:], agent: nil), on: "b", in: broken).version
                    },
                    Member(waits: (try bench.key("c"), 1)) { try await bench.go(bench.plan.greeting, "c").version },
                    Member(waits: (try bench.key("c"), 2)) { try await bench.go(bench.plan.order, "c").version },
                ])
            #expect(results.map { try? $0.get() } == [1, nil, 1, 2])
            #expect(throws: StoreError.danglingReference) { try results[1].get() }
            let again = try await folder.open()
            for (text, version) in [("a", Int64(1)), ("c", 2)] {
                #expect(try await again.state(of: bench.key(text), fresh: true)?.version == version)
                #expect(try await again.history(of: bench.key(text), before: nil, limit: 9).count == Int(version))
            }
            #expect(try await again.state(of: bench.key("b"), fresh: true) == nil)
        }
    }

    @Test("What was built on a commit that fails is decided again on what is really there")
    func builtOnFailure() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            try await bench.perform(.move(to: bench.plan.greeting, data: [:], agent: nil), on: "c", answer: bench.answer("a"))
            let results = try await Self.inOneGroup(
                store,
                [
                    Member(waits: (try bench.key("c"), 2)) {
                        try await bench.perform(.move(to: bench.plan.order, data: ["lost": 1], agent: nil), on: "c", answer: bench.answer("a"))
                    },
                    Member(waits: (try bench.key("c"), 3)) { try await bench.go(bench.plan.done, "c", ["kept": 1]) },
                    Member(waits: (try bench.key("c"), 4)) { try await bench.go(bench.plan.done, "c", ["kept": 2]) },
                ])
            #expect(throws: StoreError.alreadyAnswered) { try results[0].get() }
            #expect(results.dropFirst().compactMap { try? $0.get().version }.sorted() == [2, 3])
            let state = try #require(try await folder.open().state(of: bench.key("c"), fresh: true))
            #expect(state.version == 3 && state.visits == [bench.plan.greeting: 1, bench.plan.done: 1] && state.data.conversation["lost"] == nil)
        }
    }

    @Test("While a commit is on its way to the disk readers see what was before it")
    func uncommitted() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            try await bench.go(bench.plan.greeting, "c")
            let results = try await Self.inOneGroup(
                store,
                [
                    Member(waits: (try bench.key("c"), 2)) { try await bench.go(bench.plan.order, "c").version },
                    Member(waits: (try bench.key("c"), 3)) {
                        let seen = [try await bench.state("c")?.version, try await bench.state("c", fresh: true)?.version]
                        #expect(seen == [1, 1])
                        #expect(try await bench.history("c").map(\.version) == [1])
                        return try await bench.go(bench.plan.order, "c").version
                    },
                ])
            #expect(try results.map { try $0.get() } == [2, 3])
        }
    }

    @Test("A refusal that was decided on a state which is not on disk yet is decided again on one that is")
    func refusalOnPending() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let results = try await Self.inOneGroup(
                store,
                [
                    Member(waits: (try bench.key("c"), 1)) { try await bench.go(bench.plan.done, "c").version },
                    Member(waits: nil) { try await bench.perform(.pause, on: "c").version },
                ])
            #expect(try results[0].get() == 1)
            #expect(throws: ConversationFault.alreadyCompleted) { try results[1].get() }
        }
    }

    @Test("A conversation that began and was erased since it was looked for is not begun at version 1 again")
    func erasedMeanwhile() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let key = try bench.key("c")
            let stale = ConversationCache.Base(state: ConversationState(key: key, at: bench.now(0)), isStored: false, isPending: false)
            let context = ChangeContext(flow: bench.flow, actor: "a", now: bench.now(0))
            let change = try #require(try stale.state.applying(.move(to: bench.plan.greeting, data: [:], agent: nil), in: context))
            for _ in 0..<3 { try await bench.go(bench.plan.greeting, "c") }
            #expect(try await store.erase(key, audit: bench.plan.audit("erase"), answer: nil, at: bench.now(1)))
            let isWritten = try await store.database.write {
                try store.write(ConversationCommit(change: change, sensitive: SensitiveNames()), on: stale, $0)
            }
            #expect(!isWritten)
        }
    }

    @Test("What was read once is read again without a statement, also after a write")
    func noStatements() async throws {
        try await TemporaryFolder.with { folder in
            let bench: Bench
            do {
                let store = try await folder.open()
                bench = try await Bench(store)
                for _ in 0..<5 { try await bench.go(bench.plan.greeting, "c") }
                try store.close()
            }
            let store = try await folder.open()
            let key = try bench.key("c")
            func read() async throws -> Int64? {
                let history = try await store.history(of: key, before: nil, limit: 100)
                #expect(try await store.history(of: key, before: HistoryPosition(version: 3, sequence: 0), limit: 2).count == 2)
                _ = try await store.statistics(of: bench.plan.greeting, in: bench.plan.business.id)
                #expect(try await store.state(of: key, fresh: false)?.version == history.first?.version)
                return history.first?.version
            }
            #expect(try await read() == 5)
            let before = store.statementCount
            #expect(before > 0)
            for _ in 0..<10 { #expect(try await read() == 5) }
            #expect(store.statementCount == before)
            let context = ChangeContext(flow: bench.flow, actor: "a", now: bench.now(9))
            _ = try await store.update(key, at: context.now) { state, _ throws(ConversationFault) in
                let change = try state.applying(.move(to: bench.plan.order, data: [:], agent: nil), in: context)
                return change.map { ConversationCommit(change: $0, sensitive: SensitiveNames()) }
            }
            let written = store.statementCount
            #expect(try await read() == 6)
            #expect(store.statementCount == written)
        }
    }
}
