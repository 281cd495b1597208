import GraphLayout
import Testing

@Suite("Pictures")
struct PictureTests {
    @Test(
        "Nothing overlaps and every edge can be followed in a diagram of chance",
        arguments: [(1, 3), (2, 9), (3, 4), (5, 12), (8, 8), (12, 30), (20, 25), (30, 120), (60, 90), (90, 60)], 0..<6)
    func random(size: (nodes: Int, edges: Int), seed: Int) {
        let diagram = Diagram.random(nodes: size.nodes, edges: size.edges, seed: seed, leadsForward: seed % 2 == 0)
        let layout = diagram.layout()
        #expect(layout.faults == [])
        #expect(layout.boxes.map(\.node) == diagram.nodes)
        #expect(layout.routes.count == diagram.edges.count)
    }

    @Test(
        "Nothing overlaps in small diagrams",
        arguments: [
            "a", "a b c d e f g", "a>a", "a>a:again a>a:again a>a", "a>b", "a>b:one a>b:two a>b a>b", "a>b b>a",
            "a>b:there b>a:back a>b b>a",
            "a>b b>c c>a", "a>b a>c b>d c>d a>d", "a>b b>c c>d a>d:short a>c:shorter", "a>b c>d e>f", "a>b>c",
            "a>d a>e b>d b>e c>d c>e a>f b>f c>f",
            "a>b b>b:again b>c c>c:again c>a",
            "hub>a hub>b hub>c hub>d hub>e hub>f hub>g a>end b>end c>end d>end e>end f>end g>end hub>end:stop",
        ])
    func small(text: String) {
        #expect(Diagram(text).layout().faults == [])
    }
}
