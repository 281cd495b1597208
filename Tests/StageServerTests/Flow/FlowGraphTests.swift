import Foundation
import FoundationXML
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("GET /flow/graph")
struct FlowGraphTests {
    @Test("As JSON: every stage with who is there, every rule and timeout, the entry and the findings")
    func json() async throws {
        try await TestServer.run { server in
            try await server.patch("/stages/<notes>", #"{"configuration":{"timeout":{"seconds":7200,"to_stage_id":"<goodbye>"}}}"#)
            try await server.put("/stages/<whisper>/state", #"{"status":"disabled"}"#)
            let model = #"{"from_stage_id":null,"to_stage_id":"<notes>","condition":"true","selection":"model","description":"","priority":-1}"#
            try await server.post("/transition-rules", Bodies.rule(model))
            try await server.move("c-3", to: "order")
            while try await server.store.foldStatistics() > 0 {}
            for query in ["", "?format=json", "?business_id=<shop>"] {
                let graph = try await server.get("/flow/graph\(query)", as: .viewer)
                #expect(graph.status == 200 && graph[header: "Content-Type"] == "application/json")
                #expect(graph[header: "Cache-Control"] == "private, no-store")
                let nodes = try #require(graph["/nodes"]?.array)
                #expect(nodes.map { $0["stage_name"]?.string ?? "-" } == Self.names)
                let order = try #require(nodes.first { $0["stage_id"] == server.id("order") })
                #expect(order["conversations_here"] == 2 && order["stage_type"] == "form" && order["is_entry"] == false && order["final"] == false)
                #expect(order["status"] == "active" && order["agent_id"] == .null)
                #expect(nodes.first { $0["stage_id"] == server.id("maras") }?["agent_id"] == server.id("mara"))
                #expect(nodes.first { $0["stage_id"] == server.id("whisper") }?["status"] == "disabled")
                #expect(nodes.first { $0["stage_id"] == server.id("whisper") }?["findings"] == ["unreachable_stage"])
                #expect(nodes.first { $0["stage_id"] == server.id("goodbye") }?["final"] == true)
                let edges = try #require(graph["/edges"]?.array)
                #expect(edges.map { $0["kind"] } == ["rule", "rule", "timeout"])
                #expect(edges.map { $0["label"] } == ["Asks about an order", "", "after 2 h"])
                #expect(edges[0]["rule_id"] == server.id("rule") && edges[0]["condition"] == "has(data.topic)" && edges[0]["priority"] == 0)
                #expect(edges[1]["from_stage_id"] == .null && edges[1]["selection"] == "model" && edges[1]["to_stage_id"] == server.id("notes"))
                #expect(edges[2]["from_stage_id"] == server.id("notes") && edges[2]["rule_id"] == .null && edges[2]["condition"] == .null)
                #expect(edges[2]["id"]?.string == server.expand("timeout-<notes>") && edges[2]["selection"] == .null)
                #expect(graph["/entry"] == [server.id("welcome")])
                let check = try await server.post("/flow/check")
                #expect(graph["/findings"] == check["/findings"])
            }
        }
    }

    private static let names = ["Brief", "Goodbye", "Mara's desk", "Notes", "Order", "Theo's desk", "Welcome", "Whisper"]

    @Test("Each format comes with its type, and the same graph gives the same bytes", arguments: formats)
    func format(_ format: String, _ type: String, _ start: String, _ end: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/flow/graph?format=\(format)")
            #expect(answer.status == 200 && answer[header: "Content-Type"] == type)
            #expect(answer.text.hasPrefix(start) && answer.text.hasSuffix(end), "\(answer.text)")
            #expect(try await server.get("/flow/graph?format=\(format)").bytes == answer.bytes)
        }
    }

    private static let formats = [
        ("json", "application/json", #"{"nodes":["#, "}"), ("mermaid", "text/vnd.mermaid; charset=utf-8", "flowchart TD\n", "\n"),
        ("dot", "text/vnd.graphviz; charset=utf-8", "digraph flow {\n", "}\n"), ("svg", "image/svg+xml; charset=utf-8", "<svg", "</svg>\n"),
    ]

    @Test("A format that there is not is refused with those that there are", arguments: ["png", "", "SVG", "json,svg"])
    func unknownFormat(_ format: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/flow/graph?format=\(format)")
            #expect(answer.status == 400 && answer.code == "invalid_parameter" && answer.faults == ["/format"])
            let message = answer["/errors/0/message"]?.string ?? ""
            for known in ["json", "mermaid", "dot", "svg"] { #expect(message.contains(known), "\(message)") }
        }
    }

    /// A world whose texts would break a careless writer.
    private static func withHostileTexts(_ body: @Sendable (TestServer) async throws -> Void) async throws {
        try await TestServer.run { server in
            let name = JSONValue.object(["stage_name": #"He "said" <b>&amp; |x| `y` \n #1"#]).jsonText
            try await server.patch("/stages/<order>", name)
            let rule = JSONValue.object(["description": "to \"quote\" </text>\n--> [[end]]; \\ é 👍🏽", "condition": "data.x < 1 && data.y > \"]]>\""])
                .jsonText
            try await server.patch("/transition-rules/<rule>", rule)
            try await body(server)
        }
    }

    @Test("Mermaid and Graphviz get one line for each stage and each edge, whatever the texts hold")
    func lines() async throws {
        try await Self.withHostileTexts { server in
            let mermaid = try await server.get("/flow/graph?format=mermaid").text.split(separator: "\n").map(String.init)
            #expect(mermaid.count == 10)
            for line in Self.mermaid { #expect(mermaid.contains(line), "\(line)\n\(mermaid)") }
            let dot = try await server.get("/flow/graph?format=dot").text.split(separator: "\n").map(String.init)
            #expect(dot.count == 13)
            for line in Self.dot { #expect(dot.contains(line), "\(line)\n\(dot)") }
        }
    }

    private static let mermaid: [String] = [
        "flowchart TD", ##"    s2(["Goodbye (0)"])"##, ##"    s7[["Welcome (0)"]]"##,
        ##"    s3["He #34;said#34; #60;b#62;#38;amp; #124;x#124; #96;y#96; #92;n #35;1 (0)"]"##,
        ##"    s7 -->|"to #34;quote#34; #60;/text#62; --#62; [[end]]; #92; é 👍🏽"| s3"##,
    ]

    private static let dot: [String] = [
        #"    s2 [label="Goodbye\n0 here", peripheries=2];"#, #"    s7 [label="Welcome\n0 here", penwidth=2];"#,
        #"    s3 [label="He \"said\" <b>&amp; |x| `y` \\n #1\n0 here"];"#, #"    s7 -> s3 [label="to \"quote\" </text> --> [[end]]; \\ é 👍🏽"];"#, "}",
    ]

    /// The texts and the elements of a document.
    private final class Reader: NSObject, XMLParserDelegate {
        var text = ""
        var elements: [String: Int] = [:]
        var attributes: [String] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]
        ) {
            elements[name, default: 0] += 1
            self.attributes += attributes.keys
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) { self.text += text }
    }

    @Test("The picture is well-formed, holds every text as it is, and runs and loads nothing")
    func picture() async throws {
        try await Self.withHostileTexts { server in
            let answer = try await server.get("/flow/graph?format=svg")
            let reader = Reader()
            let parser = XMLParser(data: Data(answer.bytes))
            parser.delegate = reader
            #expect(parser.parse(), "\(String(describing: parser.parserError)): \(answer.text)")
            let words = reader.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            for text in ["Welcome", #""said""#, "<b>&amp;", "|x|", "</text>", "👍🏽", "Goodbye"] { #expect(words.contains(text), "\(text): \(words)") }
            #expect(
                reader.elements["svg"] == 1 && reader.elements["script"] == nil && reader.elements["image"] == nil
                    && reader.elements["foreignObject"] == nil)
            #expect(!reader.attributes.contains { $0.lowercased().hasPrefix("on") || $0.hasSuffix("href") })
            #expect(!answer.text.contains("url(") && !answer.text.contains("@import"))
        }
    }

    @Test("A picture of 200 stages is drawn as well")
    func large() async throws {
        try await TestServer.run { server in
            var names: [String] = []
            for number in 0..<192 {
                let stage = try await server.post("/stages", Bodies.stage(#"{"stage_name":"Stage \#(number)"}"#))
                names.append(try #require(stage["/stage_id"]?.string))
                guard number > 0 else { continue }
                let rule = #"{"from_stage_id":"\#(names[number / 2])","to_stage_id":"\#(names[number])","description":"step \#(number)"}"#
                #expect(try await server.post("/transition-rules", Bodies.rule(rule)).status == 201)
            }
            let answer = try await server.get("/flow/graph?format=svg")
            let reader = Reader()
            let parser = XMLParser(data: Data(answer.bytes))
            parser.delegate = reader
            #expect(parser.parse() && reader.text.contains("Stage 191"))
            #expect(try await server.get("/flow/graph")["/nodes"]?.array?.count == 200)
        }
    }

    @Test("Who may read definitions sees the graph, each business its own")
    func access() async throws {
        try await TestServer.run { server in
            #expect(try await server.get("/flow/graph", as: .runtime).status == 403)
            #expect(try await server.get("/flow/graph?business_id=<other>").status == 403)
            let other = try await server.get("/flow/graph", as: .other)
            #expect(other["/nodes"]?.array?.map { $0["stage_name"] } == ["Elsewhere"])
            #expect(other["/edges"]?.array?.map { $0["rule_id"] } == [server.id("other_rule")])
        }
    }
}
