import Foundation
import FoundationXML
import GraphLayout
import Testing

@Suite("Pictures as SVG")
struct PictureFileTests {
    /// What a parser finds in a document: the names of elements with their attributes and texts.
    private final class Document: NSObject, XMLParserDelegate {
        struct Element: Equatable {
            var name: String
            var attributes: [String: String]
            var text = ""
        }

        private(set) var elements: [Element] = []
        private var open: [Int] = []

        /// - Throws: the parser's error if it is not well-formed.
        init(_ text: String) throws {
            super.init()
            let parser = XMLParser(data: Data(text.utf8))
            parser.delegate = self
            guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
        }

        func parser(
            _: XMLParser, didStartElement name: String, namespaceURI _: String?, qualifiedName _: String?, attributes: [String: String]
        ) {
            open.append(elements.count)
            elements.append(Element(name: name, attributes: attributes))
        }

        func parser(_: XMLParser, didEndElement _: String, namespaceURI _: String?, qualifiedName _: String?) { open.removeLast() }

        func parser(_: XMLParser, foundCharacters string: String) {
            if let last = open.last { elements[last].text += string }
        }

        func all(_ name: String, class wanted: String? = nil) -> [Element] {
            elements.filter { element in
                element.name == name
                    && (wanted.map { (element.attributes["class"] ?? "").split(separator: " ").map(String.init).contains($0) } ?? true)
            }
        }
    }

    private static let nasty = [
        "<script>alert(\"x\") & 'co'</script>", "]]>", "a\u{0}b\u{B}c\u{FFFE}d\u{FFFF}\u{1F}\u{7F}\u{85}", "\u{202E}شكرا\u{200D}", "&amp;",
        "\r\n\t", "🎉",
        "--><svg onload=\"alert(1)\">", "\u{D7FF}\u{E000}\u{10FFFF}",
    ]

    @Test("A picture of any text is well-formed", arguments: nasty, [Layout.Styles.none, .embedded])
    func wellFormed(text: String, styles: Layout.Styles) throws {
        let node = Diagram.Node(
            id: text, title: text, lines: [text, ""], classes: [text, "entry"], link: text, tooltip: text, badge: text)
        let edge = Diagram.Edge(id: text, from: text, to: text, label: text, classes: [text], tooltip: text)
        let svg = Diagram(nodes: [node, Diagram.Node(id: "", title: "")], edges: [edge], roots: [text]).layout().svg(
            styles: styles, title: text, identifier: text)
        let document = try Document(svg)
        #expect(Set(document.elements.map(\.name)).isSubset(of: ["svg", "title", "style", "rect", "g", "a", "path", "text"]))
        #expect(document.elements.allSatisfy { !$0.attributes.keys.contains { $0.hasPrefix("on") || $0 == "style" } })
        #expect(document.all("g", class: "entry").count == 1)
    }

    @Test("Nodes and edges carry their ids and classes")
    func attributes() throws {
        let nodes = [
            Diagram.Node(
                id: "a", title: "A & B", lines: ["form · 2 here"], classes: ["entry", "form"], link: "/stages/a?x=1&y=2", tooltip: "More",
                badge: "2"),
            Diagram.Node(id: "b", title: "B"),
        ]
        let edges = [
            Diagram.Edge(id: "1", from: "a", to: "b", label: "x < 1", classes: ["rule"], tooltip: "why"),
            Diagram.Edge(id: "2", from: "b", to: "a", classes: ["timeout"]),
        ]
        let document = try Document(Diagram(nodes: nodes, edges: edges, roots: ["a"]).layout().svg(title: "Flow", identifier: "t1"))
        let node = try #require(document.all("g", class: "node").first)
        #expect(node.attributes == ["class": "node entry form", "data-id": "a"])
        #expect(document.all("a").map(\.attributes) == [["href": "/stages/a?x=1&y=2", "aria-label": "A & B"]])
        #expect(document.all("text", class: "title").map(\.text) == ["A & B", "B"])
        #expect(document.all("text", class: "line").map(\.text) == ["form · 2 here"])
        #expect(document.all("text", class: "badge-text").map(\.text) == ["2"])
        #expect(document.all("text", class: "label-text").map(\.text) == ["x < 1"])
        #expect(document.all("title").map(\.text) == ["Flow", "x < 1\nwhy", "A & B\nform · 2 here\nMore", "B"])
        let drawn = document.all("g", class: "edge").map(\.attributes)
        #expect(drawn.first == ["class": "edge rule", "data-id": "1", "data-from": "a", "data-to": "b"])
        #expect(drawn.last == ["class": "edge timeout return", "data-id": "2", "data-from": "b", "data-to": "a"])
        let root = try #require(document.elements.first)
        #expect(root.attributes["role"] == "group" && root.attributes["aria-labelledby"] == "t1", "its links can be reached")
        #expect(document.all("path", class: "head").count == 2)
    }

    @Test("A picture without links is one image, with a name and a size")
    func image() throws {
        let layout = Diagram("a>b", roots: ["a"]).layout()
        let root = try #require(try Document(layout.svg()).elements.first)
        #expect(root.attributes["role"] == "img")
        #expect(root.attributes["viewBox"] == "0 0 \(layout.width) \(layout.height)")
    }

    @Test("The style is in the picture only if that is wanted")
    func styles() throws {
        let layout = Diagram("a>b:label").layout()
        #expect(try Document(layout.svg(styles: .none)).all("style").isEmpty)
        let style = try #require(try Document(layout.svg()).all("style").first)
        #expect(style.text.contains("prefers-color-scheme: dark") && style.text.contains("var(--sk-graph-node-fill, #"))
        #expect(style.text.contains(Layout.styleSheet))
    }

    @Test("An empty diagram is a small picture")
    func empty() throws {
        let layout = Diagram(nodes: []).layout()
        #expect(layout.boxes.isEmpty && layout.routes.isEmpty && (1...64).contains(layout.width) && (1...64).contains(layout.height))
        #expect(try Document(layout.svg()).all("g", class: "node").isEmpty)
    }
}
