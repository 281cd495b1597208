import AsyncHTTPClient
import Foundation
import NIOHTTP1
import StageModel
import Testing

/// Where a turn can end.
enum TurnCrash {
    /// The points of a turn, and whether a turn that ends there is on disk.
    static let points: [(point: String, isWhole: Bool)] = [
        ("received", false), ("joined", false), ("begun", false), ("decided", false), ("committing", false), ("committed", true),
    ]
}

extension LiveTests {
    @Suite("Crashes in the middle of a turn", .timeLimit(.minutes(2)))
    struct TurnCrashTests {
        @Test("After kill -9 the turn is whole or absent, and the message sent again completes it once", arguments: TurnCrash.points)
        func onOneServer(_ point: String, _ isWhole: Bool) async throws {
            try await withDatabase { database in
                let business = try await Self.business(on: database)
                try await withServer(on: database, ["STAGEKEEPER_TEST_CRASH_POINT": point]) { server in
                    try await withClient { client in
                        let api = API(client: client, url: server.url, key: business.key)
                        await #expect(throws: (any Error).self) { try await api.say("please write to me", "m1", to: "c") }
                        #expect(await server.child.end() == .signal(SIGKILL))
                    }
                }
                try await withServer(on: database) { server in
                    try await withClient { client in
                        let api = API(client: client, url: server.url, key: business.key)
                        let found = try await api.call(.GET, "/conversations/c")
                        #expect(found.status == (isWhole ? 200 : 404))
                        try await Self.expectOneTurn(by: api, business)
                    }
                }
            }
        }

        @Test("After kill -9 of a server whose model is at work, the message sent again completes the turn once", arguments: SilentModel.purposes)
        func atTheModel(_ purpose: String) async throws {
            let model = try await SilentModel.start(silentAt: purpose)
            try await withDatabase { database in
                let business = try await Self.business(on: database)
                try await withServer(on: database, ["STAGEKEEPER_MODEL_URL": model.url, "STAGEKEEPER_MODEL": "silent"]) { server in
                    try await withClient { client in
                        let api = API(client: client, url: server.url, key: business.key)
                        // Where a rule decides, the model is not asked.
                        let text = purpose == "stage_selection" ? "a letter, please" : "please write to me"
                        let answer = Task { try await api.say(text, "m1", to: "c") }
                        await model.silence()
                        server.child.send(SIGKILL)
                        await #expect(throws: (any Error).self) { try await answer.value }
                        #expect(await server.child.end() == .signal(SIGKILL))
                    }
                }
                try await withServer(on: database) { server in
                    try await withClient { client in
                        let api = API(client: client, url: server.url, key: business.key)
                        #expect(try await api.call(.GET, "/conversations/c").status == 404)
                        try await Self.expectOneTurn(by: api, business)
                    }
                }
            }
            try await model.stop()
        }

        private static func business(on database: Database) async throws -> TurnBusiness {
            try await withServer(on: database) { server in
                try await withClient { try await TurnBusiness.create(through: API(client: $0, url: server.url, key: "")) }
            }
        }

        /// Sends the message again, twice.
        private static func expectOneTurn(by api: API, _ business: TurnBusiness) async throws {
            let answer = try await api.say("please write to me", "m1", to: "c")
            #expect(answer.status == 200 && answer.body["reply"] == "To which address?")
            #expect(try await api.say("please write to me", "m1", to: "c").body == answer.body)
            let state = try await api.get("/conversations/c")
            #expect(state["version"] == 1 && state["stage_id"] == .string(business.form))
            #expect(try await api.said(in: "c").count == 1)
            #expect(try await api.all("/conversations/c/history").count == 2)
        }
    }
}
