import HTTPTypes
import StageModel
import Testing

@Suite("Businesses")
struct BusinessTests {
    @Test("A new business has an owner's key, which is shown this once, and nothing else")
    func creation() async throws {
        try await TestServer.run { server in
            let created = try await server.post("/businesses", #"{"business_name":"Third"}"#, as: .platform)
            let id = try #require(created["/business_id"]?.string)
            #expect(created.status == 201 && created["/business_name"] == "Third" && created[header: "Location"] == "/businesses/\(id)")
            let who = Who.secret(try #require(created["/api_key"]?.string))
            #expect(try await server.get("/stages?business_id=\(id)", as: who).items.isEmpty)
            #expect(try await server.get("/conversations", as: who).items.isEmpty)
            #expect(try await server.get("/api-keys", as: who).column("role") == ["owner"])
            #expect(try await server.get("/stages?business_id=<shop>", as: who).status == 403)
            let read = try await server.get("/businesses/\(id)", as: .platform)
            #expect(read["/business_name"] == "Third" && read["/api_key"] == nil)
        }
    }

    @Test("Businesses are listed in the order of their ids, page by page")
    func list() async throws {
        try await TestServer.run { server in
            for name in ["c", "a", "b"] { try await server.post("/businesses", #"{"business_name":"\#(name)"}"#, as: .platform) }
            var ids: [String] = []
            var cursor = ""
            repeat {
                let page = try await server.get("/businesses?limit=2\(cursor)", as: .platform)
                ids += page.column("business_id")
                cursor = page["/next_cursor"]?.string.map { "&cursor=\($0)" } ?? ""
            } while !cursor.isEmpty && ids.count < 50
            #expect(ids.count == 5 && ids == ids.sorted() && Set(ids).count == 5)
        }
    }

    @Test("A business can be renamed, which templates see at once")
    func rename() async throws {
        try await TestServer.run { server in
            server.clock.advance(seconds: 1)
            let renamed = try await server.put("/businesses/<shop>", #"{"business_name":"Boutique"}"#, as: .platform)
            #expect(renamed["/business_name"] == "Boutique" && renamed["/updated_at"] == "2026-03-01T12:00:01.000000Z")
            #expect(try await server.get("/businesses/<shop>", as: .platform).json == renamed.json)
            #expect(try await server.post("/templates/preview", #"{"content":"{{business_name}}"}"#)["/rendered"] == "Boutique")
            #expect(try await server.patch("/agents/<idle>", "{}").status == 200)
        }
    }

    @Test("Deleting a business removes all that is its, and nothing of another")
    func deletion() async throws {
        try await TestServer.run { server in
            try await server.get("/conversations/c-1")
            let others = try await server.get("/conversations/c-9", as: .other).json
            #expect(try await server.delete("/businesses/<shop>", as: .platform).status == 204)
            for who in [Who.owner, .editor, .viewer, .runtime] { #expect(try await server.get("/conversations/c-1", as: who).status == 401) }
            #expect(try await server.get("/businesses/<shop>", as: .platform).status == 404)
            #expect(try await server.get("/businesses", as: .platform).column("business_name") == ["Other"])
            #expect(try await server.get("/conversations/c-9", as: .other).json == others)
            #expect(try await server.get("/audit-log", as: .other).items.count > 0)
            #expect(try await server.delete("/businesses/<shop>", as: .platform).status == 404)
        }
    }

    @Test("What can't be is refused")
    func refusal() async throws { try await Scenario.run(Self.refusals) }

    private static let refusals = [
        Scenario("Without a name", .post, "/businesses", "{}", as: .platform, status: 422, faults: ["/business_name"]),
        Scenario(
            "With more than a name", .post, "/businesses", #"{"business_name":"","plan":"gold"}"#, as: .platform, status: 422,
            faults: ["/business_name", "/plan"]),
        Scenario(
            "Renamed to nothing", .put, "/businesses/<shop>", #"{"business_name":null}"#, as: .platform, status: 422, faults: ["/business_name"]),
        Scenario(
            "An unknown one", .get, "/businesses/123e4567-e89b-42d3-a456-426614174000", as: .platform, status: 404, code: "not_found"),
        Scenario("No id", .get, "/businesses/shop", as: .platform, status: 400, faults: ["/business_id"]),
        Scenario("An owner's own business", .get, "/businesses/<shop>", as: .owner, status: 403, code: "forbidden"),
        Scenario("Deleted by its owner", .delete, "/businesses/<shop>", as: .owner, status: 403, code: "forbidden"),
    ]
}
