import StageModel
import StageStore
import Testing

extension StageStoreConformance {
    @Suite("Configuration")
    struct Configuration {
        @Test("Businesses are created, listed page by page in the order of their ids, renamed and read", arguments: stores)
        func businesses(factory: StoreFactory) async throws {
            try await factory.test { instance in
                let store = instance.store
                #expect(try await store.businesses(after: nil, limit: 10).isEmpty)
                let plans = (0..<5).map { Blueprint(name: "Business \($0)") }
                for plan in plans {
                    let key = plan.apiKey("sk_\(plan.business.id.description.prefix(8))")
                    try await store.createBusiness(plan.business, key: key, audit: plan.audit("business.create"), answer: nil)
                    #expect(try await store.keys(of: plan.business.id) == [key])
                }
                let sorted = plans.map(\.business).sorted { $0.id < $1.id }
                #expect(try await store.businesses(after: nil, limit: 10) == sorted)
                #expect(try await store.businesses(after: sorted[1].id, limit: 2) == Array(sorted[2...3]))
                #expect(try await store.businesses(after: sorted[4].id, limit: 2).isEmpty)

                let plan = plans[0]
                let renamed = try await store.renameBusiness(
                    plan.business.id, to: "Neu é", at: Blueprint.start.adding(seconds: 5), audit: plan.audit("business.update"), answer: { _ in nil })
                #expect(renamed?.name == "Neu é" && renamed?.flowRevision == 2 && renamed?.updatedAt == Blueprint.start.adding(seconds: 5))
                #expect(try await store.flow(of: plan.business.id)?.business == renamed)
                #expect(
                    try await store.renameBusiness(Business.ID(), to: "x", at: Blueprint.start, audit: plan.audit("x"), answer: { _ in nil }) == nil)
                #expect(try await store.flow(of: Business.ID()) == nil)
                #expect(
                    try await store.auditLog(of: plan.business.id, before: nil, limit: 9).map(\.entry.action) == [
                        "business.update", "business.create",
                    ])
            }
        }

        @Test("A business whose id or key is taken is not created", arguments: stores)
        func takenBusiness(factory: StoreFactory) async throws {
            try await factory.test { instance in
                let (plan, other) = (Blueprint(), Blueprint(name: "Other"))
                try await instance.store.createBusiness(plan.business, key: plan.apiKey("sk_a"), audit: plan.audit("create"), answer: nil)
                await #expect(throws: StoreError.taken) {
                    try await instance.store.createBusiness(plan.business, key: plan.apiKey("sk_b"), audit: plan.audit("again"), answer: nil)
                }
                await #expect(throws: StoreError.taken) {
                    try await instance.store.createBusiness(other.business, key: other.apiKey("sk_a"), audit: other.audit("create"), answer: nil)
                }
                #expect(try await instance.store.businesses(after: nil, limit: 9) == [plan.business])
                #expect(try await instance.store.key(prefix: "sk_b") == nil)
                #expect(try await instance.store.auditLog(of: other.business.id, before: nil, limit: 9).isEmpty)
            }
        }

        @Test("A flow is read back as it was committed", arguments: stores)
        func flow(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let state = StageState(status: .disabled, data: ["note": ["é", 1]], version: 1, updatedAt: bench.now(3))
                let committed = try await bench.commit([.saveState(state, of: bench.plan.ofAda)], at: 3)
                for store in [bench.store, try await bench.reopen()] {
                    let flow = try #require(try await store.flow(of: bench.plan.business.id))
                    for flow in [flow, committed] {
                        #expect(flow.revision == 3)
                        #expect(flow.agents.all.map(\.id) == [bench.plan.ada])
                        #expect(flow.templates.all == bench.plan.templates.sorted { $0.name < $1.name })
                        #expect(flow.stages.all == bench.plan.stages.sorted { $0.name < $1.name })
                        #expect(flow.state(of: bench.plan.ofAda) == state)
                        #expect(flow.state(of: bench.plan.order) == StageState())
                    }
                }
            }
        }

        @Test("A definition is replaced, deleted, and every saved body of it is kept, newest first", arguments: stores)
        func revisions(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let id = Template.ID()
                var flow = bench.flow
                for revision in 1...3 {
                    let body = Template(name: "T", purpose: .stageSelection, content: "version \(revision)")
                    flow = try await bench.commit(
                        [.saveTemplate(bench.plan.saved(id, body, revision: Int64(revision)))], on: flow, at: Int64(revision))
                    #expect(flow.templates[id]?.body == body)
                }
                flow = try await bench.commit([.deleteTemplate(id)], on: flow, at: 4)
                #expect(flow.templates[id] == nil)
                func kept(_ business: Business.ID, before: Int64? = nil, limit: Int = 10) async throws -> [Revision] {
                    try await bench.store.revisions(of: .template, id: id.description, in: business, before: before, limit: limit)
                }
                let all = try await kept(bench.plan.business.id)
                #expect(all.map(\.revision) == [4, 3, 2, 1])
                #expect(all.map { $0.body?["content"] } == [nil, "version 3", "version 2", "version 1"])
                #expect(all.map(\.flowRevision) == [6, 5, 4, 3] && all.allSatisfy { $0.author == "sk_test" })
                #expect(all.map(\.at) == [4, 3, 2, 1].map(bench.now))
                #expect(try await kept(bench.plan.business.id, before: 4, limit: 2).map(\.revision) == [3, 2])
                #expect(try await kept(Business.ID()).isEmpty)
                #expect(try await bench.store.revisions(of: .stage, id: id.description, in: bench.plan.business.id, before: nil, limit: 9).isEmpty)
            }
        }

        @Test("The own state of a stage that was deleted and brought back goes on from its last version", arguments: stores)
        func stageStates(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let stage = try #require(bench.flow.stages[bench.plan.done])
                var flow = bench.flow
                for version in 1...3 {
                    let state = StageState(status: .disabled, data: ["v": 1], version: Int64(version), updatedAt: bench.now(0))
                    flow = try await bench.commit([.saveState(state, of: stage.id)], on: flow)
                }
                flow = try await bench.commit([.deleteStage(stage.id, movingTo: nil)], on: flow)
                flow = try await bench.commit([.saveStage(bench.plan.saved(stage.id, stage.body, revision: 3))], on: flow)
                let back = flow.state(of: stage.id)
                #expect(back.version == 3 && back.status == .active && back.data.isEmpty)
                let next = StageState(status: .active, data: [:], version: 4, updatedAt: bench.now(0))
                #expect(try await bench.commit([.saveState(next, of: stage.id)], on: flow).state(of: stage.id).version == 4)
            }
        }

        @Test("What was done is logged, newest first, page by page", arguments: stores)
        func audit(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                for number in 0..<5 { try await bench.store.record(bench.plan.audit("a\(number)", at: Int64(number))) }
                let first = try await bench.store.auditLog(of: bench.plan.business.id, before: nil, limit: 3)
                #expect(first.map(\.entry.action) == ["a4", "a3", "a2"])
                #expect(first.first?.entry == bench.plan.audit("a4", at: 4))
                let second = try await bench.store.auditLog(of: bench.plan.business.id, before: first.last?.position, limit: 3)
                #expect(second.map(\.entry.action) == ["a1", "a0", "flow.import"])
                #expect(try await bench.store.auditLog(of: Business.ID(), before: nil, limit: 3).isEmpty)
            }
        }
    }
}
