import HTTPTypes
import StageModel
import Testing

@Suite("API keys: what opens and what does not")
struct AuthenticationTests {
    @Test("Only a key as it was given opens", arguments: presentations)
    func presentation(_ name: String, _ status: Int) async throws {
        try await TestServer.run { server in
            let secret = try #require(server.names["secret of viewer"])
            let other = try #require(server.names["secret of other"])
            let headers = [
                "as given": "Bearer \(secret)", "another case of the scheme": "bearer \(secret)", "no scheme": secret, "Basic": "Basic \(secret)",
                "empty": "", "the scheme alone": "Bearer ", "the prefix alone": "Bearer \(secret.prefix(11))", "cut": "Bearer \(secret.dropLast())",
                "longer": "Bearer \(secret)x", "one letter changed": "Bearer \(secret.dropLast())\(secret.hasSuffix("A") ? "B" : "A")",
                "another's secret behind it": "Bearer \(secret.prefix(12))\(other.dropFirst(12))", "upper case": "Bearer \(secret.uppercased())",
                "the platform key, cut": "Bearer \(Parts.platformKey.dropLast())", "an injection": "Bearer sk_' OR 1=1 --",
            ]
            let answer = try await server.get("/agents", as: .nobody, ["Authorization": try #require(headers[name])])
            #expect(answer.status == status)
            if status == 401 { #expect(answer.code == "unauthorized" && !answer.text.contains(secret)) }
        }
    }

    private static let presentations = [
        ("as given", 200), ("another case of the scheme", 200), ("no scheme", 401), ("Basic", 401), ("empty", 401), ("the scheme alone", 401),
        ("the prefix alone", 401), ("cut", 401), ("longer", 401), ("one letter changed", 401), ("another's secret behind it", 401),
        ("upper case", 401), ("the platform key, cut", 401), ("an injection", 401),
    ]

    @Test("A new key is shown this once, and works at once")
    func creation() async throws {
        let (secret, text) = try await TestServer.run { server in
            server.clock.advance(seconds: 1)
            let created = try await server.post("/api-keys", #"{"name":"Web shop","role":"runtime","expires_at":null}"#)
            #expect(created.status == 201 && created["/role"] == "runtime" && created["/name"] == "Web shop" && created["/revoked_at"] == .null)
            let secret = try #require(created["/api_key"]?.string)
            let prefix = try #require(created["/prefix"]?.string)
            #expect(secret.wholeMatch(of: /sk_[a-z0-9]{8}_[A-Za-z0-9_-]{43}/) != nil && secret.hasPrefix(prefix) && prefix.count == 11)
            let list = try await server.get("/api-keys")
            #expect(list.items.last?["key_id"] == created["/key_id"] && list.items.last?["api_key"] == nil && !list.text.contains(secret))
            #expect(list.items.count == 5 && list["/next_cursor"] == .null)
            #expect(try await server.get("/conversations", as: .secret(secret)).status == 200)
            return (secret, try await server.parts.database.rawText())
        }
        let (holdsSecret, holdsPrefix) = (text.contains(secret.dropFirst(12)), text.contains(secret.prefix(11)))
        #expect(!holdsSecret && holdsPrefix)
    }

    @Test("A key that is revoked opens nothing from then on")
    func revocation() async throws {
        try await TestServer.run { server in
            #expect(try await server.get("/agents", as: .viewer).status == 200)
            #expect(try await server.delete("/api-keys/<viewer_key>").status == 204)
            #expect(try await server.get("/agents", as: .viewer).status == 401)
            server.clock.advance(seconds: 9)
            #expect(try await server.delete("/api-keys/<viewer_key>").status == 204)
            let key = try await server.get("/api-keys").items.first { $0["key_id"]?.string == server.names["viewer_key"] }
            #expect(key?["revoked_at"] == "2026-03-01T12:00:00.000000Z")
        }
    }

    @Test("A key is good until the moment of its expiry")
    func expiry() async throws {
        try await TestServer.run { server in
            let created = try await server.post("/api-keys", #"{"name":"x","role":"viewer","expires_at":"2026-03-01T13:01:00+01:00"}"#)
            #expect(created["/expires_at"] == "2026-03-01T12:01:00.000000Z")
            let secret = Who.secret(try #require(created["/api_key"]?.string))
            server.clock.advance(seconds: 59)
            #expect(try await server.get("/agents", as: secret).status == 200)
            server.clock.advance(seconds: 1)
            #expect(try await server.get("/agents", as: secret).status == 401)
        }
    }

    @Test("What can't be a key is refused")
    func refusal() async throws { try await Scenario.run(Self.refusals) }

    private static let refusals = [
        Scenario("Nothing", .post, "/api-keys", "{}", status: 422, faults: ["/name", "/role"]),
        Scenario("An unknown role", .post, "/api-keys", #"{"name":"x","role":"admin"}"#, status: 422, faults: ["/role"]),
        Scenario(
            "An expiry in the past", .post, "/api-keys", #"{"name":"x","role":"viewer","expires_at":"2026-03-01T12:00:00Z"}"#, status: 422,
            faults: ["/expires_at"]),
        Scenario(
            "No time", .post, "/api-keys", #"{"name":" ","role":"viewer","expires_at":"soon","key":1}"#, status: 422,
            faults: ["/expires_at", "/key", "/name"]),
        Scenario("Another business", .post, "/api-keys", #"{"name":"x","role":"viewer","business_id":"<other>"}"#, status: 403, code: "forbidden"),
        Scenario("Revoking an unknown key", .delete, "/api-keys/123e4567-e89b-42d3-a456-426614174000", status: 404, code: "not_found"),
        Scenario("Revoking no id", .delete, "/api-keys/sk_abcdefgh", status: 400, faults: ["/key_id"]),
    ]

    @Test("The audit log names every change with who made it, newest first, page by page")
    func auditLog() async throws {
        try await TestServer.run { server in
            try await server.patch("/agents/<idle>", "{}", as: .editor)
            try await server.delete("/stages/<notes>")
            let created = try await server.post("/api-keys", #"{"name":"x","role":"viewer"}"#)
            try await server.delete("/api-keys/\(created["/key_id"]?.string ?? "")")
            try await server.put("/stages/<order>/state", "{}")
            let log = try await server.get("/audit-log?limit=5")
            #expect(log.column("action") == ["stage.state", "api_key.revoke", "api_key.create", "stage.delete", "agent.update"])
            #expect(log["/items/4/subject"] == server.id("idle") && log["/items/3/subject"] == server.id("notes"))
            let editor = try #require(server.names["secret of editor"])
            #expect(log["/items/4/actor"] == .string("api_key:\(editor.prefix(11))"))
            var positions: [Int64] = []
            var cursor = ""
            repeat {
                let page = try await server.get("/audit-log?limit=3\(cursor)")
                positions += page.items.compactMap { $0["position"]?.integer }
                cursor = page["/next_cursor"]?.string.map { "&cursor=\($0)" } ?? ""
            } while !cursor.isEmpty && positions.count < 200
            #expect(positions == positions.sorted(by: >) && Set(positions).count == positions.count && positions.count > 20)
        }
    }
}
