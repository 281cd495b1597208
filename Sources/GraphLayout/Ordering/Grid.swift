/// Boxes, labels and pieces of edges in rows: every edge goes from a row to the next, as long ones have an item in each row that they pass.
///
/// In a picture of too many such items, the longest edges go around.
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
    /// Pieces of arcs that go around the rows between their ends, on the right of everything.
    var bypasses: [Segment] = []

    /// The number of every item in its row.
    var ranks: [Int] {
        var ranks = Array(repeating: 0, count: items.count)
        for row in rows { for (rank, item) in row.enumerated() { ranks[item] = rank } }
        return ranks
    }

    /// The number of every item's row.
    var rowNumbers: [Int] {
        var numbers = Array(repeating: 0, count: items.count)
        for (number, row) in rows.enumerated() { for item in row { numbers[item] = number } }
        return numbers
    }

    mutating func append(_ item: Item, toRow row: Int) -> Int {
        items.append(item)
        rows[row].append(items.count - 1)
        return items.count - 1
    }
}

extension Grid {
    /// How large something is.
    struct Size {
        let width: Int
        let height: Int
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
