import Foundation
import StageModel
import Testing

extension LiveTests {
    @Suite("Slow, idle and oversized clients")
    struct SlowClientTests {
        private static let short = ["STAGEKEEPER_HEADER_TIMEOUT": "1", "STAGEKEEPER_BODY_TIMEOUT": "1", "STAGEKEEPER_IDLE_TIMEOUT": "1"]
        private static let health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

        @Test(
            "A connection is closed on which no head comes, or half of one, or nothing after an answer",
            arguments: ["", "GET /health HTTP/1.1\r\nHost: l", health])
        func waits(_ sent: String) async throws {
            try await withDatabase { database in
                try await withServer(on: database, Self.short) { server in
                    let connection = try RawConnection(port: try #require(server.port))
                    connection.send(sent)
                    // Ends when the server closes the connection.
                    let answer = connection.receive()
                    #expect(answer.isEmpty == (sent != Self.health))
                }
            }
        }

        @Test("Half of a body is answered with 408 when the rest does not come, and keeps no server from its end")
        func halfBody() async throws {
            try await withDatabase { database in
                try await withServer(on: database, ["STAGEKEEPER_BODY_TIMEOUT": "1"]) { server in
                    let business = try await withClient { try await TestBusiness.create(through: API(client: $0, url: server.url, key: "")) }
                    let half = """
                        POST /agents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(business.key)\r\n\
                        Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{
                        """
                    let connection = try RawConnection(port: try #require(server.port))
                    connection.send(half)
                    let answer = connection.receive()
                    #expect(answer.hasPrefix("HTTP/1.1 408") && answer.contains("request_timeout"), "\(answer)")
                    let last = try RawConnection(port: try #require(server.port))
                    last.send(Self.health + half)
                    #expect(last.receive(until: "}").hasPrefix("HTTP/1.1 200"))
                    server.child.send(SIGTERM)
                    #expect(await server.child.end() == .exit(0))
                }
            }
        }

        @Test(
            "A head that is too large is 431, and no HTTP is 400; the connection is closed",
            arguments: [
                (
                    "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Large: \(String(repeating: "x", count: 17 << 10))\r\n\r\n", "431",
                    "headers_too_large"
                ),
                ("GET /\(String(repeating: "x", count: 40 << 10)) HTTP/1.1\r\nHost: localhost\r\n\r\n", "431", "headers_too_large"),
                ("GET /health HTTP/1.1\r\n\(String(repeating: "X: y\r\n", count: 101))\r\n", "431", "headers_too_large"),
                ("\u{16}\u{3}\u{1} hello\r\n\r\n", "400", "malformed_request"),
            ])
        func unreadable(_ sent: String, _ status: String, _ code: String) async throws {
            try await withDatabase { database in
                try await withServer(on: database) { server in
                    let connection = try RawConnection(port: try #require(server.port))
                    connection.send(sent)
                    let answer = connection.receive()
                    #expect(answer.hasPrefix("HTTP/1.1 \(status)") && answer.contains("\"code\":\"\(code)\""), "\(answer)")
                }
            }
        }
    }
}
