import HTTPTypes
import StageModel
@testable import StageServer
import Testing

@Suite("Rate limits: what clients see")
struct RateLimitScenarioTests {
    private static func run(
        key: String? = nil, business: String? = nil, _ test: @Sendable (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run(
            rateLimits: RateLimitSettings(key: key.flatMap { RateLimit($0) }, business: business.flatMap { RateLimit($0) }), test)
    }

    @Test("Without limits nothing is said of them")
    func unlimited() async throws {
        try await Self.run { server async throws in
            for _ in 0..<200 { #expect(try await server.get("/agents").status == 200) }
            let answer = try await server.get("/agents")
            #expect(answer[header: "RateLimit"] == nil && answer[header: "RateLimit-Policy"] == nil)
        }
    }

    @Test("A key has its burst, then one request at a time; each answer tells what is left, and a refusal when to try again")
    func key() async throws {
        try await Self.run(key: "1/min:3") { server async throws in
            for left in [2, 1, 0] {
                let answer = try await server.get("/agents")
                #expect(answer.status == 200 && answer[header: "RateLimit-Policy"] == "\"key\";q=3;w=180")
                #expect(answer[header: "RateLimit"] == "\"key\";r=\(left);t=\(180 - 60 * left)" && answer[header: "Retry-After"] == nil)
            }
            let refused = try await server.get("/agents")
            #expect(refused.status == 429 && refused.code == "key_rate_limited" && refused[header: "Retry-After"] == "60")
            #expect(refused["/retry_after"] == 60 && refused[header: "RateLimit"] == "\"key\";r=0;t=180")
            // The other keys of the business, and open operations, have nothing to do with it.
            #expect(try await server.get("/agents", as: .viewer).status == 200)
            #expect(try await server.get("/health", as: .nobody).status == 200)
            server.clock.advance(seconds: 59)
            #expect(try await server.get("/agents")[header: "Retry-After"] == "1")
            server.clock.advance(seconds: 1)
            #expect(try await server.get("/agents").status == 200)
            #expect(try await server.get("/agents").status == 429)
        }
    }

    @Test("What is refused for the business counts for no key, and what another business does not at all")
    func business() async throws {
        try await Self.run(key: "1/min:9", business: "1/min:2") { server async throws in
            #expect(try await server.get("/agents")[header: "RateLimit"] == "\"key\";r=8;t=60, \"business\";r=1;t=60")
            #expect(try await server.get("/agents", as: .editor).status == 200)
            for who in [Who.owner, .editor, .viewer, .runtime] {
                let refused = try await server.get("/conversations", as: who)
                #expect(refused.status == 429 && refused.code == "business_rate_limited" && refused[header: "Retry-After"] == "60")
            }
            #expect(try await server.get("/agents", as: .other).status == 200)
            #expect(try await server.get("/businesses", as: .platform).status == 200)
            server.clock.advance(seconds: 60)
            #expect(try await server.get("/agents")[header: "RateLimit"] == "\"key\";r=8;t=60, \"business\";r=0;t=120")
        }
    }

    @Test("A session counts as the key that began it, for the API and for pages")
    func session() async throws {
        try await Self.run(key: "1/min:4") { server async throws in
            let browser = try await Browser(server, as: "editor")
            #expect(try await browser.get("/agents")[header: "RateLimit"] == "\"key\";r=3;t=60")
            #expect(try await server.get("/agents", as: .editor)[header: "RateLimit"] == "\"key\";r=2;t=120")
            #expect(try await browser.page("/stages")[header: "RateLimit"] == "\"key\";r=1;t=180")
            #expect(try await browser.call(.post, "/agents", Bodies.agent()).status == 201)
            #expect(try await browser.call(.post, "/agents", Bodies.agent()).code == "key_rate_limited")
            let page = try await browser.page("/stages")
            #expect(page.status == 429 && page[header: "Content-Type"]?.hasPrefix("text/html") == true && page[header: "Retry-After"] == "60")
            #expect(page.text.contains("Try again in 60 s"))
        }
    }

    @Test("What is refused has not been done, and what is not allowed counts, too")
    func refusals() async throws {
        try await Self.run(key: "1/min:3") { server async throws in
            #expect(try await server.post("/agents", Bodies.agent(), as: .runtime).status == 403)
            #expect(try await server.move("c-1", to: "order").status == 200)
            #expect(try await server.get("/conversations/nobody", as: .runtime)[header: "RateLimit"] == "\"key\";r=0;t=180")
            #expect(try await server.move("c-1", to: "notes").status == 429)
            #expect(try await server.get("/conversations/c-1")["/current_stage_id"] == server.id("order"))
        }
    }

    @Test("Every operation that takes a key is described with 429 and its headers")
    func description() async throws {
        try await TestServer.run { server async throws in
            for operation in try await DescribedOperation.all(of: server) {
                let described = operation.json["responses"]?["429"]
                #expect((described == nil) == operation.isOpen, "\(operation.id)")
                let headers = Set((described?["headers"]?.object ?? [:]).keys)
                #expect(operation.isOpen || headers == ["Retry-After", "RateLimit", "RateLimit-Policy"], "\(operation.id)")
            }
        }
    }

    @Test("Numbers for operators: what was refused, by limit")
    func metrics() async throws {
        try await Self.run(key: "1/h:1") { server async throws in
            for _ in 0..<3 { _ = try await server.get("/agents") }
            let text = try await server.get("/metrics", as: .nobody).text
            #expect(text.contains("stagekeeper_rate_limited_total{limit=\"key\"} 2\n"))
            #expect(text.contains("stagekeeper_rate_limited_total{limit=\"business\"} 0\n"))
        }
    }
}
