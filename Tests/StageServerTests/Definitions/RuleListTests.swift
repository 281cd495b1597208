import StageModel
import Testing

@Suite("Lists of transition rules")
struct RuleListTests {
    /// Rules in the order in which they are tried, those of one line with the same rank.
    private static let ranks: [[String]] = [
        [#"{"from_stage_id":null,"priority":1000000,"description":"list first"}"#],
        [#"{"from_stage_id":"<order>","priority":10,"description":"list of a stage"}"#],
        [#"{"from_stage_id":null,"priority":10,"description":"list of any"}"#],
        Array(repeating: #"{"from_stage_id":"<welcome>","priority":0,"description":"list equal"}"#, count: 3),
        [#"{"from_stage_id":null,"priority":-1,"description":"list below"}"#],
        [#"{"from_stage_id":"<order>","to_stage_id":"<order>","priority":-1000000,"description":"list last"}"#],
    ]

    @Test("All pages together hold every rule once, in the order in which rules are tried", arguments: [1, 2, 3, 200])
    func pages(_ limit: Int) async throws {
        try await TestServer.run { server in
            for patch in Self.ranks.reversed().flatMap(\.self) {
                #expect(try await server.post("/transition-rules", Bodies.rule(patch)).status == 201)
            }
            var found: [(name: String, id: String)] = []
            var cursor: String?
            repeat {
                let page = try await server.get("/transition-rules?q=list&limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? ""))
                #expect(page.status == 200 && page.items.count <= limit)
                found += zip(page.column("description"), page.column("rule_id")).map { ($0, $1) }
                cursor = page["/next_cursor"]?.string
            } while cursor != nil && found.count < 100
            let wanted = ["list first", "list of a stage", "list of any", "list equal", "list equal", "list equal", "list below", "list last"]
            #expect(found.map(\.name) == wanted && Set(found.map(\.id)).count == 8)
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.name != $1.name || $0.id < $1.id })
        }
    }

    @Test("A list is filtered by the stages that rules lead from and to, and by what they are for")
    func filters() async throws {
        try await TestServer.run { server in
            let rules = [
                #"{"from_stage_id":"<order>","to_stage_id":"<notes>","description":"order to notes"}"#,
                #"{"from_stage_id":null,"to_stage_id":"<notes>","description":"any to notes"}"#,
                #"{"from_stage_id":"<notes>","to_stage_id":"<notes>","description":"notes to notes"}"#,
                #"{"from_stage_id":"<notes>","to_stage_id":"<goodbye>","condition":"has(data.Bye)","description":""}"#,
            ]
            for rule in rules { #expect(try await server.post("/transition-rules", Bodies.rule(rule)).status == 201) }
            for (query, names) in Self.queries {
                let list = try await server.get("/transition-rules?\(query)")
                #expect(list.status == 200 && Set(list.column("description")) == Set(names) && list.items.count == names.count, "\(query)")
            }
        }
    }

    private static let queries: [(String, [String])] = [
        ("", ["Asks about an order", "order to notes", "any to notes", "notes to notes", ""]),
        ("stage_id=<order>", ["Asks about an order", "order to notes"]),
        ("stage_id=<notes>", ["order to notes", "any to notes", "notes to notes", ""]),
        ("from_stage_id=<notes>", ["notes to notes", ""]), ("to_stage_id=<notes>", ["order to notes", "any to notes", "notes to notes"]),
        ("from_stage_id=<order>&to_stage_id=<notes>", ["order to notes"]), ("from_stage_id=<notes>&stage_id=<goodbye>", [""]),
        ("to_stage_id=<welcome>", []), ("stage_id=<other_stage>", []), ("stage_id=<notes>&q=any", ["any to notes"]),
        ("q=data.bye", [""]), ("stage_id=123e4567-e89b-42d3-a456-426614174000", []),
    ]

    @Test("Filters that can't be are all named")
    func badFilters() async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/transition-rules?stage_id=order&from_stage_id=&to_stage_id=x&type=model")
            #expect(answer.status == 400 && answer.faults == ["/from_stage_id", "/stage_id", "/to_stage_id", "/type"])
        }
    }

    @Test("A cursor counts for its filters alone, and goes on behind an item that is gone or has another priority now")
    func cursors() async throws {
        try await TestServer.run { server in
            for priority in [3, 2, 1] {
                let patch = #"{"from_stage_id":null,"priority":\#(priority),"description":"p\#(priority)"}"#
                #expect(try await server.post("/transition-rules", Bodies.rule(patch)).status == 201)
            }
            let first = try await server.get("/transition-rules?to_stage_id=<order>&limit=2")
            let cursor = try #require(first["/next_cursor"]?.string)
            #expect(first.column("description") == ["p3", "p2"])
            for query in ["", "to_stage_id=<notes>&", "from_stage_id=<order>&to_stage_id=<order>&"] {
                #expect(try await server.get("/transition-rules?\(query)cursor=\(cursor)").faults == ["/cursor"], "\(query)")
            }
            let second = try #require(first["/items/1/rule_id"]?.string)
            try await server.patch("/transition-rules/\(second)", #"{"priority":-5}"#)
            let rest = try await server.get("/transition-rules?to_stage_id=<order>&cursor=\(cursor)")
            #expect(rest.column("description") == ["p1", "Asks about an order", "p2"])
        }
    }
}
