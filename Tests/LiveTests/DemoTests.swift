import Foundation
import StageModel
import Testing

extension LiveTests {
    @Suite("The first start, and the keys")
    struct DemoTests {
        private static let demo = ["STAGEKEEPER_DEMO": "1"]

        @Test("With STAGEKEEPER_DEMO=1 an empty folder gets a demo business, whose key is printed at the first start only")
        func createsDemoOnce() async throws {
            try await withDatabase { database in
                let demo = try await withServer(on: database, Self.demo) { server in
                    let demo = try #require(server.demo)
                    try await expectDemo(demo, at: server)
                    #expect(await server.stop() == .exit(0))
                    return demo
                }
                try await withServer(on: database, Self.demo) { server in
                    try await expectDemo(demo, at: server)
                    #expect(await server.stop() == .exit(0))
                    #expect(!server.child.output.contains("sk_"))
                }
            }
        }

        private func expectDemo(_ demo: Server.Demo, at server: Server) async throws {
            try await withClient { client in
                let api = API(client: client, url: server.url, key: demo.key)
                let stages = try await api.all("/stages?business_id=\(demo.business)")
                #expect(stages.count >= 6)
                #expect(stages.contains { $0["is_entry"] == true })
                #expect(try await api.all("/agents").count == 2)
                let conversations = try await api.all("/conversations")
                #expect(conversations.count >= 3)
                let known = Set(stages.map { $0["stage_id"] })
                #expect(conversations.allSatisfy { known.contains($0["current_stage_id"]) })
                for conversation in conversations {
                    let id = try #require(conversation["conversation_id"]?.string?.replacing("+", with: "%2B"))
                    #expect(try await api.all("/conversations/\(id)/history").count == conversation["version"]?.int)
                }
            }
        }

        @Test("Without STAGEKEEPER_DEMO nothing is created and no key is printed")
        func createsNoDemo() async throws {
            try await withDatabase { database in
                try await withServer(on: database) { server in
                    #expect(server.demo == nil)
                    try await withClient { client in
                        let businesses = try await API(client: client, url: server.url, key: Stagekeeper.platformKey).all("/businesses")
                        #expect(businesses.isEmpty)
                    }
                }
            }
        }

        @Test("The file with the encryption keys is made beside the database, for its owner only")
        func protectsKeyFile() async throws {
            try await withDatabase { database in
                #expect(try await Stagekeeper.run(["migrate"], on: database).ending == .exit(0))
                let mode = try FileManager.default.attributesOfItem(atPath: database.keysPath)[.posixPermissions] as? NSNumber
                #expect(mode?.intValue == 0o600)
            }
        }

        @Test("A database whose file of keys is missing is refused with the remedy, and not touched")
        func refusesMissingKeys() async throws {
            try await withDatabase { database in
                _ = try await Stagekeeper.run(["business", "create", "Kept"], on: database)
                let keys = try Data(contentsOf: URL(fileURLWithPath: database.keysPath))
                try FileManager.default.removeItem(atPath: database.keysPath)

                let refused = try await Stagekeeper.run(["serve"], on: database)
                #expect(refused.ending == .exit(1))
                #expect(refused.errors.contains(database.keysPath))
                #expect(refused.errors.contains("STAGEKEEPER_ENCRYPTION_KEYS"))
                #expect(!FileManager.default.fileExists(atPath: database.keysPath))

                // Either remedy helps.
                let given = ["STAGEKEEPER_ENCRYPTION_KEYS": String(decoding: keys, as: UTF8.self)]
                #expect(try await Stagekeeper.run(["business", "list"], on: database, given).output.contains("Kept"))
                try keys.write(to: URL(fileURLWithPath: database.keysPath))
                #expect(try await Stagekeeper.run(["business", "list"], on: database).output.contains("Kept"))
            }
        }

        @Test("The keys of another database are refused with a reason")
        func refusesForeignKeys() async throws {
            try await withDatabase { database in
                let other = database.sibling("other.sqlite")
                for database in [database, other] { _ = try await Stagekeeper.run(["migrate"], on: database) }
                let refused = try await Stagekeeper.run(["serve"], on: database, ["STAGEKEEPER_ENCRYPTION_KEYS_FILE": other.keysPath])
                #expect(refused.ending == .exit(1))
                #expect(refused.errors.contains(database.path))
                #expect(refused.errors.contains("key"))
            }
        }
    }
}
