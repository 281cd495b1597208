import StageStore
import Testing

@testable import StageModel

extension StageStoreConformance {
    @Suite("Timeouts, turns and the rules of transitions")
    struct Timeouts {
        /// Stages that are left after a while: `slow` after 100 seconds, `both` after 50, and it expires after 80.
        private struct Waiting {
            let flow: Flow
            let slow = Stage.ID()
            let both = Stage.ID()

            init(_ bench: Bench) async throws {
                let plan = bench.plan
                let slowStage = plan.stage("slow") { $0.timeout = StageConfiguration.Timeout(seconds: 100, toStageID: plan.done) }
                let bothStage = plan.stage("both") { configuration in
                    configuration.timeout = StageConfiguration.Timeout(seconds: 50, toStageID: plan.greeting)
                    configuration.persistence.timeToLive = 80
                }
                flow = try await bench.commit([.saveStage(plan.saved(slow, slowStage)), .saveStage(plan.saved(both, bothStage))])
            }
        }

        private static func move(_ stage: Stage.ID, _ text: String, at seconds: Int64, _ waiting: Waiting, _ bench: Bench) async throws {
            try await bench.perform(.move(to: stage, data: [:], agent: nil), on: text, at: seconds, in: waiting.flow)
        }

        private static func due(_ bench: Bench, _ seconds: Int64, _ limit: Int = 99) async throws -> [String] {
            try await bench.store.due(at: bench.now(seconds), limit: limit).map(\.conversation.description)
        }

        @Test("What is due is listed, the expired first and then the timeouts, of each the oldest first, and nothing twice", arguments: stores)
        func due(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let waiting = try await Waiting(bench)
                for (text, second) in [("slow-2", 30), ("slow-1", 20), ("slow-3", 40)] {
                    try await Self.move(waiting.slow, text, at: Int64(second), waiting, bench)
                }
                for (text, second) in [("both-2", 15), ("both-1", 5)] { try await Self.move(waiting.both, text, at: Int64(second), waiting, bench) }
                try await Self.move(bench.plan.greeting, "never", at: 0, waiting, bench)
                #expect(try await Self.due(bench, 54).isEmpty)
                #expect(try await Self.due(bench, 55) == ["both-1"])
                #expect(try await Self.due(bench, 84) == ["both-1", "both-2"], "By their timeouts alone.")
                #expect(try await Self.due(bench, 85) == ["both-1", "both-2"])
                #expect(try await Self.due(bench, 130) == ["both-1", "both-2", "slow-1", "slow-2"])
                #expect(try await Self.due(bench, 10_000) == ["both-1", "both-2", "slow-1", "slow-2", "slow-3"])
                for limit in 1...4 { #expect(try await Self.due(bench, 10_000, limit).count == limit) }
                #expect(try await Self.due(bench, 10_000, 3) == ["both-1", "both-2", "slow-1"])
                let again = try await bench.reopen().due(at: bench.now(10_000), limit: 99).map(\.conversation.description)
                #expect(again == ["both-1", "both-2", "slow-1", "slow-2", "slow-3"])
            }
        }

        @Test("The expired stand before timeouts that are older", arguments: stores)
        func order(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let waiting = try await Waiting(bench)
                try await Self.move(waiting.slow, "timeout", at: 0, waiting, bench)
                try await bench.go(bench.plan.order, "expired", at: 200)
                #expect(try await Self.due(bench, 10_000) == ["expired", "timeout"])
                #expect(try await Self.due(bench, 10_000, 1) == ["expired"])
            }
        }

