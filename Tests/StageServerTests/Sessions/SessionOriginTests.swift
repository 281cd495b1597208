import HTTPTypes
import StageModel
@testable import StageServer
import Testing

@Suite("Sessions: where requests come from")
struct SessionOriginTests {
    @Test("Scheme, host and port are read, and nothing else is", arguments: texts)
    func origin(_ text: String, _ expected: String?) {
        #expect(Origin(text)?.description == expected)
    }

    private static let texts: [(String, String?)] = [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("https://Stages.Example.com", "https://stages.example.com"),
        ("HTTPS://example.com:443", "https://example.com"), ("http://example.com:80", "http://example.com"),
        ("http://example.com:443", "http://example.com:443"), ("http://[::1]:8080", "http://[::1]:8080"), ("null", nil), ("", nil),
        ("example.com", nil), ("ftp://example.com", nil), ("https://", nil), ("https://example.com/", nil), ("https://example.com/a", nil),
        ("https://user@example.com", nil), ("https://example.com:", nil), ("https://example.com:123456", nil), ("https://a b", nil),
        ("https://example.com?x", nil), ("https://example.com https://other.com", nil), ("https://[::1", nil),
    ]

    @Test("A request is our own page's when its Origin is the host that was asked, or the public one", arguments: requests)
    func own(_ origins: [String], _ host: String?, _ publicURL: String?, _ isOwn: Bool) {
        var head = HTTPRequest(method: .post, scheme: "http", authority: host, path: "/")
        for origin in origins { head.headerFields.append(HTTPField(name: .origin, value: origin)) }
        head.headerFields[.init("X-Forwarded-Host")!] = "evil.example"
        #expect(Site(publicOrigin: publicURL.flatMap { Origin($0) }).isOwn(head) == isOwn)
    }

    private static let requests: [([String], String?, String?, Bool)] = [
        ([], "127.0.0.1:8080", nil, true), (["http://127.0.0.1:8080"], "127.0.0.1:8080", nil, true),
        (["http://LOCALHOST:8080"], "localhost:8080", nil, true), (["http://127.0.0.1:8081"], "127.0.0.1:8080", nil, false),
        (["http://localhost:8080"], "127.0.0.1:8080", nil, false), (["https://example.com"], "example.com", nil, true),
        (["https://example.com"], "example.com:443", nil, true), (["https://evil.example"], "example.com", nil, false),
        (["null"], "example.com", nil, false), ([""], "example.com", nil, false), (["https://example.com"], nil, nil, false),
        (["https://example.com.evil.example"], "example.com", nil, false),
        (["https://example.com", "https://evil.example"], "example.com", nil, false),
        (["https://stages.example.com"], "10.0.0.7:8080", "https://stages.example.com", true),
        (["https://stages.example.com"], "10.0.0.7:8080", nil, false),
        (["http://stages.example.com"], "10.0.0.7:8080", "https://stages.example.com", false),
        (["http://10.0.0.7:8080"], "10.0.0.7:8080", "https://stages.example.com", true),
        (["https://evil.example"], "10.0.0.7:8080", "https://stages.example.com", false),
    ]
}
