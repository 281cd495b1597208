import StageModel
import StageStore
import Synchronization
import Testing

extension StageStoreConformance {
    @Suite("Many at once")
    struct Concurrency {
        @Test("64 tasks that move one conversation 20 times leave each version once, and a complete history in order", arguments: stores)
        func oneConversation(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let plan = bench.plan
                let versions = try await withThrowingTaskGroup(of: [Int64].self) { group in
                    for task in 0..<64 {
                        group.addTask {
                            var versions: [Int64] = []
                            for round in 0..<20 {
                                let stage = [plan.greeting, plan.order, plan.done][(task + round) % 3]
                                versions.append(try await bench.go(stage, "c", ["task": .integer(Int64(task))]).version)
                            }
                            return versions
                        }
                    }
                    var all: [Int64] = []
                    for try await versions in group {
                        #expect(versions == versions.sorted(), "Who comes later gets the later version.")
                        all += versions
                    }
                    return all
                }
                #expect(versions.sorted() == (1...1280).map { Int64($0) })
                for store in [bench.store, try await bench.reopen()] {
                    let state = try #require(try await store.state(of: bench.key("c"), fresh: true))
                    let history = try await store.history(of: bench.key("c"), before: nil, limit: 2000)
                    #expect(history.map(\.version) == (1...1280).reversed().map { Int64($0) })
                    #expect(zip(history, history.dropFirst()).allSatisfy { $0.from == $1.to }, "Each begins where the one before ended.")
                    #expect(history.last?.from == nil && history.first?.to == state.stageID)
                    let entries = history.filter(\.isMove).compactMap(\.to)
                    #expect(state.version == 1280 && state.visits == Dictionary(entries.map { ($0, 1) }, uniquingKeysWith: +))
                }
            }
        }

        @Test("Of many that would be the first in a conversation one is", arguments: stores)
        func oneStart(factory: StoreFactory) async throws {
            struct Started: Error {}
            try await factory.bench { bench in
                let context = ChangeContext(flow: bench.flow, actor: "a", now: bench.now(0))
                for number in 0..<10 {
                    let key = try bench.key("c\(number)")
                    let started = await withTaskGroup(of: Bool.self) { group in
                        for _ in 0..<32 {
                            group.addTask {
                                let state = try? await bench.store.update(key, at: context.now) { state, exists throws(Started) in
                                    guard !exists else { throw Started() }
                                    let change = try? state.applying(.move(to: bench.plan.greeting, data: [:], agent: nil), in: context)
                                    return change.map { ConversationCommit(change: $0, sensitive: SensitiveNames()) }
                                }
                                return state != nil
                            }
                        }
                        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                    }
                    #expect(started == 1)
                    #expect(try await bench.store.history(of: key, before: nil, limit: 10).count == 1)
                }
            }
        }

        @Test("A reader never sees a version go back, and a writer sees at least its own", arguments: stores, [true, false])
        func readers(factory: StoreFactory, fresh: Bool) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.greeting, "c")
                let isDone = Atomic<Bool>(false)
                let readers = (0..<4).map { _ in
                    Task {
                        var last: Int64 = 0
                        var goneBack = 0
                        repeat {
                            let version = try await bench.state("c", fresh: fresh)?.version ?? 0
                            if version < last { goneBack += 1 }
                            last = version
                            await Task.yield()
                        } while last < 401
                        return goneBack
                    }
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            for round in 0..<50 {
                                let written = try await bench.go(round.isMultiple(of: 2) ? bench.plan.order : bench.plan.greeting, "c").version
                                let seen = try #require(try await bench.state("c", fresh: fresh)).version
                                #expect(seen >= written)
                                let newest = try #require(try await bench.history("c", limit: 1).first).version
                                #expect(newest >= written)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                isDone.store(true, ordering: .relaxed)
                for reader in readers { #expect(try await reader.value == 0) }
            }
        }

        @Test("Changes of many conversations are all kept, beside changes of the configuration", arguments: stores)
        func manyConversations(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                async let flow = Self.disableAndEnable(bench, times: 20)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<200 {
                        group.addTask {
                            try await bench.go(bench.plan.greeting, "c\(number)", ["n": .integer(Int64(number))], at: 0)
                            try await bench.go(bench.plan.done, "c\(number)", at: 1)
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await flow.revision == bench.flow.revision + 20)
                let again = try await bench.reopen()
                for number in 0..<200 {
                    let state = try #require(try await again.state(of: bench.key("c\(number)"), fresh: true))
                    #expect(state.version == 2 && state.data.conversation == ["n": .integer(Int64(number))] && state.status == .completed)
                }
            }
        }

        private static func disableAndEnable(_ bench: Bench, times: Int) async throws -> Flow {
            var flow = bench.flow
            for round in 1...times {
                let state = StageState(
                    status: round.isMultiple(of: 2) ? .active : .disabled, data: [:], version: Int64(round), updatedAt: bench.now(Int64(round)))
                flow = try await bench.commit([.saveState(state, of: bench.plan.ofAda)], on: flow)
            }
            return flow
        }

        @Test("Of many changes of one flow one is made, and the others are told that it has changed", arguments: stores)
        func oneFlow(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let outcomes = await withTaskGroup(of: StoreError?.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            let agent = bench.plan.saved(Agent.ID(), Agent(name: "Agent \(number)", description: ""))
                            do {
                                _ = try await bench.commit([.saveAgent(agent)])
                                return nil
                            } catch {
                                return error as? StoreError ?? .unknownBusiness
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(outcomes.count { $0 == nil } == 1 && outcomes.count { $0 == .flowChanged } == 19)
                let flow = try #require(try await bench.store.flow(of: bench.plan.business.id))
                #expect(flow.revision == bench.flow.revision + 1 && flow.agents.all.count == 2)
            }
        }
    }
}
