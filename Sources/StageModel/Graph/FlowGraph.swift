/// A flow as a graph: its stages, and what leads from one to another.
public struct FlowGraph: Sendable {
    /// The forms that a graph can be had in.
    public enum Format: String, CaseIterable, Sendable {
        case json, mermaid, dot, svg

        public var mediaType: String {
            switch self {
            case .json: "application/json"
            case .mermaid: "text/vnd.mermaid; charset=utf-8"
            case .dot: "text/vnd.graphviz; charset=utf-8"
            case .svg: "image/svg+xml; charset=utf-8"
            }
        }
    }

    public struct Node: Sendable {
        public let stage: Saved<Stage>
        /// Whether conversations of some agent, or of none, start here.
        public let isEntry: Bool
        public let isDisabled: Bool
        public let conversationsHere: Int64
        /// What the flow check says of the stage and of what leads away from it.
        public let findings: [Finding]
    }

    /// What leads from a stage to another.
    public struct Edge: Sendable {
        public enum Kind: String, CaseIterable, Sendable {
            case rule, timeout
        }

        public let id: String
        public let kind: Kind
        /// nil: any stage.
        public let from: Stage.ID?
        public let to: Stage.ID
        public let rule: Saved<TransitionRule>?
        /// What stands at the edge: what the rule is for, else its condition; nothing for one that always holds.
        public let label: String
    }

    /// In the order of name and id.
    public let nodes: [Node]
    /// Rules in the order in which they are tried, then timeouts.
    public let edges: [Edge]
    public let entries: [Stage.ID]
    public let findings: [Finding]

    /// - Parameter conversationsHere: how many conversations are at each stage; none at those left out.
    public init(_ flow: Flow, conversationsHere: [Stage.ID: Int64] = [:]) {
        let findings = flow.findings
        let entries = Set(([nil] + flow.agents.all.map(\.id)).compactMap { flow.entry(for: $0)?.id })
        self.findings = findings
        self.entries = flow.stages.all.map(\.id).filter(entries.contains)
        let rules = flow.rules.all.filter { flow.stages[$0.toStageID] != nil }
        edges =
            rules.map { rule in
                let label = rule.description.isEmpty && rule.condition == "true" ? "" : rule.name
                return Edge(id: rule.id.description, kind: .rule, from: rule.fromStageID, to: rule.toStageID, rule: rule, label: label)
            }
            + flow.stages.all.compactMap { stage in
                guard let timeout = stage.configuration.timeout, flow.stages[timeout.toStageID] != nil else { return nil }
                let label = "after \(Self.duration(timeout.seconds))"
                return Edge(id: "timeout-\(stage.id)", kind: .timeout, from: stage.id, to: timeout.toStageID, rule: nil, label: label)
            }
        let concerned = Self.findings(findings, byStageOf: rules)
        nodes = flow.stages.all.map { stage in
            Node(
                stage: stage, isEntry: entries.contains(stage.id), isDisabled: flow.state(of: stage.id).status == .disabled,
                conversationsHere: conversationsHere[stage.id] ?? 0, findings: concerned[stage.id.description] ?? [])
        }
    }

    /// Findings by the stage that they are about, or that the rule they are about leads away from.
    private static func findings(_ findings: [Finding], byStageOf rules: [Saved<TransitionRule>]) -> [String: [Finding]] {
        let origins = Dictionary(rules.map { ($0.id.description, $0.fromStageID?.description ?? "") }, uniquingKeysWith: { first, _ in first })
        return Dictionary(grouping: findings) { finding in
            let parts = finding.place.description.split(separator: "/")
            guard parts.count > 1 else { return "" }
            return parts[0] == DefinitionKind.rule.collection ? origins[String(parts[1])] ?? "" : String(parts[1])
        }
    }

    /// A length of time in the largest unit that it fills: `90 s`, `2 h`, `1 d`.
    static func duration(_ seconds: Int64) -> String {
        for (unit, length) in [("d", Int64(86_400)), ("h", 3600), ("min", 60)] where seconds >= length && seconds % length == 0 {
            return "\(seconds / length) \(unit)"
        }
        return "\(seconds) s"
    }
}
