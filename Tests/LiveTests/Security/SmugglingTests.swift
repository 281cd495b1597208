import Foundation
import NIOHTTP1
import StageModel
import Testing

extension LiveTests {
    /// A request whose end two readers may see at different places carries a second one past the first of them. Here there must be one end, or none.
    @Suite("Requests whose end is told in two ways")
    struct SmugglingTests {
        @Test("Each is refused, or has one end; what is hidden behind it is never answered", arguments: [true, false])
        func oneEnd(hasKey: Bool) async throws {
            try await withDatabase { database in
                try await withServer(on: database) { server in
                    let business = try await withClient { try await TestBusiness.create(through: API(client: $0, url: server.url, key: "")) }
                    for trick in Trick.all {
                        let connection = try RawConnection(port: try #require(server.port))
                        connection.send(trick.text(key: hasKey ? business.key : "none") + Trick.next)
                        let answers = connection.receive(until: "X-Request-Id: next")
                        let comment: Comment = "\(trick.name): \(answers)"
                        #expect(!answers.contains("smuggled"), comment)
                        #expect(!answers.contains("HTTP/1.1 5"), comment)
                        #expect(answers.contains("X-Request-Id: next") == (trick.ending == .one), comment)
                        // What was told by the head may be answered before the rest is refused; who may not ask is told that, and no more.
                        let statuses = answers.matches(of: /HTTP\/1\.1 ([0-9]{3})/).map(\.1)
                        switch trick.ending {
                        case .one: #expect(statuses.count == 2 && statuses.last == "200", comment)
                        case .refusal: #expect((1...2).contains(statuses.count) && statuses.last == "400" || !hasKey && statuses == ["401"], comment)
                        }
                    }
                    #expect(server.child.errors.isEmpty, "Tricks are no trouble of the server's: \(server.child.errors)")
                }
            }
        }

        @Test(
            "Who offers to go on with another protocol is answered and told that the connection ends, for what follows could not be read",
            arguments: [
                "GET /health HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk", "CONNECT a:1 HTTP/1.1",
            ])
        func otherProtocol(head: String) async throws {
            try await withDatabase { database in
                try await withServer(on: database) { server in
                    let connection = try RawConnection(port: try #require(server.port))
                    // One that came before it keeps the connection.
                    connection.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n\(head)\r\nHost: localhost\r\n\r\n\(Trick.next)")
                    let answers = connection.receive().components(separatedBy: "HTTP/1.1 ").dropFirst()
                    #expect(answers.count == 2, "\(answers)")
                    #expect(answers.map { $0.lowercased().contains("connection: close") } == [false, true], "\(answers)")
                }
            }
        }
    }
}

/// One way to tell the end of a request in two ways.
private struct Trick {
    enum Ending {
        /// The request is refused and the connection closed.
        case refusal
        /// All of it is the one request's; the next is answered.
        case one
    }

    let name: String
    let ending: Ending
    /// Behind the head that all have.
    let rest: String

    init(_ name: String, _ ending: Ending, _ head: [String], _ body: String) {
        self.name = name
        self.ending = ending
        rest = (head + ["", body]).joined(separator: "\r\n")
    }

    private static let hidden = "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: smuggled\r\n\r\n"
    private static let size = String(hidden.utf8.count, radix: 16)
    static let next = "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: next\r\n\r\n"

    func text(key: String) -> String {
        let head = "POST /flow/check HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(key)\r\nContent-Type: application/json\r\n"
        return head + rest
    }

    static let all = lengths + codings + heads + chunks + wholes

    /// What a length is not.
    private static let lengths =
        ["+\(hidden.utf8.count)", "-1", "0x10", "1 0", "1.0", "1e1", "18446744073709551617", "", "٥", "0, \(hidden.utf8.count)", "0;1", "five"].map {
            Trick("Content-Length: \($0)", .refusal, ["Content-Length: \($0)"], hidden)
        } + [
            Trick("two lengths", .refusal, ["Content-Length: 0", "Content-Length: \(hidden.utf8.count)"], hidden),
            Trick("the same length twice", .refusal, ["Content-Length: 0", "Content-Length: 0"], hidden),
            Trick("a length and chunks", .refusal, ["Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n\(hidden)"),
            Trick("chunks and a length", .refusal, ["Transfer-Encoding: chunked", "Content-Length: 5"], "0\r\n\r\n\(hidden)"),
            Trick("chunks and a length of all", .refusal, ["Transfer-Encoding: chunked", "Content-Length: 500"], "0\r\n\r\n\(hidden)"),
        ]

    /// Transfer codings that are not `chunked` to everybody.
    private static let codings =
        [
            "identity", "chunked, identity", "xchunked", "chunkedx", "\"chunked\"", "'chunked'", "chunked;a=b", "\u{0B}chunked", "chunked\u{0C}", "",
            ",",
            "gzip", "chun ked", "chunked chunked",
        ].map { Trick("Transfer-Encoding: \($0)", .refusal, ["Transfer-Encoding: \($0)"], "0\r\n\r\n\(hidden)") } + [
            Trick("chunked, then identity", .refusal, ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], "0\r\n\r\n\(hidden)"),
            Trick("chunked in another case", .one, ["Transfer-Encoding: cHuNkEd"], "\(size)\r\n\(hidden)\r\n0\r\n\r\n"),
            Trick("chunked between blanks", .refusal, ["Transfer-Encoding: \t chunked \t"], "\(size)\r\n\(hidden)\r\n0\r\n\r\n"),
            Trick("a coding below chunked", .one, ["Transfer-Encoding: gzip, chunked"], "\(size)\r\n\(hidden)\r\n0\r\n\r\n"),
            Trick("chunked twice", .refusal, ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], "0\r\n\r\n\(hidden)"),
        ]

