extension Grid {
    /// The most items of passing edges, beyond which the longest edges go around.
    private static let mostLines = 10_000

    /// A row for each layer, and one between two layers where a label stands: next to the box that its edge comes from.
    ///
    /// - Parameters:
    ///   - nodes: the item of each node.
    ///   - labels: the size of each arc's label, if it has one.
    init(_ layering: Layering, isTurned: [Bool], nodes: [Item], labels: [Size?]) {
        let layers = layering.layers
        let layerCount = (layers.max() ?? -1) + 1
        let labelLayers = layering.arcs.indices.map { arc in
            isTurned[arc] ? layers[layering.arcs[arc].to] - 1 : layers[layering.arcs[arc].from]
        }
        var hasLabelRow = Array(repeating: false, count: layerCount)
        for (arc, label) in labels.enumerated() where label != nil { hasLabelRow[labelLayers[arc]] = true }
        var rowOfLayer: [Int] = []
        for layer in 0..<layerCount {
            rowOfLayer.append(rows.count)
            rows.append([])
            if hasLabelRow[layer] { rows.append([]) }
        }
        for (node, item) in nodes.enumerated() { _ = append(item, toRow: rowOfLayer[layers[node]]) }
        let passed = layering.arcs.map { rowOfLayer[layers[$0.from]] + 1..<rowOfLayer[layers[$0.to]] }
        let goesAround = Self.goesAround(passed)
        for (arc, ends) in layering.arcs.enumerated() {
            let label = labels[arc].map { size in
                let item = Item(content: .label(arc), left: size.width / 2, right: size.width - size.width / 2, height: size.height)
                return (row: rowOfLayer[labelLayers[arc]] + 1, item: item)
            }
            var stops: [Int] = []
            for row in passed[arc] where !goesAround[arc] || row == label?.row {
                let item = row == label?.row ? label?.item : nil
                stops.append(append(item ?? .line(arc), toRow: row))
            }
            let isBypass = goesAround[arc] ? bypass(passed[arc], labelRow: label?.row) : nil
            for (number, (upper, lower)) in zip([ends.from] + stops, stops + [ends.to]).enumerated() {
                let segment = Segment(upper: upper, lower: lower, arc: arc)
                if number == isBypass { bypasses.append(segment) } else { segments.append(segment) }
            }
        }
    }

    /// Which of an arc's one or two segments passes more than one row.
    private func bypass(_ passed: Range<Int>, labelRow: Int?) -> Int { labelRow == passed.lowerBound ? 1 : 0 }

    /// Whether each arc goes around the rows that it would pass: the longest do, as long as there are too many items.
    private static func goesAround(_ passed: [Range<Int>]) -> [Bool] {
        var result = passed.map { _ in false }
        var lines = passed.reduce(0) { $0 + $1.count }
        guard lines > mostLines else { return result }
        for arc in passed.indices.sorted(by: { (-passed[$0].count, $0) < (-passed[$1].count, $1) })
        where lines > mostLines && passed[arc].count > 2 {
            result[arc] = true
            lines -= passed[arc].count - 1
        }
        return result
    }
}
