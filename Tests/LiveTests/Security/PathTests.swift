import Foundation
import NIOHTTP1
import StageModel
import Testing

extension LiveTests {
    /// Paths that a proxy, a browser and a server may read each in its own way.
    @Suite("Paths that are not what they seem")
    struct PathTests {
        @Test("A path is taken as it is written, decoded once: no other way of writing it leads to the same place")
        func paths() async throws {
            try await withDatabase { database in
                try await withServer(on: database, ["STAGEKEEPER_DEMO": "1"]) { server in
                    let demo = try #require(server.demo)
                    for (path, status) in Self.others + Self.same + Self.ids {
                        let answer = try Self.get(path, key: demo.key, from: server)
                        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(path): \(answer.prefix(600))")
                    }
                    for bytes in Self.broken {
                        let answer = try Self.get(bytes, key: demo.key, from: server)
                        #expect(answer.hasPrefix("HTTP/1.1 4"), "\(bytes): \(answer.prefix(600))")
                    }
                }
            }
        }

        /// What would lead past a proxy that keeps `/metrics` from the outside, if it led anywhere.
        private static let others = [
            "//metrics", "/metrics/", "/./metrics", "/stages/../metrics", "/%6detrics", "/%6Detrics", "/%2fmetrics", "/metrics%2f", "/metrics%00",
            "/metrics%20", "/metrics;a=b", "/;/metrics", "/METRICS", "/metrics%3F", "/%2e/metrics", "/%2e%2e/metrics", "/stages/%2e%2e/metrics",
            "/stages/..;/metrics", "/metrics/..", "/metrics/.", "/\\metrics", "/metrics\\", "/%5cmetrics", "///",
            "/metrics//", "/flow//graph", "/flow/graph/", "//flow/graph",
        ].map { ($0, 404) }

        /// What does lead there.
        private static let same = [
            ("/metrics", 200), ("/metrics?", 200), ("/metrics?a=b", 400), ("/flow/graph", 200), ("/agents", 200), ("/agents?q=%41", 200),
            ("/agents?q=%2541", 200), ("/agents?%71=a", 200), ("/agents?q=%00", 400), ("/agents?q=%c0%ae", 400), ("/agents?q=%ED%A0%80", 400),
            ("/agents?q=%", 400), ("/agents?q=a&q=b", 400), ("/agents?q=a;q=b", 200),
        ]

        /// Ids in paths: what is none is refused, whatever it would come to if it were decoded again.
        private static let ids = [
            ("/conversations/web-7f3a9c", 200), ("/conversations/%77eb-7f3a9c", 200), ("/conversations/web%2d7f3a9c", 200),
            ("/conversations/%2577eb-7f3a9c", 400), ("/conversations/web-7f3a9c%00", 400), ("/conversations/web-7f3a9c%2fhistory", 400),
            ("/conversations/web-7f3a9c%2Fhistory", 400), ("/conversations/.%2fweb-7f3a9c", 400), ("/conversations/%2e%2e", 400),
            ("/conversations/..", 400), ("/conversations/.", 400), ("/conversations/%2e%2e%2fmetrics", 400), ("/conversations/..%5cmetrics", 400),
            ("/conversations/%c0%ae%c0%ae", 400), ("/conversations/%e0%80%ae", 400), ("/conversations/%f0%80%80%ae", 400),
            ("/conversations/%ff", 400),
            ("/conversations/%ED%A0%80", 400), ("/conversations/%u002e", 400), ("/conversations/%2", 400), ("/conversations/%+1", 400),
            ("/conversations/web-7f3a9c;a=b", 400), ("/conversations/WEB-7f3a9c", 404), ("/conversations/web-7f3a9c%0d%0aX-Injected:%20yes", 400),
            ("/conversations//history", 404), ("/conversations/%20/history", 400), ("/stages/%2e%2e?business_id=x", 400),
            ("/stages/..%2fmetrics", 400),
        ]

        /// Bytes that are no text.
        private static let broken: [[UInt8]] = [
            Array("/conversations/".utf8) + [0xC0, 0xAE], Array("/conversations/".utf8) + [0xFF], Array("/assets/".utf8) + [0xC0, 0xAF, 0x2E, 0x2E],
            Array("/agents?q=".utf8) + [0xED, 0xA0, 0x80], Array("/".utf8) + [0x80], Array("/metrics".utf8) + [0x7F],
        ]

