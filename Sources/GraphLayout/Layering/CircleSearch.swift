/// Tarjan's search for the sets of nodes that lead to each other, without recursion.
struct CircleSearch {
    private struct Visit {
        let node: Int
        var place: Int
    }

    /// When a node was met, counted over all searches; 0 for never.
    private var met: [Int]
    private var lowest: [Int]
    private var isOpen: [Bool]
    private var time = 0

    init(nodeCount: Int) {
        met = Array(repeating: 0, count: nodeCount)
        lowest = met
        isOpen = Array(repeating: false, count: nodeCount)
    }

    /// The sets of two and more among some nodes, along the arcs for which `next` tells a target.
    mutating func circles(among nodes: [Int], leaving: Adjacency, next: (Int) -> Int?) -> [[Int]] {
        var circles: [[Int]] = []
        var open: [Int] = []
        var path: [Visit] = []
        let began = time
        func enter(_ node: Int) {
            time += 1
            met[node] = time
            lowest[node] = time
            isOpen[node] = true
            open.append(node)
            path.append(Visit(node: node, place: leaving.places(of: node).lowerBound))
        }
        for start in nodes where met[start] <= began {
            enter(start)
            while let visit = path.last {
                let node = visit.node
                if visit.place < leaving.places(of: node).upperBound {
                    path[path.count - 1].place += 1
                    guard let target = next(leaving.neighbour(at: visit.place)) else { continue }
                    if met[target] <= began {
                        enter(target)
                    } else if isOpen[target] {
                        lowest[node] = min(lowest[node], met[target])
                    }
                    continue
                }
                path.removeLast()
                if let parent = path.last { lowest[parent.node] = min(lowest[parent.node], lowest[node]) }
                guard lowest[node] == met[node], let first = open.lastIndex(of: node) else { continue }
                let circle = Array(open[first...])
                open.removeSubrange(first...)
                for member in circle { isOpen[member] = false }
                if circle.count > 1 { circles.append(circle) }
            }
        }
        return circles
    }
}
