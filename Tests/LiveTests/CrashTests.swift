import Foundation
import Testing

extension LiveTests {
    @Suite("Crashes and contention")
    struct CrashTests {
        @Test("After kill -9 in the middle of 64 clients' moves, ten times over, every acknowledged move is there")
        func keepsAcknowledgedMoves() async throws {
            // Half of the clients have a conversation of their own, the others share four.
            let conversations = (0..<64).map { $0 < 32 ? "own-\($0)" : "shared-\($0 % 4)" }
            let all = Set(conversations).sorted()
            try await withDatabase { database in
                let journal = Journal()
                let business = try await withServer(on: database) { server in
                    try await withClient { try await TestBusiness.create(through: API(client: $0, url: server.url, key: "")) }
                }
                for round in 1...10 {
                    try await withServer(on: database) { server in
                        try await withClient { client in
                            let api = API(client: client, url: server.url, key: business.key)
                            let kept = try await journal.expectKept(by: api, conversations: all, "before round \(round)")
                            let before = journal.acknowledged.count
                            #expect(kept >= before)
                            let movers = Movers(api: api, stages: business.stages, journal: journal)
                            await movers.moveUntilTheServerIsGone(conversations) { count in
                                // Each round dies at another point.
                                if count == before + 40 + 31 * round { server.child.send(SIGKILL) }
                            }
                            #expect(await server.child.end() == .signal(SIGKILL))
                            #expect(journal.acknowledged.count >= before + 40 + 31 * round)
                        }
                    }
                }
                try await withServer(on: database) { server in
                    try await withClient { client in
                        let api = API(client: client, url: server.url, key: business.key)
                        try await journal.expectKept(by: api, conversations: all, "at the end")
                    }
                }
            }
        }

        @Test("64 clients moving one conversation get the versions 1 to n, each exactly once, and its history is complete and in order")
        func ordersMovesOfOneConversation() async throws {
            let movesPerClient = 20
            try await withDatabase { database in
                try await withServer(on: database) { server in
                    try await withClient { client in
                        var api = API(client: client, url: server.url, key: "")
                        let business = try await TestBusiness.create(through: api)
                        api.key = business.key
                        let journal = Journal()
                        let movers = Movers(api: api, stages: business.stages, journal: journal)
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for client in 0..<64 {
                                group.addTask {
                                    var moves = 0
                                    while moves < movesPerClient {
                                        if try await movers.move("everybodys", client: client) != nil { moves += 1 }
                                    }
                                }
                            }
                            try await group.waitForAll()
                        }
                        let versions = journal.acknowledged.map(\.version).sorted()
                        #expect(versions == (1...Int64(64 * movesPerClient)).map { $0 })
                        try await journal.expectKept(by: api, conversations: ["everybodys"], "afterwards")
                    }
                }
            }
        }
    }
}
