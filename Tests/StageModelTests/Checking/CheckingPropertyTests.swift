@testable import StageModel
import Testing

@Suite("Checking: any flow")
struct CheckingPropertyTests {
    private static func names(_ code: Finding.Code, in findings: [Finding], _ flow: Flow) -> [String] {
        flow.stages.all.filter { stage in findings.contains { $0.code == code && $0.place == stage.place() } }.map(\.name)
    }

    @Test("What is said of a flow's shape is what trying everything gives", arguments: 0..<400)
    func shape(seed: Int) throws {
        let flow = FlowPlan.random(seed: seed).flow()
        let (findings, slow) = (flow.findings, SlowCheck(flow))
        #expect(Self.names(.unreachableStage, in: findings, flow) == slow.unreachable)
        #expect(Self.names(.deadEnd, in: findings, flow) == slow.deadEnds)
        #expect(Set(Self.names(.endlessCycle, in: findings, flow)) == Set(slow.endlessCycles.keys))
        for finding in findings where finding.code == .endlessCycle {
            let cycle = try #require(finding.example).split(separator: " → ").map(String.init)
            #expect(cycle.count - 1 == slow.endlessCycles[cycle[0]] && cycle.first == cycle.last && Set(cycle).count == cycle.count - 1)
        }
    }

    @Test("A datum is said not to be filled where a path shows it, by the shortest", arguments: 0..<400)
    func unfilled(seed: Int) throws {
        let flow = FlowPlan.random(seed: seed).flow()
        var lengths: [String: Int] = [:]
        for finding in flow.findings where finding.code == .unfilledVariable {
            let path = try #require(finding.example).split(separator: " → ").map(String.init)
            lengths[path[path.count - 1]] = path.count
        }
        let isDeclared = flow.stages.all.contains { !$0.configuration.fields.isEmpty }
        #expect(lengths == (isDeclared ? SlowCheck(flow).unfilled : [:]))
    }

    /// The decisions at every stage, with each agent that conversations there can be held with and with none, when no condition but `true` holds.
    private static func decisions(_ flow: Flow) throws -> [Decision] {
        let id = try #require(ConversationID("any"))
        return flow.stages.all.flatMap { stage in
            ([nil] + flow.agents.all.map(\.id)).filter { stage.agentID == nil || $0 == stage.agentID }.map { agent in
                var state = ConversationState(key: ConversationKey(business: Sample.business.id, conversation: id), at: Sample.start)
                state.agentID = agent
                state.stageID = stage.id
                return flow.decide(state, on: ConversationEvent(), at: Sample.start)
            }
        }
    }

    @Test("A rule is said never to be tried when no decision tries it, and only then", arguments: 0..<400)
    func shadows(seed: Int) throws {
        let flow = FlowPlan.random(seed: seed).flow()
        let findings = flow.findings
        var tried: Set<TransitionRule.ID> = []
        for candidate in try Self.decisions(flow).flatMap(\.candidates) {
            switch candidate.verdict {
            case .notTried, .closed: break
            case .won, .eligible, .notHeld, .failed: tried.insert(candidate.rule.id)
            }
        }
        for rule in flow.rules.all {
            let codes = findings.filter { $0.place == rule.place() }.map(\.code)
            if codes == [.shadowedRule] { #expect(!tried.contains(rule.id), "\(rule.name)") }
            // A rule from any stage may be behind others of each stage, and one to another agent's is not tried anyway.
            let isForeign = findings.contains { $0.code == .targetForeign && $0.place == rule.place("to_stage_id") }
            guard rule.fromStageID != nil, rule.condition != "false", codes.isEmpty, !isForeign else { continue }
            #expect(tried.contains(rule.id), "\(rule.name)")
        }
    }
}
