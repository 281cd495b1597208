import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Erasing a conversation")
struct ErasureTests {
    @Test("Erases all that is known of it, and one of its id goes on from the last version")
    func erase() async throws {
        try await TestServer.run { server in
            try await server.move("c-1", to: "notes", data: #"{"x":1}"#)
            #expect(try await server.delete("/conversations/c-1", as: .editor).status == 204)
            #expect(try await server.get("/conversations/c-1").status == 404)
            #expect(try await server.get("/conversations/c-1/history").status == 404)
            #expect(try await server.get("/stages/<notes>/state?conversation_id=c-1").status == 404)
            #expect(try await server.get("/conversations").column("conversation_id") == ["c-2"])
            #expect(try await server.delete("/conversations/c-1").status == 404)

            server.clock.advance(seconds: 5)
            let again = try await server.move("c-1", to: "welcome")
            #expect(again["/version"] == 3 && again["/data"] == [:] && again["/created_at"] == "2026-03-01T12:00:05.000000Z")
            #expect(again["/visits"] == .object([server.expand("<welcome>"): 1]))
            #expect(try await server.get("/conversations/c-1/history").column("version") == ["3"])
            let rewound = try await server.post("/conversations/c-1/rewind", #"{"version":1}"#)
            #expect(rewound.status == 422 && rewound.faults == ["/version"])
        }
    }

    @Test("Its last version is kept for 30 days")
    func forgotten() async throws {
        try await TestServer.run { server in
            for days in [29, 31] as [Int64] {
                try await server.move("c-3", to: "welcome")
                let last = try #require(try await server.move("c-3", to: "notes")["/version"]?.integer)
                try await server.delete("/conversations/c-3")
                server.clock.advance(seconds: days * 86_400)
                try await server.store.removeOutdated(at: server.clock.now)
                #expect(try await server.move("c-3", to: "welcome")["/version"]?.integer == (days < 30 ? last + 1 : 1))
            }
        }
    }

    @Test("No page shows its id any more")
    func noTrace() async throws {
        try await TestServer.run { server in
            for stage in ["notes", "welcome", "notes", "order"] { try await server.move("very-private-id", to: stage) }
            #expect(try await server.store.foldStatistics() > 0)
            // The numbers of the stages are in memory before.
            let stages = ["notes", "welcome", "order"]
            for stage in stages { #expect(try await server.get("/stages/<\(stage)>/state").text.contains("very-private-id")) }
            #expect(try await server.delete("/conversations/very-private-id").status == 204)
            #expect(try await server.store.foldStatistics() > 0)
            for path in stages.map({ "/stages/<\($0)>/state" }) + ["/audit-log", "/conversations"] {
                let answer = try await server.get(path)
                #expect(!answer.text.contains("very-private-id"), "\(path)")
            }
        }
    }

    @Test("The audit log keeps that a conversation was revealed and erased, but not its id")
    func auditLog() async throws {
        try await TestServer.run { server in
            try await server.post("/conversations/c-2/reveal")
            try await server.delete("/conversations/c-2")
            let log = try await server.get("/audit-log?limit=2")
            #expect(log.column("action") == ["conversation.erase", "conversation.reveal"])
            #expect(!log.column("subject").contains("c-2"))
        }
    }

    @Test("A replay of an answer is erased with the conversation that it tells of")
    func replay() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "notes", data: #"{"x":1}"#, ["Idempotency-Key": "k"])
            try await server.delete("/conversations/c-3")
            let answer = try await server.move("c-3", to: "notes", data: #"{"x":1}"#, ["Idempotency-Key": "k"])
            #expect(answer.status == 200 && answer[header: "Idempotency-Replayed"] == nil && answer["/version"] == 2)
        }
    }

    @Test("The stage's numbers know that somebody came and left, whether they were counted before or not", arguments: [true, false])
    func statistics(_ isCountedBefore: Bool) async throws {
        try await TestServer.run { server in
            if isCountedBefore { #expect(try await server.store.foldStatistics() > 0) }
            try await server.delete("/conversations/c-1")
            try await server.move("c-3", to: "welcome")
            #expect(try await server.store.foldStatistics() > 0)
            let state = try await server.get("/stages/<welcome>/state")
            #expect(state["/conversations_here"] == 1)
            #expect(state["/entered"] == 2 && state["/left"] == 1)
        }
    }
}
