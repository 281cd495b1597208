import HTTPTypes
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Health, readiness, metrics, and what is not there")
struct OperationsTests {
    @Test("Health and readiness are open to anybody")
    func health() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.get("/health", as: .nobody).json == ["status": "ok"])
            #expect(try await server.get("/ready", as: .nobody).json == ["status": "ready"])
        }
    }

    @Test("Metrics are Prometheus text that adds up")
    func metrics() async throws {
        try await TestServer.run { server in
            for _ in 0..<3 { try await server.get("/agents") }
            try await server.get("/agents?limit=0")
            try await server.get("/nowhere")
            let answer = try await server.get("/metrics", as: .nobody)
            #expect(answer.status == 200 && answer[header: "Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            let metrics = try PrometheusText(answer.text)
            #expect(metrics.types["stagekeeper_requests_total"] == "counter" && metrics.types["stagekeeper_request_seconds"] == "histogram")
            #expect(metrics.values[#"stagekeeper_requests_total{class="read",operation="listAgents",status="2xx"}"#] == 3)
            #expect(metrics.values[#"stagekeeper_requests_total{class="read",operation="listAgents",status="4xx"}"#] == 1)
            #expect(metrics.values[#"stagekeeper_request_seconds_count{class="read",operation="listAgents"}"#] == 4)
            #expect(metrics.values[#"stagekeeper_request_seconds_bucket{class="read",operation="listAgents",le="+Inf"}"#] == 4)
            for secret in ["c-1", server.expand("<shop>")] { #expect(!answer.text.contains(secret)) }
        }
    }

    @Test(
        "A path that is not there is 404, to anybody",
        arguments: ["/nowhere", "/stages/a/b/c", "/conversations/c-1/pause/now", "/api", "/%00"])
    func unknownPath(_ path: String) async throws {
        try await TestServer.run { server in
            for method in [HTTPRequest.Method.get, .post, .delete] {
                let answer = try await server.call(method, path, as: .nobody)
                #expect(answer.status == 404 && answer.code == "not_found")
            }
        }
    }

    @Test("A path that takes other methods is 405 and says which")
    func wrongMethod() async throws {
        try await TestServer.run { server in
            for (method, path, allowed) in Self.methods {
                let answer = try await server.call(method, path)
                #expect(answer.status == 405 && answer.code == "method_not_allowed" && answer[header: "Allow"] == allowed, "\(method) \(path)")
            }
        }
    }

    private static let methods: [(HTTPRequest.Method, String, String)] = [
        (.delete, "/stages", "GET, HEAD, POST"), (.put, "/stages?business_id=x", "GET, HEAD, POST"),
        (.post, "/stages/<welcome>", "DELETE, GET, HEAD, PATCH, PUT"), (.patch, "/stages/<welcome>/state", "DELETE, GET, HEAD, PUT"),
        (.get, "/conversations/c-1/pause", "POST"), (.put, "/conversations/c-1", "DELETE, GET, HEAD"),
        (.post, "/conversations/c-1/history", "GET, HEAD"),
        (.post, "/health", "GET, HEAD"), (.delete, "/openapi.json", "GET, HEAD"), (.options, "/agents", "GET, HEAD, POST"),
        (.get, "/flow/check", "POST"), (.post, "/flow/graph", "GET, HEAD"), (.put, "/transition-rules/<rule>/restore", "POST"),
        (.get, "/templates/preview", "POST"), (.delete, "/templates/preview", "POST"),
    ]

    @Test("HEAD answers as GET does, without the body")
    func head() async throws {
        try await TestServer.run { server in
            for path in Self.heads {
                let get = try await server.get(path)
                let head = try await server.call(.head, path)
                #expect(head.status == get.status && head.bytes.isEmpty, "\(path)")
                for name in ["Content-Type", "ETag", "Cache-Control", "Vary"] { #expect(head[header: name] == get[header: name], "\(path) \(name)") }
            }
        }
    }

    private static let heads = [
        "/health", "/ready", "/docs", "/openapi.json", "/agents", "/stages/<welcome>?business_id=<shop>", "/conversations/c-1",
        "/stages/<welcome>/state", "/conversations/c-1/history", "/conversations/nobody", "/stages",
        "/transition-rules", "/transition-rules/<rule>", "/flow/graph", "/flow/graph?format=svg", "/flow/graph?format=png",
    ]

    @Test("A request keeps its own harmless id and gets a new one for any other", arguments: requestIDs)
    func requestID(_ id: String, _ isKept: Bool) async throws {
        try await TestServer.run { server in
            for path in ["/health", "/agents", "/conversations/nobody", "/nowhere"] {
                let answer = try await server.get(path, ["X-Request-Id": id])
                let given = try #require(answer[header: "X-Request-Id"])
                #expect((given == id) == isKept && !given.isEmpty && given.count <= 64)
            }
            let first = try await server.get("/health")[header: "X-Request-Id"]
            #expect(try await server.get("/health")[header: "X-Request-Id"] != first)
        }
    }

    private static let requestIDs = [
        ("abc-123_X", true), (String(repeating: "a", count: 64), true), (String(repeating: "a", count: 65), false), ("", false), ("a b", false),
        ("<script>", false), ("a;b", false),
    ]

    @Test("When the database can't be used it is said, with a time to try again")
    func unavailable() async throws {
        try await TestServer.run { server in
            try await server.store.close()
            for (path, who) in [("/ready", Who.nobody), ("/audit-log", .owner), ("/conversations", .viewer)] {
                let answer = try await server.get(path, as: who)
                #expect(answer.status == 503 && answer[header: "Retry-After"] == "1", "\(path): \(answer.text)")
                #expect(answer.code == "database_unavailable")
            }
            #expect(try await server.get("/health", as: .nobody).status == 200)
        }
    }
}

/// Metrics as Prometheus reads them.
struct PrometheusText {
    var types: [String: String] = [:]
    var values: [String: Double] = [:]

    init(_ text: String) throws {
        #expect(text.hasSuffix("\n"))
        for line in text.split(separator: "\n") where !line.hasPrefix("# HELP ") {
            if let match = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/) {
                #expect(types.updateValue(String(match.2), forKey: String(match.1)) == nil, "\(line)")
                continue
            }
            let sample = /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="[^"\\\n]*",?)*\})? ([0-9.e+-]+)/
            let match = try #require(line.wholeMatch(of: sample), "\(line)")
            let family = String(match.1).replacing(/_(bucket|sum|count)$/, with: "")
            #expect(types[family] == "histogram" || types[String(match.1)] != nil, "\(line)")
            let name = String(match.1) + (match.2.map(String.init) ?? "")
            #expect(values.updateValue(try #require(Double(match.4)), forKey: name) == nil, "\(line)")
        }
    }
}
