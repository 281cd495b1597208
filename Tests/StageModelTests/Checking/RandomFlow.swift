@testable import StageModel

extension FlowPlan {
    /// A small flow of any shape: shared stages and those of two agents, with rules and timeouts between them, and a shared entry.
    static func random(seed: Int) -> FlowPlan {
        var generator = SeededGenerator(seed: seed)
        func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &generator) == 0 }
        let names = ["A", "B", "C", "D", "E", "F", "G"]
        func anyName() -> String { names.randomElement(using: &generator) ?? "A" }
        var plan = FlowPlan().agent("Ada").agent("Bob")
        for name in names {
            var traits: [Trait] = []
            if name == "A" || chance(10) { traits.append(.entry) }
            if name != "A", chance(3) { traits.append(.of(chance(2) ? "Ada" : "Bob")) }
            if chance(8) { traits.append(.final) }
            if chance(6) { traits.append(.timeout(anyName())) }
            if chance(5) { traits.append(.fields(["x"])) }
            if chance(4) { traits.append(.says("{{data.x}}")) }
            if chance(3) { traits.append(.stageScope) }
            plan = plan.stage(name, traits)
        }
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            let condition = ["true", "true", "false", "data.x == 1", nil, nil].randomElement(using: &generator) ?? nil
            let origin = chance(5) ? nil : anyName()
            let priority = Int64.random(in: -1...1, using: &generator)
            plan = plan.rule(origin, anyName(), if: condition, chance(4) ? .model : .automatic, priority: priority)
        }
        return plan
    }
}

/// What the flow check says of the shape of a flow, found out the slow way: by trying everything.
struct SlowCheck {
    private let flow: Flow
    private let stages: [Saved<Stage>]
    /// The stages that conversations get to, with each agent and with none.
    private let reached: [[Bool]]
    private let agents: [Agent.ID?]

    init(_ flow: Flow) {
        self.flow = flow
        stages = flow.stages.all
        agents = [nil] + flow.agents.all.map(\.id)
        var reached: [[Bool]] = []
        for agent in agents {
            var here = stages.map { $0.id == flow.entry(for: agent)?.id }
            for _ in stages {
                for (from, stage) in stages.enumerated() where here[from] {
                    for (to, target) in stages.enumerated() where Self.leads(stage, target, agent, flow) { here[to] = true }
                }
            }
            reached.append(here)
        }
        self.reached = reached
    }

    private static func leads(
        _ stage: Saved<Stage>, _ target: Saved<Stage>, _ agent: Agent.ID?, _ flow: Flow, readingX: Bool = true
    ) -> Bool {
        guard target.agentID == nil || target.agentID == agent else { return false }
        if stage.configuration.timeout?.toStageID == target.id { return true }
        return flow.rules.all.contains { rule in
            rule.toStageID == target.id && rule.condition != "false" && (readingX || !rule.condition.contains("data.x"))
                && (rule.fromStageID == stage.id || rule.fromStageID == nil && stage.id != target.id)
        }
    }

    /// The number of stages on the shortest path to each where a template uses `data.x` and nothing on the path has filled it, by their names.
    var unfilled: [String: Int] {
        var lengths: [String: Int] = [:]
        for agent in agents {
            guard let entry = stages.firstIndex(where: { $0.id == flow.entry(for: agent)?.id }) else { continue }
            walk([entry], agent, &lengths)
        }
        return lengths
    }

    /// Goes on from the end of a path in every way that comes to no stage twice.
    private func walk(_ path: [Int], _ agent: Agent.ID?, _ lengths: inout [String: Int]) {
        let stage = stages[path[path.count - 1]]
        let declares = !stage.configuration.fields.isEmpty
        if flow.templates[stage.responseTemplateID]?.content == "{{data.x}}", !declares {
            lengths[stage.name] = min(lengths[stage.name] ?? path.count, path.count)
        }
        guard !declares || stage.configuration.persistence.scope == .stage else { return }
        for (number, next) in stages.enumerated() where !path.contains(number) {
            if Self.leads(stage, next, agent, flow, readingX: false) { walk(path + [number], agent, &lengths) }
        }
    }

    private func leads(_ from: Int, _ to: Int) -> Bool {
        agents.indices.contains { reached[$0][from] && Self.leads(stages[from], stages[to], agents[$0], flow) }
    }

    private func isReached(_ stage: Int) -> Bool { reached.contains { $0[stage] } }

    var unreachable: [String] { stages.indices.filter { !isReached($0) && !stages[$0].isEntry }.map { stages[$0].name } }

    var deadEnds: [String] {
        stages.indices.filter { stage in
            isReached(stage) && !stages[stage].configuration.isFinal && !stages.indices.contains { $0 != stage && leads(stage, $0) }
        }.map { stages[$0].name }
    }

    /// The lengths of the shortest cycles through the first stages of those that lead to each other only, by the names of the stages.
    var endlessCycles: [String: Int] {
        // The fewest steps from each stage to each.
        var steps = stages.indices.map { from in stages.indices.map { to in leads(from, to) && from != to ? 1 : 1000 } }
        for middle in stages.indices {
            for from in stages.indices {
                for to in stages.indices { steps[from][to] = min(steps[from][to], steps[from][middle] + steps[middle][to]) }
            }
        }
        var cycles: [String: Int] = [:]
        for first in stages.indices where isReached(first) {
            let others = stages.indices.filter { steps[first][$0] < 1000 }
            let members = others.filter { steps[$0][first] < 1000 }
            guard members.count > 1, members.min() == first, others == members else { continue }
            if !members.contains(where: { stages[$0].configuration.isFinal }) { cycles[stages[first].name] = steps[first][first] }
        }
        return cycles
    }
}
