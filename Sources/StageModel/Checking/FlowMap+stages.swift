extension FlowMap {
    /// Stages that conversations can't get to, can't get away from, or get to again and again.
    var stageFindings: [Finding] {
        // A business without rules and timeouts moves its conversations by itself.
        guard !flow.rules.all.isEmpty || stages.contains(where: { $0.configuration.timeout != nil }) else { return [] }
        let reach = Reach(self)
        return unreachableStages(reach) + deadEnds(reach) + endlessCycles(reach)
    }

    private func unreachableStages(_ reach: Reach) -> [Finding] {
        // An entry that is not taken is a finding of its own.
        stages.indices.filter { !reach.isReached[$0] && !stages[$0].isEntry }.map { number in
            Finding(
                .unreachableStage, .warning, at: stages[number].place(),
                "Conversations can't get to the stage '\(stages[number].name)': no rule and no timeout leads there from an entry.",
                remedy: "Let a rule or a timeout lead to it, make it an entry, or delete it.")
        }
    }

    private func deadEnds(_ reach: Reach) -> [Finding] {
        stages.indices.filter { reach.isReached[$0] && !reach.leadsOn[$0] && !stages[$0].configuration.isFinal }.map { number in
            Finding(
                .deadEnd, .warning, at: stages[number].place(),
                "Conversations can't get away from the stage '\(stages[number].name)': nothing leads to another one, and it is not final.",
                remedy: "Let a rule or a timeout lead on, or set 'final' in its configuration.")
        }
    }

    private func endlessCycles(_ reach: Reach) -> [Finding] {
        let components = StrongComponents(reach.successors)
        var isLeft = Array(repeating: false, count: components.count)
        for (node, successors) in reach.successors.enumerated() {
            let component = components.component[node]
            if successors.contains(where: { components.component[$0] != component }) { isLeft[component] = true }
        }
        let reached = stages.indices.filter { reach.isReached[$0] }
        return Dictionary(grouping: reached) { components.component[$0] }.compactMap { component, members in
            guard members.count > 1, !isLeft[component], !members.contains(where: { stages[$0].configuration.isFinal }) else { return nil }
            let first = members[0]
            let names = Flow.list(members.map { "'\(stages[$0].name)'" })
            return Finding(
                .endlessCycle, .warning, at: stages[first].place(),
                "The stages \(names) lead to each other only, and none of them is final.",
                remedy: "Let a rule or a timeout lead out of the cycle, or set 'final' in the configuration of one of them.",
                example: path(reach.shortestCycle(through: first)))
        }
    }
}
