import Foundation
import NIOHTTP1
import StageModel
import Testing

/// What docs/operations.md says of the encryption keys and of `doctor`, step by step.
extension LiveTests.FaultTests {
    @Test("Encryption keys are replaced while two servers serve, and nothing is sealed by the old one any more")
    func keysRotate() async throws {
        let servers = try #require(FaultServers.current)
        let (old, new) = (FaultServers.key("old"), FaultServers.key("new"))
        let name = "rotation"
        try await servers.postgres.create(database: name)
        try await withDatabase { place in
            let file = place.folder.appending(path: "keys")
            func give(_ keys: String) throws { try keys.write(to: file, atomically: true, encoding: .utf8) }
            try give(old)
            var environment = try servers.environment(redis: "\(try servers.redis.appURL())/1")
            environment["STAGEKEEPER_ENCRYPTION_KEYS"] = nil
            environment["STAGEKEEPER_ENCRYPTION_KEYS_FILE"] = file.path
            environment["STAGEKEEPER_DATABASE_URL"] = servers.postgres.ownerURL(of: name)
            let migration = try await Stagekeeper.run(["migrate"], on: place, environment)
            try #require(migration.ending == .exit(0), "\(migration)")
            environment["STAGEKEEPER_DATABASE_URL"] = servers.postgres.appURL(of: name)

            try await Fleet.run([environment, environment]) { fleet in
                try await withClient { client in
                    let business = try await TestBusiness.create(through: API(client: client, url: fleet.endpoints[0], key: ""))
                    let owner = API(client: client, url: fleet.endpoints[1], key: business.key)
                    let configuration: JSONValue = [
                        "persistence": ["scope": "conversation"], "fields": [["name": "secret", "type": "string", "sensitive": true]],
                    ]
                    _ = try await owner.succeed(.PATCH, "/stages/\(business.stages[4])", ["configuration": configuration])
                    #expect(try await owner.move("sealed", to: business.stages[4], data: ["secret": "Bumblebee"]).status == 200)

                    let load = Load(client, endpoints: fleet.endpoints, business: business, terms: Load.Terms())
                    try await load.run { load in
                        for (step, keys) in ["\(old),\(new)", "\(new),\(old)"].enumerated() {
                            try await load.wait(forMoves: 30)
                            try give(keys)
                            try await expectRead(fleet, times: step + 1)
                        }
                        let rotation = try await Stagekeeper.run(["key", "rotate-encryption"], on: place, environment)
                        #expect(rotation.ending == .exit(0) && rotation.output.contains("by the key 'new' alone"), "\(rotation)")
                        try give(new)
                        try await expectRead(fleet, times: 3)
                        try await load.wait(forMoves: 30)
                    }
                    try await load.expectKept()
                    let revealed = try await owner.succeed(.POST, "/conversations/sealed/reveal")
                    #expect(revealed["data"]?["secret"] == "Bumblebee")
                }
                let report = try await Stagekeeper.run(["doctor", "--json"], on: place, environment)
                let told = try report.json()
                #expect(report.ending == .exit(0) && told["redis"]?["differences"] == [] && told["conversations"] == .integer(9), "\(report)")
                #expect(Set((told["keys"]?.object ?? [:]).keys) == ["new"], "\(report.output)")
            }
        }
    }

    /// Both servers must say that they have read the file again.
    private func expectRead(_ fleet: Fleet, times: Int) async throws {
        let line = "The encryption keys were read again."
        let told = await eventually(within: .seconds(10)) { fleet.log.ranges(of: line).count == fleet.endpoints.count * times }
        #expect(told != nil, "\(fleet.log.suffix(2000))")
    }
}