    /// Heads that some read as having a length or a coding, and some as not.
    private static let heads = [
        Trick("a blank before the colon of a length", .refusal, ["Content-Length : \(hidden.utf8.count)"], hidden),
        Trick("a blank before the colon of a coding", .refusal, ["Transfer-Encoding : chunked"], "0\r\n\r\n\(hidden)"),
        Trick("a tab before the colon", .refusal, ["Transfer-Encoding\t: chunked"], "0\r\n\r\n\(hidden)"),
        Trick("a folded coding", .refusal, ["Transfer-Encoding:", " chunked"], "0\r\n\r\n\(hidden)"),
        Trick("a length in the fold of another field", .refusal, ["X-Other: a", " Content-Length: \(hidden.utf8.count)"], hidden),
        Trick("a line that begins with a tab", .refusal, ["X-Other: a", "\tTransfer-Encoding: chunked"], "0\r\n\r\n\(hidden)"),
        Trick("a line feed alone before a coding", .refusal, ["X-Other: a\nTransfer-Encoding: chunked"], "0\r\n\r\n\(hidden)"),
        Trick("a carriage return alone before a coding", .refusal, ["X-Other: a\rTransfer-Encoding: chunked"], "0\r\n\r\n\(hidden)"),
        Trick("a carriage return alone at the end", .refusal, ["X-Other: a\r\r"], hidden),
        Trick("line feeds alone at the end", .refusal, ["X-Other: a\n\nGET /health HTTP/1.1\nX-Request-Id: smuggled\n"], ""),
        Trick("a NUL in a value", .refusal, ["X-Other: a\0b"], hidden),
        Trick("a NUL in a name", .refusal, ["Transfer\0-Encoding: chunked"], "0\r\n\r\n\(hidden)"),
        Trick("a name that is no token", .refusal, ["Transfer Encoding: chunked"], "0\r\n\r\n\(hidden)"),
        Trick("a name with a letter beyond ASCII", .refusal, ["Transfer-Ｅncoding: chunked"], "0\r\n\r\n\(hidden)"),
        Trick("a line without a colon", .refusal, ["chunked"], hidden),
        Trick("a line without a name", .refusal, [": chunked"], hidden),
    ]

    /// Chunks whose size some read otherwise.
    private static let chunks =
        ["0x\(size)", "+\(size)", "-1", " \(size)", "\(size) ", "", "g", "\(size)\0", "fffffffffffffffff", "\(size)\n", "\(size)\r", "\(size);a\n"]
        .map {
            Trick("a chunk of the size '\($0)'", .refusal, ["Transfer-Encoding: chunked"], "\($0)\r\n\(hidden)\r\n0\r\n\r\n")
        } + [
            Trick("a chunk that is longer than its size", .refusal, ["Transfer-Encoding: chunked"], "1\r\n{}\r\n0\r\n\r\n\(hidden)"),
            Trick("a chunk that is shorter than its size", .refusal, ["Transfer-Encoding: chunked"], "5\r\n{}\r\n0\r\n\r\n\(hidden)"),
            Trick("a chunk that ends with a line feed alone", .refusal, ["Transfer-Encoding: chunked"], "2\r\n{}\n0\r\n\r\n\(hidden)"),
            Trick("a size that ends with a line feed alone", .refusal, ["Transfer-Encoding: chunked"], "2\n{}\r\n0\r\n\r\n\(hidden)"),
            Trick("a last chunk that ends with line feeds alone", .refusal, ["Transfer-Encoding: chunked"], "0\n\n\(hidden)"),
            Trick("an extension with a line feed in it", .refusal, ["Transfer-Encoding: chunked"], "2;a\nb\r\n{}\r\n0\r\n\r\n\(hidden)"),
            Trick("an extension", .one, ["Transfer-Encoding: chunked"], "\(size);a=b\r\n\(hidden)\r\n0\r\n\r\n"),
            Trick("zeros before the size", .one, ["Transfer-Encoding: chunked"], "000\(size)\r\n\(hidden)\r\n0\r\n\r\n"),
            Trick(
                "trailers that tell of another end", .refusal, ["Transfer-Encoding: chunked"],
                "2\r\n{}\r\n0\r\nContent-Length: 400\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ]

    /// Whole requests that hold another one.
    private static let wholes = [
        Trick("a request as the body", .one, ["Content-Length: \(hidden.utf8.count)"], hidden),
        Trick("a request as a chunk", .one, ["Transfer-Encoding: chunked"], "\(size)\r\n\(hidden)\r\n0\r\n\r\n"),
        Trick("a request as the body of one that asks to be let on", .one, ["Expect: 100-continue", "Content-Length: \(hidden.utf8.count)"], hidden),
        Trick("a request as the body of one that offers another protocol", .one, ["Upgrade: h2c", "Content-Length: \(hidden.utf8.count)"], hidden),
    ]
}
