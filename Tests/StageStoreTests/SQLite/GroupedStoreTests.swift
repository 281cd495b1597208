import Dispatch
import StageModel
import StageStore
import Testing

@testable import StageStoreSQL

/// Groups of commits as SQLite really writes them: the writer is held up until all of a group are waiting.
@Suite("SQLite: groups, caches and statements")
struct GroupedStoreTests {
    /// Starts the members in their order while the writer is held up, each when the one before waits to be written, and lets it go on.
    private static func inOneGroup<Value: Sendable>(
        _ store: SQLStageStore, _ members: [@Sendable () async throws -> Value]
    ) async throws -> [Result<Value, any Error>] {
        let entered = AsyncStream<Void>.makeStream()
        let release = DispatchSemaphore(value: 0)
        let blocker = Task {
            try await store.database.write { _ in
                entered.continuation.finish()
                release.wait()
            }
        }
        for await _ in entered.stream {}
        // Takes the queue to the writer, where it is held up; the members wait behind it.
        let groups = store.queue.groupCount
        let first = Task {
            try await store.update(ConversationKey(business: Business.ID(), conversation: #require(ConversationID("first"))), at: Blueprint.start) {
                _, _ in nil
            }
        }
        while store.queue.groupCount == groups { await Task.yield() }
        var tasks: [Task<Value, any Error>] = []
        for (index, member) in members.enumerated() {
            tasks.append(Task { try await member() })
            while store.queue.waitingCount <= index { await Task.yield() }
        }
        release.signal()
        try await blocker.value
        _ = await first.result
        var results: [Result<Value, any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
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
                    { @Sendable in try await bench.go(bench.plan.greeting, "a").version },
                    { @Sendable in
                        try await bench.perform(.move(to: gone.id, data: [:], agent: nil), on: "b", in: broken).version
                    },
                    { @Sendable in try await bench.go(bench.plan.greeting, "c").version },
                    { @Sendable in try await bench.go(bench.plan.order, "c").version },
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
                    { @Sendable in
                        try await bench.perform(.move(to: bench.plan.order, data: ["lost": 1], agent: nil), on: "c", answer: bench.answer("a"))
                    },
                    { @Sendable in try await bench.go(bench.plan.done, "c", ["kept": 1]) },
                    { @Sendable in try await bench.go(bench.plan.done, "c", ["kept": 2]) },
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
                    { @Sendable in try await bench.go(bench.plan.order, "c").version },
                    { @Sendable in
                        let seen = [try await bench.state("c")?.version, try await bench.state("c", fresh: true)?.version]
                        #expect(seen == [1, 1])
                        #expect(try await bench.history("c").map(\.version) == [1])
                        return try await bench.go(bench.plan.order, "c").version
                    },
                ])
            #expect(try results.map { try $0.get() } == [2, 3])
        }
    }

    @Test("A refusal that was decided on what another of the group has done is told when that is on disk")
    func refusalInGroup() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let results = try await Self.inOneGroup(
                store,
                [
                    { @Sendable in try await bench.go(bench.plan.done, "c").version },
                    { @Sendable in try await bench.perform(.pause, on: "c").version },
                ])
            #expect(try results[0].get() == 1)
            #expect(throws: ConversationFault.alreadyCompleted) { try results[1].get() }
        }
    }

    @Test("A state in memory that is not the stored one is found out by its version, and the change is decided again on the stored one")
    func changedBeside() async throws {
        try await TemporaryFolder.with { folder in
            let (store, beside) = (try await folder.open(), try await folder.open())
            let bench = try await Bench(store)
            let other = Bench(beside, like: bench)
            try await bench.go(bench.plan.greeting, "c")
            try await other.go(bench.plan.order, "c", ["beside": 1])
            #expect(try await bench.state("c")?.version == 1)
            let state = try await bench.go(bench.plan.done, "c")
            #expect(state.version == 3 && state.data.conversation["beside"] == 1)
        }
    }

    @Test("A conversation that began and was erased beside is not begun at version 1 again")
    func erasedBeside() async throws {
        try await TemporaryFolder.with { folder in
            let (store, beside) = (try await folder.open(), try await folder.open())
            let bench = try await Bench(store)
            let other = Bench(beside, like: bench)
            for _ in 0..<3 { try await bench.go(bench.plan.greeting, "c") }
            #expect(try await beside.erase(try bench.key("c"), audit: bench.plan.audit("erase"), answer: nil, at: bench.now(1)))
            #expect(try await bench.go(bench.plan.greeting, "c").version == 4)
            #expect(try await other.state("c", fresh: true)?.version == 4)
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
                try await store.close()
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

    @Test("As many transitions are kept at hand as are asked for, also when another is added; who asks for more has them read")
    func keptTransitions() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let key = try bench.key("c")
            for _ in 0..<5 { try await bench.go(bench.plan.greeting, "c") }
            func statements(limit: Int, kept: Int) async throws -> Int {
                let before = store.statementCount
                let newest = try await store.state(of: key, fresh: false)?.version ?? 0
                let versions = try await store.history(of: key, before: nil, limit: limit, kept: kept).map(\.version)
                #expect(versions == (0..<Int64(limit)).map { newest - $0 })
                return store.statementCount - before
            }
            #expect(try await statements(limit: 3, kept: 3) > 0)
            #expect(try await statements(limit: 3, kept: 3) == 0)
            #expect(try await statements(limit: 4, kept: 3) == 1, "The fourth is read from the database.")
            try await bench.go(bench.plan.order, "c")
            #expect(try await statements(limit: 3, kept: 3) == 0)
            #expect(try await statements(limit: 4, kept: 3) == 1)
            #expect(try await statements(limit: 4, kept: 4) > 0)
            #expect(try await statements(limit: 4, kept: 4) == 0)
        }
    }
}
