import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Simulations")
struct SimulationTests {
    /// Simulates, and sees that nothing of what is kept has changed by it.
    private static func simulate(_ bench: EngineBench, _ set: (inout Simulation) throws -> Void) async throws -> SimulationOutcome {
        var simulation = Simulation()
        try set(&simulation)
        let before = try await kept(bench)
        let outcome: SimulationOutcome
        do { outcome = try await bench.stages.simulate(simulation, by: bench.caller) } catch {
            #expect(try await kept(bench) == before)
            throw error
        }
        #expect(try await kept(bench) == before)
        #expect(try await bench.stages.simulate(simulation, by: bench.caller) == outcome, "The same simulation gives the same answer.")
        return outcome
    }

    private static func refused(_ bench: EngineBench, _ set: (inout Simulation) throws -> Void) async -> EngineError? {
        await refusal { _ = try await simulate(bench, set) }
    }

    /// Everything that a simulation must leave alone.
    private struct Kept: Equatable {
        let business: Business
        let stages: [Saved<Stage>]
        let rules: [Saved<TransitionRule>]
        var conversations: [ConversationState] = []
        var histories: [[Transition]] = []
        let audit: [AuditRecord]
    }

    private static func kept(_ bench: EngineBench) async throws -> Kept {
        let flow = try #require(try await bench.store.flow(of: bench.business.id))
        var kept = Kept(
            business: flow.business, stages: flow.stages.all, rules: flow.rules.all,
            audit: try await bench.store.auditLog(of: bench.business.id, before: nil, limit: 99))
        kept.conversations = try await bench.store.conversations(ConversationQuery(business: bench.business.id, limit: 99, at: bench.clock.now))
        for state in kept.conversations { kept.histories.append(try await bench.store.history(of: state.key, before: nil, limit: 99)) }
        return kept
    }

    private static func says(_ text: String) -> Message { Message(text: text, receivedAt: TestClock.start) }

