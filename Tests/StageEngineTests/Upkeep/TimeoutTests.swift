import Logging
import StageEngine
import StageStore
import StageStoreSQL
import Testing

@testable import StageModel

@Suite("Timeouts")
struct TimeoutTests {
    private static func housekeeper(_ bench: EngineBench) -> Housekeeper {
        Housekeeper(
            conversations: bench.store, upkeep: bench.store, stages: bench.stages, time: bench.clock.source,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The sample flow with a stage `waiting` that is left for another after 60 seconds.
    private static func waiting(
        _ bench: EngineBench, to target: (SampleFlow) -> Stage.ID = { $0.greeting }
    ) async throws -> (plan: SampleFlow, stage: Stage.ID) {
        let plan = try await SampleFlow(in: bench)
        let target = target(plan)
        let stage = try await plan.stage("waiting", in: bench) { $0.timeout = StageConfiguration.Timeout(seconds: 60, toStageID: target) }
        return (plan, stage)
    }

    @Test("Who has been at a stage for too long is taken on, once, at the second that the deadline says")
    func fires() async throws {
        try await EngineBench.with { bench in
            let (plan, stage) = try await Self.waiting(bench)
            let state = try await bench.go(stage, "c", ["x": 1])
            #expect(state.timeoutAt == bench.clock.now.adding(seconds: 60))
            _ = try await bench.go(plan.order, "other")
            let housekeeper = Self.housekeeper(bench)
            bench.clock.advance(microseconds: 59_999_999)
            #expect(try await housekeeper.recordElapsed() == 0)
            bench.clock.advance(microseconds: 1)
            #expect(try await housekeeper.recordElapsed() == 1)
            #expect(try await housekeeper.recordElapsed() == 0)
            let moved = try await bench.state("c")
            #expect(moved.stageID == plan.greeting && moved.version == 2 && moved.timeoutAt == nil && moved.status == .active)
            #expect(moved.data.merged == ["x": 1] && moved.visits == [stage: 1, plan.greeting: 1] && moved.enteredAt == bench.clock.now)
            let last = try #require(try await bench.history("c").first)
            #expect(last.cause == .timer && last.actor == "timer" && last.from == stage && last.to == plan.greeting && last.rule == nil)
            #expect(last.trace == ["reason": "timeout"] && last.at == bench.clock.now)
            #expect(try await bench.state("other").version == 1)
        }
    }

    @Test("Of many that look at the same time, in one process and in two, each conversation is taken on by one")
    func together() async throws {
        try await EngineBench.with { bench in
            let (plan, stage) = try await Self.waiting(bench)
            let other = try await bench.another()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<250 { group.addTask { _ = try await bench.go(stage, "c\(number)") } }
                try await group.waitForAll()
            }
            bench.clock.advance(seconds: 60)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for engine in [bench, bench, other] { group.addTask { try await Self.housekeeper(engine).recordElapsed() } }
                try await group.waitForAll()
            }
            for number in 0..<250 {
                #expect(try await bench.state("c\(number)").stageID == plan.greeting)
                let history = try await other.store.history(
                    of: ConversationKey(business: bench.business.id, conversation: bench.id("c\(number)")), before: nil, limit: 9)
                #expect(history.map(\.version) == [2, 1] && history.first?.cause == .timer, "c\(number)")
            }
            try await other.store.close()
        }
    }

    @Test("A deadline that passes while no process runs fires at the next start")
    func restart() async throws {
        try await EngineBench.with { bench in
            let (plan, stage) = try await Self.waiting(bench)
            let first = try await bench.another()
            _ = try await first.go(stage, "c")
            try await first.store.close()
            bench.clock.advance(seconds: 100_000)
            let second = try await bench.another()
            #expect(try await second.state("c").stageID == stage)
            #expect(try await Self.housekeeper(second).recordElapsed() == 1)
            #expect(try await second.state("c").stageID == plan.greeting)
            try await second.store.close()
            let third = try await bench.another()
            #expect(try await Self.housekeeper(third).recordElapsed() == 0)
            #expect(try await third.history("c").map(\.cause) == [.timer, .api])
            try await third.store.close()
        }
    }

    /// What closes the target of a timeout, and the word for it in the trace.
    enum Obstacle: String, CaseIterable {
        case disabled
        case maxVisits = "max_visits"
        case otherAgent = "other_agent"
        case noTimeout = "no_timeout"

