import StageEngine
import StageStore
import StageStoreSQL
import Testing

@testable import StageModel

@Suite("Moves out of strict stages")
struct StrictMoveTests {
    /// The sample flow with a strict stage `gate`, and one conversation `c` at it that knows `topic`.
    private struct Scene {
        let bench: EngineBench
        let plan: SampleFlow
        let gate: Stage.ID

        func move(to stage: Stage.ID, _ data: [String: JSONValue] = [:], saying text: String? = nil) async throws -> ConversationState {
            let message = text.map { Message(text: $0, receivedAt: bench.clock.now) }
            return try await bench.stages.setCurrentStage(stage, of: bench.id("c"), data: data, message: message, by: bench.caller)
        }

        /// Why the move is refused.
        func refused(to stage: Stage.ID, _ data: [String: JSONValue] = [:], saying text: String? = nil) async -> EngineError? {
            await refusal { _ = try await move(to: stage, data, saying: text) }
        }
    }

    private static func withGate(_ body: (Scene) async throws -> Void) async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let gate = try await plan.stage("gate", in: bench) { $0.transitionPolicy = .strict }
            _ = try await bench.go(gate, "c", ["topic": "order"])
            try await body(Scene(bench: bench, plan: plan, gate: gate))
        }
    }

    @Test("Without a rule that leads there a move is refused, and says that there is none")
    func noRule() async throws {
        try await Self.withGate { scene in
            try await scene.bench.rule(from: scene.gate, to: scene.plan.done)
            try await scene.bench.rule(from: scene.plan.greeting, to: scene.plan.order)
            let error = await scene.refused(to: scene.plan.order)
            #expect(error?.code == .moveNotAllowed && error?.trace?.candidates.isEmpty == true)
            #expect(
                error?.message
                    == "The stage 'gate' is strict and the move to 'order' is not allowed by any rule: it has no rule that leads there.")
            #expect(try await scene.bench.state("c").version == 1)
        }
    }

    @Test("With a rule that holds but whose target is closed a move is refused, and says what closes it")
    func closedTarget() async throws {
        try await Self.withGate { scene in
            let once = try await scene.plan.stage("once", in: scene.bench) { $0.maximumVisits = 1 }
            try await scene.bench.rule(from: scene.gate, to: once, "false", priority: 2)
            try await scene.bench.rule(from: scene.gate, to: once, priority: 1)
            _ = try await scene.move(to: once)
            _ = try await scene.move(to: scene.gate)
            let error = await scene.refused(to: once)
            #expect(error?.code == .moveNotAllowed && error?.trace?.candidates.map(\.held) == [false, true])
            let reason = "one that leads there holds, but the target was entered as often as its max_visits allows."
            #expect(error?.message == "The stage 'gate' is strict and the move to 'once' is not allowed by any rule: \(reason)")
        }
    }

    @Test("With rules that do not hold a move is refused, and the trace says of each why")
    func notHeld() async throws {
        try await Self.withGate { scene in
            let plan = scene.plan
            let first = try await scene.bench.rule(from: scene.gate, to: plan.order, "data.topic == 'refund' && has(data.order_id)", priority: 2)
            let second = try await scene.bench.rule(from: nil, to: plan.order, "data.urgent", priority: 1)
            try await scene.bench.rule(from: scene.gate, to: plan.done)
            let error = await scene.refused(to: plan.order)
            #expect(error?.code == .moveNotAllowed)
            let candidates = try #require(error?.trace?.candidates)
            #expect(candidates.map(\.rule.id) == [first, second] && candidates.allSatisfy { !$0.held && $0.closure == nil })
            #expect(candidates[0].clauses.map(\.text) == ["data.topic == 'refund'", "has(data.order_id)"])
            #expect(candidates[0].clauses.allSatisfy { !$0.holds } && candidates[0].error == nil && candidates[0].whyNot?.clauses.count == 2)
            #expect(candidates[1].error?.isEmpty == false)
            #expect(try await scene.bench.state("c").version == 1)
        }
    }

    @Test("A rule that holds allows the move, and is told with its trace; of several the first in their order")
    func allowed() async throws {
        try await Self.withGate { scene in
            let plan = scene.plan
            try await scene.bench.rule(from: scene.gate, to: plan.order, "data.topic == 'refund'", priority: 9)
            let rule = try await scene.bench.rule(from: scene.gate, to: plan.order, "data.topic == 'order'", priority: 5)
            try await scene.bench.rule(from: scene.gate, to: plan.order, priority: 1)
            #expect(try await scene.move(to: plan.order, ["order_id": "AB"]).stageID == plan.order)
            let last = try #require(try await scene.bench.history("c").first)
            #expect(last.cause == .api && last.actor == "sk_test" && last.rule == rule)
            #expect(last.trace["data"] == ["order_id"])
            #expect(last.trace["rules"]?.array?.map { $0["verdict"] } == ["not_held", "won", "not_tried"])
        }
    }

    @Test("A rule for the model allows a move too, and so does one from any stage, whatever stands before it")
    func otherRules() async throws {
        try await Self.withGate { scene in
            let plan = scene.plan
            try await scene.bench.rule(from: scene.gate, to: plan.done, priority: 10)
            let model = try await scene.bench.rule(from: scene.gate, to: plan.order, "has(data.topic)", .model)
            #expect(try await scene.move(to: plan.order).stageID == plan.order)
            #expect(try await scene.bench.history("c").first?.rule == model)
            let anywhere = try await scene.bench.rule(from: nil, to: plan.greeting)
            _ = try await scene.bench.go(scene.gate, "c")
            #expect(try await scene.move(to: plan.greeting).stageID == plan.greeting)
            #expect(try await scene.bench.history("c").first?.rule == anywhere)
        }
    }

    @Test("A condition on the message holds when the move carries the message")
    func message() async throws {
        try await Self.withGate { scene in
            try await scene.bench.rule(from: scene.gate, to: scene.plan.order, "message.text.contains('order') && message.type == 'text'")
            let silent = await scene.refused(to: scene.plan.order)
            #expect(silent?.code == .moveNotAllowed && silent?.trace?.candidates.first?.error?.isEmpty == false)
            #expect(await scene.refused(to: scene.plan.order, saying: "Bye")?.trace?.candidates.first?.error == nil)
            #expect(try await scene.move(to: scene.plan.order, saying: "My order, please").stageID == scene.plan.order)
        }
    }

    @Test("What the move itself brings is not known yet when it is decided; written before, it is")
    func data() async throws {
        try await Self.withGate { scene in
            try await scene.bench.rule(from: scene.gate, to: scene.plan.done, "has(data.ready)")
            #expect(await scene.refused(to: scene.plan.done, ["ready": true])?.code == .moveNotAllowed)
            _ = try await scene.move(to: scene.gate, ["ready": true])
            #expect(try await scene.move(to: scene.plan.done).status == .completed)
        }
    }

    @Test("A target that is closed to the rule is refused, though the condition holds")
    func closed() async throws {
        try await Self.withGate { scene in
            let plan = scene.plan
            try await scene.bench.rule(from: scene.gate, to: plan.order)
            try await scene.bench.replace(plan.order) { (stage: inout Stage) in stage.configuration.maximumVisits = 1 }
            #expect(try await scene.move(to: plan.order).visits[plan.order] == 1)
            _ = try await scene.bench.go(scene.gate, "c")
            let error = await scene.refused(to: plan.order)
            #expect(error?.code == .moveNotAllowed)
            #expect(error?.trace?.candidates.map(\.closure) == [.visitedOut] && error?.trace?.candidates.map(\.held) == [true])
            try await scene.bench.disable(plan.order)
            #expect(await scene.refused(to: plan.order)?.code == .stageDisabled)
        }
    }

    @Test("Staying, clearing, rewinds, move_to and timeouts are exempt")
    func exempt() async throws {
        try await Self.withGate { scene in
            let (bench, plan) = (scene.bench, scene.plan)
            #expect(try await scene.move(to: scene.gate, ["x": 1]).version == 2)
            _ = try await bench.go(plan.greeting, "d")
            _ = try await bench.go(scene.gate, "d")
            let back = try await bench.stages.rewind(bench.id("d"), toVersion: 1, ifVersion: .any, by: bench.caller) { _ in nil }
            #expect(back.stageID == plan.greeting)
            _ = try await bench.go(scene.gate, "d")
            #expect(try await bench.stages.clearStageState(of: bench.id("d"), by: bench.caller).stageID == nil)
            #expect(try await bench.go(plan.order, "d").stageID == plan.order, "From no stage every move is a start.")
            try await bench.replace(scene.gate) { (stage: inout Stage) in
                stage.configuration.timeout = StageConfiguration.Timeout(seconds: 60, toStageID: plan.greeting)
            }
            _ = try await bench.go(scene.gate, "e")
            bench.clock.advance(seconds: 60)
            #expect(try await bench.stages.perform(.elapse, on: bench.id("e"), by: bench.caller).stageID == plan.greeting)
            try await bench.delete(scene.gate, movingTo: plan.order)
            #expect(try await bench.state("c").stageID == plan.order)
        }
    }

    @Test("Out of an open stage the API moves to any that is not disabled, even to one that its visits close to rules")
    func open() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            try await bench.replace(plan.order) { (stage: inout Stage) in stage.configuration.maximumVisits = 1 }
            for visits in 1...3 {
                _ = try await bench.go(plan.greeting, "c")
                let state = try await bench.go(plan.order, "c")
                #expect(state.visits[plan.order] == visits)
            }
            let last = try #require(try await bench.history("c").first)
            #expect(last.rule == nil && last.trace["rules"] == nil)
        }
    }

    @Test("Of a trace as much is kept as has room, beside the names of what was written")
    func longTrace() async throws {
        try await Self.withGate { scene in
            for number in 0..<60 {
                try await scene.bench.rule(from: scene.gate, to: scene.plan.order, "has(data.n\(number))", priority: Int64(100 - number))
            }
            let rule = try await scene.bench.rule(from: scene.gate, to: scene.plan.order)
            let data = Dictionary(uniqueKeysWithValues: (0..<40).map { ("member_number_\($0)", JSONValue.integer(1)) })
            #expect(try await scene.move(to: scene.plan.order, data.merging(["order_id": "AB"]) { $1 }).stageID == scene.plan.order)
            let last = try #require(try await scene.bench.history("c").first)
            #expect(last.rule == rule && JSONValue.object(last.trace).jsonBytes.count <= 2048)
            #expect(last.trace["data"]?.array?.count == 41 && last.trace["rules"]?.array?.isEmpty == false)
        }
    }

    @Test("Data alone that fills a trace leaves no room for rules, and the move is done all the same")
    func fullTrace() async throws {
        try await Self.withGate { scene in
            let rule = try await scene.bench.rule(from: scene.gate, to: scene.plan.order)
            let data = Dictionary(uniqueKeysWithValues: (0..<400).map { ("a_long_name_of_a_member_\($0)", JSONValue.integer(1)) })
            #expect(try await scene.move(to: scene.plan.order, data).stageID == scene.plan.order)
            let last = try #require(try await scene.bench.history("c").first)
            #expect(last.rule == rule && JSONValue.object(last.trace).jsonBytes.count <= 2048)
        }
    }
}
