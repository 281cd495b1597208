/// What is to be drawn: boxes, the edges between them, and where a reader begins.
public struct Diagram: Sendable, Equatable {
    /// A box.
    public struct Node: Sendable, Equatable {
        /// Names the node; of several with the same id the first is drawn.
        public var id: String
        /// The heading: at most two lines are drawn, the whole of it is in the tooltip.
        public var title: String
        /// Small text below the title, one line each.
        public var lines: [String]
        /// CSS classes, such as `entry` or `disabled`.
        public var classes: [String]
        /// Where a click on the box leads to.
        public var link: String?
        /// What a pointer that rests on the box shows, below the title.
        public var tooltip: String?
        /// A few characters in the corner, such as a number.
        public var badge: String?

        /// A box with a title, by default with nothing else.
        public init(
            id: String, title: String, lines: [String] = [], classes: [String] = [], link: String? = nil, tooltip: String? = nil,
            badge: String? = nil
        ) {
            self.id = id
            self.title = title
            self.lines = lines
            self.classes = classes
            self.link = link
            self.tooltip = tooltip
            self.badge = badge
        }
    }

    /// An arrow from one box to another, or to itself.
    public struct Edge: Sendable, Equatable {
        /// Names the edge; need not be unique.
        public var id: String
        /// The id of the node where the arrow begins.
        public var from: String
        /// The id of the node that the arrow points at.
        public var to: String
        /// Written on the arrow, cut at a width; the whole of it is in the tooltip.
        public var label: String?
        /// CSS classes, such as `timeout` or `disabled`.
        public var classes: [String]
        /// What a pointer that rests on the arrow shows, below the label.
        public var tooltip: String?

        /// An arrow between two nodes, by default without a label.
        public init(id: String, from: String, to: String, label: String? = nil, classes: [String] = [], tooltip: String? = nil) {
            self.id = id
            self.from = from
            self.to = to
            self.label = label
            self.classes = classes
            self.tooltip = tooltip
        }
    }

    /// The boxes; where the layout has a choice, an earlier one stands further to the left or higher.
    public var nodes: [Node]
    /// The arrows; their order has no influence. One whose end is no node of the diagram is not drawn.
    public var edges: [Edge]
    /// Ids of the nodes where a reader begins. They stand in the first layer, unless an edge leads there from another of them.
    public var roots: [String]

    /// A diagram of nodes and edges.
    public init(nodes: [Node], edges: [Edge] = [], roots: [String] = []) {
        self.nodes = nodes
        self.edges = edges
        self.roots = roots
    }
}
