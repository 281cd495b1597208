/// Finds the arcs that must be drawn against the direction of the picture, because without them nothing goes in circles.
///
/// An arc is turned only if it lies on a circle. Of each set of nodes that lead to each other, the one nearest to a root becomes the first,
/// and the arcs to it from the others are turned; the same is done with the sets that are left without those arcs.
struct Orientation {
    private let graph: Graph
    private let leaving: Adjacency
    private let entering: Adjacency
    private let distances: [Int]
    private(set) var isTurned: [Bool]
    /// The set that each node is in, as far as sets are found: only arcs within one matter.
    private var region: [Int]
    private var regions = 0

    init(_ graph: Graph) {
        self.graph = graph
        leaving = Adjacency(arcsOf: graph, reversed: false)
        entering = Adjacency(arcsOf: graph, reversed: true)
        distances = Self.distances(in: graph, leaving: leaving, entering: entering)
        isTurned = Array(repeating: false, count: graph.arcs.count)
        region = Array(repeating: 0, count: graph.nodeCount)
        var waiting = [Array(0..<graph.nodeCount)]
        var search = CircleSearch(nodeCount: graph.nodeCount)
        while let nodes = waiting.popLast() {
            for circle in search.circles(among: nodes, leaving: leaving, next: { self.target(of: $0) }) {
                regions += 1
                for node in circle { region[node] = regions }
                turnArcs(toFirstOf: circle)
                waiting.append(circle)
            }
        }
    }

    /// Where an arc leads that still counts: one that is not turned, inside a set.
    private func target(of arc: Int) -> Int? {
        guard !isTurned[arc], region[graph.arcs[arc].from] == region[graph.arcs[arc].to] else { return nil }
        return graph.arcs[arc].to
    }

    private mutating func turnArcs(toFirstOf circle: [Int]) {
        var best: (distance: Int, surplus: Int, node: Int)?
        for node in circle {
            let candidate = (distance: distances[node], surplus: count(entering, node) - count(leaving, node), node: node)
            if let found = best, found < candidate { continue }
            best = candidate
        }
        guard let first = best?.node else { return }
        for place in entering.places(of: first) where target(of: entering.neighbour(at: place)) != nil {
            isTurned[entering.neighbour(at: place)] = true
        }
    }

    private func count(_ arcs: Adjacency, _ node: Int) -> Int {
        arcs.places(of: node).reduce(0) { $0 + (target(of: arcs.neighbour(at: $1)) == nil ? 0 : 1) }
    }

    /// How many arcs each node is away from a root; nodes that no root leads to are measured from the nodes that nothing leads to, then
    /// from the first.
    private static func distances(in graph: Graph, leaving: Adjacency, entering: Adjacency) -> [Int] {
        var distances = Array(repeating: -1, count: graph.nodeCount)
        var queue: [Int] = []
        func visit(_ node: Int, _ distance: Int) {
            guard distances[node] < 0 else { return }
            distances[node] = distance
            queue.append(node)
        }
        var next = 0
        func spread() {
            while next < queue.count {
                let node = queue[next]
                next += 1
                for place in leaving.places(of: node) { visit(graph.arcs[leaving.neighbour(at: place)].to, distances[node] + 1) }
            }
        }
        for root in graph.roots { visit(root, 0) }
        spread()
        for node in 0..<graph.nodeCount where entering.degree(of: node) == 0 { visit(node, 0) }
        spread()
        for node in 0..<graph.nodeCount {
            visit(node, 0)
            spread()
        }
        return distances
    }
}