        func put(_ bench: EngineBench, _ plan: SampleFlow, at stage: Stage.ID, before target: Stage.ID) async throws {
            switch self {
            case .disabled: try await bench.disable(target)
            case .maxVisits: try await bench.replace(target) { (stage: inout Stage) in stage.configuration.maximumVisits = 1 }
            case .otherAgent: try await bench.replace(target) { (stage: inout Stage) in stage.agentID = plan.ada }
            case .noTimeout: try await bench.replace(stage) { (stage: inout Stage) in stage.configuration.timeout = nil }
            }
        }
    }

    @Test(
        "A target that is closed by then leaves the conversation where it is, once and for all, and the history says why",
        arguments: Obstacle.allCases)
    func closed(_ obstacle: Obstacle) async throws {
        try await EngineBench.with { bench in
            let (plan, stage) = try await Self.waiting(bench)
            _ = try await bench.go(plan.greeting, "c")
            _ = try await bench.go(stage, "c", ["x": 1])
            try await obstacle.put(bench, plan, at: stage, before: plan.greeting)
            bench.clock.advance(seconds: 60)
            #expect(try await Self.housekeeper(bench).recordElapsed() == 1)
            let state = try await bench.state("c")
            #expect(state.stageID == stage && state.version == 3 && state.timeoutAt == nil && state.data.merged == ["x": 1])
            #expect(state.visits[stage] == 1 && state.enteredAt == TestClock.start)
            let last = try #require(try await bench.history("c").first)
            #expect(last.trace == ["reason": "timeout", "not_taken": .string(obstacle.rawValue)] && last.from == stage && last.to == stage)
            bench.clock.advance(seconds: 100_000)
            #expect(try await Self.housekeeper(bench).recordElapsed() == 0)
        }
    }

    @Test("Where a timeout leads is looked up when it fires, not when its stage was entered")
    func changedTarget() async throws {
        try await EngineBench.with { bench in
            let (plan, stage) = try await Self.waiting(bench)
            _ = try await bench.go(stage, "c")
            try await bench.replace(stage) { (stage: inout Stage) in
                stage.configuration.timeout = StageConfiguration.Timeout(seconds: 5000, toStageID: plan.done)
            }
            bench.clock.advance(seconds: 60)
            #expect(try await Self.housekeeper(bench).recordElapsed() == 1)
            let state = try await bench.state("c")
            #expect(state.stageID == plan.done && state.status == .completed && state.timeoutAt == nil)
        }
    }

