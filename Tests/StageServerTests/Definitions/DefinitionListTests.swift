import StageModel
import Testing

@Suite("Lists of definitions: filters, order and pages")
struct DefinitionListTests {
    @Test("A list answers exactly what its filters ask for")
    func filter() async throws {
        try await TestServer.run { server in
            for (path, names) in Self.filters {
                let list = try await server.get(path)
                let found = list.items.map { ($0["stage_name"] ?? $0["template_name"] ?? $0["agent_name"] ?? $0["description"])?.string }
                #expect(list.status == 200 && found == names && list["/next_cursor"] == .null, "\(path): \(list.text)")
            }
        }
    }

    private static let filters: [(String, [String])] = [
        ("/stages?business_id=<shop>", ["Brief", "Goodbye", "Mara's desk", "Notes", "Order", "Theo's desk", "Welcome", "Whisper"]),
        ("/stages?business_id=<shop>&agent_id=<mara>", ["Mara's desk"]),
        ("/stages?business_id=<shop>&agent_id=<idle>", []),
        ("/stages?business_id=<shop>&type=form", ["Order"]),
        ("/stages?business_id=<shop>&type=response", ["Goodbye"]),
        ("/stages?business_id=<shop>&q=desk", ["Mara's desk", "Theo's desk"]),
        ("/stages?business_id=<shop>&q=DESK", ["Mara's desk", "Theo's desk"]),
        ("/stages?business_id=<shop>&q=mara%27s%20desk", ["Mara's desk"]),
        ("/stages?business_id=<shop>&q=a+b", []),
        ("/stages?business_id=<shop>&q=desk&agent_id=<theo>&type=conversation", ["Theo's desk"]),
        ("/stages?business_id=<shop>&q=desk&type=form", []),
        ("/templates", ["Extraction", "Response", "Selection", "Spare"]),
        ("/templates?type=response_generation", ["Response", "Spare"]),
        ("/templates?type=data_extraction&q=spare", []),
        ("/agents?business_id=<shop>", ["Idle", "Mara", "Theo"]),
        ("/agents?q=A", ["Mara"]),
        ("/transition-rules?business_id=<shop>", ["Asks about an order"]),
        ("/transition-rules?q=ABOUT", ["Asks about an order"]),
        ("/transition-rules?q=welcome", []),
    ]

    @Test("All pages together hold every definition once, in the order of name and id", arguments: Kind.named, [1, 3, 200])
    func pages(_ kind: Kind, _ limit: Int) async throws {
        try await TestServer.run { server in
            for name in ["b", "a", "b", "B", "é", "b", "a"] {
                #expect(try await server.post("/\(kind.collection)", kind.named("page \(name)")).status == 201)
            }
            let path = "/\(kind.collection)?business_id=<shop>&q=page&limit=\(limit)"
            var found: [(name: String, id: String)] = []
            var cursor: String?
            repeat {
                let page = try await server.get(path + (cursor.map { "&cursor=\($0)" } ?? ""))
                #expect(page.status == 200 && page.items.count <= limit)
                found += zip(page.column(kind.nameMember), page.column(kind.idName)).map { ($0, $1) }
                cursor = page["/next_cursor"]?.string
                #expect(cursor == nil || page.items.count == limit)
            } while cursor != nil && found.count < 100
            #expect(found.map(\.name) == ["page B", "page a", "page a", "page b", "page b", "page b", "page é"])
            #expect(Set(found.map(\.id)).count == 7)
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.name != $1.name || $0.id < $1.id })
        }
    }

    @Test("A page goes on behind its last item even when that one is gone")
    func goneItem() async throws {
        try await TestServer.run { server in
            let first = try await server.get("/agents?limit=2")
            let cursor = try #require(first["/next_cursor"]?.string)
            #expect(first.column("agent_name") == ["Idle", "Mara"])
            #expect(try await server.patch("/agents/<mara>", #"{"agent_name":"Zoe"}"#).status == 200)
            #expect(try await server.get("/agents?limit=2&cursor=\(cursor)").column("agent_name") == ["Theo", "Zoe"])
        }
    }

    @Test("A cursor of another list or of other filters is refused")
    func foreignCursor() async throws {
        try await TestServer.run { server in
            let page = try await server.get("/stages?business_id=<shop>&type=conversation&limit=2")
            let cursor = try #require(page["/next_cursor"]?.string)
            for (path, status) in Self.foreignUses {
                let answer = try await server.get(path + "cursor=\(cursor)")
                #expect(answer.status == status && answer.faults == (status == 400 ? ["/cursor"] : []), "\(path)")
            }
        }
    }

    private static let foreignUses: [(String, Int)] = [
        ("/stages?business_id=<shop>&type=conversation&", 200),
        ("/stages?business_id=<shop>&limit=1&type=conversation&", 200),
        ("/stages?business_id=<shop>&", 400),
        ("/stages?business_id=<shop>&type=form&", 400),
        ("/stages?business_id=<shop>&type=conversation&q=e&", 400),
        ("/templates?", 400),
        ("/agents?", 400),
        ("/transition-rules?", 400),
        ("/conversations?", 400),
        ("/audit-log?", 400),
        ("/stages/<welcome>/revisions?", 400),
        ("/conversations/c-1/history?", 400),
    ]

    @Test("A limit is from 1 to 200, and a cursor is one of ours", arguments: pagedPaths)
    func badPage(_ path: String) async throws {
        try await TestServer.run { server in
            for (parameter, status) in Self.badPages {
                let answer = try await server.get(path + parameter)
                let faults = status == 400 ? ["/\(parameter.prefix { $0 != "=" })"] : []
                #expect(answer.status == status && answer.faults == faults, "\(parameter)")
            }
        }
    }

    private static let pagedPaths = [
        "/stages?business_id=<shop>&", "/templates?", "/agents?", "/conversations?", "/conversations/c-1/history?", "/audit-log?",
        "/agents/<mara>/revisions?", "/transition-rules?", "/transition-rules/<rule>/revisions?",
    ]

    private static let badPages: [(String, Int)] = [
        ("limit=1", 200), ("limit=200", 200), ("limit=0", 400), ("limit=201", 400), ("limit=-1", 400), ("limit=ten", 400), ("limit=", 400),
        ("limit=1.5", 400), ("limit=99999999999999999999", 400), ("cursor=", 400), ("cursor=abc", 400), ("cursor=%00", 400),
        ("cursor=WyJhIiwiYiIsImMiXQ", 400),
    ]
}
