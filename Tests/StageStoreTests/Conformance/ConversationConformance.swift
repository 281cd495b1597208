import StageModel
import StageStore
import Testing

extension StageStoreConformance {
    @Suite("Conversations")
    struct Conversations {
        @Test("A conversation that never was has no state and no history, and starts at version 1", arguments: stores)
        func start(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                #expect(try await bench.state("c") == nil)
                #expect(try await bench.state("c", fresh: true) == nil)
                #expect(try await bench.history("c").isEmpty)
                let state = try await bench.go(bench.plan.greeting, "c", ["name": "Eve"], at: 5)
                #expect(state.version == 1 && state.stageID == bench.plan.greeting && state.createdAt == bench.now(5))
                #expect(try await bench.state("c") == state)
                #expect(try await bench.state("c", fresh: true) == state)
            }
        }

        @Test("Every part of a state is read back from where it is kept", arguments: stores)
        func wholeState(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let data: [String: JSONValue] = [
                    "text": "é\"\n👍🏽", "number": .number(-1.5), "whole": .integer(.max), "deep": [["a": .null], true, []],
                ]
                try await bench.go(bench.plan.ofAda, "c", data, at: 1, agent: bench.plan.ada)
                try await bench.go(bench.plan.order, "c", ["order_id": "AB"], at: 2)
                let paused = try await bench.perform(.pause, on: "c", at: 3)
                let completed = try await bench.go(bench.plan.done, "d", at: 4)
                let cleared = try await bench.perform(.clear, on: "d", at: 5)
                #expect(
                    paused.agentID == bench.plan.ada && paused.status == .paused && paused.expiresAt == bench.now(3603) && paused.visits.count == 2)
                #expect(completed.status == .completed)
                let again = try await bench.reopen()
                for (text, state) in [("c", paused), ("d", cleared)] {
                    #expect(try await bench.state(text) == state)
                    #expect(try await bench.state(text, fresh: true) == state)
                    #expect(try await again.state(of: bench.key(text), fresh: false) == state)
                }
            }
        }

        @Test("A commit is decided on the state before it, and told whether there is one", arguments: stores)
        func decides(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let context = ChangeContext(flow: bench.flow, actor: "a", now: bench.now(0))
                for round in 0..<3 {
                    let state = try await bench.store.update(bench.key("c"), at: context.now) { state, exists throws(ConversationFault) in
                        #expect(state.version == Int64(round) && exists == (round > 0))
                        let change = try state.applying(.move(to: bench.plan.greeting, data: [:], agent: nil), in: context)
                        return change.map { ConversationCommit(change: $0, sensitive: context.flow.sensitive) }
                    }
                    #expect(state.version == Int64(round + 1))
                }
            }
        }

        private struct Refusal: Error {}

        @Test("Nothing is kept when there is nothing to do, or when the decision is to refuse", arguments: stores)
        func nothing(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let started = try await bench.go(bench.plan.greeting, "c")
                let same = try await bench.store.update(bench.key("c"), at: bench.now(1)) { _, _ in nil }
                #expect(same == started)
                await #expect(throws: Refusal.self) {
                    _ = try await bench.store.update(bench.key("c"), at: bench.now(1)) { _, _ throws(Refusal) in throw Refusal() }
                }
                await #expect(throws: Refusal.self) {
                    _ = try await bench.store.update(bench.key("new"), at: bench.now(1)) { _, _ throws(Refusal) in throw Refusal() }
                }
                #expect(try await bench.state("c", fresh: true) == started)
                #expect(try await bench.state("new") == nil)
                #expect(try await bench.history("c").count == 1)
            }
        }

        @Test("A commit that fails keeps nothing: no state, no history, no audit, no answer, no number", arguments: stores)
        func atomic(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let first = try await bench.perform(
                    .move(to: bench.plan.greeting, data: [:], agent: nil), on: "c", answer: bench.answer("a"), audit: bench.plan.audit("first"))
                while try await bench.store.foldStatistics() > 0 {}
                await #expect(throws: StoreError.alreadyAnswered) {
                    try await bench.perform(
                        .move(to: bench.plan.order, data: ["x": 1], agent: nil), on: "c", answer: bench.answer("a"), audit: bench.plan.audit("second")
                    )
                }
                let gone = Flow(business: bench.flow.business, stages: [bench.plan.saved(Stage.ID(), bench.plan.stage("gone"))])
                let missing = try #require(gone.stages.all.first).id
                for text in ["c", "new"] {
                    await #expect(throws: StoreError.danglingReference) {
                        try await bench.perform(
                            .move(to: missing, data: [:], agent: nil), on: text, in: gone, answer: bench.answer("b"), audit: bench.plan.audit("third")
                        )
                    }
                }
                #expect(try await bench.state("c") == first)
                #expect(try await bench.state("c", fresh: true) == first)
                #expect(try await bench.state("new", fresh: true) == nil)
                #expect(try await bench.history("c").count == 1)
                #expect(try await bench.kept("b") == nil)
                #expect(try await bench.store.foldStatistics() == 0, "Nothing was written to the log of events.")
                let actions = try await bench.store.auditLog(of: bench.plan.business.id, before: nil, limit: 100).map(\.entry.action)
                #expect(actions == ["first", "flow.import", "business.create"])
                #expect(try await bench.go(bench.plan.done, "c").version == 2)
            }
        }

        @Test("Conversations of one id in two businesses have nothing to do with each other", arguments: stores)
        func apart(factory: StoreFactory) async throws {
            try await factory.test { instance in
                let (one, two) = (try await Bench(instance.store), try await Bench(instance.store))
                try await one.go(one.plan.greeting, "c", ["who": "one"])
                try await two.go(two.plan.order, "c", ["who": "two"])
                try await two.perform(.clear, on: "c")
                #expect(try await one.state("c", fresh: true)?.data.conversation == ["who": "one"])
                #expect(try await two.state("c", fresh: true)?.version == 2)
                #expect(try await one.history("c").count == 1)
                #expect(
                    try await instance.store.conversations(ConversationQuery(business: one.plan.business.id, limit: 10, at: one.now(0))).count == 1)
            }
        }

        @Test("Ids that differ only in case are different conversations", arguments: stores)
        func byteByByte(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.greeting, "a")
                try await bench.go(bench.plan.order, "A")
                #expect(try await bench.state("a", fresh: true)?.stageID == bench.plan.greeting)
                #expect(try await bench.state("A", fresh: true)?.stageID == bench.plan.order)
            }
        }

        @Test("A conversation of a business that is not there is refused", arguments: stores)
        func noBusiness(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let key = ConversationKey(business: Business.ID(), conversation: try bench.key("c").conversation)
                let context = ChangeContext(flow: bench.flow, actor: "a", now: bench.now(0))
                await #expect(throws: StoreError.self) {
                    _ = try await bench.store.update(key, at: context.now) { state, _ throws(ConversationFault) in
                        let change = try state.applying(.move(to: bench.plan.greeting, data: [:], agent: nil), in: context)
                        return change.map { ConversationCommit(change: $0, sensitive: SensitiveNames()) }
                    }
                }
                #expect(try await bench.store.state(of: key, fresh: true) == nil)
            }
        }
    }
}
