import Foundation
import NIOHTTP1
import StageModel
import Testing

extension LiveTests {
    @Suite("Replacing the encryption key beside a running server")
    struct KeyRotationTests {
        @Test("The file's key is replaced, what was sealed is read by the new one alone, and the server goes on")
        func rotates() async throws {
            try await withDatabase { database in
                let demo: Server.Demo = try await withServer(on: database, ["STAGEKEEPER_DEMO": "1"]) { server in
                    let demo = try #require(server.demo)
                    let before = try String(contentsOfFile: database.keysPath, encoding: .utf8)
                    #expect(before.hasPrefix("k1:"))
                    let result = try await Stagekeeper.run(["key", "rotate-encryption", "--json"], on: database)
                    #expect(result.ending == .exit(0), "\(result.errors)")
                    #expect(try result.json()["key"] == "k2" && (try result.json()["resealed"]?.integer ?? 0) >= 2)
                    let after = try String(contentsOfFile: database.keysPath, encoding: .utf8)
                    #expect(after.hasPrefix("k2:") && !after.contains("k1:"))
                    let attributes = try FileManager.default.attributesOfItem(atPath: database.keysPath)
                    #expect((attributes[.posixPermissions] as? Int) == 0o600)
                    try await Self.expectRevealed(demo, at: server)
                    return demo
                }
                try await withServer(on: database) { server in try await Self.expectRevealed(demo, at: server) }
            }
        }

        /// The demo has a conversation with an address that is sealed.
        private static func expectRevealed(_ demo: Server.Demo, at server: Server) async throws {
            try await withClient { client in
                let api = API(client: client, url: server.url, key: demo.key)
                #expect(try await api.get("/conversations/web-7f3a9c")["data"]?["email"] == "«masked»")
                let revealed = try await api.succeed(.POST, "/conversations/web-7f3a9c/reveal")
                #expect(revealed["data"]?["email"] == "jo.lindqvist@example.com")
            }
        }
    }
}
