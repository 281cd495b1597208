import Foundation
import NIOHTTP1
import StageModel
import Testing

extension LiveTests {
    /// The first line of a request, in forms that a proxy may read otherwise than the server.
    @Suite("First lines of requests")
    struct SmugglingLineTests {
        @Test("What is no line of HTTP/1.1 is refused and the connection closed; what is one is answered by what it names")
        func lines() async throws {
            try await withDatabase { database in
                try await withServer(on: database) { server in
                    for (lines, status) in Self.refused.map({ ($0, 400) }) + Self.answered {
                        let connection = try RawConnection(port: try #require(server.port))
                        connection.send("\(lines)\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: next\r\n\r\n")
                        let answers = connection.receive(until: "X-Request-Id: next")
                        let comment: Comment = "\(lines): \(answers)"
                        #expect(answers.hasPrefix("HTTP/1.1 \(status) "), comment)
                        #expect(answers.contains("X-Request-Id: next") == (status != 400), comment)
                        #expect(!answers.contains("X-Request-Id: hidden"), comment)
                    }
                }
            }
        }

        private static let refused = [
            "GET\t/health\tHTTP/1.1", " GET /health HTTP/1.1", "GET /health HTTP/1.1 HTTP/1.1", "GET /health", "GET",
            "GET /health HTTP/2.0", "GET /health HTTP/0.9", "GET /health HTTP/1.10", "GET /health http/1.1", "GET /health HTTP/1,1",
            "get /health HTTP/1.1", "GÉT /health HTTP/1.1", "GET health HTTP/1.1", "PRI * HTTP/2.0", "GET /health HTTP/1.1\nX-Request-Id: hidden",
            "\0GET /health HTTP/1.1",
        ]
        private static let answered = [
            ("GET /health HTTP/1.1", 200), ("GET  /health HTTP/1.1", 200), ("\r\nGET /health HTTP/1.1", 200),
            ("GET http://elsewhere.example/health HTTP/1.1", 200),
            ("GET http://elsewhere.example/agents HTTP/1.1", 401), ("OPTIONS * HTTP/1.1", 404), ("TRACE /health HTTP/1.1", 405),
            ("DELETE /health HTTP/1.1", 405), ("SOURCE /health HTTP/1.1", 405),
        ]

        @Test("A head, a target, a name or a number of fields beyond the limits is refused, and the connection closed")
        func oversized() async throws {
            try await withDatabase { database in
                try await withServer(on: database) { server in
                    let long = String(repeating: "a", count: 200_000)
                    let texts = [
                        "GET /\(long) HTTP/1.1\r\n\r\n", "GET /agents?q=\(long) HTTP/1.1\r\n\r\n", "GET /health HTTP/1.1\r\nX-Long: \(long)\r\n\r\n",
                        "GET /health HTTP/1.1\r\n\(long): x\r\n\r\n", "\(long) /health HTTP/1.1\r\n\r\n",
                        "GET /health HTTP/1.1\r\n" + String(repeating: "X-Many: a\r\n", count: 20_000) + "\r\n",
                        "GET /health HTTP/1.1\r\nAuthorization: Bearer \(long)\r\n\r\n", "GET /health HTTP/1.1\r\nCookie: a=\(long)\r\n\r\n",
                        "POST /flow/check HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Long: \(long)\r\n\r\n",
                    ]
                    for text in texts {
                        let connection = try RawConnection(port: try #require(server.port))
                        connection.send(text)
                        let answers = connection.receive()
                        let statuses = answers.matches(of: /HTTP\/1\.1 ([0-9]{3})/).compactMap { Int($0.1) }
                        #expect(!statuses.contains { $0 < 400 || $0 >= 500 }, "\(text.prefix(60)): \(answers.prefix(500))")
                    }
                    let connection = try RawConnection(port: try #require(server.port))
                    connection.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    #expect(connection.receive(until: "}").hasPrefix("HTTP/1.1 200"))
                }
            }
        }
    }
}
