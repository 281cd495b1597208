import Foundation
import NIOHTTP1
import StageModel
import Testing

extension LiveTests {
    @Suite("Commands on the file of a running server")
    struct CommandTests {
        @Test("A key that a command creates is good at once, and one that it revokes is soon refused")
        func managesKeys() async throws {
            try await withDatabase { database in
                try await withServer(on: database) { server in
                    try await withClient { client in
                        let api = API(client: client, url: server.url, key: "")
                        let business = try await TestBusiness.create(through: api)
                        let created = try await Stagekeeper.run(
                            ["key", "create", business.id, "--name", "Reports", "--role", "viewer", "--json"], on: database
                        ).json()
                        let (id, key) = (try #require(created["key_id"]?.string), try #require(created["api_key"]?.string))
                        #expect(created["role"] == "viewer")
                        let viewer = api.with(key: key)
                        #expect(try await viewer.call(.GET, "/templates").status == 200)
                        #expect(try await viewer.call(.POST, "/agents", ["agent_name": "No"]).status == 403)

                        let listed = try await Stagekeeper.run(["key", "list", business.id, "--json"], on: database).json()
                        let item = listed["items"]?.array?.first { $0["key_id"]?.string == id }
                        #expect(item?["name"] == "Reports")
                        #expect(item?["revoked_at"]?.isNull == true)
                        #expect(try await Stagekeeper.run(["key", "list", business.id], on: database).output.contains("Reports"))

                        #expect(try await Stagekeeper.run(["key", "revoke", business.id, id], on: database).ending == .exit(0))
                        #expect(try await becomes(401) { try await viewer.call(.GET, "/templates").status })
                        #expect(try await api.with(key: business.key).call(.GET, "/templates").status == 200)
                        let after = try await Stagekeeper.run(["key", "list", business.id, "--json"], on: database).json()
                        #expect(after["items"]?.array?.first { $0["key_id"]?.string == id }?["revoked_at"]?.timestamp != nil)
                    }
                }
            }
        }

        @Test("A business that a command creates can be used at once, and one that it deletes is soon gone")
        func managesBusinesses() async throws {
            try await withDatabase { database in
                try await withServer(on: database) { server in
                    try await withClient { client in
                        let created = try await Stagekeeper.run(["business", "create", "Tea & Co", "--json"], on: database).json()
                        let id = try #require(created["business_id"]?.string)
                        let owner = API(client: client, url: server.url, key: try #require(created["api_key"]?.string))
                        #expect(try await owner.call(.GET, "/stages?business_id=\(id)").status == 200)
                        #expect(try await Stagekeeper.run(["business", "list"], on: database).output.contains("\(id)  Tea & Co"))
                        let listed = try await Stagekeeper.run(["business", "list", "--json"], on: database).json()
                        #expect(listed["items"]?.array?.map { $0["business_id"]?.string } == [id])

                        let unasked = try await Stagekeeper.run(["business", "delete", id], on: database)
                        #expect(unasked.ending == .exit(1))
                        #expect(unasked.errors.contains("--yes"))
                        #expect(try await owner.call(.GET, "/stages?business_id=\(id)").status == 200)

                        let deleted = try await Stagekeeper.run(["business", "delete", id, "--yes", "--json"], on: database).json()
                        #expect(deleted["deleted"]?.string == id)
                        #expect(try await becomes(401) { try await owner.call(.GET, "/stages?business_id=\(id)").status })
                        #expect(try await Stagekeeper.run(["business", "list"], on: database).output == "There are no businesses.\n")
                        let again = try await Stagekeeper.run(["business", "delete", id, "--yes"], on: database)
                        #expect(again.ending == .exit(1))
                        #expect(again.errors.contains(id))
                    }
                }
            }
        }

        /// Whether a status comes, in a bounded number of requests.
        private func becomes(_ wanted: UInt, _ status: () async throws -> UInt) async throws -> Bool {
            for _ in 0..<50_000 where try await status() == wanted { return true }
            return false
        }

        @Test("A backup that is made while 64 clients move opens, with every move in it that was acknowledged before")
        func backsUpWhileInUse() async throws {
            try await withDatabase { database in
                let copy = database.sibling("copy.sqlite")
                let conversations = (0..<64).map { "conversation-\($0 % 16)" }
                let journal = Journal()
                let (business, before) = try await withServer(on: database) { server in
                    try await withClient { client in
                        var api = API(client: client, url: server.url, key: "")
                        let business = try await TestBusiness.create(through: api)
                        api.key = business.key
                        let movers = Movers(api: api, stages: business.stages, journal: journal)
                        let (begins, begin) = AsyncStream.makeStream(of: Void.self)
                        async let before = {
                            for await _ in begins { break }
                            let before = journal.acknowledged
                            let made = try await Stagekeeper.run(["backup", copy.path, "--json"], on: database)
                            server.child.send(SIGTERM)
                            #expect(made.ending == .exit(0))
                            #expect(try made.json()["file"]?.string == copy.path)
                            #expect(journal.acknowledged.count > before.count, "nothing moved meanwhile")
                            return before
                        }()
                        await movers.moveUntilTheServerIsGone(conversations) { count in
                            if count == 200 { begin.finish() }
                        }
                        return (business, try await before)
                    }
                }
                let existing = try await Stagekeeper.run(["backup", copy.path], on: database)
                #expect(existing.ending == .exit(1))
                #expect(existing.errors.contains(copy.path))

                try FileManager.default.copyItem(atPath: database.keysPath, toPath: copy.keysPath)
                try await withServer(on: copy) { server in
                    try await withClient { client in
                        let api = API(client: client, url: server.url, key: business.key)
                        try await journal.expectKept(before, by: api, conversations: Set(conversations).sorted(), "in the copy")
                    }
                }
            }
        }

        @Test("A backup of a file that is not there fails and makes no file")
        func refusesBackupOfNothing() async throws {
            try await withDatabase { database in
                let target = database.sibling("copy.sqlite")
                let refused = try await Stagekeeper.run(["backup", target.path], on: database)
                #expect(refused.ending == .exit(1))
                #expect(refused.errors.contains(database.path))
                #expect(!FileManager.default.fileExists(atPath: target.path))
                #expect(!FileManager.default.fileExists(atPath: database.path))
            }
        }

        @Test("migrate brings a new file up to date, and says so again on a second run beside a running server")
        func migrates() async throws {
            try await withDatabase { database in
                let first = try await Stagekeeper.run(["migrate", "--json"], on: database).json()
                let schema = try #require(first["schema"]?.integer)
                #expect(schema >= 1)
                try await withServer(on: database) { _ in
                    let second = try await Stagekeeper.run(["migrate"], on: database)
                    #expect(second.ending == .exit(0))
                    #expect(second.output.contains("number \(schema)"))
                }
            }
        }

        @Test("version and --version print the version alone")
        func printsVersion() async throws {
            try await withDatabase { database in
                let version = try await Stagekeeper.run(["version"], on: database)
                #expect(version.ending == .exit(0))
                #expect(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
                #expect(try await Stagekeeper.run(["--version"], on: database).output == version.output)
                #expect(!FileManager.default.fileExists(atPath: database.path))
            }
        }
    }
}
