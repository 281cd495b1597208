import StageModel
import Testing

@Suite("Conversations and their histories as lists")
struct ConversationListTests {
    @Test("A conversation's history is newest first, complete over all pages", arguments: [1, 2, 50])
    func history(_ limit: Int) async throws {
        try await TestServer.run { server in
            let stages = ["notes", "order", "welcome", "notes", "brief", "welcome"]
            for stage in stages {
                server.clock.advance(seconds: 1)
                try await server.move("c-1", to: stage)
            }
            var found: [JSONValue] = []
            var cursor = ""
            repeat {
                let page = try await server.get("/conversations/c-1/history?limit=\(limit)\(cursor)", as: .runtime)
                #expect(page.status == 200 && page.items.count <= limit)
                found += page.items
                cursor = page["/next_cursor"]?.string.map { "&cursor=\($0)" } ?? ""
            } while !cursor.isEmpty && found.count < 50
            #expect(found.compactMap { $0["version"]?.integer } == [7, 6, 5, 4, 3, 2, 1])
            #expect(found.map { $0["to_stage_id"] } == (["welcome"] + stages).reversed().map { .string(server.expand("<\($0)>")) })
            #expect(zip(found, found.dropFirst()).allSatisfy { $0["from_stage_id"] == $1["to_stage_id"] })
            #expect(found.last?["from_stage_id"] == .null && found.allSatisfy { $0["seq"] == 0 && $0["rule_id"] == .null })
            #expect(Set(found.compactMap { $0["transition_id"]?.string }).count == 7)
        }
    }

    @Test("A page of the history goes on where it was, whatever happens meanwhile")
    func stableHistory() async throws {
        try await TestServer.run { server in
            for _ in 0..<3 { try await server.move("c-1", to: "notes") }
            let cursor = try #require(try await server.get("/conversations/c-1/history?limit=2")["/next_cursor"]?.string)
            try await server.move("c-1", to: "order")
            let next = try await server.get("/conversations/c-1/history?limit=2&cursor=\(cursor)")
            #expect(next.column("version") == ["2", "1"] && next["/next_cursor"] == .null)
        }
    }

    @Test("A history longer than what is kept at hand is complete")
    func longHistory() async throws {
        try await TestServer.run { server in
            for number in 0..<125 { try await server.move("c-1", to: number.isMultiple(of: 2) ? "notes" : "welcome") }
            let first = try await server.get("/conversations/c-1/history?limit=100")
            let cursor = try #require(first["/next_cursor"]?.string)
            let second = try await server.get("/conversations/c-1/history?limit=100&cursor=\(cursor)")
            let versions = (first.items + second.items).compactMap { $0["version"]?.integer }
            #expect(versions == Array((1...126).reversed()) && second["/next_cursor"] == .null)
        }
    }

    @Test("The history of an unknown conversation is 404", arguments: ["nobody", "c-9"])
    func unknownHistory(_ id: String) async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.get("/conversations/\(id)/history").code == "not_found")
        }
    }

    @Test("Conversations are listed the last changed first, those of one moment by their ids", arguments: [1, 2, 200])
    func order(_ limit: Int) async throws {
        try await TestServer.run { server in
            for id in ["b", "a", "C"] { try await server.move(id, to: "welcome") }
            server.clock.advance(seconds: 1)
            try await server.move("c-1", to: "notes")
            var found: [String] = []
            var cursor = ""
            repeat {
                let page = try await server.get("/conversations?limit=\(limit)\(cursor)")
                #expect(page.items.count <= limit)
                found += page.column("conversation_id")
                cursor = page["/next_cursor"]?.string.map { "&cursor=\($0)" } ?? ""
            } while !cursor.isEmpty && found.count < 50
            #expect(found == ["c-1", "c-2", "b", "a", "C"])
        }
    }

    @Test("Conversations are filtered by stage, agent, status and the start of their ids")
    func filter() async throws {
        try await TestServer.run { server in
            try await server.put("/stages/<maras>/state", #"{"conversation_id":"web-1","agent_id":"<mara>"}"#)
            try await server.put("/stages/<welcome>/state", #"{"conversation_id":"web-2","agent_id":"<mara>"}"#)
            try await server.move("we:b", to: "goodbye")
            try await server.post("/conversations/c-2/pause")
            for (query, ids) in Self.filters {
                let list = try await server.get("/conversations?\(query)", as: .runtime)
                #expect(list.status == 200 && list.column("conversation_id").sorted() == ids, "\(query)")
            }
        }
    }

    private static let filters: [(String, [String])] = [
        ("", ["c-1", "c-2", "we:b", "web-1", "web-2"]), ("business_id=<shop>", ["c-1", "c-2", "we:b", "web-1", "web-2"]),
        ("stage_id=<welcome>", ["c-1", "web-2"]), ("agent_id=<mara>", ["web-1", "web-2"]), ("agent_id=<mara>&stage_id=<welcome>", ["web-2"]),
        ("status=paused", ["c-2"]), ("status=completed", ["we:b"]), ("status=active&q=web", ["web-1", "web-2"]),
        ("q=we", ["we:b", "web-1", "web-2"]), ("q=we:", ["we:b"]), ("q=WE", []), ("q=eb", []),
        ("stage_id=<other_stage>", []), ("agent_id=<other_agent>", []),
    ]

    @Test("A parameter that can't be is named", arguments: ["stage_id=x", "agent_id=x", "status=gone", "q=a%20b", "order=up"])
    func badFilter(_ query: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/conversations?\(query)")
            #expect(answer.status == 400 && answer.faults == ["/\(query.prefix { $0 != "=" })"])
        }
    }

    @Test("A cursor of other filters is refused")
    func foreignCursor() async throws {
        try await TestServer.run { server in
            let cursor = try #require(try await server.get("/conversations?limit=1")["/next_cursor"]?.string)
            #expect(try await server.get("/conversations?cursor=\(cursor)").column("conversation_id") == ["c-1"])
            for filter in ["status=active", "q=c", "stage_id=<welcome>"] {
                #expect(try await server.get("/conversations?\(filter)&cursor=\(cursor)").faults == ["/cursor"])
            }
            let history = try await server.get("/conversations/c-1/history?cursor=\(cursor)")
            #expect(history.status == 400 && history.faults == ["/cursor"])
        }
    }
}
