import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Editing a stage with its rules")
struct EditingTests {
    @Test("A stage and all that changes of its rules are saved in one commit, each with its revision and an entry in the audit log")
    func oneCommit() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let changed = try await bench.rule(from: plan.greeting, to: plan.order, "has(data.a)")
            let kept = try await bench.rule(from: plan.greeting, to: plan.done, "has(data.b)")
            let removed = try await bench.rule(from: nil, to: plan.greeting, "has(data.c)")
            let foreign = try await bench.rule(from: plan.order, to: plan.done)
            let before = try await bench.flow.revision
            var draft = try await Draft(plan.greeting, in: bench)
            draft.body.name = "Hello"
            draft.change(changed) { $0.priority = 9 }
            draft.remove(removed)
            draft.removed.append(StageEdit.Removal(id: foreign, ifRevision: .any))
            draft.add(TransitionRule(from: nil, to: plan.greeting, condition: "has(data.d)"))
            let saved = try await bench.configuration.edit(draft.edit, by: bench.caller)
            let flow = try await bench.flow
            #expect(flow.revision == before + 1 && saved == flow.stages[plan.greeting])
            #expect(saved.name == "Hello" && saved.revision == 2)
            #expect(flow.rules[changed]?.priority == 9 && flow.rules[changed]?.revision == 2 && flow.rules[kept]?.revision == 1)
            #expect(flow.rules[removed] == nil && flow.rules[foreign] != nil, "A rule of another stage is not removed with this one's")
            let added = try #require(flow.rules.all.first { $0.condition == "has(data.d)" })
            let log = try await bench.configuration.auditLog(of: bench.business.id, before: nil, limit: 4).map {
                "\($0.entry.action) \($0.entry.subject)"
            }
            let expected = ["stage.update \(plan.greeting)", "rule.update \(changed)", "rule.create \(added.id)", "rule.delete \(removed)"]
            #expect(Set(log) == Set(expected))
        }
    }

    @Test("A new stage is created together with rules that lead from it and to it")
    func newStage() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let id = Stage.ID()
            let rules = [
                TransitionRule(from: id, to: plan.done), TransitionRule(from: nil, to: id, condition: "has(data.x)"),
                TransitionRule(from: id, to: id),
            ]
            var body = plan.draft("new")
            body.configuration.timeout = StageConfiguration.Timeout(seconds: 60, toStageID: id)
            let edit = StageEdit(
                id: id, isNew: true, ifRevision: .any, body: body, rules: rules.map { StageEdit.Rule(id: nil, ifRevision: .any, body: $0) })
            let saved = try await bench.configuration.edit(edit, by: bench.caller)
            #expect(saved.id == id && saved.revision == 1)
            let flow = try await bench.flow
            #expect(Stage.rules(editedWith: id, in: flow).map(\.body.condition).sorted() == ["has(data.x)", "true", "true"])
            #expect(Stage.rules(editedWith: id, in: flow).last?.fromStageID == nil, "Those from any stage come last")
        }
    }

    @Test("Every fault of the stage and of its rules is told at once, at its place, and nothing is saved")
    func faults() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let before = try await bench.flow.revision
            var draft = try await Draft(plan.greeting, in: bench)
            draft.body.agentID = Agent.ID()
            draft.body.selectionTemplateID = plan.response
            draft.body.configuration.fields = [DataField(name: "a", pattern: "["), DataField(name: "a")]
            draft.add(TransitionRule(from: plan.greeting, to: plan.done))
            draft.add(TransitionRule(from: plan.greeting, to: Stage.ID(), condition: "data."))
            let error = await refusal { _ = try await bench.configuration.edit(draft.edit, by: bench.caller) }
            let places = [
                "/agent_id", "/stage_selection_template_id", "/configuration/fields/0/pattern", "/configuration/fields/1/name",
                "/rules/1/to_stage_id", "/rules/1/condition",
            ]
            #expect(error?.code == .invalidInput && error?.places == places)
            #expect(try await bench.configuration.plan(draft.edit, by: bench.caller).faults.map(\.pointer.description) == places)
            #expect(try await bench.flow.revision == before)
        }
    }

    @Test("What others have saved or deleted meanwhile is not overwritten", arguments: Meanwhile.allCases)
    func conflicts(_ meanwhile: Meanwhile) async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let rule = try await bench.rule(from: plan.greeting, to: plan.order, "has(data.a)")
            var draft = try await Draft(plan.greeting, in: bench)
            switch meanwhile {
            case .stageSaved:
                draft.body.description = "mine"
                try await bench.replace(plan.greeting) { $0.description = "theirs" }
            case .ruleSaved:
                draft.change(rule) { $0.priority = 1 }
                try await bench.replace(rule) { $0.priority = 2 }
            case .ruleDeleted:
                draft.change(rule) { $0.priority = 1 }
                try await bench.delete(rule)
            case .removedRuleSaved:
                draft.remove(rule)
                try await bench.replace(rule) { $0.priority = 2 }
            }
            let before = try await bench.flow.revision
            let error = await refusal { _ = try await bench.configuration.edit(draft.edit, by: bench.caller) }
            #expect(error?.code == .preconditionFailed && error?.current == (meanwhile == .ruleDeleted ? nil : 2))
            #expect(try await bench.flow.revision == before)
        }
    }

    enum Meanwhile: CaseIterable {
        case stageSaved, ruleSaved, ruleDeleted, removedRuleSaved
    }

    @Test("Another process whose flow is old is refused as well")
    func oldFlow() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let other = try await bench.another()
            var draft = try await Draft(plan.greeting, in: other)
            try await bench.replace(plan.greeting) { $0.description = "theirs" }
            draft.body.description = "mine"
            let error = await refusal { _ = try await other.configuration.edit(draft.edit, by: other.caller) }
            #expect(error?.code == .preconditionFailed)
            #expect(try await bench.flow.stages[plan.greeting]?.description == "theirs")
            try await other.store.close()
        }
    }

    @Test("The same edit sent twice is saved once, and one that changes nothing saves nothing")
    func repeated() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let removed = try await bench.rule(from: plan.greeting, to: plan.order)
            let unchanged = try await Draft(plan.greeting, in: bench)
            let before = try await bench.flow.revision
            #expect(try await bench.configuration.edit(unchanged.edit, by: bench.caller).revision == 1)
            #expect(try await bench.flow.revision == before)
            var draft = unchanged
            draft.body.name = "Hello"
            draft.remove(removed)
            draft.add(TransitionRule(from: plan.greeting, to: plan.done, condition: "has(data.a)"))
            for _ in 1...2 { #expect(try await bench.configuration.edit(draft.edit, by: bench.caller).revision == 2) }
            #expect(try await bench.flow.revision == before + 1)
            #expect(try await bench.flow.rules.all.map(\.condition) == ["has(data.a)"])
        }
    }

    @Test("A stage of another business, or one that is gone, is not found")
    func notFound() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let draft = try await Draft(plan.greeting, in: bench)
            let stranger = try await bench.stranger()
            #expect(await refusal { _ = try await bench.configuration.edit(draft.edit, by: stranger) }?.code == .notFound)
            try await bench.delete(plan.greeting)
            #expect(await refusal { _ = try await bench.configuration.plan(draft.edit, by: bench.caller) }?.code == .notFound)
        }
    }

    @Test("A plan tells the findings that the edit brings about, and no others")
    func findings() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let rule = try await bench.rule(from: plan.greeting, to: plan.order)
            _ = try await bench.rule(from: plan.order, to: plan.greeting)
            var draft = try await Draft(plan.greeting, in: bench)
            #expect(try await bench.configuration.plan(draft.edit, by: bench.caller).findings.isEmpty)
            draft.remove(rule)
            let findings = try await bench.configuration.plan(draft.edit, by: bench.caller).findings
            #expect(findings.map(\.code).contains(.deadEnd) && findings.map(\.code).contains(.unreachableStage))
            #expect(findings.allSatisfy { !$0.place.description.contains("\(plan.ofAda)") }, "That was so before")
        }
    }
}

