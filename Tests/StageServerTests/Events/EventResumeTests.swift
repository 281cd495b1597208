import HummingbirdTesting
import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Events after a cut", .timeLimit(.minutes(10)))
struct EventResumeTests {
    @Test("However often a client is cut while many commit, it gets every transition once, in order")
    func cuts() async throws {
        try await TestServer.run(.live) { server in
            let tail = Task { try await server.parts.events.run() }
            let (start, count) = (try await server.store.eventExtent().last, 600)
            try await withThrowingTaskGroup(of: [Int64].self) { group in
                group.addTask {
                    try await server.commit(count)
                    return []
                }
                for client in 0..<4 { group.addTask { try await Self.follow(server, from: start, count: count, client: client) } }
                for try await ids in group where !ids.isEmpty { #expect(ids == Array(start + 1...start + Int64(count))) }
            }
            tail.cancel()
            try await tail.value
        }
    }

    /// Follows until so many transitions have come, with a new connection every few.
    private static func follow(_ server: TestServer, from start: Int64, count: Int, client number: Int) async throws -> [Int64] {
        var ids: [Int64] = []
        var last = start
        var versions: [String: Int64] = [:]
        while ids.count < count {
            let client = try await EventClient(server, "/events", ["Last-Event-ID": "\(last)"])
            // The first never goes away by itself, the others sooner or later.
            let patience = number == 0 ? count : 1 + (ids.count * 7 + number) % 90
            for _ in 0..<patience where ids.count < count {
                let block = try #require(try await client.events(1).first)
                last = try #require(block.id)
                ids.append(last)
                let (conversation, version) = (try #require(block.conversation), try #require(block["version"]?.integer))
                #expect(versions.updateValue(version, forKey: conversation) ?? 0 == version - 1)
            }
            client.leave()
        }
        return ids
    }
}
