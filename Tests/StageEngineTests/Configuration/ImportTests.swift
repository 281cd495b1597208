import StageEngine
import StageStore
import StageStoreSQL
import Testing

@testable import StageModel

@Suite("Importing a flow")
struct ImportTests {
    private static func importing(
        _ file: FlowFile, into bench: EngineBench, by caller: Caller? = nil, pruning: Bool = false, isDryRun: Bool = false
    ) async throws -> ImportPlan {
        try await bench.configuration.importing(file, pruning: pruning, isDryRun: isDryRun, by: caller ?? bench.caller)
    }

    private static func sampleFlow(_ bench: EngineBench) async throws -> Flow {
        _ = try await SampleFlow(in: bench)
        return try await bench.flow
    }

    private static func lines(_ plan: ImportPlan) -> [String] { plan.steps.map { "\($0.action.rawValue) \($0.kind.rawValue) \($0.name)" } }

    /// A file that changes a stage, adds an agent, and lacks two of what is there.
    private static func changedFile(_ bench: EngineBench, _ plan: SampleFlow) async throws -> FlowFile {
        var file = FlowFile(try await bench.flow)
        file.agents.append(FlowFile.Entry(id: Agent.ID(), body: Agent(name: "Eve", description: "")))
        file.agents.removeAll { $0.id == plan.bob }
        file.stages.removeAll { $0.id == plan.done }
        let greeting = try #require(file.stages.firstIndex { $0.id == plan.greeting })
        file.stages[greeting].body.description = "Says hello"
        return file
    }

    @Test("A file that says what is there already changes nothing")
    func unchanged() async throws {
        try await EngineBench.with { bench in
            _ = try await SampleFlow(in: bench)
            let before = try await bench.flow
            let plan = try await Self.importing(FlowFile(before), into: bench, pruning: true)
            #expect(plan.count(.unchanged) == plan.steps.count && plan.steps.count == 9)
            let after = try await bench.flow
            #expect(after.stages.all == before.stages.all && after.templates.all == before.templates.all && after.agents.all == before.agents.all)
        }
    }

    @Test("A dry run tells what would be done and does nothing; then that is done", arguments: [true, false])
    func dryRun(pruning: Bool) async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let file = try await Self.changedFile(bench, plan)
            let before = try await bench.flow
            let told = try await Self.importing(file, into: bench, pruning: pruning, isDryRun: true)
            #expect(try await bench.store.flow(of: bench.business.id)?.revision == before.revision)
            let deletions = pruning ? ["delete agent Bob", "delete stage done"] : []
            let steps = Self.lines(told).filter { !$0.hasPrefix("unchanged") }.sorted()
            #expect(steps == (deletions + ["create agent Eve", "update stage greeting"]).sorted())

