/// Looks for the paths that conversations can take through a flow without a datum being filled.
struct PathSearch {
    private let map: FlowMap
    /// The stages that declare a field, by its name.
    private let declaring: [String: [Int]]
    /// The rules whose conditions read a datum, by its name, and those that may read any.
    private let reading: [String: [Int]]
    private let readingAny: [Int]
    /// In the current search: the stages that fill the datum for what comes behind them, and the rules that read it.
    private var isFilled: [Bool] = []
    private var isRead: [Bool] = []
    /// In the current round: the stages that were met, in the order of their distance, and the stage before each.
    private var waiting: [Int] = []
    private var parents: [Int]
    /// The round in which each stage was last met.
    private var rounds: [Int]
    private var round = 0

    init(_ map: FlowMap) {
        self.map = map
        var declaring: [String: [Int]] = [:]
        for (number, stage) in map.stages.enumerated() {
            for field in stage.configuration.fields { declaring[field.name, default: []].append(number) }
        }
        var reading: [String: [Int]] = [:]
        var readingAny: [Int] = []
        for (number, rule) in map.rules.enumerated() {
            guard case .success(let condition) = rule.condition else { continue }
            if condition.reads.readsAny { readingAny.append(number) }
            for name in condition.reads.names { reading[name, default: []].append(number) }
        }
        self.declaring = declaring
        self.reading = reading
        self.readingAny = readingAny
        parents = Array(repeating: -1, count: map.stages.count)
        rounds = parents
    }

    /// The shortest path from an entry to each of some stages on which no stage learns a datum and no rule asks for it; none for those that
    /// have no such path.
    mutating func pathsWithout(_ name: String, to stages: Set<Int>) -> [Int: [Int]] {
        let declaring = declaring[name] ?? []
        let targets = stages.subtracting(declaring)
        guard !targets.isEmpty else { return [:] }
        isFilled = Array(repeating: false, count: map.stages.count)
        // What is learned for the stage alone is dropped on leaving it.
        for stage in declaring where map.stages[stage].configuration.persistence.scope != .stage { isFilled[stage] = true }
        isRead = Array(repeating: false, count: map.rules.count)
        for rule in (reading[name] ?? []) + readingAny { isRead[rule] = true }

        var paths: [Int: [Int]] = [:]
        for context in map.contexts {
            guard let entry = context.entry else { continue }
            search(for: targets, from: entry, in: context)
            for target in targets where rounds[target] == round {
                let path = path(to: target)
                if paths[target].map({ path.count < $0.count }) ?? true { paths[target] = path }
            }
        }
        return paths
    }

    /// The way on which a stage was met, from the entry.
    private func path(to target: Int) -> [Int] {
        var path = [target]
        while let last = path.last, parents[last] >= 0 { path.append(parents[last]) }
        return path.reversed()
    }

    /// Meets the stages that can be got to with the datum not filled, until all the targets are met.
    private mutating func search(for targets: Set<Int>, from entry: Int, in context: FlowMap.Context) {
        round += 1
        waiting = []
        meet(entry, from: -1)
        var missing = targets.count
        var position = 0
        while position < waiting.count {
            let stage = waiting[position]
            position += 1
            if targets.contains(stage) {
                missing -= 1
                if missing == 0 { return }
            }
            guard !isFilled[stage] else { continue }
            follow(map.edges[stage], from: stage, in: context)
            // The rules from any stage lead from the entry to wherever they lead at all.
            if stage == entry { follow(map.edgesFromAnywhere, from: stage, in: context) }
        }
    }

    private mutating func follow(_ edges: [FlowMap.Edge], from stage: Int, in context: FlowMap.Context) {
        for edge in edges where map.isOpen(edge, in: context) && !(edge.rule.map { isRead[$0] } ?? false) { meet(edge.target, from: stage) }
    }

    private mutating func meet(_ stage: Int, from parent: Int) {
        guard rounds[stage] != round else { return }
        rounds[stage] = round
        parents[stage] = parent
        waiting.append(stage)
    }
}
