import HTTPTypes
import StageModel
@testable import StageServer
import Testing

@Suite("Pages: who gets a page, and who gets JSON")
struct NegotiationTests {
    /// What clients really send, and whether they get a page where a path has both.
    static let clients: [(name: String, accept: String?, getsPage: Bool)] = [
        ("no header", nil, false), ("curl", "*/*", false), ("fetch", "*/*", false), ("axios", "application/json, text/plain, */*", false),
        (
            "Chromium",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
            true
        ), ("Firefox", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", true),
        ("Firefox 132", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
        ("Safari", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true), ("wget", "*/*", false),
        ("a client of JSON", "application/json", false), ("one that takes both", "text/html,application/json", false),
        ("one that likes pages more", "application/json;q=0.5,text/html", true),
        ("one that likes JSON more", "text/html;q=0.5,application/json", false),
        ("one that refuses pages", "text/html;q=0,*/*", false), ("any text", "text/*", true), ("a weight that is none", "text/html;q=much", false),
        ("capitals", "TEXT/HTML", true), ("nothing", "", false),
    ]

    @Test("A page is sent to those who prefer one", arguments: clients)
    func prefers(_ client: (name: String, accept: String?, getsPage: Bool)) async throws {
        #expect(Negotiation.prefersPage(client.accept) == client.getsPage, "\(client.name)")
    }

    @Test("The same path answers both, says that it depends on Accept, and keeps its API for keys", arguments: ["/stages", "/conversations"])
    func bothAtOnePath(_ path: String) async throws {
        try await TestServer.run { server in
            let browser = try await Browser(server)
            let page = try await browser.page(path)
            #expect(page.status == 200 && page[header: "Content-Type"] == "text/html; charset=utf-8")
            #expect(page[header: "Vary"]?.contains("Accept") == true && page[header: "Cache-Control"] == "private, no-store")
            let json = try await server.get("\(path)?business_id=<shop>", ["Accept": "*/*"])
            #expect(json.status == 200 && json[header: "Content-Type"] == "application/json" && json[header: "Vary"] == "Accept")
        }
    }

    /// Values of Accept-Encoding and whether they take gzip.
    @Test(
        "Compression is for those who take it",
        arguments: [
            (nil, false), ("gzip, deflate, br", true), ("br", false), ("*", true), ("gzip;q=0", false), ("*;q=0.5", true), ("identity", false),
        ] as [(String?, Bool)])
    func encodings(_ header: String?, _ isAccepted: Bool) {
        #expect(Gzip.isAccepted(header) == isAccepted)
    }
}
