import StageModel
import StageStore
import Testing

extension StageStoreConformance {
    @Suite("Histories")
    struct Histories {
        @Test("What happened is told newest first, with all that was recorded of it", arguments: stores)
        func order(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let context = ChangeContext(flow: bench.flow, actor: "sk_a", now: bench.now(10))
                let change = try #require(
                    try ConversationState(key: bench.key("c"), at: bench.now(10)).applying(
                        .move(to: bench.plan.order, data: ["a": 1, "b": 2], agent: nil), in: context))
                _ = try await bench.store.update(bench.key("c"), at: bench.now(10)) { _, _ in
                    ConversationCommit(change: change, sensitive: SensitiveNames())
                }
                try await bench.perform(.rewind(toVersion: 1, stage: bench.plan.greeting), on: "c", at: 20)
                let history = try await bench.history("c")
                #expect(history.map(\.version) == [2, 1] && history.map(\.cause) == [.repair, .api])
                #expect(history.last?.stored == change.transitions.first?.stored)
                #expect(try await bench.reopen().history(of: bench.key("c"), before: nil, limit: 10).map(\.stored) == history.map(\.stored))
            }
        }

        @Test("An expiry and the move after it are two versions of one commit, and both are told", arguments: stores)
        func expiry(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.order, "c", at: 0)
                #expect(try await bench.history("c").count == 1)
                let state = try await bench.go(bench.plan.greeting, "c", at: 4000)
                #expect(state.version == 3)
                let history = try await bench.history("c")
                #expect(history.map(\.version) == [3, 2, 1] && history.map(\.cause) == [.api, .timer, .api])
                #expect(try await bench.reopen().history(of: bench.key("c"), before: nil, limit: 10).map(\.stored) == history.map(\.stored))
            }
        }

        @Test("Pages of any size tell the whole of a long history, each transition once", arguments: stores, [1, 7, 99, 100, 101, 250, 1000])
        func paging(factory: StoreFactory, limit: Int) async throws {
            try await factory.bench { bench in
                for round in 0..<250 { try await bench.go(round.isMultiple(of: 2) ? bench.plan.greeting : bench.plan.order, "c", at: Int64(round)) }
                for store in [bench.store, try await bench.reopen()] {
                    var versions: [Int64] = []
                    var before: HistoryPosition?
                    while true {
                        let page = try await store.history(of: bench.key("c"), before: before, limit: limit)
                        #expect(page.count <= limit)
                        versions += page.map(\.version)
                        guard page.count == limit, let last = page.last else { break }
                        before = HistoryPosition(version: last.version, sequence: last.sequence)
                    }
                    #expect(versions == (1...250).reversed().map { Int64($0) })
                }
            }
        }

        @Test("A page that was read before is as it was after more has happened", arguments: stores)
        func stable(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                for _ in 0..<5 { try await bench.go(bench.plan.greeting, "c") }
                let before = HistoryPosition(version: 4, sequence: 0)
                let page = try await bench.history("c", before: before, limit: 2)
                #expect(page.map(\.version) == [3, 2])
                for _ in 0..<120 { try await bench.go(bench.plan.order, "c") }
                #expect(try await bench.history("c", before: before, limit: 2).map(\.stored) == page.map(\.stored))
                #expect(try await bench.history("c", before: HistoryPosition(version: 1, sequence: 0), limit: 2).isEmpty)
                #expect(try await bench.history("c", limit: 1).map(\.version) == [125])
            }
        }
    }
}