        @Test("A paused conversation is not due by its timeout, but by its expiry, and after it is resumed by both", arguments: stores)
        func paused(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let waiting = try await Waiting(bench)
                for stage in [waiting.slow, waiting.both] {
                    let text = stage == waiting.slow ? "slow" : "both"
                    try await Self.move(stage, text, at: 0, waiting, bench)
                    try await bench.perform(.pause, on: text, at: 1, in: waiting.flow)
                }
                #expect(try await Self.due(bench, 80).isEmpty)
                #expect(try await Self.due(bench, 10_000) == ["both"])
                try await bench.perform(.resume, on: "slow", at: 500, in: waiting.flow)
                #expect(try await bench.state("slow", fresh: true)?.timeoutAt == bench.now(100), "The deadline is absolute.")
                #expect(try await Self.due(bench, 10_000) == ["both", "slow"])
            }
        }

        @Test("What is recorded, left or cleared is not due any more; who comes again gets a new deadline", arguments: stores)
        func recorded(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let waiting = try await Waiting(bench)
                for text in ["a", "b", "c", "d"] { try await Self.move(waiting.slow, text, at: 0, waiting, bench) }
                let fired = try await bench.perform(.elapse, on: "a", at: 100, in: waiting.flow)
                #expect(fired.stageID == bench.plan.done && fired.timeoutAt == nil && fired.version == 2)
                try await Self.move(bench.plan.greeting, "b", at: 50, waiting, bench)
                try await bench.perform(.clear, on: "c", at: 50, in: waiting.flow)
                try await Self.move(waiting.slow, "d", at: 50, waiting, bench)
                #expect(try await Self.due(bench, 100_000) == ["d"], "Staying puts nothing off.")
                try await Self.move(waiting.slow, "b", at: 700, waiting, bench)
                #expect(try await Self.due(bench, 799) == ["d"])
                #expect(try await Self.due(bench, 800) == ["d", "b"])
                let last = try #require(try await bench.history("a").first)
                #expect(last.cause == .timer && last.actor == "timer" && last.from == waiting.slow && last.trace["reason"] == "timeout")
            }
        }

        @Test("The deadline and the number of turns are read back from where they are kept, whatever they were before", arguments: stores)
        func roundTrip(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let steps: [(Timestamp?, Int64)] = [
                    (nil, 0), (bench.now(60), 1), (bench.now(61), 2), (bench.now(1_000_000), Int64.max), (nil, 7), (bench.now(60), 0),
                ]
                try await bench.go(bench.plan.greeting, "c")
                for (index, step) in steps.enumerated() {
                    let version = Int64(index + 2)
                    let state = try await bench.store.update(bench.key("c"), at: bench.now(0)) { state, _ in
                        var next = state
                        (next.version, next.timeoutAt, next.turns) = (version, step.0, step.1)
                        let stays = Transition(
                            id: Transition.ID(), version: version, sequence: 0, from: state.stageID, to: state.stageID, cause: .api, actor: "a",
                            flowRevision: 1, trace: [:], at: bench.now(0), secondsInStage: nil)
                        return ConversationCommit(change: ConversationChange(state: next, transitions: [stays]), sensitive: SensitiveNames())
                    }
                    #expect(state.timeoutAt == step.0 && state.turns == step.1)
                    for fresh in [false, true] { #expect(try await bench.state("c", fresh: fresh) == state) }
                    #expect(try await bench.reopen().state(of: bench.key("c"), fresh: true) == state)
                    #expect(try await Self.due(bench, 2_000_000) == (step.0 == nil ? [] : ["c"]))
                }
            }
        }

        @Test("The rule that allowed a transition is told by the history, by the last visits, and after all is read anew", arguments: stores)
        func rules(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let plan = bench.plan
                let gate = plan.saved(Stage.ID(), plan.stage("gate") { $0.transitionPolicy = .strict })
                let rule = plan.saved(TransitionRule.ID(), TransitionRule(from: gate.id, to: plan.done, condition: "has(data.ready)"))
                let flow = try await bench.commit([.saveStage(gate), .saveRule(rule)])
                try await bench.perform(.move(to: gate.id, data: ["ready": true], agent: nil), on: "c", in: flow)
                try await bench.perform(.move(to: plan.done, data: [:], agent: nil), on: "c", at: 9, in: flow)
                while try await bench.store.foldStatistics() > 0 {}
                for store in [bench.store, try await bench.reopen()] {
                    let history = try await store.history(of: bench.key("c"), before: nil, limit: 9)
                    #expect(history.map(\.rule) == [rule.id, nil])
                    #expect(history.first?.trace["rules"] == [["rule_id": .string(rule.id.description), "verdict": "won", "values": [true]]])
                    let visits = try await store.statistics(of: plan.done, in: plan.business.id).recent
                    #expect(visits.map(\.transition.rule) == [rule.id])
                }
            }
        }

        @Test("How many conversations are at each stage of a business; stages without any are left out", arguments: stores)
        func conversationsHere(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let (plan, other) = (bench.plan, try await Bench(bench.store))
                func here() async throws -> [Stage.ID: Int64] {
                    while try await bench.store.foldStatistics() > 0 {}
                    return try await bench.store.conversationsHere(in: plan.business.id)
                }
                #expect(try await here() == [:])
                for text in ["a", "b", "c"] { try await bench.go(plan.greeting, text) }
                try await other.go(other.plan.greeting, "a")
                #expect(try await here() == [plan.greeting: 3])
                try await bench.go(plan.done, "a", at: 1)
                try await bench.go(plan.greeting, "b", ["x": 1], at: 1)
                try await bench.perform(.clear, on: "c", at: 1)
                #expect(try await here() == [plan.greeting: 1, plan.done: 1])
                #expect(try await bench.store.erase(bench.key("b"), audit: plan.audit("erase"), answer: nil, at: bench.now(2)))
                #expect(try await here() == [plan.done: 1])
                #expect(try await bench.reopen().conversationsHere(in: plan.business.id) == [plan.done: 1])
                #expect(try await bench.store.conversationsHere(in: Business.ID()).isEmpty)
            }
        }
    }
}
