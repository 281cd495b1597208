import HummingbirdTesting
import StageEngine
import StageModel
@testable import StageServer
import StageStore
import StageStoreSQL
import Testing

@Suite("The stream of events", .timeLimit(.minutes(10)))
struct EventStreamTests {
    @Test("It has the headers of server-sent events, begins with where it begins, and tells every transition as it happens")
    func follows() async throws {
        try await TestServer.run(.live) { server in
            let client = try await EventClient(server, "/events")
            #expect(client.status == 200 && client.header("Content-Type") == "text/event-stream")
            #expect(client.header("Cache-Control")?.contains("no-store") == true && client.header("X-Accel-Buffering") == "no")
            #expect(client.header("Content-Length") == nil && client.header("X-Request-Id") != nil)
            let end = try await server.store.eventExtent().last
            #expect(await client.next() == EventClient.Block(id: end, retry: 2000))
            let moved = try await server.move("c-1", to: "order", data: #"{"email":"jo@example.com","pin":"1234","order_id":"AB-1234"}"#)
            try await server.parts.events.step()
            let block = try #require(await client.next())
            #expect(block.id == end + 1 && block.type == "transition")
            #expect(EventView.schema.faults(of: block.data ?? .null, at: .root).isEmpty)
            let history = try await server.get("/conversations/c-1/history")
            for name in ["version", "seq", "transition_id", "from_stage_id", "to_stage_id", "cause", "actor", "rule_id", "at"] {
                #expect(block[name] == history.items[0][name], "\(name)")
            }
            #expect(block.conversation == "c-1" && block["agent_id"] == .null && block["version"] == moved["/version"])
            #expect(block["data"] == nil && block["trace"] == nil)
            #expect(block.data?.jsonText.contains("jo@example.com") == false)
            server.parts.events.beat()
            #expect(await client.next() == EventClient.Block(id: end + 1, comment: "ping"))
        }
    }

    @Test("The last transition of a commit alone has its id, so that a cut between two repeats them and skips none")
    func idOfCommit() async throws {
        try await TestServer.run(.live) { server in
            try await server.move("c-3", to: "brief")
            server.clock.advance(seconds: 61)
            let end = try await server.store.eventExtent().last
            let client = try await EventClient.following(server)
            try await server.move("c-3", to: "welcome")
            try await server.parts.events.step()
            let blocks = try await client.events(2)
            #expect(blocks.map(\.id) == [nil, end + 1] && blocks.map { $0["cause"] } == ["timer", "api"])
            let filtered = try await EventClient(server, "/events?stage_id=<brief>&last_event_id=\(end)")
            #expect(try await filtered.events(1).map(\.id) == [end + 1], "What is told of the commit ends with its id.")
        }
    }

    private static let filters: [(String, [String])] = [
        ("", ["c-3 welcome", "c-4 maras", "c-3 order", "c-4 welcome", "c-3 order"]), ("stage_id=<order>", ["c-3 order", "c-3 order"]),
        ("stage_id=<welcome>", ["c-3 welcome", "c-3 order", "c-4 welcome"]), ("conversation_id=c-4", ["c-4 maras", "c-4 welcome"]),
        ("agent_id=<mara>", ["c-4 maras", "c-4 welcome"]), ("agent_id=<mara>&stage_id=<welcome>", ["c-4 welcome"]),
        ("agent_id=<theo>", []), ("stage_id=<other_stage>", []), ("conversation_id=c-9", []), ("stage_id=<goodbye>&conversation_id=c-3", []),
        ("business_id=<shop>&conversation_id=c-4&agent_id=<mara>", ["c-4 maras", "c-4 welcome"]),
    ]

    @Test("Filters leave what was asked for, live and from the log, and nobody sees another business's events")
    func filters() async throws {
        try await TestServer.run(.live) { server in
            let start = try await server.store.eventExtent().last
            var live: [EventClient] = []
            for (query, _) in Self.filters { live.append(try await .following(server, "/events?\(query)", as: .runtime)) }
            let others = try await EventClient.following(server, as: .other)
            try await server.move("c-3", to: "welcome")
            let body = #"{"conversation_id":"c-4","agent_id":"<mara>"}"#
            #expect(try await server.put("/stages/<maras>/state", body).status == 200)
            try await server.move("c-9", to: "other_stage", as: .other)
            try await server.move("c-3", to: "order")
            try await server.move("c-4", to: "welcome")
            try await server.move("c-3", to: "order", data: #"{"order_id":"AB-1234"}"#)
            try await server.parts.events.step()
            let end = start + 6
            for ((query, expected), client) in zip(Self.filters, live) {
                let resumed = try await EventClient.following(server, "/events?\(query)", as: .viewer, ["Last-Event-ID": "\(start)"])
                for client in [client, resumed] {
                    let found = await client.events(through: end, of: server).map { block in
                        let stage = server.names.first { .string($0.value) == block["to_stage_id"] }?.key
                        return "\(block.conversation ?? "-") \(stage ?? "-")"
                    }
                    #expect(found == expected, "\(query)")
                }
            }
            #expect(try await others.events(1).map(\.conversation) == ["c-9"])
        }
    }

    @Test("An erased conversation is told of without its name")
    func erased() async throws {
        try await TestServer.run(.live) { server in
            let client = try await EventClient.following(server)
            try await server.delete("/conversations/c-1")
            try await server.parts.events.step()
            let block = try #require(try await client.events(1).first)
            #expect(block["conversation_id"] == .null && block["from_stage_id"] == server.id("welcome") && block["to_stage_id"] == .null)
            #expect(EventView.schema.faults(of: block.data ?? .null, at: .root).isEmpty)
        }
    }

    @Test("What is not kept any more is told of by an event of the type reset")
    func reset() async throws {
        try await TestServer.run(.live) { server in
            try await server.move("c-3", to: "welcome")
            while try await server.store.foldStatistics() > 0 {}
            let gone = try await server.store.eventExtent().last
            server.clock.advance(seconds: 8 * Timestamp.secondsPerDay)
            try await server.store.removeOutdated(at: server.clock.now)
            try await server.move("c-3", to: "order")
            let client = try await EventClient(server, "/events?last_event_id=1")
            #expect(await client.next() == EventClient.Block(id: gone, retry: 2000))
            #expect(await client.next() == EventClient.Block(id: gone, type: "reset", data: [:]))
            #expect(try await client.events(1).map(\.id) == [gone + 1])
            let current = try await EventClient(server, "/events", ["Last-Event-ID": "\(gone)"])
            #expect(try await current.events(1).map(\.type) == ["transition"], "It has missed nothing.")
        }
    }
}
