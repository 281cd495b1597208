/// Where conversations can get to in a flow, each with whom it is held, and how they go on from there.
struct Reach {
    private(set) var isReached: [Bool]
    /// Whether something leads from a stage to another.
    private(set) var leadsOn: [Bool]
    /// What leads on from each stage that is reached. Behind the stages stands a node for each context, through which the rules from any
    /// stage go: an edge from every stage to each of their targets would be too many.
    private(set) var successors: [[Int]]

    init(_ map: FlowMap) {
        isReached = Array(repeating: false, count: map.stages.count)
        leadsOn = isReached
        successors = Array(repeating: [], count: map.stages.count + map.contexts.count)
        // The context that was the last to reach a stage.
        var last = Array(repeating: -1, count: map.stages.count)
        for (number, context) in map.contexts.enumerated() {
            let anywhere = Set(map.edgesFromAnywhere.filter { map.isOpen($0, in: context) }.map(\.target)).sorted()
            let hub = map.stages.count + number
            successors[hub] = anywhere
            // A rule from any stage applies as soon as there is a stage, its target apart, which is reached then anyway.
            var waiting = context.starts.isEmpty ? [] : context.starts + anywhere
            while let stage = waiting.popLast() {
                guard last[stage] != number else { continue }
                last[stage] = number
                let isNew = !isReached[stage]
                isReached[stage] = true
                if !anywhere.isEmpty { successors[stage].append(hub) }
                if anywhere.count > 1 || anywhere.first.map({ $0 != stage }) ?? false { leadsOn[stage] = true }
                for edge in map.edges[stage] where map.isOpen(edge, in: context) {
                    // What is shared is open in every context and stands there once.
                    if isNew || map.owners[edge.target] != 0 { successors[stage].append(edge.target) }
                    if edge.target != stage { leadsOn[stage] = true }
                    waiting.append(edge.target)
                }
            }
        }
    }
}

extension Reach {
    /// The stages of the shortest way from a stage over others back to it, which is at both ends.
    func shortestCycle(through start: Int) -> [Int] {
        let stageCount = isReached.count
        let hubsLeadingBack = Set((stageCount..<successors.count).filter { successors[$0].contains(start) })
        var parents: [Int: Int] = [:]
        var opened: Set<Int> = []
        var waiting = [start]
        func meet(_ stage: Int, from parent: Int) {
            guard stage != start, parents[stage] == nil else { return }
            parents[stage] = parent
            waiting.append(stage)
        }
        var position = 0
        while position < waiting.count {
            let stage = waiting[position]
            position += 1
            // A stage's own way to itself is no cycle.
            if stage != start, successors[stage].contains(where: { $0 == start || hubsLeadingBack.contains($0) }) {
                return [start] + sequence(first: stage) { $0 == start ? nil : parents[$0] }.reversed().dropFirst() + [start]
            }
            for next in successors[stage] {
                if next < stageCount {
                    meet(next, from: stage)
                } else if opened.insert(next).inserted {
                    for target in successors[next] { meet(target, from: stage) }
                }
            }
        }
        return [start]
    }
}
