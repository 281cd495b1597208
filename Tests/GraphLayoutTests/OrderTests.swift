import GraphLayout
import Testing

@Suite("Order of a picture")
struct OrderTests {
    @Test(
        "Edges of a diagram without circles all lead downwards",
        arguments: ["a>b b>c a>c", "a>d b>d c>d", "a>b b>c c>d a>d d>e a>e", "x>a a>b y>b"])
    func downwards(text: String) {
        for root in ["a", "b", "nothing"] {
            let layout = Diagram(text, roots: [root]).layout()
            #expect(layout.routes.allSatisfy { !$0.isReturn })
            for route in layout.routes {
                #expect(zip(route.points, route.points.dropFirst()).allSatisfy { $0.y <= $1.y })
            }
        }
    }

    @Test(
        "Of a circle the edge that leads back to the root is turned",
        arguments: [
            ("a>b b>c c>a", "a", ["c>a"]), ("a>b b>c c>a", "b", ["a>b"]), ("a>b b>a", "b", ["a>b"]),
            ("s>a a>b b>c c>b c>a b>s", "s", ["c>b", "c>a", "b>s"]),
            ("a>b b>c c>d d>b", "a", ["d>b"]), ("a>a", "a", []),
            // A hub that everything leads to and that leads everywhere.
            ("a>b b>c a>h b>h c>h h>b h>c c>end", "a", ["h>b", "c>h"]),
        ])
    func circles(text: String, root: String, turned: [String]) {
        let layout = Diagram(text, roots: [root]).layout()
        #expect(Set(layout.routes.filter(\.isReturn).map { "\($0.edge.from)>\($0.edge.to)" }) == Set(turned))
        for route in layout.routes where route.isReturn {
            #expect((route.points.first?.y ?? 0) > (route.points.last?.y ?? 0), "it leads upwards")
        }
    }

    @Test("Roots stand in the first layer, unless another root leads there")
    func roots() {
        let layout = Diagram("a>b b>c c>d x>d r>d a>s", roots: ["r", "a", "s", "r", "nobody"]).layout()
        #expect(layout.top("r") == layout.top("a"))
        #expect(layout.top("s") > layout.top("a"))
        #expect(layout.top("x") == layout.top("c"), "what is no root stands near to what it leads to")
    }

    @Test("Parts without connection are apart, those with roots first")
    func parts() {
        let layout = Diagram("a>b c>d e>f f>g lone r>s", roots: ["r"]).layout()
        #expect(layout.faults == [])
        #expect(layout.box("r").x == 16 && layout.box("r").y == 16, "at the margin")
        #expect(layout.box("lone").y >= layout.box("e").y)
    }

    @Test("A line of forty is a straight column")
    func column() {
        let text = (1..<40).map { "s\($0)>s\($0 + 1):step-\($0)" }.joined(separator: " ")
        let layout = Diagram(text, roots: ["s1"]).layout()
        #expect(layout.faults == [])
        #expect(layout.routes.allSatisfy { $0.points.count == 2 })
        #expect(layout.width < 300)
        #expect(layout.height < 40 * 140)
    }

    @Test(
        "Layered pictures that can be drawn without crossings have none",
        arguments: ["a>b a>c b>d c>e b>f c>g", "a>b b>c c>d a>d b>d", "a>y b>x c>y a>z"])
    func planar(text: String) {
        #expect(Diagram(text).layout().crossings == 0)
    }

    @Test("The same diagram gives the same bytes, whatever the order of its edges", arguments: 0..<6)
    func deterministic(seed: Int) {
        var diagram = Diagram.random(nodes: 25, edges: 60, seed: seed)
        let first = diagram.layout()
        #expect(diagram.layout().svg() == first.svg())
        var generator = SeededGenerator(seed: seed)
        diagram.edges.shuffle(using: &generator)
        #expect(diagram.layout() == first)
        #expect(diagram.layout().svg() == first.svg())
    }
}

extension Layout {
    func box(_ id: String) -> Frame { boxes.first { $0.node.id == id }?.frame ?? Frame(x: -1, y: -1, width: 0, height: 0) }

    /// The middle of a box: all of a layer have theirs at the same height.
    fileprivate func top(_ id: String) -> Int { box(id).y + box(id).height / 2 }

    /// How often level parts of edges meet upright ones of others.
    fileprivate var crossings: Int {
        let parts = routes.enumerated().flatMap { number, route in
            zip(route.points, route.points.dropFirst()).map { (owner: number, frame: Frame(spanning: $0, $1)) }
        }
        return parts.reduce(0) { count, part in
            count
                + parts.count { $0.owner < part.owner && ($0.frame.width == 0) != (part.frame.width == 0) && $0.frame.crosses(part.frame) }
        }
    }
}

extension Layout.Frame {
    fileprivate func crosses(_ other: Layout.Frame) -> Bool {
        x <= other.right && other.x <= right && y <= other.bottom && other.y <= bottom
    }
}
