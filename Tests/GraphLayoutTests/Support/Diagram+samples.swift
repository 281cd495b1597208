import GraphLayout

extension Diagram {
    /// A diagram from arrows: `"a>b b>c:label"`; a word without an arrow is a node of its own.
    init(_ text: String, roots: [String] = []) {
        var nodes: [Node] = []
        var edges: [Edge] = []
        for (number, word) in text.split(separator: " ").enumerated() {
            let parts = word.split(separator: ":", maxSplits: 1)
            let ends = parts[0].split(separator: ">").map(String.init)
            for end in ends where !nodes.contains(where: { $0.id == end }) { nodes.append(Node(id: end, title: end.uppercased())) }
            guard ends.count == 2 else { continue }
            edges.append(Edge(id: "\(number):\(word)", from: ends[0], to: ends[1], label: parts.count == 2 ? String(parts[1]) : nil))
        }
        self.init(nodes: nodes, edges: edges, roots: roots)
    }

    private static let labels = [
        nil, "true", "after 24 h", "data.topic == \"return\"", "message.text.matches(\"(?i)refund|money back\") && stage.visits > 3", "",
    ]
    private static let titles = ["Welcome", "", "Change the shipping address of an order", "返品の受付", "Hand over"]

    /// A diagram of chance: so many nodes and edges, most of which lead forward if that is wanted.
    static func random(nodes count: Int, edges: Int, seed: Int, leadsForward: Bool = false) -> Diagram {
        var generator = SeededGenerator(seed: seed)
        let nodes = (0..<count).map { number in
            Node(
                id: "n\(number)",
                title: titles[Int.random(in: 0..<titles.count, using: &generator)] + (number % 3 == 0 ? "" : " \(number)"),
                lines: number % 2 == 0 ? ["form · \(number) here"] : [], badge: number % 5 == 0 ? "\(number)" : nil)
        }
        let edges = (0..<edges).map { number in
            let from = Int.random(in: 0..<count, using: &generator)
            var to = Int.random(in: 0..<count, using: &generator)
            if leadsForward, number % 5 > 0 { to = min(count - 1, from + Int.random(in: 1...4, using: &generator)) }
            return Edge(
                id: "e\(number)", from: "n\(from)", to: "n\(to)", label: labels[Int.random(in: 0..<labels.count, using: &generator)])
        }
        return Diagram(nodes: nodes, edges: edges, roots: ["n0"])
    }
}
