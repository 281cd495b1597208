import StageModel
import StageStore
import Testing

extension StageStoreConformance {
    @Suite("Transition rules")
    struct Rules {
        private static func kept(_ id: TransitionRule.ID, _ bench: Bench) async throws -> [Revision] {
            try await bench.store.revisions(of: .rule, id: id.description, in: bench.plan.business.id, before: nil, limit: 99)
        }

        private static func bodies(_ plan: Blueprint) -> [TransitionRule] {
            [
                TransitionRule(from: plan.greeting, to: plan.order),
                TransitionRule(
                    from: nil, to: plan.done, condition: "message.text == \"é\\n'👍🏽\" || 1 < 2", selection: .model, priority: -1_000_000,
                    description: "Says é 👍🏽 'so'"),
                TransitionRule(from: plan.ofAda, to: plan.ofAda, condition: "has(data.x)", priority: 1_000_000, description: "again"),
            ]
        }

        @Test("A rule is read back with every member as it was saved, in the order in which rules are tried", arguments: stores)
        func roundTrip(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let rules = Self.bodies(bench.plan).map { bench.plan.saved(TransitionRule.ID(), $0) }
                let committed = try await bench.commit(rules.map(ConfigurationCommit.Change.saveRule))
                let wanted = [rules[2], rules[0], rules[1]]
                #expect(committed.rules.all == wanted)
                for store in [bench.store, try await bench.reopen()] {
                    #expect(try await store.flow(of: bench.plan.business.id)?.rules.all == wanted)
                }
                #expect(try await Self.kept(rules[1].id, bench).map(\.body) == [try rules[1].body.json])
            }
        }