            #expect(try await Self.importing(file, into: bench, pruning: pruning) == told)
            let after = try await bench.flow
            #expect(after.revision == before.revision + 1, "It is one change.")
            #expect(after.stages[plan.greeting]?.description == "Says hello" && after.stages[plan.greeting]?.revision == 2)
            #expect(after.stages[plan.order] == before.stages[plan.order])
            #expect(Set(after.agents.all.map(\.name)) == (pruning ? ["Ada", "Eve"] : ["Ada", "Bob", "Eve"]))
            #expect((after.stages[plan.done] == nil) == pruning)
            #expect(try await bench.configuration.auditLog(of: bench.business.id, before: nil, limit: 1).first?.entry.action == "flow.import")
        }
    }

    @Test("A file with faults is refused whole, each fault at its place in the file", arguments: [true, false])
    func faults(isDryRun: Bool) async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            var file = try await Self.changedFile(bench, plan)
            file.stages[0].body.agentID = plan.bob
            file.stages[1].body.responseTemplateID = plan.selection
            file.stages[2].body.configuration.timeout = StageConfiguration.Timeout(seconds: 1, toStageID: plan.done)
            file.templates[1].body.content = "{{#open}}"
            let before = try await bench.flow.revision
            let error = await refusal { _ = try await Self.importing(file, into: bench, pruning: true, isDryRun: isDryRun) }
            #expect(error?.code == .invalidInput)
            #expect(
                error?.places == [
                    "/templates/1/content", "/stages/0/agent_id", "/stages/1/response_generation_template_id",
                    "/stages/2/configuration/timeout/to_stage_id",
                ])
            #expect(try await bench.store.flow(of: bench.business.id)?.revision == before)
            #expect(try await bench.flow.agents.all.count == 2)
        }
    }

    @Test("Where the ids are free a flow keeps them; where they are taken it gets new ones, and every reference follows")
    func elsewhere() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            var waiting = plan.draft("waiting", agent: plan.ada)
            waiting.configuration.timeout = StageConfiguration.Timeout(seconds: 5, toStageID: plan.ofAda)
            _ = try await bench.create(waiting)
            let file = FlowFile(try await bench.flow)
            let stranger = try await bench.stranger()
            let done = try await Self.importing(file, into: bench, by: stranger)
            #expect(done.count(.create) == 10 && done.steps.count == 10)
            let copy = try await bench.configuration.flow(of: stranger.business)
            #expect(copy.stages.all.map(\.name) == file.stages.map(\.body.name))
            #expect(Set(copy.stages.all.map(\.id)).isDisjoint(with: file.stages.map(\.id)))
            let moved = try #require(copy.stages.all.first { $0.name == "waiting" })
            #expect(moved.agentID.flatMap { copy.agents[$0]?.name } == "Ada")
            #expect(moved.configuration.timeout.flatMap { copy.stages[$0.toStageID]?.name } == "ofAda")
            #expect(moved.body.templates.map { copy.templates[$0.id]?.purpose } == moved.body.templates.map(\.purpose))
            #expect(try await bench.flow.stages.all.map(\.id) == file.stages.map(\.id), "The first is as it was.")

            try await bench.businesses.delete(bench.business.id, at: bench.clock.now)
            let third = try await bench.stranger()
            _ = try await Self.importing(file, into: bench, by: third)
            #expect(try await bench.configuration.flow(of: third.business).stages.all.map(\.id) == file.stages.map(\.id))
        }
    }

    @Test("What was deleted and is imported again comes back under its own id, as its next revision")
    func comesBack() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let file = FlowFile(try await bench.flow)
            try await bench.configuration.delete(plan.done, ifRevision: .any, by: bench.caller) { _ in nil }
            _ = try await Self.importing(file, into: bench)
            #expect(try await bench.flow.stages.all.map(\.id) == file.stages.map(\.id))
            #expect(try await bench.flow.stages[plan.done]?.revision == 3)
        }
    }

    @Test("A change that a stage outside the file does not bear is refused")
    func outsideTheFile() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            var file = FlowFile(try await bench.flow)
            file.stages = []
            file.agents = []
            file.templates.removeAll { $0.id != plan.response }
            file.templates[0].body.purpose = .dataExtraction
            let error = await refusal { _ = try await Self.importing(file, into: bench) }
            #expect(error?.code == .invalidInput)
            #expect(try await bench.flow.templates[plan.response]?.purpose == .responseGeneration)
        }
    }

    @Test("A stage where conversations are is not pruned, and then nothing is")
    func occupied() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let file = try await Self.changedFile(bench, plan)
            _ = try await bench.go(plan.done, "c")
            let before = try await bench.flow.revision
            let error = await refusal { _ = try await Self.importing(file, into: bench, pruning: true) }
            #expect(error?.code == .conversationsHere)
            #expect(try await bench.store.flow(of: bench.business.id)?.revision == before)
            #expect(try await bench.go(plan.greeting, "c").version == 2)
            #expect(try await Self.importing(file, into: bench, pruning: true).count(.delete) == 2)
        }
    }

    @Test("It is not pruned either when the file's definitions must have new ids")
    func occupiedElsewhere() async throws {
        try await EngineBench.with { bench in
            let file = FlowFile(try await Self.sampleFlow(bench))
            let stranger = try await bench.stranger()
            _ = try await Self.importing(file, into: bench, by: stranger)
            let copy = try await bench.configuration.flow(of: stranger.business)
            let stage = try #require(copy.stages.all.first { $0.name == "done" })
            _ = try await bench.stages.setCurrentStage(stage.id, of: bench.id("c"), by: stranger)
            let error = await refusal { _ = try await Self.importing(file, into: bench, by: stranger, pruning: true) }
            #expect(error?.code == .conversationsHere)
            #expect(try await bench.configuration.flow(of: stranger.business).stages.all == copy.stages.all)
        }
    }

    @Test("An import among other changes is made on top of them")
    func concurrent() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let file = try await Self.changedFile(bench, plan)
            let before = try await bench.flow.revision
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await Self.importing(file, into: bench) }
                for number in 0..<5 { group.addTask { _ = try await bench.create(Agent(name: "A\(number)", description: "")) } }
                try await group.waitForAll()
            }
            #expect(try await bench.flow.revision == before + 6)
            #expect(try await bench.flow.agents.all.count == 8)
        }
    }
}