    @Test("A clock that jumps ahead takes each conversation on one step at a time; one that jumps back puts nothing off")
    func jumps() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let second = try await plan.stage("second", in: bench) { $0.timeout = StageConfiguration.Timeout(seconds: 10, toStageID: plan.done) }
            let first = try await plan.stage("first", in: bench) { $0.timeout = StageConfiguration.Timeout(seconds: 60, toStageID: second) }
            let housekeeper = Self.housekeeper(bench)
            _ = try await bench.go(first, "c")
            bench.clock.advance(seconds: -1_000_000)
            #expect(try await housekeeper.recordElapsed() == 0)
            bench.clock.advance(seconds: 1_000_000 + 86_400)
            #expect(try await housekeeper.recordElapsed() == 1)
            let state = try await bench.state("c")
            #expect(state.stageID == second && state.timeoutAt == bench.clock.now.adding(seconds: 10))
            bench.clock.advance(seconds: 9)
            #expect(try await housekeeper.recordElapsed() == 0)
            bench.clock.advance(seconds: 1)
            #expect(try await housekeeper.recordElapsed() == 1)
            #expect(try await bench.history("c").map(\.to) == [plan.done, second, first])
        }
    }

    @Test("Staying does not put the deadline off; leaving, clearing and a rewind do away with it or set it anew")
    func deadline() async throws {
        try await EngineBench.with { bench in
            let (plan, stage) = try await Self.waiting(bench)
            let deadline = bench.clock.now.adding(seconds: 60)
            _ = try await bench.go(stage, "c")
            bench.clock.advance(seconds: 30)
            #expect(try await bench.go(stage, "c", ["x": 1]).timeoutAt == deadline)
            #expect(try await bench.go(plan.greeting, "c").timeoutAt == nil)
            #expect(try await bench.go(stage, "c").timeoutAt == deadline.adding(seconds: 30))
            bench.clock.advance(seconds: 10)
            let back = try await bench.stages.rewind(bench.id("c"), toVersion: 1, ifVersion: .any, by: bench.caller) { _ in nil }
            #expect(back.timeoutAt == deadline.adding(seconds: 40))
            #expect(try await bench.stages.clearStageState(of: bench.id("c"), by: bench.caller).timeoutAt == nil)
            bench.clock.advance(seconds: 100_000)
            #expect(try await Self.housekeeper(bench).recordElapsed() == 0)
        }
    }

    @Test("The deadline of a paused conversation waits until it is resumed")
    func paused() async throws {
        try await EngineBench.with { bench in
            let (plan, stage) = try await Self.waiting(bench)
            _ = try await bench.go(stage, "c")
            _ = try await bench.stages.perform(.pause, on: bench.id("c"), by: bench.caller)
            bench.clock.advance(seconds: 600)
            #expect(try await Self.housekeeper(bench).recordElapsed() == 0)
            let resumed = try await bench.stages.perform(.resume, on: bench.id("c"), by: bench.caller)
            #expect(resumed.stageID == stage && resumed.version == 3)
            #expect(try await Self.housekeeper(bench).recordElapsed() == 1)
            #expect(try await bench.state("c").stageID == plan.greeting)
        }
    }

    @Test("Whoever comes first after the deadline records it first, as a version of its own")
    func recordedFirst() async throws {
        try await EngineBench.with { bench in
            let (plan, stage) = try await Self.waiting(bench)
            _ = try await bench.go(stage, "c")
            bench.clock.advance(seconds: 61)
            #expect(try await bench.go(plan.order, "c").version == 3)
            let history = try await bench.history("c")
            #expect(history.map(\.cause) == [.api, .timer, .api] && history.map(\.to) == [plan.order, plan.greeting, stage])
            #expect(history.map(\.from) == [plan.greeting, stage, nil])
            #expect(try await Self.housekeeper(bench).recordElapsed() == 0)
        }
    }

    @Test("A state that has expired is dropped, whatever timeout it had; one that times out first is taken on")
    func expiry() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            func stage(_ name: String, after seconds: Int64) async throws -> Stage.ID {
                try await plan.stage(name, in: bench) { configuration in
                    configuration.timeout = StageConfiguration.Timeout(seconds: seconds, toStageID: plan.greeting)
                    configuration.persistence.timeToLive = 100
                }
            }
            _ = try await bench.go(stage("soon", after: 50), "soon")
            _ = try await bench.go(stage("same", after: 100), "same")
            bench.clock.advance(seconds: 100)
            #expect(try await Self.housekeeper(bench).recordElapsed() == 2)
            for text in ["soon", "same"] {
                let state = try await bench.state(text)
                #expect(state.stageID == nil && state.version == 2 && state.timeoutAt == nil, "At that time both had expired as well.")
            }
            _ = try await bench.go(try #require(try await bench.flow.stages.all.first { $0.name == "soon" }).id, "soon")
            bench.clock.advance(seconds: 50)
            #expect(try await Self.housekeeper(bench).recordElapsed() == 1)
            let state = try await bench.state("soon")
            #expect(state.stageID == plan.greeting && state.expiresAt == nil)
        }
    }

    @Test("A stage that leads to itself is entered again and again, each time with what it knew dropped")
    func itself() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let stage = try await plan.stage("again", in: bench) { $0.persistence.scope = .stage }
            try await bench.replace(stage) { (body: inout Stage) in
                body.configuration.timeout = StageConfiguration.Timeout(seconds: 60, toStageID: stage)
                body.configuration.maximumVisits = 3
            }
            _ = try await bench.go(stage, "c", ["x": 1])
            for visits in [2, 3, 3] {
                bench.clock.advance(seconds: 60)
                #expect(try await Self.housekeeper(bench).recordElapsed() == 1)
                let state = try await bench.state("c")
                #expect(state.visits[stage] == visits && state.data.merged.isEmpty && state.stageID == stage)
            }
            #expect(try await bench.state("c").timeoutAt == nil)
            #expect(try await bench.history("c").first?.trace["not_taken"] == "max_visits")
            bench.clock.advance(seconds: 100_000)
            #expect(try await Self.housekeeper(bench).recordElapsed() == 0)
        }
    }
}
