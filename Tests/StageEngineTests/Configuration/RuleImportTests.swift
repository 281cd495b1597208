import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Importing a flow with transition rules")
struct RuleImportTests {
    private static func importing(
        _ file: FlowFile, into bench: EngineBench, by caller: Caller? = nil, pruning: Bool = false, isDryRun: Bool = false
    ) async throws -> ImportPlan {
        try await bench.configuration.importing(file, pruning: pruning, isDryRun: isDryRun, by: caller ?? bench.caller)
    }

    /// The steps that change something.
    private static func changes(_ plan: ImportPlan) -> [String] {
        plan.steps.filter { $0.action != .unchanged }.map { "\($0.action.rawValue) \($0.kind.rawValue) \($0.name)" }.sorted()
    }

    /// The file as text without its rules, as files were before there were any, read again.
    private static func withoutRules(_ file: FlowFile) throws -> FlowFile {
        var members = try #require(try JSONValue(parsing: file.jsonBytes).object)
        members["transition_rules"] = nil
        return try FlowFile(json: .object(members))
    }

    @Test("A file with what is there changes nothing; its rules are updated, added and pruned as all else")
    func merges() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let kept = try await bench.rule(from: plan.greeting, to: plan.order, description: "kept")
            let changed = try await bench.rule(from: plan.greeting, to: plan.done, description: "changed")
            let left = try await bench.rule(from: nil, to: plan.done, "false", description: "left out")
            var file = FlowFile(try await bench.flow)
            #expect(Self.changes(try await Self.importing(file, into: bench, pruning: true)).isEmpty)

