/// The strongly connected components of a graph: within one, each node can be got to from each other.
///
/// Tarjan's algorithm ("Depth-first search and linear graph algorithms", 1972), with a stack of its own instead of recursion, as flows can
/// be long.
struct StrongComponents {
    /// The component of each node.
    private(set) var component: [Int]
    private(set) var count = 0
    private let successors: [[Int]]
    /// When a node was first met, from 1; 0: not yet.
    private var met: [Int]
    /// The earliest node that a node is known to lead back to.
    private var lowest: [Int]
    private var time = 0
    private var open: [Int] = []

    /// - Parameter successors: where the edges of each node lead.
    init(_ successors: [[Int]]) {
        self.successors = successors
        component = Array(repeating: -1, count: successors.count)
        met = Array(repeating: 0, count: successors.count)
        lowest = met
        for node in successors.indices where met[node] == 0 { visit(node) }
    }

    private mutating func visit(_ root: Int) {
        meet(root)
        // The nodes on the way, each with how many of its edges were followed.
        var path = [(node: root, followed: 0)]
        while let (node, followed) = path.last {
            if followed < successors[node].count {
                path[path.count - 1].followed += 1
                let next = successors[node][followed]
                if met[next] == 0 {
                    meet(next)
                    path.append((next, 0))
                } else if component[next] < 0 {
                    lowest[node] = min(lowest[node], met[next])
                }
            } else {
                path.removeLast()
                if let parent = path.last?.node { lowest[parent] = min(lowest[parent], lowest[node]) }
                if lowest[node] == met[node] { close(node) }
            }
        }
    }

    private mutating func meet(_ node: Int) {
        time += 1
        met[node] = time
        lowest[node] = time
        open.append(node)
    }

    private mutating func close(_ root: Int) {
        while let node = open.popLast() {
            component[node] = count
            if node == root { break }
        }
        count += 1
    }
}
