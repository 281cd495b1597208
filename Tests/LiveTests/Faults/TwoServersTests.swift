import AsyncHTTPClient
import NIOHTTP1
import StageModel
import Testing

/// Two servers over one PostgreSQL and one Redis, when nothing fails.
extension LiveTests.FaultTests {
    /// Runs a test with a business of its own, which each of two servers serves.
    private static func withTwoServers(_ settings: [String: String] = [:], _ body: (TestBusiness, [API]) async throws -> Void) async throws {
        let servers = try #require(FaultServers.current)
        let environment = try servers.environment().merging(["STAGEKEEPER_PLATFORM_KEY": Stagekeeper.platformKey]) { $1 }.merging(settings) { $1 }
        try await Fleet.run([environment, environment]) { fleet in
            try await withClient { client in
                let business = try await TestBusiness.create(through: API(client: client, url: fleet.endpoints[0], key: ""))
                try await body(business, fleet.endpoints.map { API(client: client, url: $0, key: business.key) })
            }
        }
    }

    @Test("A stage that is edited at one server is seen at the other, and a key that is revoked there is refused here")
    func changesTravel() async throws {
        try await Self.withTwoServers { business, servers in
            let stage = "/stages/\(business.stages[0])?business_id=\(business.id)"
            for number in 1...5 {
                let (here, there) = (servers[number % 2], servers[(number + 1) % 2])
                _ = try await there.succeed(.GET, stage)
                _ = try await here.succeed(.PATCH, stage, ["stage_name": .string("Name \(number)")])
                let seen = await eventually(within: .seconds(5)) {
                    (try? await there.succeed(.GET, stage))?["stage_name"]?.string == "Name \(number)"
                }
                #expect(seen != nil, "Name \(number)")
            }
            let created = try await servers[0].succeed(.POST, "/api-keys", ["name": "Reports", "role": "viewer"])
            let viewer = servers[1].with(key: try #require(created["api_key"]?.string))
            #expect(await eventually(within: .seconds(5)) { (try? await viewer.call(.GET, stage).status) == 200 } != nil)
            _ = try await servers[0].call(.DELETE, "/api-keys/\(try #require(created["key_id"]?.string))")
            #expect(await eventually(within: .seconds(5)) { (try? await viewer.call(.GET, stage).status) == 401 } != nil)
        }
    }

    @Test("A move under one Idempotency-Key that reaches both servers at once is done, and refused at neither, though it asks for a version")
    func sameMove() async throws {
        try await Self.withTwoServers { business, servers in
            var version = try #require(try await servers[0].move("c", to: business.stages[0]).body["version"]?.integer)
            for number in 1...40 {
                let headers = [
                    "Authorization": "Bearer \(business.key)", "Idempotency-Key": "move-\(number)", "If-Match": "\"c\(version)\"",
                ]
                let path = "/stages/\(business.stages[number % business.stages.count])/state"
                let answers = try await withThrowingTaskGroup(of: Exchange.self) { group in
                    for server in servers {
                        group.addTask {
                            try await Exchange.send(
                                .PUT, server.url + path, by: server.client, headers: headers, body: ["conversation_id": "c"], within: .seconds(20))
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                // While it is being done at one, the other may say so.
                #expect(answers.allSatisfy { $0.status == 200 || $0.code == "idempotency_key_in_progress" }, "\(answers)")
                version += 1
                #expect(answers.allSatisfy { $0.status != 200 || $0.body["version"]?.integer == version })
            }
        }
    }

    @Test("Two servers share the limit of a key: together they let through what one would")
    func sharedLimit() async throws {
        // So little flows in that a slow run makes no difference.
        try await Self.withTwoServers(["STAGEKEEPER_RATE_LIMIT_KEY": "6/min:100"]) { business, servers in
            let created = try await servers[0].succeed(.POST, "/api-keys", ["name": "Limited", "role": "viewer"])
            let key = try #require(created["api_key"]?.string)
            var (allowed, refused, number) = (0, 0, 0)
            while refused < 20, number < 400 {
                let answer = try await servers[number % 2].with(key: key).call(.GET, "/stages/\(business.stages[0])?business_id=\(business.id)")
                switch answer.status {
                case 200: (allowed, refused) = (allowed + 1, 0)
                case 429: refused += 1
                default: Issue.record("\(answer)")
                }
                number += 1
            }
            #expect(refused == 20)
            #expect((100..<150).contains(allowed), "Each for itself would let 200 through.")
        }
    }

    @Test("64 clients over both servers, on 8 conversations, leave unbroken versions and a state that both tell")
    func manyClients() async throws {
        try await Self.withTwoServers { business, servers in
            let moves = 10
            let versions = try await withThrowingTaskGroup(of: [String: [Int64]].self) { group in
                for task in 0..<64 {
                    group.addTask {
                        var versions: [String: [Int64]] = [:]
                        for move in 0..<moves {
                            let conversation = "c\((task + move) % 8)"
                            let answer = try await servers[(task + move) % 2].succeed(
                                .PUT, "/stages/\(business.stages[(task * 3 + move) % business.stages.count])/state",
                                ["conversation_id": .string(conversation), "data": .object(["t\(task)": .integer(Int64(move))])])
                            versions[conversation, default: []].append(try #require(answer["version"]?.integer))
                        }
                        return versions
                    }
                }
                return try await group.reduce(into: [String: [Int64]]()) { all, versions in all.merge(versions) { $0 + $1 } }
            }
            #expect(versions.count == 8)
            for (conversation, versions) in versions {
                #expect(versions.sorted() == (1...Int64(64 * moves / 8)).map(\.self), "\(conversation)")
                let path = "/conversations/\(conversation)"
                let states = [try await servers[0].succeed(.GET, path), try await servers[1].succeed(.GET, path)]
                #expect(states[0] == states[1] && states[0]["version"]?.integer == Int64(64 * moves / 8))
                let history = try await servers[0].succeed(.GET, "\(path)/history?limit=200")
                #expect(history["items"]?.array?.compactMap { $0["version"]?.integer } == (1...Int64(64 * moves / 8)).reversed())
            }
        }
    }
}
