import Foundation
import NIOHTTP1
import StageModel
import Testing

extension LiveTests {
    @Suite("Bodies that are more than they seem")
    struct SmugglingBodyTests {
        private static let codings = [
            "gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "compress", "gzip, gzip", "identity, gzip", "gzip, identity", "unheard-of",
        ]

        /// Fifty megabytes in fifty kilobytes.
        private static func bomb() async throws -> [UInt8] {
            let script = "head -c 50000000 /dev/zero | gzip -9 | base64 --wrap=0"
            return Array(try #require(Data(base64Encoded: try await Program.run(["sh", "-c", script]))))
        }

        @Test("A body in any coding but its own is refused with 415, unread: nothing is inflated")
        func compressed() async throws {
            let bomb = try await Self.bomb()
            try await withDatabase { database in
                try await withServer(on: database, ["STAGEKEEPER_DEMO": "1"]) { server in
                    let key = try #require(server.demo).key
                    let small = Array(try #require(Data(base64Encoded: "H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==")))
                    let before = try Self.memory(of: server)
                    for coding in Self.codings {
                        for (path, type) in [("/flow/check", "application/json"), ("/login", "application/x-www-form-urlencoded")] {
                            for body in [bomb, small] {
                                let answer = try Self.post(path, type, ["Content-Encoding: \(coding)"], body, key: key, to: server)
                                #expect(answer.hasPrefix("HTTP/1.1 415 ") && answer.contains("uncompressed"), "\(coding) \(path): \(answer)")
                            }
                        }
                    }
                    #expect(try Self.memory(of: server) < before + 40_000, "in KB")
                    for coding in [[], ["Content-Encoding: identity"]] {
                        let answer = try Self.post("/flow/check", "application/json", coding, Array("{}".utf8), key: key, to: server)
                        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(coding): \(answer)")
                    }
                }
            }
        }

        @Test("A body beyond its limit is refused with 413, whether its length is told, or comes in chunks", arguments: [1 << 20, 8 << 20])
        func oversized(limit: Int) async throws {
            try await withDatabase { database in
                try await withServer(on: database, ["STAGEKEEPER_DEMO": "1"]) { server in
                    let key = try #require(server.demo).key
                    let path = limit == 8 << 20 ? "/flow/check" : "/templates/preview"
                    let told = try RawConnection(port: try #require(server.port))
                    told.send(Self.head(path, "application/json", ["Content-Length: \(limit + 1)"], key: key))
                    #expect(told.receive(until: "}").hasPrefix("HTTP/1.1 413 "))

                    let connection = try RawConnection(port: try #require(server.port))
                    connection.send(Self.head(path, "application/json", ["Transfer-Encoding: chunked"], key: key))
                    let chunk = "10000\r\n" + String(repeating: " ", count: 65_536) + "\r\n"
                    for _ in 0...(limit / 65_536) { connection.send(chunk) }
                    #expect(connection.receive(until: "}").hasPrefix("HTTP/1.1 413 "))
                }
            }
        }

        private static func head(_ path: String, _ type: String, _ lines: [String], key: String) -> String {
            let all = ["POST \(path) HTTP/1.1", "Host: localhost", "Authorization: Bearer \(key)", "Content-Type: \(type)"] + lines
            return all.joined(separator: "\r\n") + "\r\n\r\n"
        }

        private static func post(
            _ path: String, _ type: String, _ lines: [String], _ body: [UInt8], key: String, to server: Server
        ) throws -> String {
            let connection = try RawConnection(port: try #require(server.port))
            connection.send(Array(head(path, type, lines + ["Content-Length: \(body.count)", "Connection: close"], key: key).utf8) + body)
            return connection.receive()
        }

        /// What a server has in memory, in KB.
        private static func memory(of server: Server) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(server.child.id)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
            return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? Int(line.filter(\.isNumber)))
        }
    }
}
