/// Puts the nodes into layers, so that every arc (turned ones the other way round) leads to a later layer.
struct Layering {
    /// Passes over all nodes that shorten arcs; nearly all is won in the first two.
    private static let passes = 4

    /// The layer of each node, from 0.
    private(set) var layers: [Int]
    /// The arcs in the direction of the picture.
    let arcs: [Graph.Arc]
    private let leaving: Adjacency
    private let entering: Adjacency

    init(_ graph: Graph, isTurned: [Bool]) {
        arcs = graph.arcs.indices.map { isTurned[$0] ? Graph.Arc(from: graph.arcs[$0].to, to: graph.arcs[$0].from) : graph.arcs[$0] }
        let turned = Graph(nodeCount: graph.nodeCount, arcs: arcs, roots: graph.roots)
        leaving = Adjacency(arcsOf: turned, reversed: false)
        entering = Adjacency(arcsOf: turned, reversed: true)
        layers = Array(repeating: 0, count: graph.nodeCount)
        let order = Adjacency(count: graph.nodeCount, arcs.lazy.map { (node: $0.from, neighbour: $0.to) }).topologicalOrder(
            count: graph.nodeCount)
        for node in order {
            for place in leaving.places(of: node) {
                let target = arcs[leaving.neighbour(at: place)].to
                layers[target] = max(layers[target], layers[node] + 1)
            }
        }
        var isRoot = Array(repeating: false, count: graph.nodeCount)
        for root in graph.roots { isRoot[root] = true }
        for _ in 0..<Self.passes {
            for node in order.reversed() where !isRoot[node] { settle(node) }
            for node in order where !isRoot[node] { settle(node) }
        }
        let first = layers.min() ?? 0
        for node in layers.indices { layers[node] -= first }
    }

    /// Moves a node as near as it can be to the side where most of its arcs lead.
    private mutating func settle(_ node: Int) {
        let leavingCount = leaving.degree(of: node)
        let enteringCount = entering.degree(of: node)
        if leavingCount > enteringCount {
            layers[node] = leaving.places(of: node).reduce(.max) { min($0, layers[arcs[leaving.neighbour(at: $1)].to] - 1) }
        } else if enteringCount > leavingCount {
            layers[node] = entering.places(of: node).reduce(0) { max($0, layers[arcs[entering.neighbour(at: $1)].from] + 1) }
        }
    }
}
