import StageModel
import StageStore
import Testing

extension StageStoreConformance {
    @Suite("Lists of conversations")
    struct Listings {
        private static func ids(_ bench: Bench, limit: Int = 200, _ change: (inout ConversationQuery) throws -> Void = { _ in }) async throws
            -> [String]
        {
            var query = ConversationQuery(business: bench.plan.business.id, limit: limit, at: bench.now(0))
            try change(&query)
            return try await bench.store.conversations(query).map(\.key.conversation.description)
        }

        @Test("The last changed come first, those of one moment by id, the greatest first", arguments: stores)
        func order(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                for (text, second) in [("b", 1), ("a", 1), ("c", 3), ("B", 1), ("d", 2)] {
                    try await bench.go(bench.plan.greeting, text, at: Int64(second))
                }
                #expect(try await Self.ids(bench) == ["c", "d", "b", "a", "B"])
                try await bench.perform(.pause, on: "a", at: 9)
                #expect(try await Self.ids(bench).first == "a")
            }
        }

        @Test("Pages of any size list each conversation once, also those of one moment", arguments: stores, [1, 3, 10, 25, 26])
        func paging(factory: StoreFactory, limit: Int) async throws {
            try await factory.bench { bench in
                for number in 0..<25 { try await bench.go(bench.plan.greeting, "c\(number)", at: Int64(number / 7 * 45)) }
                var seen: [String] = []
                var after: (Timestamp, ConversationID)?
                while true {
                    var query = ConversationQuery(business: bench.plan.business.id, limit: limit, at: bench.now(0))
                    query.after = after.map { (updatedAt: $0.0, conversation: $0.1) }
                    let page = try await bench.store.conversations(query)
                    seen += page.map(\.key.conversation.description)
                    guard page.count == limit, let last = page.last else { break }
                    after = (last.updatedAt, last.key.conversation)
                }
                #expect(seen.count == 25 && Set(seen).count == 25)
                let whole = try await Self.ids(bench)
                #expect(seen == whole)
            }
        }

        @Test("A list can be narrowed to a stage, an agent, a status and the start of the id", arguments: stores)
        func filters(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.greeting, "web:1", at: 1)
                try await bench.go(bench.plan.greeting, "web:2", at: 2, agent: bench.plan.ada)
                try await bench.go(bench.plan.done, "web:zz", at: 3)
                try await bench.go(bench.plan.ofAda, "Web:4", at: 4, agent: bench.plan.ada)
                try await bench.go(bench.plan.order, "we", at: 5)
                try await bench.perform(.pause, on: "we", at: 6)
                #expect(try await Self.ids(bench) { $0.stage = bench.plan.greeting } == ["web:2", "web:1"])
                #expect(try await Self.ids(bench) { $0.agent = bench.plan.ada } == ["Web:4", "web:2"])
                #expect(try await Self.ids(bench) { $0.status = .completed } == ["web:zz"])
                #expect(try await Self.ids(bench) { $0.status = .paused } == ["we"])
                #expect(try await Self.ids(bench) { $0.prefix = "web:" } == ["web:zz", "web:2", "web:1"])
                #expect(try await Self.ids(bench) { $0.prefix = "we" } == ["we", "web:zz", "web:2", "web:1"])
                #expect(try await Self.ids(bench) { $0.prefix = "%" }.isEmpty)
                #expect(try await Self.ids(bench) { $0.prefix = "" }.count == 5)
                let narrow = try await Self.ids(bench) { query in
                    query.stage = bench.plan.greeting
                    query.agent = bench.plan.ada
                    query.status = .active
                    query.prefix = "web"
                    query.after = (updatedAt: bench.now(9), conversation: try bench.key("a").conversation)
                }
                #expect(narrow == ["web:2"])
            }
        }

        @Test("A state whose time has run out counts as cleared: active, and at no stage", arguments: stores)
        func expiredFilters(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.order, "c", at: 0)
                try await bench.perform(.pause, on: "c", at: 1)
                func found(_ seconds: Int64, _ change: (inout ConversationQuery) -> Void) async throws -> Bool {
                    var query = ConversationQuery(business: bench.plan.business.id, limit: 9, at: bench.now(seconds))
                    change(&query)
                    return try await !bench.store.conversations(query).isEmpty
                }
                for (seconds, isExpired) in [(Int64(3600), false), (3601, true)] {
                    #expect(try await found(seconds) { $0.stage = bench.plan.order } == !isExpired)
                    #expect(try await found(seconds) { $0.status = .paused } == !isExpired)
                    #expect(try await found(seconds) { $0.status = .active } == isExpired)
                    #expect(try await found(seconds) { _ in })
                }
            }
        }

        @Test("States whose time has run out are listed, the oldest first, until that is recorded", arguments: stores)
        func expired(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                for (text, second) in [("late", 500), ("first", 0), ("second", 10)] { try await bench.go(bench.plan.order, text, at: Int64(second)) }
                try await bench.go(bench.plan.greeting, "never")
                func due(_ seconds: Int64, _ limit: Int = 10) async throws -> [String] {
                    try await bench.store.due(at: bench.now(seconds), limit: limit).map(\.conversation.description)
                }
                #expect(try await due(3599).isEmpty)
                #expect(try await due(3600) == ["first"])
                #expect(try await due(5000) == ["first", "second", "late"])
                #expect(try await due(5000, 2) == ["first", "second"])
                try await bench.perform(.elapse, on: "first", at: 5000)
                try await bench.go(bench.plan.order, "second", at: 5000)
                #expect(try await due(5000) == ["late"])
                #expect(try await bench.state("first", fresh: true)?.stageID == nil)
            }
        }
    }
}
