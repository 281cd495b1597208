import CEL

/// A flow by numbers: its stages, what leads from each to others, and who conversations at them can be held with.
struct FlowMap {
    /// A way from a stage to another.
    struct Edge {
        /// The number of the stage that it leads to.
        let target: Int
        /// The number of the rule; nil: the stage's timeout.
        let rule: Int?
    }

    struct Rule {
        let saved: Saved<TransitionRule>
        /// The number of the stage that the rule leads away from; nil: any, or one that is not there.
        let origin: Int?
        /// The number of the stage that the rule leads to; nil: one that is not there.
        let target: Int?
        let condition: Result<CheckedCondition, Diagnostics>
    }

    /// Whom conversations are held with, as far as it makes a difference: an agent who has stages, or no agent, which stands for all other
    /// agents too.
    struct Context {
        /// 0: no agent.
        let owner: Int
        /// Where its conversations start; nil: nowhere.
        let entry: Int?
        /// From where its stages are looked for.
        let starts: [Int]
    }

    let flow: Flow
    let stages: [Saved<Stage>]
    /// In the order in which they are tried.
    let rules: [Rule]
    /// The ways away from each stage, those by rules from any stage apart.
    let edges: [[Edge]]
    let edgesFromAnywhere: [Edge]
    /// The agent of each stage, by a number; 0: shared.
    let owners: [Int]
    let contexts: [Context]
    /// Whether any conversation at all can start somewhere.
    let hasEntry: Bool

    init(_ flow: Flow) {
        let stages = flow.stages.all
        let numbers = Dictionary(stages.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
        var conditions: [String: Result<CheckedCondition, Diagnostics>] = [:]
        let rules = flow.rules.all.map { rule in
            let condition = conditions[rule.condition] ?? CheckedCondition.reading(rule.condition)
            conditions[rule.condition] = condition
            let origin = rule.fromStageID.flatMap { numbers[$0] }
            return Rule(saved: rule, origin: origin, target: numbers[rule.toStageID], condition: condition)
        }
        let owned = OwnedStages(flow)
        var edges = Array(repeating: [Edge](), count: stages.count)
        var edgesFromAnywhere: [Edge] = []
        for (number, rule) in rules.enumerated() where rule.mayHold {
            guard let target = rule.target else { continue }
            if rule.saved.fromStageID == nil {
                edgesFromAnywhere.append(Edge(target: target, rule: number))
            } else if let origin = rule.origin {
                edges[origin].append(Edge(target: target, rule: number))
            }
        }
        for (number, stage) in stages.enumerated() {
            guard let target = stage.configuration.timeout.flatMap({ numbers[$0.toStageID] }) else { continue }
            edges[number].append(Edge(target: target, rule: nil))
        }
        self.flow = flow
        self.stages = stages
        self.rules = rules
        self.edges = edges
        self.edgesFromAnywhere = edgesFromAnywhere
        owners = owned.owners
        contexts = owned.contexts
        hasEntry = owned.hasEntry
    }

    /// Whether conversations of a context may go where an edge leads.
    func isOpen(_ edge: Edge, in context: Context) -> Bool { owners[edge.target] == 0 || owners[edge.target] == context.owner }
}

extension FlowMap.Rule {
    /// Whether there are values with which the condition holds.
    var mayHold: Bool { outcomes.contains(.isTrue) }

    /// Whether the condition holds with any values.
    var alwaysHolds: Bool { outcomes == .isTrue }

    private var outcomes: Outcomes {
        switch condition {
        case .success(let condition): condition.outcomes
        case .failure: []
        }
    }
}

/// A condition, and what its text tells.
struct CheckedCondition {
    let expression: Expression
    let outcomes: Outcomes
    let reads: DataReads

    static func reading(_ text: String) -> Result<CheckedCondition, Diagnostics> {
        do throws(Diagnostics) {
            let program = try Condition.compile(text)
            let root = program.tree.root
            return .success(CheckedCondition(expression: root, outcomes: program.outcomes, reads: DataReads(root)))
        } catch {
            return .failure(error)
        }
    }
}

/// The stages of a flow by whom they belong to.
private struct OwnedStages {
    let owners: [Int]
    let contexts: [FlowMap.Context]
    let hasEntry: Bool

    init(_ flow: Flow) {
        let stages = flow.stages.all
        // An agent that is not there has a number as well, behind the others: its stages are no one else's.
        var numbers: [Agent.ID: Int] = [:]
        let agents = stages.compactMap(\.agentID)
        for agent in agents where flow.agents[agent] != nil { numbers[agent] = numbers[agent] ?? numbers.count + 1 }
        let agentCount = numbers.count
        for agent in agents { numbers[agent] = numbers[agent] ?? numbers.count + 1 }
        let owners = stages.map { stage in stage.agentID.flatMap { numbers[$0] } ?? 0 }

        var entries: [Int?] = Array(repeating: nil, count: numbers.count + 1)
        var owned: [[Int]] = Array(repeating: [], count: numbers.count + 1)
        for (number, owner) in owners.enumerated() {
            owned[owner].append(number)
            guard stages[number].isEntry, owner <= agentCount else { continue }
            if let other = entries[owner], stages[other].id < stages[number].id { continue }
            entries[owner] = number
        }
        let hasEntry = entries.contains { $0 != nil }
        contexts = owned.indices.map { owner in
            let entry = entries[owner] ?? (owner <= agentCount ? entries[0] : nil)
            // Where conversations can't start, that is what is wrong, and not that they get nowhere.
            let starts = entry.map { [$0] } ?? (owner == 0 && hasEntry ? [] : owned[owner])
            return FlowMap.Context(owner: owner, entry: entry, starts: starts)
        }
        self.owners = owners
        self.hasEntry = hasEntry
    }
}
