import GraphLayout

extension FlowGraph {
    /// What a rule from any stage is drawn to come from.
    private static let anyStage = "any-stage"

    /// The graph as a picture.
    /// - Parameters:
    ///   - isStandalone: whether the picture brings its own style sheet, or takes that of the page that it stands in.
    ///   - linking: makes each stage a link to its page.
    ///   - labelling: writes at each line what it is for; without, that is told when a pointer rests on it, and the picture is smaller.
    public func svg(isStandalone: Bool = true, linking: Bool = false, labelling: Bool = true) -> String {
        diagram(linking: linking, labelling: labelling).layout().svg(styles: isStandalone ? .embedded : .none, title: "Flow graph")
    }

    /// The graph as it is to be drawn.
    func diagram(linking: Bool, labelling: Bool) -> Diagram {
        var drawn = nodes.map { $0.drawn(linking: linking) }
        if edges.contains(where: { $0.from == nil }) { drawn.append(Diagram.Node(id: Self.anyStage, title: "Any stage", classes: ["any-stage"])) }
        let lines = edges.map { edge in
            Diagram.Edge(
                id: edge.id, from: edge.from?.description ?? Self.anyStage, to: edge.to.description,
                label: labelling && !edge.label.isEmpty ? edge.label : nil,
                classes: edge.classes,
                tooltip: edge.rule.map { $0.description.isEmpty ? $0.condition : "\($0.description)\n\($0.condition)" } ?? edge.label)
        }
        return Diagram(nodes: drawn, edges: lines, roots: entries.map(\.description))
    }
}

extension FlowGraph.Node {
    fileprivate func drawn(linking: Bool) -> Diagram.Node {
        var traits = [stage.style.rawValue]
        if isEntry { traits.append("entry") }
        if stage.configuration.isFinal { traits.append("final") }
        if isDisabled { traits.append("disabled") }
        let classes =
            traits
            + (findings.contains { $0.severity == .error } ? ["error"] : findings.isEmpty ? [] : ["warning"])
        return Diagram.Node(
            id: stage.id.description, title: stage.name, lines: [traits.joined(separator: " · ")], classes: classes,
            link: linking ? "/stages/\(stage.id)" : nil,
            tooltip: ([stage.description] + findings.map(\.message)).filter { !$0.isEmpty }.joined(separator: "\n"),
            badge: conversationsHere > 0 ? String(conversationsHere) : nil)
    }
}

extension FlowGraph.Edge {
    fileprivate var classes: [String] {
        switch kind {
        case .timeout: ["timeout"]
        case .rule: [rule?.selection.rawValue ?? "rule"] + (from == nil ? ["any-stage"] : [])
        }
    }
}
