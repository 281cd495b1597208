import Foundation
import NIOHTTP1
import StageModel
import Testing

extension LiveTests {
    @Suite("Timeouts")
    struct TimeoutTests {
        @Test("A deadline that passes after kill -9 fires once when the program runs again, and not before")
        func firesAfterCrash() async throws {
            try await withDatabase { database in
                let (business, deadlines) = try await withServer(on: database) { server in
                    try await withClient { client in
                        var api = API(client: client, url: server.url, key: "")
                        let business = try await TestBusiness.create(stages: 2, through: api)
                        api.key = business.key
                        let timeout: JSONValue = ["configuration": ["timeout": ["seconds": 1, "to_stage_id": .string(business.stages[1])]]]
                        _ = try await api.succeed(.PATCH, "/stages/\(business.stages[0])", timeout)
                        var deadlines: [Timestamp] = []
                        for number in 0..<20 {
                            let moved = try await api.move("c-\(number)", to: business.stages[0])
                            #expect(moved.status == 200)
                            deadlines.append(try #require(moved.body["timeout_at"]?.timestamp))
                        }
                        await server.kill()
                        return (business, deadlines)
                    }
                }
                try await withServer(on: database) { server in
                    try await withClient { client in
                        let api = API(client: client, url: server.url, key: business.key)
                        for number in 0..<20 {
                            var history: [JSONValue] = []
                            // It is looked for once a second.
                            for _ in 0..<50_000 where history.count < 2 { history = try await api.all("/conversations/c-\(number)/history") }
                            #expect(history.map { $0["cause"] } == ["timer", "api"] && history.first?["trace"] == ["reason": "timeout"])
                            let fired = try #require(history.first?["at"]?.timestamp)
                            #expect(fired >= deadlines[number])
                            let state = try await api.get("/conversations/c-\(number)")
                            #expect(
                                state["current_stage_id"]?.string == business.stages[1] && state["version"] == 2
                                    && state["timeout_at"]?.isNull == true)
                        }
                        #expect(await server.stop() == .exit(0))
                    }
                }
            }
        }
    }
}
