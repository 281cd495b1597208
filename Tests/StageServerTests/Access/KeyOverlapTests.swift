import HTTPTypes
import HummingbirdTesting
import NIOCore
import StageModel
import Testing

/// How a key is replaced: the new one is made, both are good, the old one goes. That streams end and that other servers hear of it is tried
/// by `EventEndTests`, `AccessServiceTests` and `FaultTests`.
@Suite("Replacing an API key")
struct KeyOverlapTests {
    private struct Holder {
        let secret: String
        let id: String
        let browser: Browser
    }

    @Test("Old and new key are good side by side; once the old one is revoked it is refused everywhere at once, the new one nowhere")
    func overlap() async throws {
        try await TestServer.run { server in
            let (old, new) = (try await Self.holder("old", server), try await Self.holder("new", server))
            let (good, refused) = (["key 200", "session 200", "page 200", "sign-in 303"], ["key 401", "session 401", "page 303", "sign-in 401"])
            for holder in [old, new] { #expect(try await Self.answers(to: holder, server) == good) }

            #expect(try await server.delete("/api-keys/\(old.id)", as: .secret(new.secret)).status == 204)
            for _ in 0..<2 {
                #expect(try await Self.answers(to: old, server) == refused)
                #expect(try await Self.answers(to: new, server) == good)
            }
            let list = try await server.get("/api-keys", as: .secret(new.secret))
            #expect(list.items.filter { $0["revoked_at"] != .null }.compactMap { $0["key_id"]?.string } == [old.id])
        }
    }

    @Test("A key that ends by itself at a set time overlaps with the one that follows it for as long as was wanted")
    func expiry() async throws {
        try await TestServer.run { server in
            let old = try await Self.holder("old", server, expiresAt: "2026-03-01T13:00:00Z")
            let new = try await Self.holder("new", server)
            server.clock.advance(seconds: 3599)
            for holder in [old, new] { #expect(try await server.get("/agents", as: .secret(holder.secret)).status == 200) }
            server.clock.advance(seconds: 1)
            #expect(try await server.get("/agents", as: .secret(old.secret)).status == 401)
            #expect(try await old.browser.get("/agents").status == 401)
            #expect(try await server.get("/agents", as: .secret(new.secret)).status == 200)
        }
    }

    private static func holder(_ name: String, _ server: TestServer, expiresAt: String? = nil) async throws -> Holder {
        let expiry = expiresAt.map { #","expires_at":"\#($0)""# } ?? ""
        let created = try await server.post("/api-keys", #"{"name":"\#(name)","role":"owner"\#(expiry)}"#)
        let secret = try #require(created["/api_key"]?.string)
        var named = server
        named.names["secret of \(name)"] = secret
        return Holder(secret: secret, id: try #require(created["/key_id"]?.string), browser: try await Browser(named, as: name))
    }

    /// What comes of every way to use a key.
    private static func answers(to holder: Holder, _ server: TestServer) async throws -> [String] {
        let signIn = try await server.client.execute(
            uri: "/login", method: .post, headers: [.contentType: "application/x-www-form-urlencoded", .accept: "text/html"],
            body: .init(string: "api_key=\(holder.secret)"))
        return [
            "key \(try await server.get("/agents", as: .secret(holder.secret)).status)", "session \(try await holder.browser.get("/agents").status)",
            "page \(try await holder.browser.page("/agents").status)", "sign-in \(signIn.status.code)",
        ]
    }
}
