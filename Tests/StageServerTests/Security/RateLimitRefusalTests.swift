import HTTPTypes
import HummingbirdTesting
import StageModel
@testable import StageServer
import Testing

@Suite("Rate limits: what is no key, by address")
struct RateLimitRefusalTests {
    private static let settings = RateLimitSettings(refusals: RateLimit("6/min:3"))
    private static let unknown = Who.secret("sk_aaaaaaaa_\(String(repeating: "A", count: 43))")

    @Test("After so many wrong keys from an address no unknown key is looked for; known ones are let in all the same")
    func wrongKeys() async throws {
        try await TestServer.run(.live, rateLimits: Self.settings) { server async throws in
            #expect(try await server.get("/agents").status == 200)
            for _ in 0..<3 { #expect(try await server.get("/agents", as: Self.unknown).status == 401) }
            let refused = try await server.get("/agents", as: Self.unknown)
            #expect(refused.status == 429 && refused.code == "too_many_attempts" && refused[header: "Retry-After"] == "60")
            #expect(try await server.get("/agents").status == 200)
            #expect(try await server.get("/businesses", as: .platform).status == 200)
            // One that nobody has used yet is not known to be good.
            #expect(try await server.get("/agents", as: .viewer).status == 429)
            #expect(try await server.get("/agents", as: .nobody).status == 401)
            server.clock.advance(seconds: 10)
            #expect(try await server.get("/agents", as: .viewer).status == 200)
            #expect(try await server.get("/agents", as: Self.unknown).status == 401)
            #expect(try await server.get("/agents", as: Self.unknown).status == 429)
            #expect(try await server.get("/metrics", as: .nobody).text.contains("stagekeeper_rate_limited_total{limit=\"refusals\"} 3\n"))
        }
    }

    @Test("Cookies that are no session's count, too, and pages say so")
    func cookies() async throws {
        try await TestServer.run(.live, rateLimits: Self.settings) { server async throws in
            let browser = try await Browser(server)
            #expect(try await browser.get("/agents").status == 200)
            let forged = ["Cookie": "\(Browser.name)=\(String(repeating: "A", count: 43))"]
            for _ in 0..<3 { #expect(try await server.get("/agents", as: .nobody, forged).status == 401) }
            #expect(try await server.get("/agents", as: .nobody, forged).status == 429)
            #expect(try await server.page("/stages", forged).status == 429)
            #expect(try await browser.get("/agents").status == 200)
            #expect(try await browser.page("/stages").status == 200)
        }
    }

    // MARK: - Addresses

    @Test("An address is taken from a proxy only if there is a public one and the proxy is trusted", arguments: addresses)
    func address(_ isPublic: Bool, _ peer: String?, _ forwarded: String?, _ address: String?) throws {
        let proxies = try #require(TrustedProxies("192.0.2.1, 10.0.0.0/8, 2001:db8::/32"))
        let site = Site(publicOrigin: isPublic ? Origin("https://stages.example.com") : nil, proxies: proxies)
        var head = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/")
        head.headerFields[.forwardedFor] = forwarded
        #expect(site.address(of: head, from: peer) == address)
    }

    private static let addresses: [(Bool, String?, String?, String?)] = [
        (false, "192.0.2.1", "198.51.100.1", "192.0.2.1"), (true, "192.0.2.1", "198.51.100.1", "198.51.100.1"),
        (true, "192.0.2.2", "198.51.100.1", "192.0.2.2"), (true, "192.0.2.1", nil, "192.0.2.1"),
        (true, "192.0.2.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"), (true, "192.0.2.1", "198.51.100.1, 10.1.2.3", "198.51.100.1"),
        (true, "192.0.2.1", "10.1.2.3", "192.0.2.1"), (true, "2001:db8::7", "198.51.100.1", "198.51.100.1"),
        (true, "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"), (true, nil, "198.51.100.1", nil), (false, nil, nil, nil),
    ]

    @Test("One client is one IPv4 address, or one network of IPv6", arguments: blocks)
    func block(_ address: String, _ other: String, _ isSame: Bool) {
        #expect((AddressBlock(address) == AddressBlock(other)) == isSame)
    }

    private static let blocks: [(String, String, Bool)] = [
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("::ffff:192.0.2.1", "192.0.2.1", true),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false), ("::1", "127.0.0.1", false),
    ]

    @Test("What is no address has no block, and is in no network", arguments: ["", "nobody", "192.0.2", "192.0.2.1:80", "192.0.2.1/32"])
    func noAddress(_ text: String) {
        #expect(AddressBlock(text) == nil && TrustedProxies("0.0.0.0/0, ::/0")?.contains(text) == false)
    }

    @Test("Networks are read by their length", arguments: networks)
    func network(_ text: String, _ isGood: Bool) { #expect((TrustedProxies(text) != nil) == isGood) }

    private static let networks = [
        ("10.0.0.0/8", true), ("::/0", true), ("192.0.2.1", true), ("10.0.0.0/33", false), ("10.0.0.0/", false), ("10.0.0.0/-1", false),
        ("::/129", false), ("x", false), ("192.0.2.1, x", false),
    ]
}
