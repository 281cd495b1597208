/// A connected part of a diagram with everything in its place, from its own upper left corner.
struct Part {
    /// What a part is made of.
    struct Source {
        let graph: Graph
        /// The size that each node's text needs.
        let boxes: [Grid.Size]
        /// The sizes of the labels of each node's loops.
        let loops: [[Grid.Size?]]
        /// The sizes of the arcs' labels.
        let labels: [Grid.Size?]
    }

    struct Line {
        var points: [Layout.Point] = []
        var label: Layout.Frame?
        var isReturn = false
    }

    /// Of each node.
    private(set) var frames: [Layout.Frame]
    /// Of each arc.
    private(set) var lines: [Line]
    /// Of each node's loops.
    private(set) var loops: [[Line]]
    private(set) var width = 0
    private(set) var height = 0

    init(_ source: Source) {
        let graph = source.graph
        let isTurned = Orientation(graph).isTurned
        let layering = Layering(graph, isTurned: isTurned)
        let boxes = Self.boxes(source, layering)
        let nodes = boxes.enumerated().map { node, box in
            let loops = LoopPlan.width(of: source.loops[node])
            return Grid.Item(content: .node(node), left: box.width / 2, right: box.width - box.width / 2 + loops, height: box.height)
        }
        var grid = Grid(layering, isTurned: isTurned, nodes: nodes, labels: source.labels)
        grid.rows = RowOrder(grid).rows
        grid = grid.spreadingLabels()
        let ports = Ports(grid, boxWidths: boxes.map(\.width))
        let axes = Placement(grid, ports: ports).axes
        let rows = RowPlan(grid, Passage.all(of: grid, ends: ports.ends(axes), axes: axes))
        frames = Array(repeating: Layout.Frame(x: 0, y: 0, width: 0, height: 0), count: graph.nodeCount)
        lines = Array(repeating: Line(), count: graph.arcs.count)
        loops = source.loops.map { _ in [] }
        for (item, content) in grid.items.enumerated() {
            let y = rows.middles[item] - content.height / 2
            switch content.content {
            case .node(let node):
                frames[node] = Layout.Frame(x: axes[item] - content.left, y: y, width: boxes[node].width, height: boxes[node].height)
                loops[node] = LoopPlan.lines(of: source.loops[node], at: frames[node])
            case .label(let arc):
                lines[arc].label = Layout.Frame(
                    x: axes[item] - content.left, y: y, width: content.left + content.right, height: content.height)
            case .line: break
            }
        }
        let corners = rows.corners(arcCount: graph.arcs.count, frames: frames)
        for arc in graph.arcs.indices {
            lines[arc].points = isTurned[arc] ? corners[arc].reversed() : corners[arc]
            lines[arc].isReturn = isTurned[arc]
        }
        moveToCorner()
    }

    /// The sizes of the boxes, with room for the edges at their sides.
    private static func boxes(_ source: Source, _ layering: Layering) -> [Grid.Size] {
        var above = Array(repeating: 0, count: source.graph.nodeCount)
        var below = above
        for arc in layering.arcs {
            below[arc.from] += 1
            above[arc.to] += 1
        }
        return source.boxes.enumerated().map { node, box in
            Grid.Size(
                width: max(box.width, Ports.width(of: above[node]), Ports.width(of: below[node])),
                height: max(box.height, LoopPlan.height(of: source.loops[node])))
        }
    }
}

// MARK: - Moving

extension Part {
    /// Makes the upper left corner of all that is drawn the origin.
    private mutating func moveToCorner() {
        var least = Layout.Point(x: .max, y: .max)
        var most = Layout.Point(x: .min, y: .min)
        func include(_ x: Int, _ y: Int) {
            least = Layout.Point(x: min(least.x, x), y: min(least.y, y))
            most = Layout.Point(x: max(most.x, x), y: max(most.y, y))
        }
        func include(_ frame: Layout.Frame) {
            include(frame.x, frame.y)
            include(frame.right, frame.bottom)
        }
        for frame in frames { include(frame) }
        for line in lines + loops.joined() {
            for point in line.points { include(point.x, point.y) }
            if let label = line.label { include(label) }
        }
        guard least.x <= most.x else { return }
        move(x: -least.x, y: -least.y)
        width = most.x - least.x
        height = most.y - least.y
    }

    /// Moves everything.
    mutating func move(x: Int, y: Int) {
        for node in frames.indices { frames[node].move(x: x, y: y) }
        for arc in lines.indices { lines[arc].move(x: x, y: y) }
        for node in loops.indices { for loop in loops[node].indices { loops[node][loop].move(x: x, y: y) } }
    }
}

extension Part.Line {
    fileprivate mutating func move(x: Int, y: Int) {
        for place in points.indices {
            points[place].x += x
            points[place].y += y
        }
        label?.move(x: x, y: y)
    }
}

extension Layout.Frame {
    fileprivate mutating func move(x distance: Int, y depth: Int) {
        x += distance
        y += depth
    }
}