    @Test("A conversation that has just begun is decided on at its entry, by the saved rules")
    func entry() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let rule = try await bench.rule(from: plan.greeting, to: plan.order, "message.text.contains('order')")
            let moved = try await Self.simulate(bench) { $0.message = Self.says("my order") }
            #expect(
                moved.from == plan.greeting && moved.stage == plan.order
                    && moved.decision.outcome == .move(to: plan.order, rule: rule, by: .condition))
            #expect(try await moved.revision == bench.flow.revision && moved.trace.candidates.map(\.held) == [true])
            let stayed = try await Self.simulate(bench) { $0.message = Self.says("hello") }
            #expect(stayed.stage == plan.greeting && stayed.decision.outcome == .stay && stayed.trace.candidates.map(\.held) == [false])
            let silent = try await Self.simulate(bench) { _ in }
            #expect(silent.decision.outcome == .stay && silent.trace.candidates.first?.error?.isEmpty == false)
        }
    }

    @Test("A real conversation is decided on where it is and with what it knows, and others' data can be tried over it")
    func realState() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let ready = try await bench.rule(from: plan.order, to: plan.done, "data.order_id == 'AB' && stage.visits == 2 && stage.seconds == 30")
            for stage in [plan.order, plan.greeting, plan.order] { _ = try await bench.go(stage, "c", ["order_id": "AB"]) }
            bench.clock.advance(seconds: 30)
            let id = try bench.id("c")
            #expect(try await Self.simulate(bench) { $0.conversation = id }.decision.outcome == .move(to: plan.done, rule: ready, by: .condition))
            func stays(_ set: (inout Simulation) -> Void) async throws -> Bool {
                let outcome = try await Self.simulate(bench) { simulation in
                    simulation.conversation = id
                    set(&simulation)
                }
                return outcome.decision.outcome == .stay && outcome.stage == plan.order
            }
            #expect(try await stays { $0.data = ["order_id": .null] })
            #expect(try await stays { $0.data = ["order_id": "ZZ"] })
            #expect(try await stays { $0.visits = [plan.order: 7] })
            #expect(try await stays { $0.secondsInStage = 31 })
            #expect(try await !stays { $0.secondsInStage = 30 })
            #expect(try await !stays { $0.data = ["other": 1] })
        }
    }

    @Test("Taken to another stage, a conversation has just entered it; its own stage's data is gone then")
    func otherStage() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let notes = try await plan.stage("notes", in: bench) { $0.persistence.scope = .stage }
            _ = try await bench.go(plan.greeting, "c", ["name": "Eve"])
            _ = try await bench.go(notes, "c", ["note": "x"])
            bench.clock.advance(seconds: 100)
            let condition = "!has(data.note) && data.name == 'Eve' && stage.visits == 1 && stage.seconds == 0 && stage.name == 'order'"
            let rule = try await bench.rule(from: nil, to: plan.done, condition)
            let moved = try await Self.simulate(bench) {
                $0.conversation = try bench.id("c")
                $0.stage = plan.order
            }
            #expect(moved.from == plan.order && moved.decision.outcome == .move(to: plan.done, rule: rule, by: .condition))
            #expect(try await Self.simulate(bench) { $0.conversation = try bench.id("c") }.stage == notes)
        }
    }

    @Test("The turns and the conversation's id are those of the conversation, or those that are given")
    func conversationVariables() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            try await bench.rule(from: nil, to: plan.done, "conversation.turns == 3 && conversation.id == 'simulated' && agent.name == 'Ada'")
            func target(_ set: (inout Simulation) throws -> Void) async throws -> Stage.ID? { try await Self.simulate(bench, set).stage }
            #expect(
                try await target {
                    $0.turns = 3; $0.agent = plan.ada
                } == plan.done)
            #expect(
                try await target {
                    $0.turns = 2; $0.agent = plan.ada
                } == plan.greeting)
            #expect(
                try await target {
                    $0.turns = 3; $0.agent = plan.bob
                } == plan.greeting)
            _ = try await bench.go(plan.greeting, "c", agent: plan.ada)
            #expect(
                try await target {
                    $0.turns = 3; $0.conversation = try bench.id("c")
                } == plan.greeting)
        }
    }

    @Test("Drafts of rules and stages are tried without being saved, as new ones and in place of saved ones")
    func drafts() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let saved = try await bench.rule(from: plan.greeting, to: plan.order)
            let new = Stage.ID()
            typealias RuleDraft = Simulation.Draft<TransitionRule>
            let added = try await Self.simulate(bench) {
                $0.rules = [RuleDraft(id: nil, body: TransitionRule(from: nil, to: plan.done, priority: 1))]
            }
            #expect(added.stage == plan.done && added.trace.candidates.count == 2)
            let replaced = try await Self.simulate(bench) {
                $0.rules = [RuleDraft(id: saved, body: TransitionRule(from: plan.greeting, to: plan.done))]
            }
            #expect(replaced.stage == plan.done && replaced.trace.candidates.map(\.rule.id) == [saved])
            #expect(replaced.trace.candidates.map(\.rule.revision) == [2])
            let toDraft = try await Self.simulate(bench) {
                $0.stages = [Simulation.Draft(id: new, body: plan.draft("new"))]
                $0.rules = [RuleDraft(id: nil, body: TransitionRule(from: nil, to: new, priority: 1))]
            }
            #expect(toDraft.stage == new)
            var strict = try #require(try await bench.flow.stages[plan.order]).body
            strict.configuration.maximumVisits = 1
            let closed = try await Self.simulate(bench) {
                $0.stages = [Simulation.Draft(id: plan.order, body: strict)]
                $0.visits = [plan.order: 1, plan.greeting: 1]
            }
            #expect(closed.decision.outcome == .stay && closed.trace.candidates.map(\.closure) == [.visitedOut])
            #expect(try await Self.simulate(bench) { _ in }.stage == plan.order, "Nothing of it was kept.")
        }
    }

    @Test("Where a choice is to be made among rules, it is made by words, and nothing is asked")
    func words() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            try await bench.rule(from: plan.greeting, to: plan.order, "true", .model, description: "The customer asks where a parcel is.")
            let complaint = try await bench.rule(from: plan.greeting, to: plan.done, "true", .model, description: "Something is broken.")
            let moved = try await Self.simulate(bench) { $0.message = Self.says("The lamp is broken!") }
            #expect(moved.decision.outcome == .move(to: plan.done, rule: complaint, by: .lexical))
            #expect(moved.decision.candidates.map(\.verdict).contains(.won) && moved.trace.outcome == moved.decision.outcome)
            #expect(try await Self.simulate(bench) { $0.message = Self.says("Hm") }.decision.outcome == .stay)
        }
    }

    @Test("A completed conversation starts again at the entry; a cleared and a paused one are decided on as well")
    func statuses() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            try await bench.rule(from: plan.greeting, to: plan.order, "stage.visits == 2 && data.name == 'Eve'", description: "again")
            _ = try await bench.go(plan.greeting, "c", ["name": "Eve"])
            _ = try await bench.go(plan.done, "c")
            let again = try await Self.simulate(bench) { $0.conversation = try bench.id("c") }
            #expect(again.from == plan.greeting && again.stage == plan.order)
            _ = try await bench.go(plan.greeting, "d")
            _ = try await bench.stages.clearStageState(of: bench.id("d"), by: bench.caller)
            #expect(try await Self.simulate(bench) { $0.conversation = try bench.id("d") }.from == plan.greeting)
            _ = try await bench.go(plan.order, "e")
            _ = try await bench.stages.perform(.pause, on: bench.id("e"), by: bench.caller)
            #expect(try await Self.simulate(bench) { $0.conversation = try bench.id("e") }.from == plan.order)
            bench.clock.advance(seconds: 3600)
            #expect(try await Self.simulate(bench) { $0.conversation = try bench.id("e") }.from == plan.greeting, "It has expired.")
        }
    }

    @Test("What can't be tried is refused at its place, drafts as if they were saved")
    func refusals() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            _ = try await bench.go(plan.ofAda, "c", agent: plan.ada)
            var faulty = plan.draft("faulty", agent: Agent.ID())
            faulty.responseTemplateID = plan.selection
            let (good, bad) = (TransitionRule(from: nil, to: plan.done), TransitionRule(from: Stage.ID(), to: plan.done, condition: "1 +"))
            typealias RuleDraft = Simulation.Draft<TransitionRule>
            let cases: [([String], (inout Simulation) throws -> Void)] = [
                (["/rules/0/condition"], { $0.rules = [RuleDraft(id: nil, body: TransitionRule(from: nil, to: plan.done, condition: "mesage"))] }),
                (
                    ["/rules/1/from_stage_id", "/rules/1/condition"],
                    { $0.rules = [RuleDraft(id: nil, body: good), RuleDraft(id: nil, body: bad)] }
                ),
                (
                    ["/stages/0/agent_id", "/stages/0/response_generation_template_id"],
                    { $0.stages = [Simulation.Draft(id: nil, body: faulty)] }
                ),
                (["/stage_id"], { $0.stage = Stage.ID() }), (["/agent_id"], { $0.agent = Agent.ID() }), (["/agent_id"], { $0.stage = plan.ofAda }),
                (
                    ["/agent_id"],
                    {
                        $0.conversation = try bench.id("c")
                        $0.agent = plan.bob
                    }
                ),
            ]
            for (index, (places, set)) in cases.enumerated() {
                let error = await Self.refused(bench, set)
                #expect(error?.code == .invalidInput && error?.places == places, "\(index): \(String(describing: error))")
            }
            #expect(await Self.refused(bench) { $0.conversation = try bench.id("nobody") }?.code == .notFound)
            #expect(try await Self.simulate(bench) { $0.conversation = try bench.id("c") }.from == plan.ofAda)
            try await bench.replace(plan.greeting) { (stage: inout Stage) in stage.isEntry = false }
            #expect(await Self.refused(bench) { _ in }?.places == ["/stage_id"])
        }
    }

    @Test("A conversation of another business is not there, and neither are its stages")
    func tenants() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            _ = try await bench.go(plan.greeting, "c")
            let stranger = try await bench.stranger()
            var simulation = Simulation()
            simulation.stage = plan.greeting
            #expect(await refusal { _ = try await bench.stages.simulate(simulation, by: stranger) }?.places == ["/stage_id"])
            simulation.conversation = try bench.id("c")
            #expect(await refusal { _ = try await bench.stages.simulate(simulation, by: stranger) }?.code == .notFound)
        }
    }
}
