import AsyncHTTPClient
import NIOHTTP1
import StageModel
import Testing

/// Messages that reach two servers over one PostgreSQL and one Redis.
extension LiveTests.FaultTests {
    /// Runs a test with a business of its own, which each of two servers serves.
    private static func withTwoServers(
        busy: String = "queue", _ settings: [[String: String]] = [[:], [:]],
        _ body: @Sendable (TurnBusiness, [API], Fleet) async throws -> Void
    ) async throws {
        let servers = try #require(FaultServers.current)
        let environment = try servers.environment().merging(["STAGEKEEPER_PLATFORM_KEY": Stagekeeper.platformKey]) { $1 }
        try await Fleet.run(settings.map { environment.merging($0) { $1 } }) { fleet in
            try await withClient(connections: 128) { client in
                let business = try await TurnBusiness.create(busy: busy, through: API(client: client, url: fleet.endpoints[0], key: ""))
                try await body(business, fleet.endpoints.map { API(client: client, url: $0, key: business.key) }, fleet)
            }
        }
    }

    @Test("The same message sent 50 times at once to two servers is one turn with 50 equal answers")
    func sameMessage() async throws {
        try await Self.withTwoServers { _, servers, _ in
            let answers = try await withThrowingTaskGroup(of: API.Answer.self) { group in
                for number in 0..<50 { group.addTask { try await servers[number % 2].say("hello", "m1", to: "c") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 200 && $0.body == answers[0].body })
            #expect(try await servers[0].get("/conversations/c")["version"] == 1)
            #expect(try await servers[1].said(in: "c").count == 1)
        }
    }

    @Test("20 messages at once over two servers are 20 turns in the order of their arrival, with unbroken versions")
    func manyMessages() async throws {
        try await Self.withTwoServers { _, servers, _ in
            let versions = try await withThrowingTaskGroup(of: Int64.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try #require(try await servers[number % 2].say("message \(number)", "m\(number)", to: "c").body["version"]?.integer)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(versions.sorted() == Array(1...20))
            let said = try await servers[0].said(in: "c")
            #expect(said.compactMap { $0["number"]?.integer } == Array(1...20))
            #expect(Set(said.compactMap { $0["message_id"]?.string }) == Set((0..<20).map { "m\($0)" }))
        }
    }

    @Test("When connections to the database are cut while messages come, no place in line is left that nobody comes for")
    func abandonedPlaces() async throws {
        let postgres = try #require(FaultServers.current).postgres
        try await Self.withTwoServers { _, servers, _ in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        // What is refused meanwhile is of no interest.
                        for turn in 0..<40 { _ = try? await servers[(number + turn) % 2].say("hello", "m\(turn)", to: "c\(number)") }
                    }
                }
                for _ in 0..<8 {
                    _ = try? await postgres.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'stagekeeper_app'")
                }
            }
            let isEmpty = await eventually(within: .seconds(10)) {
                (try? await postgres.ask("SELECT ticket_id FROM turn_tickets"))?.allSatisfy(\.isWhitespace) == true
            }
            #expect(isEmpty != nil)
            for number in 0..<12 {
                let answer = try await servers[number % 2].say("hello", "last", to: "c\(number)")
                #expect(answer.status == 200)
            }
        }
    }

    @Test("With 'merge' a burst over two servers is one turn, and one of its messages has the reply")
    func mergedMessages() async throws {
        try await Self.withTwoServers(busy: "merge") { _, servers, _ in
            let answers = try await withThrowingTaskGroup(of: API.Answer.self) { group in
                for number in 0..<6 { group.addTask { try await servers[number % 2].say("part \(number)", "m\(number)", to: "c") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.status == 200 && $0.body["status"] == "replied" } == 1)
            #expect(answers.count { $0.status == 202 && $0.body["status"] == "merged" && $0.body["reply"] == .null } == 5)
            #expect(try await servers[1].get("/conversations/c")["version"] == 1)
            #expect(try await servers[1].said(in: "c").count == 6)
        }
    }

    @Test("With 'interrupt' a message at one server ends the turn at the other, which is stored")
    func interruptedMessage() async throws {
        let model = try await SilentModel.start(silentAt: "response_generation")
        try await Self.withTwoServers(busy: "interrupt", [["STAGEKEEPER_MODEL_URL": model.url, "STAGEKEEPER_MODEL": "silent"], [:]]) {
            _, servers, _ in
            async let first = servers[0].say("first", "m1", to: "c")
            await model.silence()
            let second = try await servers[1].say("second", "m2", to: "c")
            #expect(second.status == 200 && second.body["version"] == 1)
            let ended = try await first
            #expect(ended.status == 202 && ended.body["status"] == "interrupted" && ended.body["replied_to"] == "m2")
            let said = try await servers[0].said(in: "c")
            #expect(said.compactMap { $0["status"]?.string } == ["interrupted", "replied"])
        }
        try await model.stop()
    }

    @Test("After kill -9 of one server in the middle of a turn, the message sent to the other completes it once")
    func crashedServer() async throws {
        for (point, _) in TurnCrash.points { try await Self.expectOneTurn(crashingAt: point) }
    }

    private static func expectOneTurn(crashingAt point: String) async throws {
        try await Self.withTwoServers([["STAGEKEEPER_TEST_CRASH_POINT": point], [:]]) { business, servers, _ in
            await #expect(throws: (any Error).self) { try await servers[0].say("please write to me", "m1", to: "c") }
            let answer = try await servers[1].say("please write to me", "m1", to: "c")
            #expect(answer.status == 200 && answer.body["version"] == 1 && answer.body["stage_id"] == .string(business.form))
            #expect(try await servers[1].say("please write to me", "m1", to: "c").body == answer.body)
            #expect(try await servers[1].said(in: "c").count == 1)
            #expect(try await servers[1].all("/conversations/c/history").count == 2)
        }
    }
}
