import GraphLayout
import Testing

@Suite("Diagrams of any size")
struct LargeDiagramTests {
    @Test("Edges to unknown nodes, and nodes with an id that is taken, are not drawn")
    func unknown() {
        var diagram = Diagram("a>b b>nobody")
        diagram.nodes.removeLast()
        diagram.nodes.append(Diagram.Node(id: "a", title: "Another"))
        let layout = diagram.layout()
        #expect(layout.boxes.map(\.node.title) == ["A", "B"])
        #expect(layout.routes.map(\.edge.to) == ["b"])
    }

    @Test("Thousands of edges between two nodes, or from a node to itself, are drawn apart")
    func parallel() {
        let nodes = [Diagram.Node(id: "a", title: "A"), Diagram.Node(id: "b", title: "B")]
        let pairs = [("a", "b"), ("b", "a"), ("a", "a")]
        let edges = (0..<5000).map {
            Diagram.Edge(id: "\($0)", from: pairs[$0 % 3].0, to: pairs[$0 % 3].1, label: $0 % 7 == 0 ? nil : "rule \($0)")
        }
        let layout = Diagram(nodes: nodes, edges: edges, roots: ["a"]).layout()
        #expect(layout.routes.count == 5000)
        #expect(!layout.boxes[0].frame.overlaps(layout.boxes[1].frame))
        #expect(
            Set(layout.routes.filter { $0.edge.from != $0.edge.to }.compactMap { $0.points.first?.x }).count == 3334,
            "each has a place of its own")
    }

    @Test(
        "Large diagrams are drawn without faults",
        arguments: [(200, 400, false), (200, 400, true), (300, 250, true), (40, 600, false)])
    func large(nodes: Int, edges: Int, leadsForward: Bool) {
        #expect(Diagram.random(nodes: nodes, edges: edges, seed: 1, leadsForward: leadsForward).layout().faults == [])
    }

    @Test("A thousand nodes and three thousand edges are drawn", arguments: [true, false])
    func thousand(leadsForward: Bool) {
        let layout = Diagram.random(nodes: 1000, edges: 3000, seed: 1, leadsForward: leadsForward).layout()
        #expect(layout.boxes.count == 1000 && layout.routes.count == 3000)
        #expect(layout.routes.allSatisfy { $0.points.count > 1 })
    }

    @Test("Edges that pass very many rows go around them", arguments: [90, 400])
    func long(count: Int) {
        let steps = (1..<count).map { "s\($0)>s\($0 + 1)" }
        let others = (2..<count).flatMap { ["s\($0)>s1:start-over", "s\($0)>s\(count):after-24-h"] }
        let layout = Diagram((steps + others).joined(separator: " "), roots: ["s1"]).layout()
        #expect(layout.faults == [])
    }

    @Test("Circles within circles, a complete diagram and a star are drawn without faults")
    func shapes() {
        let chain = (0..<150).flatMap { ["n\($0)>n\($0 + 1)", "n\($0 + 1)>n\($0)"] }
        let complete = (0..<9).flatMap { from in (0..<9).map { "n\(from)>n\($0):\(from) to \($0)" } }
        let star = (0..<80).flatMap { ["hub>n\($0):go", "n\($0)>hub"] }
        for words in [chain, complete, star] {
            #expect(Diagram(words.joined(separator: " "), roots: ["hub", "n0"]).layout().faults == [])
        }
    }
}
