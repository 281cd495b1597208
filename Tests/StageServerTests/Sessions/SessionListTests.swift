import HTTPTypes
import StageModel
import StageStore
import Testing

@Suite("Sessions: the list of who is signed in")
struct SessionListTests {
    @Test("It tells of every session what it was signed in with, and which one asks")
    func list() async throws {
        try await TestServer.run { server in
            #expect(try await server.get("/sessions").items.isEmpty)
            let owner = try await Browser(server, userAgent: "Firefox")
            server.clock.advance(seconds: 1)
            let viewer = try await Browser(server, as: "viewer", userAgent: "Safari")
            _ = try await Browser(server, as: "other")
            let list = try await owner.get("/sessions")
            #expect(list.column("session_id") == [viewer.session.id.description, owner.session.id.description])
            #expect(list.column("is_current") == ["false", "true"] && list.column("role") == ["viewer", "owner"])
            #expect(list.column("key_name") == ["viewer", "owner"] && list.column("user_agent") == ["Safari", "Firefox"])
            #expect(list.column("prefix") == [viewer.session.key.prefix, owner.session.key.prefix])
            #expect(list["/items/0/key_id"] == server.id("viewer_key") && list["/items/1/created_at"] == "2026-03-01T12:00:00.000000Z")
            #expect(list["/items/1/used_at"] == "2026-03-01T12:00:00.000000Z" && list["/items/1/expires_at"] == "2026-03-02T00:00:00.000000Z")
            for secret in [owner.cookie, viewer.cookie, owner.token] { #expect(!list.text.contains(secret)) }
            #expect(try await server.get("/sessions").column("is_current") == ["false", "false"])
            server.clock.advance(seconds: 60)
            #expect(try await viewer.get("/agents").status == 200)
            #expect(try await server.get("/sessions")["/items/0/used_at"] == "2026-03-01T12:01:01.000000Z")
        }
    }

    @Test("It comes page by page, and another list's cursor is refused")
    func pages() async throws {
        try await TestServer.run { server in
            var made: [String] = []
            for number in 0..<5 {
                if number.isMultiple(of: 2) { server.clock.advance(seconds: 1) }
                made.append(try await Browser(server).session.id.description)
            }
            var found: [String] = []
            var cursor = ""
            repeat {
                let page = try await server.get("/sessions?limit=2\(cursor)")
                found += page.column("session_id")
                cursor = page["/next_cursor"]?.string.map { "&cursor=\($0)" } ?? ""
            } while !cursor.isEmpty && found.count < 20
            #expect(found.count == 5 && Set(found) == Set(made) && found.first == made.last)
            let foreign = try #require(try await server.get("/audit-log?limit=1")["/next_cursor"]?.string)
            #expect(try await server.get("/sessions?cursor=\(foreign)").faults == ["/cursor"])
        }
    }

    @Test("A session that an owner ends is signed out at once; the others are not")
    func revocation() async throws {
        try await TestServer.run { server in
            let (owner, viewer) = try await (Browser(server), Browser(server, as: "viewer"))
            #expect(try await viewer.get("/agents").status == 200)
            let ended = try await owner.call(.delete, "/sessions/\(viewer.session.id)")
            #expect(ended.status == 204 && ended[header: "Set-Cookie"]?.contains("Max-Age=0") != true)
            #expect(try await viewer.get("/agents").status == 401)
            #expect(try await owner.get("/sessions").column("session_id") == [owner.session.id.description])
            let entry = try await server.get("/audit-log?limit=1")
            #expect(entry["/items/0/action"] == "session.revoke" && entry["/items/0/subject"]?.string == viewer.session.id.description)
            let again = try await owner.call(.delete, "/sessions/\(viewer.session.id)")
            #expect(again.status == 404 && again.code == "not_found")
        }
    }

    @Test("A browser that ends its own session is told to forget the cookie")
    func ownSession() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            server.clock.advance(seconds: 60)
            let answer = try await browser.call(.delete, "/sessions/\(browser.session.id)")
            #expect(answer.status == 204)
            #expect(answer[header: "Set-Cookie"] == "__Host-stagekeeper=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
            #expect(try await browser.get("/agents").status == 401)
        }
    }

    @Test("A repeated request gets its answer again; another business's session is as one that never was")
    func repetition() async throws {
        try await TestServer.run { server in
            let (session, foreign) = try await (Browser(server, as: "viewer").session, Browser(server, as: "other"))
            for isReplayed in [false, true] {
                let answer = try await server.delete("/sessions/\(session.id)", as: .owner, ["Idempotency-Key": "once"])
                #expect(answer.status == 204 && (answer[header: "Idempotency-Replayed"] != nil) == isReplayed)
            }
            #expect(try await server.delete("/sessions/\(foreign.session.id)").status == 404)
            #expect(try await server.delete("/sessions/nonsense").faults == ["/session_id"])
            #expect(try await foreign.get("/agents").status == 200)
        }
    }
}
