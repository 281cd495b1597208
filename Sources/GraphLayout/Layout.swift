/// Where everything of a diagram stands, in whole CSS pixels from the upper left corner.
public struct Layout: Sendable, Equatable {
    /// A place in the picture.
    public struct Point: Sendable, Equatable {
        /// Pixels from the left.
        public var x: Int
        /// Pixels from the top.
        public var y: Int

        /// A place by its distances from the left and from the top.
        public init(x: Int, y: Int) {
            self.x = x
            self.y = y
        }
    }

    /// A rectangle in the picture.
    public struct Frame: Sendable, Equatable {
        /// The left side.
        public var x: Int
        /// The upper side.
        public var y: Int
        /// From the left to the right side.
        public var width: Int
        /// From the upper to the lower side.
        public var height: Int

        /// The first pixel to the right of it.
        public var right: Int { x + width }
        /// The first pixel below it.
        public var bottom: Int { y + height }

        /// A rectangle by its upper left corner and its size.
        public init(x: Int, y: Int, width: Int, height: Int) {
            self.x = x
            self.y = y
            self.width = width
            self.height = height
        }
    }

    /// A node in its place, with its texts as they fit into it.
    public struct Box: Sendable, Equatable {
        /// What is drawn.
        public var node: Diagram.Node
        /// Where its border is.
        public var frame: Frame
        /// The lines of the title: none, one or two.
        public var title: [String]
        /// The lines below the title.
        public var lines: [String]
        /// The badge's text and place.
        public var badge: Label?
    }

    /// A text in its place.
    public struct Label: Sendable, Equatable {
        /// The text as it fits: one line or two.
        public var lines: [String]
        /// The text with some room around it.
        public var frame: Frame
    }

    /// An edge on its way around the boxes.
    public struct Route: Sendable, Equatable {
        /// What is drawn.
        public var edge: Diagram.Edge
        /// The corners of its line, from the border of the one node to the border of the other; all parts are level or upright.
        public var points: [Point]
        /// The text on it, if it has one.
        public var label: Label?
        /// Whether the edge leads back, against the direction of the picture.
        public var isReturn: Bool
    }

    /// The nodes, in the diagram's order.
    public var boxes: [Box]
    /// The edges whose ends are there, ordered by their ends, ids and labels.
    public var routes: [Route]
    /// The picture's width, with its margin.
    public var width: Int
    /// The picture's height, with its margin.
    public var height: Int
    /// The text sizes that the boxes were made for.
    public var metrics: TextMetrics
}
