/// A connected part of a diagram as numbers, without loops.
struct Graph {
    struct Arc {
        let from: Int
        let to: Int
    }

    let nodeCount: Int
    let arcs: [Arc]
    /// The nodes where a reader begins, in order.
    let roots: [Int]
}

/// The neighbours of every node, in one flat array.
struct Adjacency {
    private var starts: [Int]
    private var neighbours: [Int]

    /// - Parameter links: pairs of a node and its neighbour; a node's neighbours keep their order.
    init(count: Int, _ links: some Collection<(node: Int, neighbour: Int)>) {
        starts = Array(repeating: 0, count: count + 1)
        for link in links { starts[link.node + 1] += 1 }
        for node in 0..<count { starts[node + 1] += starts[node] }
        var next = starts
        neighbours = Array(repeating: 0, count: links.count)
        for link in links {
            neighbours[next[link.node]] = link.neighbour
            next[link.node] += 1
        }
    }

    /// Where a node's neighbours stand: to be used with ``neighbour(at:)``.
    func places(of node: Int) -> Range<Int> { starts[node]..<starts[node + 1] }

    func neighbour(at place: Int) -> Int { neighbours[place] }

    func degree(of node: Int) -> Int { starts[node + 1] - starts[node] }
}

extension Adjacency {
    /// The nodes in an order in which all are behind those whose neighbours they are. Nodes on circles, and behind them, are not in it.
    func topologicalOrder(count: Int) -> [Int] {
        var waiting = Array(repeating: 0, count: count)
        for neighbour in neighbours { waiting[neighbour] += 1 }
        var order = (0..<count).filter { waiting[$0] == 0 }
        order.reserveCapacity(count)
        var next = 0
        while next < order.count {
            for place in places(of: order[next]) {
                waiting[neighbours[place]] -= 1
                if waiting[neighbours[place]] == 0 { order.append(neighbours[place]) }
            }
            next += 1
        }
        return order
    }

    /// For each node the arcs that leave it (or lead to it, if reversed), as indices.
    init(arcsOf graph: Graph, reversed: Bool) {
        self.init(
            count: graph.nodeCount,
            graph.arcs.indices.lazy.map { (node: reversed ? graph.arcs[$0].to : graph.arcs[$0].from, neighbour: $0) })
    }
}