            file.rules.removeAll { $0.id == left }
            let index = try #require(file.rules.firstIndex { $0.id == changed })
            file.rules[index].body.priority = 9
            let added = FlowFile.Entry(id: TransitionRule.ID(), body: TransitionRule(from: plan.order, to: plan.done, description: "added"))
            file.rules.append(added)
            let steps = ["create rule added", "update rule changed"]
            #expect(Self.changes(try await Self.importing(file, into: bench, isDryRun: true)) == steps)
            #expect(try await bench.store.flow(of: bench.business.id)?.rules[added.id] == nil)
            #expect(Self.changes(try await Self.importing(file, into: bench)) == steps)
            #expect(Set(try await bench.flow.rules.all.map(\.id)) == [kept, changed, left, added.id])
            #expect(Self.changes(try await Self.importing(file, into: bench, pruning: true)) == ["delete rule left out"])
            let flow = try await bench.flow
            #expect(flow.rules[left] == nil && flow.rules[changed]?.revision == 2 && flow.rules[kept]?.revision == 1)
            #expect(flow.rules.all.first?.id == changed && Set(flow.rules.all.map(\.name)) == ["changed", "added", "kept"])
        }
    }

    @Test("A file from before there were rules leaves them alone, and prunes them when it is to", arguments: [false, true])
    func withoutRules(pruning: Bool) async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            try await bench.rule(from: plan.greeting, to: plan.order, description: "orders")
            let file = try Self.withoutRules(FlowFile(try await bench.flow))
            #expect(file.rules.isEmpty && file.stages.count == 4)
            let steps = Self.changes(try await Self.importing(file, into: bench, pruning: pruning))
            #expect(steps == (pruning ? ["delete rule orders"] : []))
            #expect(try await bench.flow.rules.all.count == (pruning ? 0 : 1))
        }
    }

    @Test("A stage that is pruned goes with the rules that lead away from it and to it")
    func prunedStage() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let away = try await bench.rule(from: plan.order, to: plan.done, description: "away")
            try await bench.rule(from: plan.greeting, to: plan.order, description: "towards")
            let stays = try await bench.rule(from: nil, to: plan.done, "false", description: "stays")
            var file = FlowFile(try await bench.flow)
            file.stages.removeAll { $0.id == plan.order }
            file.rules.removeAll { $0.id != stays }
            let done = try await Self.importing(file, into: bench, pruning: true)
            #expect(Self.changes(done) == ["delete rule away", "delete rule towards", "delete stage order"])
            #expect(try await bench.flow.rules.all.map(\.id) == [stays])
            #expect(try await bench.flow.stages.all.map(\.id) == file.stages.map(\.id), "They keep their ids.")
            let revisions = try await bench.configuration.revisions(of: away, in: bench.business.id, before: nil, limit: 9)
            #expect(revisions.map(\.revision) == [2, 1])
        }
    }

    @Test("A rule that is led away from another stage stays when its old one is pruned")
    func ledElsewhere() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let rule = try await bench.rule(from: plan.order, to: plan.done, description: "led")
            var file = FlowFile(try await bench.flow)
            file.stages.removeAll { $0.id == plan.order }
            file.rules[0].body.fromStageID = plan.greeting
            #expect(Self.changes(try await Self.importing(file, into: bench, pruning: true)) == ["delete stage order", "update rule led"])
            let flow = try #require(try await bench.store.flow(of: bench.business.id))
            #expect(flow.rules.all.map(\.id) == [rule] && flow.rules[rule]?.fromStageID == plan.greeting && flow.rules[rule]?.revision == 2)
        }
    }

    @Test("In another business a flow gets new ids, and the ends of its rules follow")
    func elsewhere() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            try await bench.rule(from: plan.greeting, to: plan.ofAda, "stage.visits > 1", .model, priority: -3, description: "to Ada")
            try await bench.rule(from: nil, to: plan.done, "has(data.bye)", description: "from anywhere")
            let file = FlowFile(try await bench.flow)
            let stranger = try await bench.stranger()
            #expect(try await Self.importing(file, into: bench, by: stranger).count(.create) == 11)
            let copy = try await bench.configuration.flow(of: stranger.business)
            #expect(copy.rules.all.count == 2 && Set(copy.rules.all.map(\.id)).isDisjoint(with: file.rules.map(\.id)))
            let owned = try #require(copy.rules.all.first { $0.name == "to Ada" })
            #expect(owned.fromStageID.flatMap { copy.stages[$0]?.name } == "greeting" && copy.stages[owned.toStageID]?.name == "ofAda")
            #expect(owned.condition == "stage.visits > 1" && owned.selection == .model && owned.priority == -3)
            let anywhere = try #require(copy.rules.all.first { $0.name == "from anywhere" })
            #expect(anywhere.fromStageID == nil && copy.stages[anywhere.toStageID]?.name == "done")
            #expect(try await bench.flow.rules.all.map(\.id) == file.rules.map(\.id), "The first is as it was.")
        }
    }

    @Test("A rule whose id alone is taken elsewhere gets a new one as well")
    func takenRule() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let stranger = try await bench.stranger()
            _ = try await Self.importing(FlowFile(try await bench.flow), into: bench, by: stranger)
            let rule = try await bench.rule(from: nil, to: plan.done)
            let copy = try await bench.configuration.flow(of: stranger.business)
            var file = FlowFile(copy)
            let done = try #require(copy.stages.all.first { $0.name == "done" })
            file.rules = [FlowFile.Entry(id: rule, body: TransitionRule(from: nil, to: done.id))]
            #expect(Self.changes(try await Self.importing(file, into: bench, by: stranger)) == ["create rule true"])
            let rules = try await bench.configuration.flow(of: stranger.business).rules.all
            #expect(rules.map(\.toStageID) == [done.id] && rules.map(\.id) != [rule])
            #expect(try await bench.flow.rules.all.map(\.id) == [rule])
        }
    }

    @Test("What was deleted comes back under its own id, as its next revision")
    func comesBack() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let rule = try await bench.rule(from: plan.order, to: plan.done)
            let file = FlowFile(try await bench.flow)
            try await bench.delete(plan.order)
            _ = try await Self.importing(file, into: bench)
            let flow = try await bench.flow
            #expect(flow.rules.all.map(\.id) == [rule] && flow.rules[rule]?.revision == 3 && flow.stages[plan.order]?.revision == 3)
        }
    }

    @Test("A file with faulty rules is refused whole, each fault at its place in the file")
    func faults() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let before = try await bench.flow.revision
            var file = FlowFile(try await bench.flow)
            let rules = [
                TransitionRule(from: plan.greeting, to: plan.order), TransitionRule(from: nil, to: plan.order, condition: "1 +"),
                TransitionRule(from: Stage.ID(), to: Stage.ID()),
            ]
            file.rules = rules.map { FlowFile.Entry(id: TransitionRule.ID(), body: $0) }
            let error = await refusal { _ = try await Self.importing(file, into: bench) }
            #expect(
                error?.places == [
                    "/transition_rules/1/condition", "/transition_rules/2/from_stage_id", "/transition_rules/2/to_stage_id",
                ])
            #expect(try await bench.store.flow(of: bench.business.id)?.revision == before)
        }
    }

    @Test("A rule whose stage is pruned while the rule stays in the file is a fault of the file")
    func prunedEnds() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            try await bench.rule(from: plan.order, to: plan.done)
            var file = FlowFile(try await bench.flow)
            file.stages.removeAll { $0.id == plan.order }
            let error = await refusal { _ = try await Self.importing(file, into: bench, pruning: true) }
            #expect(error?.places == ["/transition_rules/0/from_stage_id"])
            #expect(try await bench.flow.stages[plan.order] != nil)
        }
    }
}
