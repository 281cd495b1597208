import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("The current stage")
struct StageServiceTests {
    @Test("The current stage is got, set and cleared; what happened stays")
    func getSetClear() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let id = try bench.id("c")
            #expect(await refusal { _ = try await bench.stages.currentStage(of: id, by: bench.caller) }?.code == .notFound)
            #expect(await refusal { _ = try await bench.stages.history(of: id, before: nil, limit: 9, by: bench.caller) }?.code == .notFound)
            #expect(await refusal { _ = try await bench.stages.clearStageState(of: id, by: bench.caller) }?.code == .notFound)
            let set = try await bench.stages.setCurrentStage(plan.greeting, of: id, data: ["name": "Eve"], by: bench.caller)
            #expect(set.version == 1 && set.stageID == plan.greeting && set.data.merged == ["name": "Eve"])
            #expect(try await bench.stages.currentStage(of: id, by: bench.caller) == plan.greeting)
            let cleared = try await bench.stages.clearStageState(of: id, by: bench.caller)
            #expect(cleared.version == 2 && cleared.stageID == nil && cleared.data.merged.isEmpty && cleared.visits.isEmpty)
            #expect(try await bench.stages.clearStageState(of: id, by: bench.caller).version == 2, "There is nothing to clear.")
            #expect(try await bench.stages.currentStage(of: id, by: bench.caller) == nil)
            #expect(try await bench.stages.history(of: id, before: nil, limit: 9, by: bench.caller).map(\.version) == [2, 1])
            #expect(try await bench.stages.state(of: id, fresh: true, by: bench.caller) == bench.stages.state(of: id, by: bench.caller))
        }
    }

    @Test("A move that can't be is refused with the code and the places of its faults, and changes nothing")
    func refusals() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            _ = try await bench.go(plan.greeting, "c", agent: plan.ada)
            _ = try await bench.configuration.changeState(of: plan.done, ifVersion: .any, by: bench.caller, answering: { _ in nil }) { old in
                StageState(status: .disabled, data: [:], version: old.version, updatedAt: bench.clock.now)
            }
            let cases: [(ConversationCommand, EngineError.Code, [String])] = [
                (.move(to: Stage.ID(), data: [:], agent: nil), .notFound, []), (.move(to: plan.done, data: [:], agent: nil), .stageDisabled, []),
                (.move(to: plan.greeting, data: [:], agent: plan.bob), .invalidInput, ["/agent_id"]),
                (.move(to: plan.greeting, data: [:], agent: Agent.ID()), .invalidInput, ["/agent_id"]),
                (.move(to: plan.order, data: ["order_id": "x", "card": 5], agent: nil), .invalidInput, ["/data/card", "/data/order_id"]),
                (.move(to: plan.order, data: ["card": SensitiveNames.mask], agent: nil), .invalidInput, ["/data/card"]),
            ]
            for (command, code, places) in cases {
                let error = await refusal { _ = try await bench.stages.perform(command, on: try bench.id("c"), by: bench.caller) }
                #expect(error?.code == code && error?.places == places, "\(command)")
            }
            #expect(await refusal { _ = try await bench.go(plan.ofAda, "new") }?.places == ["/agent_id"])
            #expect(try await bench.stages.state(of: bench.id("c"), fresh: true, by: bench.caller).version == 1)
            #expect(await refusal { _ = try await bench.stages.state(of: bench.id("new"), by: bench.caller) }?.code == .notFound)
        }
    }

    @Test("A command for another version than the current is refused with the current one")
    func versions() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            func go(_ text: String, ifVersion: VersionCondition) async throws -> ConversationState {
                try await bench.stages.setCurrentStage(plan.order, of: bench.id(text), ifVersion: ifVersion, by: bench.caller)
            }
            let unknown = await refusal { _ = try await go("c", ifVersion: .exactly(1)) }
            #expect(unknown?.code == .preconditionFailed && unknown?.current == 0)
            #expect(
                await refusal { _ = try await go("c", ifVersion: .exactly(0)) }?.code == .preconditionFailed,
                "There is nothing that could have a version.")
            _ = try await bench.go(plan.greeting, "c")
            let stale = await refusal { _ = try await go("c", ifVersion: .exactly(2)) }
            #expect(stale?.code == .preconditionFailed && stale?.current == 1)
            #expect(try await go("c", ifVersion: .exactly(1)).version == 2)
            #expect(await refusal { _ = try await go("c", ifVersion: .exactly(1)) }?.current == 2)
        }
    }

    @Test("Of many that move on from one version one does, and the others are told the version that it led to")
    func oneVersion() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            _ = try await bench.go(plan.greeting, "c")
            let outcomes = await withTaskGroup(of: EngineError?.self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        await refusal {
                            _ = try await bench.stages.setCurrentStage(plan.order, of: bench.id("c"), ifVersion: .exactly(1), by: bench.caller)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == nil } == 1)
            #expect(outcomes.compactMap { $0 }.allSatisfy { $0.code == .preconditionFailed && $0.current == 2 })
        }
    }

    @Test("A conversation of another business is not there")
    func tenants() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            _ = try await bench.go(plan.greeting, "c")
            let stranger = try await bench.stranger()
            #expect(await refusal { _ = try await bench.stages.state(of: bench.id("c"), by: stranger) }?.code == .notFound)
            #expect(await refusal { try await bench.stages.erase(bench.id("c"), by: stranger) }?.code == .notFound)
            #expect(await refusal { _ = try await bench.stages.setCurrentStage(plan.greeting, of: bench.id("c"), by: stranger) }?.code == .notFound)
            #expect(
                try await bench.stages.conversations(ConversationQuery(business: stranger.business, limit: 9, at: bench.clock.now), by: stranger)
                    .isEmpty)
            #expect(try await bench.stages.statistics(of: plan.greeting, by: stranger) == StageStatistics())
        }
    }

    @Test("A state whose time has run out reads as cleared, and the next write records that first")
    func expiry() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            _ = try await bench.go(plan.order, "c", ["order_id": "AB"])
            bench.clock.advance(seconds: 3600)
            let read = try await bench.stages.state(of: bench.id("c"), by: bench.caller)
            #expect(read.stageID == nil && read.version == 1 && read.data.merged.isEmpty)
            let listed = try await bench.stages.conversations(
                ConversationQuery(business: bench.business.id, limit: 9, at: bench.clock.now), by: bench.caller)
            #expect(listed.map(\.stageID) == [nil])
            #expect(try await bench.go(plan.greeting, "c").version == 3)
            let history = try await bench.stages.history(of: bench.id("c"), before: nil, limit: 9, by: bench.caller)
            #expect(history.map(\.cause) == [.api, .timer, .api] && history.map(\.actor) == ["sk_test", "timer", "sk_test"])
        }
    }

    @Test("The answer to a request is kept with what it did, and with nothing else")
    func answers() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            guard case .proceed(let claim) = try await bench.idempotency.begin(key: "k", scope: [], body: [], at: bench.clock.now) else { return }
            func go(_ stage: Stage.ID) async throws {
                _ = try await bench.stages.setCurrentStage(stage, of: bench.id("c"), by: bench.caller) {
                    bench.answer(claim, body: "version \($0.version)")
                }
            }
            #expect(await refusal { try await go(Stage.ID()) }?.code == .notFound)
            #expect(try await bench.store.answer(to: claim.scope, at: bench.clock.now) == nil)
            try await go(plan.greeting)
            #expect(try await bench.store.answer(to: claim.scope, at: bench.clock.now)?.body == Array("version 1".utf8))
            #expect(await refusal { try await go(plan.order) }?.code == .idempotencyKeyInProgress)
            #expect(try await bench.stages.currentStage(of: bench.id("c"), by: bench.caller) == plan.greeting)
        }
    }

    @Test("A stage that another process has deleted is not there, though this one has not heard of it")
    func deletedElsewhere() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let other = try await bench.another()
            _ = try await other.flow
            try await bench.configuration.delete(plan.order, ifRevision: .any, by: bench.caller) { _ in nil }
            #expect(await refusal { _ = try await other.go(plan.order, "c") }?.code == .notFound)
            #expect(try await other.go(plan.greeting, "c").version == 1)
        }
    }
}
