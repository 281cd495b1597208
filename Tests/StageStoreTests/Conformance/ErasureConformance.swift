import StageModel
import StageStore
import Testing

extension StageStoreConformance {
    @Suite("Erasing")
    struct Erasures {
        @Test("An erased conversation is gone, with its history and the answers that told of it", arguments: stores)
        func erase(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.perform(
                    .move(to: bench.plan.greeting, data: ["a": 1], agent: nil), on: "c", answer: bench.answer("c1", conversation: "c"))
                try await bench.perform(
                    .move(to: bench.plan.greeting, data: ["a": 1], agent: nil), on: "d", answer: bench.answer("d1", conversation: "d"))
                #expect(try await bench.store.erase(bench.key("c"), audit: bench.plan.audit("erase"), answer: nil, at: bench.now(1)))
                for store in [bench.store, try await bench.reopen()] {
                    #expect(try await store.state(of: bench.key("c"), fresh: false) == nil)
                    #expect(try await store.state(of: bench.key("c"), fresh: true) == nil)
                    #expect(try await store.history(of: bench.key("c"), before: nil, limit: 9).isEmpty)
                    #expect(try await store.state(of: bench.key("d"), fresh: true)?.version == 1)
                    #expect(
                        try await store.conversations(ConversationQuery(business: bench.plan.business.id, limit: 9, at: bench.now(0))).map(\.key) == [
                            bench.key("d")
                        ])
                }
                #expect(try await bench.kept("c1") == nil)
                #expect(try await bench.kept("d1") != nil)
                #expect(try await bench.store.auditLog(of: bench.plan.business.id, before: nil, limit: 1).map(\.entry.action) == ["erase"])
                #expect(try await !bench.store.erase(bench.key("c"), audit: bench.plan.audit("again"), answer: nil, at: bench.now(2)))
                #expect(try await bench.store.auditLog(of: bench.plan.business.id, before: nil, limit: 1).map(\.entry.action) == ["erase"])
            }
        }

        @Test("A conversation of an erased id goes on from its last version, as often as that happens", arguments: stores)
        func continuation(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                for _ in 0..<3 { try await bench.go(bench.plan.greeting, "c", ["secret": 1], at: 0) }
                for round in 1...3 {
                    #expect(try await bench.store.erase(bench.key("c"), audit: bench.plan.audit("erase"), answer: nil, at: bench.now(Int64(round))))
                    let state = try await bench.go(bench.plan.order, "c", at: 10)
                    #expect(state.version == Int64(3 + round) && state.data == ConversationData() && state.visits == [bench.plan.order: 1])
                    #expect(state.createdAt == bench.now(10))
                    #expect(try await bench.history("c").map(\.version) == [Int64(3 + round)])
                }
                let again = try await bench.reopen()
                #expect(try await again.erase(bench.key("c"), audit: bench.plan.audit("erase"), answer: nil, at: bench.now(20)))
                #expect(try await bench.go(bench.plan.order, "other", at: 10).version == 1)
            }
        }

        @Test("Thirty days after it was erased a conversation's last version is forgotten, not before", arguments: stores)
        func forgotten(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let days = { (count: Int64) in bench.now(count * Timestamp.secondsPerDay) }
                for text in ["c", "d"] {
                    for _ in 0..<4 { try await bench.go(bench.plan.greeting, text) }
                    #expect(try await bench.store.erase(bench.key(text), audit: bench.plan.audit("erase"), answer: nil, at: bench.now(0)))
                }
                try await bench.store.removeOutdated(at: days(29))
                #expect(try await bench.go(bench.plan.greeting, "c").version == 5)
                try await bench.store.removeOutdated(at: days(31))
                #expect(try await bench.go(bench.plan.greeting, "d").version == 1)
            }
        }

        @Test("Erasing while others write leaves no gap: a version is never given twice", arguments: stores)
        func amongWriters(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let versions = try await withThrowingTaskGroup(of: [Int64].self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            var versions: [Int64] = []
                            for _ in 0..<20 {
                                do { versions.append(try await bench.go(bench.plan.greeting, "c").version) } catch StoreError.versionConflict {}
                            }
                            return versions
                        }
                    }
                    group.addTask {
                        for _ in 0..<20 {
                            _ = try await bench.store.erase(bench.key("c"), audit: bench.plan.audit("erase"), answer: nil, at: bench.now(0))
                        }
                        return []
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(versions.sorted() == (1...Int64(max(1, versions.count))).map { $0 })
            }
        }

        @Test("Deleting a business removes all that is its, and nothing of another", arguments: stores)
        func business(factory: StoreFactory) async throws {
            try await factory.test { instance in
                let store = instance.store
                let (bench, other) = (try await Bench(store), try await Bench(store))
                for bench in [bench, other] {
                    try await bench.perform(
                        .move(to: bench.plan.greeting, data: [:], agent: bench.plan.ada), on: "c", answer: bench.answer("a-\(bench.plan.business.id)")
                    )
                    try await bench.go(bench.plan.greeting, "gone")
                    #expect(try await store.erase(bench.key("gone"), audit: bench.plan.audit("erase"), answer: nil, at: bench.now(0)))
                }
                while try await store.foldStatistics() > 0 {}
                #expect(try await store.statistics(of: bench.plan.greeting, in: bench.plan.business.id).entered > 0)

                #expect(try await store.deleteBusiness(bench.plan.business.id, at: bench.now(1), answer: nil))
                for store in [store, try await instance.reopen()] {
                    let id = bench.plan.business.id
                    #expect(try await store.flow(of: id) == nil)
                    #expect(try await store.businesses(after: nil, limit: 9).map(\.id) == [other.plan.business.id])
                    #expect(try await store.keys(of: id).isEmpty)
                    #expect(try await store.auditLog(of: id, before: nil, limit: 9).isEmpty)
                    #expect(try await store.state(of: bench.key("c"), fresh: false) == nil)
                    #expect(try await store.state(of: bench.key("c"), fresh: true) == nil)
                    #expect(try await store.history(of: bench.key("c"), before: nil, limit: 9).isEmpty)
                    #expect(try await store.conversations(ConversationQuery(business: id, limit: 9, at: bench.now(0))).isEmpty)
                    #expect(try await store.revisions(of: .stage, id: bench.plan.greeting.description, in: id, before: nil, limit: 9).isEmpty)
                    #expect(try await store.statistics(of: bench.plan.greeting, in: id) == StageStatistics())
                    #expect(try await store.answer(to: IdempotencyScope(digest: Array("a-\(id)".utf8)), at: bench.now(1)) == nil)
                    #expect(try await store.state(of: other.key("c"), fresh: true)?.version == 1)
                    #expect(try await store.flow(of: other.plan.business.id)?.stages.all == other.flow.stages.all)
                }
                #expect(try await !store.deleteBusiness(bench.plan.business.id, at: bench.now(2), answer: nil))
                await #expect(throws: StoreError.self) { try await bench.go(bench.plan.greeting, "c") }
                #expect(try await store.answer(to: IdempotencyScope(digest: Array("a-\(other.plan.business.id)".utf8)), at: bench.now(1)) != nil)
            }
        }
    }
}
