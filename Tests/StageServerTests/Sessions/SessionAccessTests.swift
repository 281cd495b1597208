import HTTPTypes
import StageModel
import StageStore
import Testing

@Suite("Sessions: what a browser that is signed in may do")
struct SessionAccessTests {
    @Test("Reads take the cookie in place of a key, and answer the same")
    func reads() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server, as: "viewer")
            for path in ["/stages?business_id=<shop>", "/templates", "/conversations/c-1", "/stages/<welcome>?business_id=<shop>"] {
                let answer = try await browser.get(path)
                let byKey = try await server.get(path, as: .viewer)
                #expect(answer.status == 200 && answer.json == byKey.json, "\(path)")
                #expect(answer[header: "Cache-Control"] == "private, no-store")
            }
            #expect(try await browser.call(.head, "/agents").status == 200)
            #expect(try await browser.get("/stages?business_id=<other>").status == 403)
            #expect(try await browser.get("/stages/<other_stage>?business_id=<shop>").status == 404)
        }
    }

    @Test("Every operation is open to a session of exactly the roles that it is open to by a key", arguments: ["owner", "editor", "viewer"])
    func roles(_ role: String) async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server, as: role)
            for operation in try await DescribedOperation.all(of: server) where operation.id != "followEvents" {
                let body = operation.id == "putStageState" ? #"{"conversation_id":"nobody"}"# : "{}"
                let answer = try await browser.call(operation.method, operation.filled(), operation.takesBody ? body : nil)
                let isAllowed = operation.isOpen || operation.roles.contains(role)
                #expect(answer.status != 401 && (answer.status == 403) == !isAllowed, "\(operation.id): \(answer.status) \(answer.text)")
            }
        }
    }

    @Test("Without its token or from another site's page nothing is changed, whatever it is")
    func everyWrite() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            for operation in try await DescribedOperation.all(of: server) where operation.roles.contains("owner") && operation.method != .get {
                for headers in [["X-CSRF-Token": "-"], ["Origin": "https://evil.example"]] {
                    let answer = try await browser.call(operation.method, operation.filled(), operation.takesBody ? "{}" : nil, headers)
                    #expect(answer.status == 403 && answer.code == "forbidden", "\(operation.id): \(answer.status)")
                }
            }
        }
    }

    @Test("A write needs the token of the session, and an Origin that is ours if there is one", arguments: writes)
    func write(_ headers: [String: String], _ status: Int, _ words: String) async throws {
        try await TestServer.run { server in
            let (browser, other) = try await (Browser(server), Browser(server, as: "editor"))
            let tokens = ["TOKEN": browser.token, "OTHER": other.token, "COOKIE": browser.cookie]
            let filled = headers.mapValues { value in tokens.reduce(value) { $0.replacing($1.key, with: $1.value) } }
            let answer = try await browser.call(.post, "/agents", Bodies.agent(), filled)
            #expect(answer.status == status && (status == 201 || answer["/detail"]?.string?.contains(words) == true), "\(answer.text)")
            #expect(try await server.get("/agents").items.count == (status == 201 ? 4 : 3))
        }
    }

    private static let writes: [([String: String], Int, String)] = [
        ([:], 201, ""), (["Origin": "-"], 201, ""), (["Origin": "http://LOCALHOST:80"], 201, ""),
        (["X-CSRF-Token": "-"], 403, "needs the header X-CSRF-Token"), (["X-CSRF-Token": "-", "Origin": "-"], 403, "needs the header X-CSRF-Token"),
        (["X-CSRF-Token": ""], 403, "not the one of this session"), (["X-CSRF-Token": "OTHER"], 403, "not the one of this session"),
        (["X-CSRF-Token": "COOKIE"], 403, "not the one of this session"), (["X-CSRF-Token": "TOKEN TOKEN"], 403, "not the one of this session"),
        (["Origin": "http://localhost:8080"], 403, "another site"), (["Origin": "https://evil.example"], 403, "another site"),
        (["Origin": "null"], 403, "STAGEKEEPER_PUBLIC_URL"), (["Origin": "http://localhost.evil.example"], 403, "another site"),
    ]

    @Test("A key wins over the cookie: with its rights, without a token, and refused when it is none")
    func authorizationWins() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            let viewer = ["Authorization": "Bearer <secret of viewer>"]
            #expect(try await browser.get("/api-keys", viewer).status == 403)
            let editor = ["Authorization": "Bearer <secret of editor>", "X-CSRF-Token": "-", "Origin": "https://elsewhere.example"]
            #expect(try await browser.call(.post, "/agents", Bodies.agent(), editor).status == 201)
            for header in ["Bearer nonsense", "Bearer ", "", "Basic b3duZXI6", browser.cookie, "Bearer \(browser.cookie)"] {
                #expect(try await browser.get("/agents", ["Authorization": header]).status == 401, "\(header)")
            }
            let platform = ["Authorization": "Bearer \(Parts.platformKey)"]
            #expect(try await browser.get("/agents", platform).status == 403)
            #expect(try await browser.get("/businesses", platform).status == 200)
            #expect(try await browser.get("/businesses").status == 403)
        }
    }

    @Test("Anything but the cookie as it was given is 401, and says how to sign in", arguments: cookies)
    func forged(_ cookie: String, _ status: Int) async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            let answer = try await browser.get("/agents", ["Cookie": cookie.replacing("COOKIE", with: browser.cookie)])
            #expect(answer.status == status, "\(answer.text)")
            guard status == 401 else { return }
            #expect(answer.code == "unauthorized" && answer[header: "WWW-Authenticate"] != nil && !answer.text.contains(browser.cookie))
        }
    }

    private static let cookies = [
        ("__Host-stagekeeper=COOKIE", 200), ("__Host-stagekeeper=COOKIE; __Host-stagekeeper=x", 200),
        ("__Host-stagekeeper=x; __Host-stagekeeper=COOKIE", 401), ("__Host-stagekeeper=COOKIEx", 401), ("__Host-stagekeeper=", 401),
        ("__Host-stagekeeper=\"COOKIE\"", 401), ("stagekeeper=COOKIE", 401), ("__host-stagekeeper=COOKIE", 401), ("COOKIE", 401), ("-", 401),
    ]

    @Test("What a session does is its own in the log, by the prefix of its key")
    func actor() async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server, as: "editor")
            let actor = JSONValue.string("session:\(browser.session.key.prefix)")
            #expect(try await browser.call(.patch, "/agents/<idle>", "{}").status == 200)
            #expect(try await server.get("/audit-log?limit=1")["/items/0/actor"] == actor)
            #expect(try await browser.call(.put, "/stages/<notes>/state", #"{"conversation_id":"c-1"}"#).status == 200)
            #expect(try await server.get("/conversations/c-1/history")["/items/0/actor"] == actor)
        }
    }

    @Test("A session lasts for twelve hours without use, or until its key is revoked")
    func ending() async throws {
        try await TestServer.run { server in
            let (viewer, editor) = try await (Browser(server, as: "viewer"), Browser(server, as: "editor"))
            #expect(try await viewer.get("/agents").status == 200)
            #expect(try await server.delete("/api-keys/<viewer_key>").status == 204)
            #expect(try await viewer.get("/agents").status == 401)
            server.clock.advance(seconds: 12 * 3600 - 1)
            #expect(try await editor.get("/agents").status == 200)
            server.clock.advance(seconds: 12 * 3600)
            #expect(try await editor.get("/agents").status == 401)
        }
    }
}