        @Test("Every saved body of a rule is kept, and its deletion, newest first", arguments: stores)
        func revisions(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let id = TransitionRule.ID()
                var flow = bench.flow
                for (index, body) in Self.bodies(bench.plan).enumerated() {
                    let saved = bench.plan.saved(id, body, revision: Int64(index + 1))
                    flow = try await bench.commit([.saveRule(saved)], on: flow, at: Int64(index))
                    #expect(flow.rules.all == [saved])
                }
                flow = try await bench.commit([.deleteRule(id)], on: flow, at: 9)
                #expect(flow.rules.all.isEmpty)
                #expect(try await bench.reopen().flow(of: bench.plan.business.id)?.rules.all.isEmpty == true)
                let all = try await Self.kept(id, bench)
                #expect(all.map(\.revision) == [4, 3, 2, 1] && all.map(\.at) == [9, 2, 1, 0].map(bench.now))
                #expect(all.map(\.body) == [nil] + (try Self.bodies(bench.plan).reversed().map { try $0.json }))
                #expect(try await bench.commit([.deleteRule(id)], on: flow).revision == flow.revision + 1, "There is nothing to delete.")
                #expect(try await Self.kept(id, bench).count == 4)
            }
        }

        @Test("A rule that names a stage which is not there, or another business's, is refused with all that comes with it", arguments: stores)
        func foreignStages(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let (plan, foreign) = (bench.plan, Blueprint(name: "Foreign"))
                let taken = foreign.saved(TransitionRule.ID(), TransitionRule(from: nil, to: foreign.done))
                let foreignFlow = try await bench.store.commit(
                    ConfigurationCommit(
                        base: try await Bench.create(foreign, in: bench.store), changes: [.saveRule(taken)], actor: "x", at: Blueprint.start,
                        audit: []))
                let good = plan.saved(TransitionRule.ID(), TransitionRule(from: plan.greeting, to: plan.order))
                let refused: [(TransitionRule.ID, TransitionRule, StoreError)] = [
                    (TransitionRule.ID(), TransitionRule(from: nil, to: Stage.ID()), .danglingReference),
                    (TransitionRule.ID(), TransitionRule(from: Stage.ID(), to: plan.order), .danglingReference),
                    (TransitionRule.ID(), TransitionRule(from: nil, to: foreign.order), .danglingReference),
                    (TransitionRule.ID(), TransitionRule(from: foreign.order, to: plan.order), .danglingReference),
                    (taken.id, TransitionRule(from: nil, to: plan.order), .taken),
                ]
                for (id, rule, error) in refused {
                    await #expect(throws: error, "\(rule)") {
                        _ = try await bench.commit([.saveRule(good), .saveRule(plan.saved(id, rule))], audit: [plan.audit("refused")])
                    }
                    #expect(try await Self.kept(id, bench).isEmpty)
                }
                #expect(try await bench.store.flow(of: plan.business.id)?.rules.all.isEmpty == true)
                #expect(try await Self.kept(good.id, bench).isEmpty)
                #expect(try await bench.store.flow(of: foreign.business.id)?.rules.all == foreignFlow.rules.all)
                #expect(try await bench.commit([.saveRule(good)]).rules.all == [good])
            }
        }

        @Test("A stage that is deleted takes the rules along that lead away from it, each with a revision of its deletion", arguments: stores)
        func deletedStage(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let plan = bench.plan
                let away = [TransitionRule(from: plan.order, to: plan.done), TransitionRule(from: plan.order, to: plan.order, priority: 5)]
                    .map { plan.saved(TransitionRule.ID(), $0) }
                let stays = plan.saved(TransitionRule.ID(), TransitionRule(from: nil, to: plan.greeting))
                var flow = try await bench.commit((away + [stays]).map(ConfigurationCommit.Change.saveRule))
                flow = try await bench.commit([.deleteStage(plan.order, movingTo: nil)], on: flow, at: 7)
                #expect(flow.stages[plan.order] == nil && flow.rules.all == [stays])
                for rule in away {
                    let last = try #require(try await Self.kept(rule.id, bench).first)
                    #expect(last.revision == 2 && last.body == nil && last.at == bench.now(7) && last.flowRevision == flow.revision)
                }
                #expect(try await Self.kept(stays.id, bench).count == 1)
            }
        }

        @Test("A stage is refused to be deleted while a rule leads to it", arguments: stores)
        func targets(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let plan = bench.plan
                for origin in [plan.greeting, nil] {
                    let rule = plan.saved(TransitionRule.ID(), TransitionRule(from: origin, to: plan.order))
                    let current = try #require(try await bench.store.flow(of: plan.business.id))
                    let flow = try await bench.commit([.saveRule(rule)], on: current)
                    await #expect(throws: StoreError.danglingReference) {
                        _ = try await bench.commit([.deleteStage(plan.order, movingTo: plan.greeting)], on: flow)
                    }
                    #expect(try await bench.commit([.deleteRule(rule.id)], on: flow).stages[plan.order] != nil)
                }
            }
        }

        @Test("A rule that goes in the same commit as its stage is deleted once; one that is led elsewhere in it stays", arguments: stores)
        func sameCommit(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let plan = bench.plan
                let gone = plan.saved(TransitionRule.ID(), TransitionRule(from: plan.order, to: plan.done))
                let moved = plan.saved(TransitionRule.ID(), TransitionRule(from: plan.order, to: plan.done, priority: 1))
                var flow = try await bench.commit([.saveRule(gone), .saveRule(moved)])
                let led = plan.saved(moved.id, TransitionRule(from: plan.greeting, to: plan.done), revision: 2)
                flow = try await bench.commit([.saveRule(led), .deleteRule(gone.id), .deleteStage(plan.order, movingTo: nil)], on: flow)
                #expect(flow.rules.all == [led])
                #expect(try await Self.kept(gone.id, bench).map(\.revision) == [2, 1])
                #expect(try await Self.kept(moved.id, bench).map(\.revision) == [2, 1])
            }
        }

        @Test("A business goes with its rules", arguments: stores)
        func business(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let plan = bench.plan
                let rules = Self.bodies(plan).map { ConfigurationCommit.Change.saveRule(plan.saved(TransitionRule.ID(), $0)) }
                _ = try await bench.commit(rules)
                try await bench.go(plan.greeting, "c")
                #expect(try await bench.store.deleteBusiness(plan.business.id, at: bench.now(1), answer: nil))
                #expect(try await bench.store.flow(of: plan.business.id) == nil)
            }
        }
    }
}