        @Test("Of files there are the ones that pages are made of, by their names alone")
        func assets() async throws {
            try await withDatabase { database in
                try await withServer(on: database) { server in
                    let page = try Self.get("/login", ["Accept: text/html"], from: server)
                    let asset = try #require(page.firstMatch(of: /\/assets\/stagekeeper-[a-z0-9]+\.css/).map { String($0.output) })
                    let content = try Self.get(asset, from: server)
                    #expect(content.hasPrefix("HTTP/1.1 200 ") && content.contains("text/css"))
                    let name = asset.split(separator: "/").last.map(String.init) ?? ""
                    let file = database.name
                    for path in [
                        "/assets", "/assets/", "/assets/.", "/assets/..", "/assets/\(file)", "/assets/../\(file)", "/assets/..%2f\(file)",
                        "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/../../../../../../etc/passwd", "/assets/..\\..\\etc\\passwd",
                        "/assets/%252e%252e%252fetc%252fpasswd", "/assets//etc/passwd", "/assets/\(name)/../\(name)", "/assets/\(name)%00.html",
                        "/assets/\(name)/", "//assets/\(name)", "/assets//\(name)", "/assets/\(name.uppercased())", "/assets/%2e/\(name)",
                        "/assets/file:/etc/passwd", "/etc/passwd", "/proc/self/environ", "/\(file)", "/.git/config", "/Package.swift",
                    ] {
                        let answer = try Self.get(path, from: server)
                        #expect(answer.hasPrefix("HTTP/1.1 404 "), "\(path): \(answer.prefix(600))")
                        #expect(!answer.contains("root:") && !answer.contains("STAGEKEEPER_"), "\(path)")
                    }
                }
            }
        }

        @Test("What is sent never becomes a field of an answer's head", arguments: ["\r\nX-Injected: yes", "\nX-Injected: yes", "\rX-Injected: yes"])
        func headers(injected: String) async throws {
            let encoded = injected.utf8.map { "%\($0 < 16 ? "0" : "")\(String($0, radix: 16))" }.joined()
            try await withDatabase { database in
                try await withServer(on: database, ["STAGEKEEPER_DEMO": "1"]) { server in
                    let key = try #require(server.demo).key
                    let form = "Content-Type: application/x-www-form-urlencoded"
                    let html = "Accept: text/html"
                    let texts = [
                        // Location, from the path and from a form.
                        Self.text("GET", "/stages/a\(encoded)", [html]), Self.text("GET", "/login?next=/a\(encoded)", [html]),
                        Self.text("POST", "/login", [form, html], "api_key=\(key)&next=/stages\(encoded)"),
                        Self.text("POST", "/login", [form, html], "api_key=\(key)&next=//elsewhere.example/"),
                        Self.text("POST", "/login", [form, html], "api_key=\(key)&next=/%5Celsewhere.example/"),
                        Self.text("POST", "/login", [form, html], "api_key=\(key)&next=https://elsewhere.example/"),
                        // X-Request-Id, ETag, Allow, Set-Cookie, Vary.
                        Self.text("GET", "/agents", ["X-Request-Id: a\(injected)", "Authorization: Bearer \(key)"]),
                        Self.text("GET", "/agents", ["X-Request-Id: a\(encoded)", "Authorization: Bearer \(key)"]),
                        Self.text("GET", "/agents", ["Cookie: __Host-stagekeeper=a\(encoded)"]),
                        Self.text("GET", "/agents", ["Host: a\(injected)"]), Self.text("A\(encoded)", "/agents", []),
                        Self.text("PUT", "/conversations/web-7f3a9c\(encoded)", []),
                        Self.text("GET", "/events?last_event_id=1\(encoded)", ["Last-Event-ID: 1\(injected)", "Authorization: Bearer \(key)"]),
                    ]
                    for text in texts {
                        let connection = try RawConnection(port: try #require(server.port))
                        connection.send(text)
                        let head = connection.receive(until: "\r\n\r\n").components(separatedBy: "\r\n\r\n")[0]
                        #expect(head.hasPrefix("HTTP/1.1 "), "\(text)")
                        let lines = head.split(omittingEmptySubsequences: false) { $0.isNewline }
                        #expect(!lines.contains { $0.hasPrefix("X-Injected") } && !head.contains("elsewhere"), "\(text): \(head)")
                    }
                }
            }
        }

        // MARK: - Raw requests

        private static func text(_ method: String, _ path: String, _ lines: [String], _ body: String = "") -> String {
            ([
                "\(method) \(path) HTTP/1.1", "Host: localhost", "Content-Length: \(body.utf8.count)",
            ] + lines + ["", body]).joined(separator: "\r\n")
        }

        private static func get(_ path: String, key: String, from server: Server) throws -> String {
            try get(Array(path.utf8), key: key, from: server)
        }

        private static func get(_ path: [UInt8], key: String, from server: Server) throws -> String {
            try get(path, ["Authorization: Bearer \(key)"], from: server)
        }

        private static func get(_ path: String, _ lines: [String] = [], from server: Server) throws -> String {
            try get(Array(path.utf8), lines, from: server)
        }

        private static func get(_ path: [UInt8], _ lines: [String], from server: Server) throws -> String {
            let connection = try RawConnection(port: try #require(server.port))
            let rest = [" HTTP/1.1", "Host: localhost", "Connection: close"] + lines + ["", ""]
            connection.send(Array("GET ".utf8) + path + Array(rest.joined(separator: "\r\n").utf8))
            return connection.receive()
        }
    }
}
