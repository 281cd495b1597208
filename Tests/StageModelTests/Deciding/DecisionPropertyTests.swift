import CEL
@testable import StageModel
import Testing

@Suite("Decisions: any flow, state and message")
struct DecisionPropertyTests {
    private static let seeds = 0..<16
    private static let rounds = 400

    private static func decide(_ situation: Situation) -> Decision { situation.flow.decide(situation.state, on: situation.event, at: situation.now) }

    private static func trace(_ decision: Decision, _ situation: Situation) -> DecisionTrace {
        situation.flow.trace(of: decision, situation.state, on: situation.event, at: situation.now)
    }

    @Test("Outcome and verdicts are what the design says", arguments: seeds)
    func reference(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        var counts: [ReferenceDecision.Verdict: Int] = [:]
        for _ in 0..<Self.rounds {
            let situation = generator.situation()
            let decision = Self.decide(situation)
            let reference = ReferenceDecision(situation)
            #expect(decision.outcome == reference.outcome)
            #expect(decision.candidates.map(\.rule.id) == reference.candidates.map(\.rule))
            #expect(decision.candidates.map { ReferenceDecision.Verdict($0.verdict) } == reference.candidates.map(\.verdict))
            for candidate in reference.candidates { counts[candidate.verdict, default: 0] += 1 }
        }
        for verdict in [ReferenceDecision.Verdict.won, .eligible, .notHeld, .failed, .closed, .notTried] {
            #expect(counts[verdict, default: 0] > 20, "The generator hardly makes \(verdict).")
        }
    }

    @Test("No decision, and no choice after it, moves to a stage that is absent, foreign, disabled or visited out", arguments: seeds)
    func targets(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<Self.rounds {
            let situation = generator.situation()
            let decision = Self.decide(situation)
            var all = [decision, situation.flow.choosingByWords(decision, situation.state, on: situation.event)]
            for rule in situation.flow.rules.all { all.append(decision.choosing(rule.id, by: .model)) }
            for decision in all {
                guard case .move(let target, let id, _) = decision.outcome else { continue }
                let rule = try #require(situation.flow.rules[id])
                let stage = try #require(situation.flow.stages[target], "The stage is there.")
                #expect(rule.toStageID == target && (rule.fromStageID == nil || rule.fromStageID == situation.state.stageID))
                #expect(stage.agentID == nil || stage.agentID == situation.state.agentID, "The stage is not another agent's.")
                #expect(situation.flow.state(of: target).status == .active, "The stage is active.")
                #expect(stage.configuration.maximumVisits.map { situation.state.visits[target] ?? 0 < $0 } ?? true, "The stage may be entered.")
                #expect(rule.fromStageID != nil || target != situation.state.stageID, "A rule from any stage leads elsewhere.")
                #expect(situation.probes[id]?.truth(situation) == true, "The condition holds.")
                #expect(decision.candidates.count { $0.verdict == .won } == 1)
                #expect(decision.candidates.first { $0.verdict == .won }?.rule.id == id)
            }
        }
    }

    @Test("A choice takes an eligible rule or stays, and changes no other verdict", arguments: seeds)
    func choices(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<Self.rounds {
            let situation = generator.situation()
            let decision = Self.decide(situation)
            for rule in situation.flow.rules.all.map(\.id) + [nil, Sample.id(77)] {
                let chosen = decision.choosing(rule, by: .model)
                guard case .choose(let eligible) = decision.outcome else {
                    #expect(chosen == decision, "There was nothing to choose.")
                    continue
                }
                guard let rule, eligible.contains(rule) else {
                    #expect(chosen.outcome == .stay && chosen.candidates == decision.candidates)
                    continue
                }
                let target = try #require(situation.flow.rules[rule]).toStageID
                #expect(chosen.outcome == .move(to: target, rule: rule, by: .model))
                for (before, after) in zip(decision.candidates, chosen.candidates) {
                    #expect(after.verdict == (after.rule.id == rule ? .won : before.verdict))
                }
            }
        }
    }

    @Test("The same input gives the same decision, the same trace and the same bytes, however the rules are listed", arguments: seeds)
    func repeats(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<Self.rounds / 16 {
            let situation = generator.situation()
            var again = situation
            again.flow = Flow(
                business: situation.flow.business, agents: situation.flow.agents.all.reversed(), stages: situation.flow.stages.all.reversed(),
                rules: situation.flow.rules.all.shuffled(using: &generator),
                states: Dictionary(
                    situation.flow.stages.all.map { ($0.id, situation.flow.state(of: $0.id)) }, uniquingKeysWith: { first, _ in first }))
            let decision = Self.decide(situation)
            let trace = Self.trace(decision, situation)
            #expect(Self.decide(situation) == decision && Self.decide(again) == decision)
            for other in [Self.trace(decision, situation), Self.trace(decision, again)] {
                #expect(other == trace)
                #expect(other.candidates.map(\.jsonBytes) == trace.candidates.map(\.jsonBytes))
                #expect(other.kept().jsonBytes == trace.kept().jsonBytes)
            }
        }
    }

    @Test("A trace says what the conditions come to by themselves, and why not exactly when they do not hold", arguments: seeds)
    func traces(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<Self.rounds / 8 {
            let situation = generator.situation()
            let decision = Self.decide(situation)
            let trace = Self.trace(decision, situation)
            let scope = ConditionScope(situation.state, in: situation.flow, on: situation.event, at: situation.now)
            #expect(trace.outcome == decision.outcome && trace.candidates.map(\.rule) == decision.candidates.map(\.rule))
            for candidate in trace.candidates {
                let truth = try #require(situation.probes[candidate.rule.id]).truth(situation)
                let program = try Condition.compile(candidate.rule.condition)
                #expect(candidate.held == ((try? program.test(scope)) ?? false) && candidate.held == (truth ?? false))
                #expect((candidate.whyNot != nil) == !candidate.held)
                #expect((candidate.error != nil) == (truth == nil))
                #expect((candidate.closure == nil) == ReferenceDecision.isOpen(candidate.rule.body, in: situation))
                #expect((candidate.whyNotSentence == nil) == (candidate.held && candidate.closure == nil))
                #expect(candidate.clauses.map(\.text) == program.tree.root.clauses.map { program.source.text(of: $0.range) })
                #expect(throws: Never.self) { try DecisionTrace.candidateSchema.check(try JSONValue(parsing: candidate.jsonBytes)) }
            }
        }
    }
}
