/// A diagram by numbers: its nodes and those edges that have both ends, in an order that does not depend on theirs.
struct DiagramIndex {
    /// An edge and the numbers of its ends.
    struct NumberedEdge {
        let edge: Diagram.Edge
        let from: Int
        let to: Int
    }

    /// What is connected, with the numbers that its members have in the whole.
    struct Member {
        let nodes: [Int]
        /// Without loops, as the arcs of the graph.
        let edges: [Int]
        /// The loops of each node.
        let loops: [[Int]]
        let graph: Graph
    }

    let nodes: [Diagram.Node]
    let edges: [NumberedEdge]
    private let roots: [Int]

    init(_ diagram: Diagram) {
        var numbers: [String: Int] = [:]
        var nodes: [Diagram.Node] = []
        for node in diagram.nodes where numbers[node.id] == nil {
            numbers[node.id] = nodes.count
            nodes.append(node)
        }
        self.nodes = nodes
        edges = diagram.edges.compactMap { edge in
            guard let from = numbers[edge.from], let to = numbers[edge.to] else { return nil }
            return NumberedEdge(edge: edge, from: from, to: to)
        }.sorted()
        var seen: Set<Int> = []
        roots = diagram.roots.compactMap { numbers[$0] }.filter { seen.insert($0).inserted }
    }

    /// The connected parts: those with roots first, then large before small.
    func parts() -> [Member] {
        var groups = NodeGroups(count: nodes.count)
        for edge in edges { groups.join(edge.from, edge.to) }
        var membersOf: [Int: [Int]] = [:]
        for node in nodes.indices { membersOf[groups.first(of: node), default: []].append(node) }
        var rootsOf: [Int: [Int]] = [:]
        for root in roots { rootsOf[groups.first(of: root), default: []].append(root) }
        var edgesOf: [Int: [Int]] = [:]
        for (number, edge) in edges.enumerated() { edgesOf[groups.first(of: edge.from), default: []].append(number) }
        let firsts = membersOf.keys.sorted { one, other in
            let (left, right) = (membersOf[one]?.count ?? 0, membersOf[other]?.count ?? 0)
            return (rootsOf[one] == nil ? 1 : 0, -left, one) < (rootsOf[other] == nil ? 1 : 0, -right, other)
        }
        return firsts.map { member(nodes: membersOf[$0] ?? [], edges: edgesOf[$0] ?? [], roots: rootsOf[$0] ?? []) }
    }

    private func member(nodes: [Int], edges numbers: [Int], roots: [Int]) -> Member {
        let locals = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1, $0) })
        var loops = nodes.map { _ in [Int]() }
        var arcs: [Graph.Arc] = []
        var others: [Int] = []
        for number in numbers {
            guard let from = locals[edges[number].from], let to = locals[edges[number].to] else { continue }
            if from == to {
                loops[from].append(number)
            } else {
                arcs.append(Graph.Arc(from: from, to: to))
                others.append(number)
            }
        }
        let graph = Graph(nodeCount: nodes.count, arcs: arcs, roots: roots.compactMap { locals[$0] })
        return Member(nodes: nodes, edges: others, loops: loops, graph: graph)
    }
}

extension DiagramIndex.NumberedEdge: Comparable {
    static func < (left: Self, right: Self) -> Bool {
        (left.from, left.to, left.edge.id, left.edge.label ?? "") < (right.from, right.to, right.edge.id, right.edge.label ?? "")
    }

    static func == (left: Self, right: Self) -> Bool { !(left < right) && !(right < left) }
}

/// Which nodes are connected.
private struct NodeGroups {
    private var parents: [Int]

    init(count: Int) { parents = Array(0..<count) }

    /// The least node of a node's group.
    mutating func first(of node: Int) -> Int {
        var node = node
        while parents[node] != node {
            parents[node] = parents[parents[node]]
            node = parents[node]
        }
        return node
    }

    mutating func join(_ one: Int, _ other: Int) {
        let (left, right) = (first(of: one), first(of: other))
        parents[max(left, right)] = min(left, right)
    }
}
