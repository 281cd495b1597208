import NIOHTTP1
import StageModel
import Testing

/// The commands for operators beside two servers with the least rights.
extension LiveTests.FaultTests {
    /// Runs a test beside a server, with a command of the same settings.
    private static func withServer(
        _ body: (_ server: API, _ stages: [String], _ command: ([String], [String: String]) async throws -> Stagekeeper.Result) async throws -> Void
    ) async throws {
        let servers = try #require(FaultServers.current)
        let environment = try servers.environment().merging(["STAGEKEEPER_PLATFORM_KEY": Stagekeeper.platformKey]) { $1 }
        try await Fleet.run([environment]) { fleet in
            try await withClient { client in
                let business = try await TestBusiness.create(through: API(client: client, url: fleet.endpoints[0], key: ""))
                try await withDatabase { place in
                    try await body(API(client: client, url: fleet.endpoints[0], key: business.key), business.stages) { arguments, other in
                        try await Stagekeeper.run(arguments, on: place, environment.merging(other) { $1 })
                    }
                }
            }
        }
    }

    @Test("The doctor finds nothing where all is well, and says of which conversation Redis has something that does not open")
    func doctor() async throws {
        let redis = try #require(FaultServers.current).redis
        try await redis.ask(["FLUSHALL"])
        try await Self.withServer { server, stages, command in
            #expect(try await server.move("patient", to: stages[0], data: ["n": 1]).status == 200)
            // A read past no cache keeps the state in Redis.
            let kept = await eventually(within: .seconds(15)) {
                _ = try? await Exchange.send(
                    .GET, "\(server.url)/conversations/patient", by: server.client, headers: ["Authorization": "Bearer \(server.key)"],
                    within: .seconds(10))
                return (try? await command(["doctor", "--json"], [:]).json()["redis"]?["same"]?.integer) == 1
            }
            #expect(kept != nil, "The state never comes to Redis.")
            let well = try await command(["doctor"], [:])
            #expect(well.ending == .exit(0) && well.output.contains("0 that differ"), "\(well.output) \(well.errors)")

            for key in try await redis.ask(["KEYS", "sk:*"]).split(separator: "\n") where !key.contains(":position:") {
                try await redis.ask(["SETRANGE", String(key), "70", "damage"])
            }
            let ill = try await command(["doctor"], [:])
            #expect(ill.ending == .exit(1) && ill.output.contains("patient: what Redis has does not open"), "\(ill.output) \(ill.errors)")
            let report = try await command(["doctor", "--json"], [:]).json()
            #expect(report["redis"]?["differences"]?.array?.first?["conversation_id"] == "patient")
            #expect(try await server.get("/conversations/patient")["version"] == 1, "Servers read it from the database.")
        }
        try await redis.ask(["FLUSHALL"])
    }

    @Test("A doctor without Redis or without the database says so")
    func doctorWithout() async throws {
        try await Self.withServer { _, _, command in
            let nobody = "127.0.0.1:1"
            let noRedis = try await command(["doctor"], ["STAGEKEEPER_REDIS_URL": "redis://\(nobody)"])
            #expect(noRedis.ending == .exit(1) && noRedis.errors.contains("Redis can't be asked"), "\(noRedis.errors)")
            let noDatabase = try await command(["doctor"], ["STAGEKEEPER_DATABASE_URL": "postgres://a:secret@\(nobody)/x"])
            #expect(noDatabase.ending == .exit(1) && noDatabase.errors.contains("can't be reached"), "\(noDatabase.errors)")
            #expect(!noDatabase.errors.contains("secret"))
        }
    }

    @Test("Keys that are given are replaced while a server serves, when it has been given both")
    func rotatesGivenKeys() async throws {
        let new = FaultServers.key("k2")
        try await Self.withServer { server, stages, command in
            let old = try #require(FaultServers.current).keys
            #expect(try await server.move("sealed", to: stages[0]).status == 200)
            let rotated = try await command(["key", "rotate-encryption"], ["STAGEKEEPER_ENCRYPTION_KEYS": "\(new),\(old)"])
            #expect(rotated.ending == .exit(0) && rotated.output.contains("sealed by the key 'k2' alone"), "\(rotated.errors)")
            let alone = try await command(["doctor", "--json"], ["STAGEKEEPER_ENCRYPTION_KEYS": new]).json()
            #expect(alone["keys"]?.object.map { Array($0.keys) } == ["k2"])
            // For the other tests.
            let back = try await command(["key", "rotate-encryption"], ["STAGEKEEPER_ENCRYPTION_KEYS": "\(old),\(new)"])
            #expect(back.ending == .exit(0))
        }
    }
}
