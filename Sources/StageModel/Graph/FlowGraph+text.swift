extension FlowGraph {
    /// The graph as a Mermaid flowchart.
    public var mermaid: String {
        var lines = ["flowchart TD"]
        let names = shortNames
        if edges.contains(where: { $0.from == nil }) { lines.append("    any{{\"any stage\"}}") }
        for node in nodes {
            let text = Self.mermaidText("\(node.stage.name) (\(node.conversationsHere))")
            let shape = node.stage.configuration.isFinal ? ("([", "])") : node.isEntry ? ("[[", "]]") : ("[", "]")
            lines.append("    \(names[node.stage.id] ?? "")\(shape.0)\"\(text)\"\(shape.1)")
        }
        for edge in edges {
            let arrow = edge.kind == .timeout || edge.rule?.selection == .model ? "-.->" : "-->"
            let label = edge.label.isEmpty ? "" : "|\"\(Self.mermaidText(edge.label))\"|"
            lines.append("    \(edge.from.flatMap { names[$0] } ?? "any") \(arrow)\(label) \(names[edge.to] ?? "")")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The graph in the language of Graphviz.
    public var dot: String {
        var lines = ["digraph flow {", "    rankdir=TB;", "    node [shape=box, style=rounded, fontname=\"sans-serif\"];"]
        let names = shortNames
        if edges.contains(where: { $0.from == nil }) { lines.append("    any [label=\"any stage\", shape=hexagon];") }
        for node in nodes {
            var traits = ["label=\"\(Self.dotText(node.stage.name))\\n\(node.conversationsHere) here\""]
            if node.isEntry { traits.append("penwidth=2") }
            if node.stage.configuration.isFinal { traits.append("peripheries=2") }
            if node.isDisabled { traits.append("style=\"rounded,dashed\"") }
            lines.append("    \(names[node.stage.id] ?? "") [\(traits.joined(separator: ", "))];")
        }
        for edge in edges {
            var traits = edge.label.isEmpty ? [] : ["label=\"\(Self.dotText(edge.label))\""]
            if edge.kind == .timeout { traits.append("style=dotted") }
            if edge.rule?.selection == .model { traits.append("style=dashed") }
            let ends = "\(edge.from.flatMap { names[$0] } ?? "any") -> \(names[edge.to] ?? "")"
            lines.append("    \(ends)\(traits.isEmpty ? "" : " [\(traits.joined(separator: ", "))]");")
        }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    /// A name for each stage that both languages take: `s1`, `s2`.
    private var shortNames: [Stage.ID: String] {
        Dictionary(nodes.enumerated().map { ($1.stage.id, "s\($0 + 1)") }, uniquingKeysWith: { first, _ in first })
    }

    /// A text as it may stand in quotes in Mermaid, which knows entities by number alone.
    private static func mermaidText(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"", "#", "<", ">", "&", "`", "\\", "|": result += "#\(scalar.value);"
            case _ where scalar.properties.generalCategory == .control: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func dotText(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.properties.generalCategory == .control: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