/// A stage as it is edited.
private struct Draft {
    let id: Stage.ID
    let revision: Int64
    var body: Stage
    var rules: [StageEdit.Rule]
    var removed: [StageEdit.Removal] = []

    init(_ id: Stage.ID, in bench: EngineBench) async throws {
        let flow = try await bench.flow
        let stage = try #require(flow.stages[id])
        (self.id, revision, body) = (id, stage.revision, stage.body)
        rules = Stage.rules(editedWith: id, in: flow).map { StageEdit.Rule(id: $0.id, ifRevision: .exactly($0.revision), body: $0.body) }
    }

    var edit: StageEdit { StageEdit(id: id, isNew: false, ifRevision: .exactly(revision), body: body, rules: rules, removed: removed) }

    mutating func add(_ rule: TransitionRule) { rules.append(StageEdit.Rule(id: nil, ifRevision: .any, body: rule)) }

    mutating func change(_ rule: TransitionRule.ID, _ change: (inout TransitionRule) -> Void) {
        rules = rules.map { old in
            guard old.id == rule else { return old }
            var body = old.body
            change(&body)
            return StageEdit.Rule(id: rule, ifRevision: old.ifRevision, body: body)
        }
    }

    mutating func remove(_ rule: TransitionRule.ID) {
        removed += rules.filter { $0.id == rule }.map { StageEdit.Removal(id: rule, ifRevision: $0.ifRevision) }
        rules.removeAll { $0.id == rule }
    }
}
