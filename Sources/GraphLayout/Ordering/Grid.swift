/// Boxes, labels and pieces of edges in rows: every edge goes from a row to the next, as long ones have an item in each row that they pass.
struct Grid {
    /// Something that takes a place in a row.
    struct Item {
        enum Content {
            case node(Int)
            /// The label of an arc.
            case label(Int)
            /// An arc that passes.
            case line(Int)
        }

        let content: Content
        /// How far it extends to both sides of its axis.
        let left: Int
        let right: Int
        let height: Int
    }

    /// A piece of an arc between two rows that follow each other.
    struct Segment {
        let upper: Int
        let lower: Int
        let arc: Int
    }

    var items: [Item] = []
    /// Items, from left to right.
    var rows: [[Int]] = []
    var segments: [Segment] = []

    /// The number of every item in its row.
    var ranks: [Int] {
        var ranks = Array(repeating: 0, count: items.count)
        for row in rows { for (rank, item) in row.enumerated() { ranks[item] = rank } }
        return ranks
    }

    mutating func append(_ item: Item, toRow row: Int) -> Int {
        items.append(item)
        rows[row].append(items.count - 1)
        return items.count - 1
    }
}

extension Grid.Item {
    var isNode: Bool {
        switch content {
        case .node: true
        case .label, .line: false
        }
    }

    var isLabel: Bool {
        switch content {
        case .label: true
        case .node, .line: false
        }
    }

    static func line(_ arc: Int) -> Grid.Item { Grid.Item(content: .line(arc), left: 0, right: 0, height: 0) }

    /// The distance that the axes of two neighbours need.
    static func distance(_ left: Grid.Item, _ right: Grid.Item) -> Int {
        left.right + gap(left.content, right.content) + right.left
    }

    private static func gap(_ left: Content, _ right: Content) -> Int {
        switch (left, right) {
        case (.node, .node): Spacing.betweenBoxes
        case (.node, .label), (.label, .node): Spacing.betweenBoxAndLabel
        case (.label, .label): Spacing.betweenLabels
        case (.line, .line): Spacing.betweenLines
        case (.line, .node), (.line, .label), (.node, .line), (.label, .line): Spacing.besideLine
        }
    }
}

// MARK: - From layers to rows

extension Grid {
    /// How large things are.
    struct Sizes {
        /// Of each node, as its item.
        let nodes: [Item]
        /// Of each arc's label, if it has one.
        let labels: [Size?]
    }

    struct Size {
        let width: Int
        let height: Int
    }

    /// A row for each layer, and one between two layers where a label stands: next to the box that its edge comes from.
    init(_ layering: Layering, isTurned: [Bool], sizes: Sizes) {
        let layers = layering.layers
        let layerCount = (layers.max() ?? -1) + 1
        let labelLayers = layering.arcs.indices.map { arc in
            isTurned[arc] ? layers[layering.arcs[arc].to] - 1 : layers[layering.arcs[arc].from]
        }
        var hasLabelRow = Array(repeating: false, count: layerCount)
        for (arc, label) in sizes.labels.enumerated() where label != nil { hasLabelRow[labelLayers[arc]] = true }
        var rowOfLayer: [Int] = []
        for layer in 0..<layerCount {
            rowOfLayer.append(rows.count)
            rows.append([])
            if hasLabelRow[layer] { rows.append([]) }
        }
        for (node, size) in sizes.nodes.enumerated() { _ = append(size, toRow: rowOfLayer[layers[node]]) }
        for (arc, ends) in layering.arcs.enumerated() {
            var upper = ends.from
            for row in rowOfLayer[layers[ends.from]] + 1..<rowOfLayer[layers[ends.to]] {
                var item = Item.line(arc)
                if let label = sizes.labels[arc], row == rowOfLayer[labelLayers[arc]] + 1 {
                    item = Item(content: .label(arc), left: label.width / 2, right: label.width - label.width / 2, height: label.height)
                }
                let lower = append(item, toRow: row)
                segments.append(Segment(upper: upper, lower: lower, arc: arc))
                upper = lower
            }
            segments.append(Segment(upper: upper, lower: ends.to, arc: arc))
        }
    }
}
