import Foundation
import NIOHTTP1
import StageModel
import Testing

extension LiveTests {
    @Suite("Damaged files")
    struct DamageTests {
        struct Damage: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let damage: @Sendable (Data) -> Data
        }

        private static let damages = [
            Damage(testDescription: "its first page is noise") { $0.replacing(at: 0, with: Data(repeating: 0x5A, count: 4096)) },
            Damage(testDescription: "it is a text") { _ in Data("This is no database.\n".utf8) + Data(repeating: 0x20, count: 8192) },
            Damage(testDescription: "its second half is missing") { $0.prefix($0.count / 2) },
            Damage(testDescription: "its schema is noise") { $0.replacing(at: 100, with: Data(repeating: 0xA5, count: 3996)) },
        ]

        @Test("A damaged database file is refused with a reason, not with a crash", arguments: damages)
        func refusesDamagedFile(damage: Damage) async throws {
            try await withDatabase { database in
                let (copy, _) = try await copyOfDemo(database, damage.damage)
                let refused = try await Stagekeeper.run(["serve"], on: copy)
                #expect(refused.ending == .exit(1), "\(refused.errors)")
                #expect(refused.errors.contains(copy.path))
                #expect(!refused.errors.contains("Fatal error"))
            }
        }

        @Test("A file whose damage shows later gives 503 and lines in the log, not wrong answers or a crash")
        func answersUnavailable() async throws {
            try await withDatabase { database in
                let noise = Data((0..<40_960).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) })
                let (copy, demo) = try await copyOfDemo(database) { data in
                    stride(from: data.count * 9 / 16, to: data.count, by: noise.count).reduce(data) { $0.replacing(at: $1, with: noise) }
                }
                try await withServer(on: copy) { server in
                    try await withClient { client in
                        let api = API(client: client, url: server.url, key: demo.key)
                        var statuses: [UInt] = []
                        for path in ["/stages?business_id=\(demo.business)", "/agents", "/conversations", "/audit-log", "/api-keys"] {
                            let answer = try await api.call(.GET, path)
                            statuses.append(answer.status)
                            #expect(answer.status == 200 || answer.code == "database_unavailable", "\(path): \(answer.body.jsonText)")
                        }
                        #expect(statuses.contains(503), "the damage did not show; damage more")
                        #expect(try await api.call(.POST, "/agents", ["agent_name": "New"]).status == 503)
                        #expect(try await api.call(.GET, "/health").status == 200)
                        #expect(try await api.call(.GET, "/ready").status == 503)
                    }
                    #expect(server.child.errors.contains("database_unavailable"))
                    #expect(server.child.errors.contains("malformed"))
                    #expect(await server.stop() == .exit(0))
                }
            }
        }

        @Test("After a clean end the database is in its one file")
        func leavesOneFile() async throws {
            try await withDatabase { database in
                let demo = try await withServer(on: database, ["STAGEKEEPER_DEMO": "1"]) { server in
                    #expect(await server.stop() == .exit(0))
                    return try #require(server.demo)
                }
                // What somebody leaves behind who copies the file and its keys, and knows of no others.
                for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: database.path + suffix) }
                try await withServer(on: database) { server in
                    try await withClient { client in
                        let answer = try await API(client: client, url: server.url, key: demo.key).call(.GET, "/conversations")
                        #expect(answer.status == 200)
                    }
                }
            }
        }

        /// The demo in a file that is damaged.
        private func copyOfDemo(_ database: Database, _ damage: (Data) -> Data) async throws -> (Database, Server.Demo) {
            let copy = database.sibling("copy.sqlite")
            let demo = try await withServer(on: database, ["STAGEKEEPER_DEMO": "1"]) { server in
                #expect(try await Stagekeeper.run(["backup", copy.path], on: database).ending == .exit(0))
                return try #require(server.demo)
            }
            try FileManager.default.copyItem(atPath: database.keysPath, toPath: copy.keysPath)
            let file = URL(fileURLWithPath: copy.path)
            try damage(try Data(contentsOf: file)).write(to: file)
            return (copy, demo)
        }
    }
}

extension Data {
    fileprivate func replacing(at offset: Int, with part: Data) -> Data { prefix(offset) + part + dropFirst(offset + part.count) }
}
