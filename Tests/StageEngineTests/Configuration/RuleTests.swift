import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Transition rules")
struct RuleTests {
    @Test("A rule is created, read, replaced, deleted and restored, each a revision of the flow, with an entry in the audit log")
    func lifeCycle() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let before = try await bench.flow.revision
            let body = TransitionRule(from: plan.greeting, to: plan.order, condition: "has(data.topic)", priority: 5, description: "Orders")
            let created = try await bench.create(body)
            #expect(created.revision == 1 && created.body == body && created.businessID == bench.business.id)
            #expect(try await bench.configuration.definition(created.id, of: bench.business.id) == created)
            let replaced = try await bench.replace(created.id, ifRevision: .exactly(1)) { (rule: inout TransitionRule) in rule.fromStageID = nil }
            #expect(replaced.revision == 2 && replaced.fromStageID == nil && replaced.toStageID == plan.order)
            let stale = await refusal {
                try await bench.replace(created.id, ifRevision: .exactly(1)) { (rule: inout TransitionRule) in rule.priority = 1 }
            }
            #expect(stale?.code == .preconditionFailed && stale?.current == 2 && stale?.message.contains("transition rule") == true)
            try await bench.delete(created.id)
            let gone = await refusal { _ = try await bench.configuration.definition(created.id, of: bench.business.id) }
            #expect(gone?.code == .notFound && gone?.message == "There is no transition rule \(created.id) in this business.")
            let restored = try await bench.restore(created.id, revision: 1)
            #expect(restored.revision == 4 && restored.body == body && restored.id == created.id)
            #expect(try await bench.flow.revision == before + 4)
            let actions = try await bench.configuration.auditLog(of: bench.business.id, before: nil, limit: 4).map(\.entry.action)
            #expect(actions == ["rule.restore", "rule.delete", "rule.update", "rule.create"])
        }
    }

    @Test("A rule that does not fit is refused with every fault at its place, and nothing is saved")
    func faults() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let before = try await bench.flow.revision
            let stranger = try await bench.stranger()
            let nothing = Stage.ID()
            let cases: [(TransitionRule, [String])] = [
                (TransitionRule(from: nothing, to: plan.order), ["/from_stage_id"]), (TransitionRule(from: nil, to: nothing), ["/to_stage_id"]),
                (
                    TransitionRule(from: nothing, to: nothing, condition: "mesage.text == 1 || nowhere"),
                    ["/from_stage_id", "/to_stage_id", "/condition", "/condition"]
                ),
                (TransitionRule(from: nil, to: plan.order, condition: "data."), ["/condition"]),
                (TransitionRule(from: nil, to: plan.order, condition: "message.text"), ["/condition"]),
                (TransitionRule(from: nil, to: plan.order, condition: "stage.visits == 'x'"), ["/condition"]),
            ]
            for (rule, places) in cases {
                let error = await refusal { _ = try await bench.create(rule) }
                #expect(error?.code == .invalidInput && error?.places == places, "\(rule)")
            }
            let foreign = await refusal { _ = try await bench.create(TransitionRule(from: plan.greeting, to: plan.order), by: stranger) }
            #expect(foreign?.places == ["/from_stage_id", "/to_stage_id"])
            let id = try await bench.rule(from: nil, to: plan.order)
            let replaced = await refusal { try await bench.replace(id) { (rule: inout TransitionRule) in rule.condition = "datum.x" } }
            #expect(replaced?.places == ["/condition"])
            let flow = try await bench.flow
            #expect(flow.revision == before + 1 && flow.rules[id]?.condition == "true")
        }
    }

    @Test("A stage that rules lead to is refused to be deleted, and each of them is named; its own go with it")
    func targets() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let named = try await bench.rule(from: plan.greeting, to: plan.order, description: "Orders")
            let unnamed = try await bench.rule(from: nil, to: plan.order, "has(data.topic)")
            let own = try await bench.rule(from: plan.order, to: plan.done)
            let loop = try await bench.rule(from: plan.order, to: plan.order)
            let error = await refusal { try await bench.delete(plan.order) }
            #expect(error?.code == .inUse)
            let users = "the transition rule 'Orders' (\(named)), the transition rule 'has(data.topic)' (\(unnamed))"
            #expect(error?.message == "The stage 'order' is in use by \(users); change that first.")
            for id in [named, unnamed] { try await bench.delete(id) }
            try await bench.delete(plan.order)
            #expect(try await bench.flow.rules.all.isEmpty)
            for id in [own, loop] {
                #expect(await refusal { _ = try await bench.restore(id, revision: 1) }?.places.contains("/from_stage_id") == true)
            }
            _ = try await bench.restore(plan.order, revision: 1)
            #expect(try await bench.flow.rules.all.isEmpty, "A stage that comes back brings no rules with it.")
            #expect(try await bench.restore(own, revision: 1).revision == 3)
            #expect(try await bench.flow.rules.all.map(\.id) == [own])
        }
    }

    @Test("20 rules that are created at the same time all are, and stand in the order in which they are tried")
    func creates() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let other = try await bench.another()
            let before = try await bench.flow.revision
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    let engine = number.isMultiple(of: 2) ? bench : other
                    group.addTask {
                        try await engine.rule(from: number.isMultiple(of: 3) ? nil : plan.greeting, to: plan.order, priority: Int64(number % 5))
                    }
                }
                try await group.waitForAll()
            }
            let flow = try #require(try await bench.store.flow(of: bench.business.id))
            #expect(flow.rules.all.count == 20 && flow.revision == before + 20)
            for (one, next) in zip(flow.rules.all, flow.rules.all.dropFirst()) {
                if one.priority != next.priority {
                    #expect(one.priority > next.priority)
                } else if (one.fromStageID == nil) != (next.fromStageID == nil) {
                    #expect(next.fromStageID == nil)
                } else {
                    #expect(one.id < next.id)
                }
            }
        }
    }

    @Test("Of one who deletes a stage and one who leads a rule to it at the same time, one is refused", arguments: 0..<8)
    func race(_: Int) async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let other = try await bench.another()
            _ = try await other.flow
            async let deletion = refusal { try await bench.delete(plan.order) }
            async let creation = refusal { try await other.rule(from: plan.greeting, to: plan.order) }
            let (deleted, created) = (await deletion, await creation)
            let flow = try #require(try await bench.store.flow(of: bench.business.id))
            if created == nil {
                #expect(deleted?.code == .inUse && flow.stages[plan.order] != nil && flow.rules.all.count == 1)
            } else {
                #expect(deleted == nil && created?.places == ["/to_stage_id"] && flow.stages[plan.order] == nil && flow.rules.all.isEmpty)
            }
        }
    }

    @Test("What another process changed is what a rule is checked against, though this one has not heard of it")
    func stale() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let other = try await bench.another()
            _ = try await other.flow
            let new = try await plan.stage("new", in: bench)
            #expect(await refusal { try await other.rule(from: plan.greeting, to: new) }?.code == .invalidInput, "It has not heard of it.")
            let rule = try await bench.rule(from: plan.greeting, to: new)
            _ = try await other.create(Agent(name: "Any", description: ""))
            #expect(try await other.replace(rule) { (rule: inout TransitionRule) in rule.priority = 7 }.revision == 2)
            #expect(try await other.flow.rules[rule]?.priority == 7)
        }
    }
}
