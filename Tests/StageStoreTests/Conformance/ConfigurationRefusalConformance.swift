import StageModel
import StageStore
import Testing

extension StageStoreConformance {
    @Suite("Refused changes of a configuration")
    struct ConfigurationRefusals {
        /// Changes that the database must refuse, with why.
        private static func refused(_ bench: Bench, foreign: Blueprint) throws -> [([ConfigurationCommit.Change], StoreError)] {
            let plan = bench.plan
            var noTemplate = plan.stage("x")
            noTemplate.responseTemplateID = Template.ID()
            var foreignTemplate = plan.stage("x")
            foreignTemplate.responseTemplateID = foreign.response
            var foreignAgent = plan.stage("x")
            foreignAgent.agentID = foreign.ada
            return [
                ([.saveStage(plan.saved(Stage.ID(), noTemplate))], .danglingReference),
                ([.saveStage(plan.saved(Stage.ID(), foreignTemplate))], .danglingReference),
                ([.saveStage(plan.saved(Stage.ID(), foreignAgent))], .danglingReference), ([.deleteTemplate(plan.response)], .danglingReference),
                ([.deleteAgent(plan.ada)], .danglingReference), ([.saveStage(plan.saved(foreign.greeting, plan.stage("x")))], .taken),
                ([.saveTemplate(plan.saved(foreign.response, Template(name: "x", purpose: .stageSelection, content: "")))], .taken),
                ([.saveAgent(plan.saved(foreign.ada, Agent(name: "x", description: "")))], .taken),
                ([.saveState(StageState(), of: Stage.ID())], .danglingReference),
                ([.saveState(StageState(), of: foreign.greeting)], .danglingReference),
            ]
        }

        @Test("A change that does not fit is refused with all that comes with it", arguments: stores)
        func atomic(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let foreign = Blueprint(name: "Foreign")
                let foreignFlow = try await Bench.create(foreign, in: bench.store)
                let agent = bench.plan.saved(Agent.ID(), Agent(name: "New", description: ""))
                for (changes, expected) in try Self.refused(bench, foreign: foreign) {
                    await #expect(throws: expected, "\(changes)") {
                        _ = try await bench.commit([.saveAgent(agent)] + changes, audit: [bench.plan.audit("refused")], answer: bench.answer("a"))
                    }
                }
                let flow = try #require(try await bench.store.flow(of: bench.plan.business.id))
                #expect(flow.revision == bench.flow.revision && flow.agents.all.count == 1 && flow.stages.all == bench.flow.stages.all)
                #expect(try await bench.store.flow(of: foreign.business.id)?.stages.all == foreignFlow.stages.all)
                #expect(
                    try await bench.store.revisions(of: .agent, id: agent.id.description, in: bench.plan.business.id, before: nil, limit: 9).isEmpty)
                #expect(
                    try await bench.store.auditLog(of: bench.plan.business.id, before: nil, limit: 9).map(\.entry.action) == [
                        "flow.import", "business.create",
                    ])
                #expect(try await bench.kept("a") == nil)
                #expect(try await bench.commit([.saveAgent(agent)], answer: bench.answer("a")).revision == bench.flow.revision + 1)
            }
        }

        @Test("A commit on a flow that is not the current one is refused", arguments: stores)
        func stale(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let agent = bench.plan.saved(Agent.ID(), Agent(name: "New", description: ""))
                let newer = try await bench.commit([.saveAgent(agent)])
                await #expect(throws: StoreError.flowChanged) { _ = try await bench.commit([.deleteAgent(agent.id)]) }
                await #expect(throws: StoreError.flowChanged) { _ = try await bench.commit([], on: Flow(business: Blueprint().business)) }
                #expect(try await bench.commit([.deleteAgent(agent.id)], on: newer).agents.all.map(\.id) == [bench.plan.ada])
            }
        }

        @Test("A stage where conversations are can't be deleted, unless they are moved", arguments: stores)
        func occupied(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.greeting, "a", at: 0)
                try await bench.go(bench.plan.greeting, "b", at: 0)
                try await bench.perform(.pause, on: "b", at: 5)
                try await bench.go(bench.plan.done, "c", at: 0)
                await #expect(throws: StoreError.danglingReference) {
                    _ = try await bench.commit([.deleteStage(bench.plan.greeting, movingTo: nil)], at: 9)
                }
                #expect(try await bench.state("a")?.version == 1)
                let flow = try await bench.commit([.deleteStage(bench.plan.greeting, movingTo: bench.plan.order)], at: 10)
                #expect(flow.stages[bench.plan.greeting] == nil)
                for (text, version) in [("a", Int64(2)), ("b", 3)] {
                    for fresh in [false, true] {
                        let state = try #require(try await bench.state(text, fresh: fresh))
                        #expect(state.stageID == bench.plan.order && state.version == version && state.expiresAt == bench.now(3610))
                        #expect(state.status == (text == "b" ? .paused : .active))
                    }
                    let last = try #require(try await bench.history(text).first)
                    #expect(last.cause == .repair && last.from == bench.plan.greeting && last.actor == "sk_test" && last.version == version)
                }
                #expect(try await bench.state("c", fresh: true)?.version == 1)
                try await bench.perform(.move(to: bench.plan.done, data: [:], agent: nil), on: "a", at: 11, in: flow)
            }
        }

        @Test("A conversation whose time has run out keeps no stage from being deleted", arguments: stores)
        func expired(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.order, "a", ["order_id": "AB"], at: 0)
                await #expect(throws: StoreError.danglingReference) {
                    _ = try await bench.commit([.deleteStage(bench.plan.order, movingTo: nil)], at: 3599)
                }
                _ = try await bench.commit([.deleteStage(bench.plan.order, movingTo: nil)], at: 3600)
                let state = try #require(try await bench.state("a"))
                #expect(state.stageID == nil && state.version == 2 && state.data == ConversationData())
                #expect(try await bench.history("a").map(\.cause) == [.timer, .api])
            }
        }
    }
}
