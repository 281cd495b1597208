extension Diagram {
    /// Places the boxes in layers from top to bottom, and leads the edges around them.
    ///
    /// A pure function of the diagram: the same one gives the same layout. No box or label overlaps another, no edge passes through a box
    /// or label that is not its own, and no two edges run over each other: they cross at right angles.
    /// - Parameter metrics: the sizes of the texts; a style that draws them larger lets them leave their boxes.
    public func layout(metrics: TextMetrics = .standard) -> Layout {
        let index = DiagramIndex(self)
        let texts = index.nodes.map { BoxText($0, metrics: metrics) }
        let labels = index.edges.map { metrics.label(of: $0.edge) }
        var layout = Layout(boxes: [], routes: [], width: 0, height: 0, metrics: metrics)
        var boxes: [Layout.Box?] = Array(repeating: nil, count: texts.count)
        var routes: [Layout.Route?] = Array(repeating: nil, count: labels.count)

        let members = index.parts()
        var parts = members.map { part in
            Part(
                Part.Source(
                    graph: part.graph,
                    boxes: part.nodes.map { texts[$0].size },
                    loops: part.loops.map { $0.map { labels[$0]?.size } },
                    labels: part.edges.map { labels[$0]?.size }))
        }
        let size = Part.pack(&parts)
        layout.width = size.width + 2 * Spacing.margin
        layout.height = size.height + 2 * Spacing.margin

        for (part, member) in zip(parts, members) {
            for (node, number) in member.nodes.enumerated() {
                boxes[number] = texts[number].box(index.nodes[number], at: part.frames[node])
            }
            let edges = Array(zip(member.edges, part.lines)) + zip(member.loops.joined(), part.loops.joined())
            for (number, line) in edges {
                let label = line.label.flatMap { frame in labels[number].map { Layout.Label(lines: $0.lines, frame: frame) } }
                routes[number] = Layout.Route(edge: index.edges[number].edge, points: line.points, label: label, isReturn: line.isReturn)
            }
        }
        layout.boxes = boxes.compactMap { $0 }
        layout.routes = routes.compactMap { $0 }
        return layout
    }
}

extension Part {
    /// Puts parts side by side, on shelves of about the width that gives a picture somewhat wider than high, and tells the size of it all.
    fileprivate static func pack(_ parts: inout [Part]) -> (width: Int, height: Int) {
        let area = parts.reduce(0) { $0 + ($1.width + Spacing.parts) * ($1.height + Spacing.parts) }
        let side = Int((Double(area) * 1.6).squareRoot())
        let limit = max(side, parts.map(\.width).max() ?? 0)
        var x = 0
        var y = 0
        var size = (width: 0, height: 0)
        for number in parts.indices {
            if x > 0, x + parts[number].width > limit {
                x = 0
                y = size.height + Spacing.parts
            }
            size = (max(size.width, x + parts[number].width), max(size.height, y + parts[number].height))
            parts[number].move(x: Spacing.margin + x, y: Spacing.margin + y)
            x += parts[number].width + Spacing.parts
        }
        return size
    }
}
