import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("What is kept in memory")
struct CachingTests {
    private static let inMemory = ConditionTrait.enabled(
        if: TestedStore.chosen == .sqlite, "PostgreSQL is asked without Redis, and with it for what others have committed.")

    @Test("A repeated read does no SQL", inMemory, arguments: reads)
    func repeatedRead(_ path: String) async throws {
        try await TestServer.run { server in
            let first = try await server.get(path, as: .viewer)
            let count = server.store.statementCount
            let second = try await server.get(path, as: .viewer)
            #expect(server.store.statementCount == count)
            #expect(first.status == 200 && second.json == first.json && count > 0)
        }
    }

    private static let reads = [
        "/stages/<order>?business_id=<shop>", "/stages?business_id=<shop>", "/templates/<spare>", "/templates", "/agents/<mara>", "/agents?q=a",
        "/transition-rules/<rule>",
        "/transition-rules?stage_id=<order>",
        "/stages/<order>/state", "/stages/<order>/state?conversation_id=c-2", "/conversations/c-2", "/conversations/c-2/history",
        "/conversations/c-2/history?limit=1",
    ]

    @Test("A read behind a write does no SQL either, and tells what was written", inMemory)
    func readBehindWrite() async throws {
        try await TestServer.run { server in
            try await server.get("/conversations/c-1/history")
            try await server.move("c-1", to: "notes")
            let count = server.store.statementCount
            #expect(try await server.get("/conversations/c-1")["/version"] == 2)
            #expect(try await server.get("/conversations/c-1/history").column("version") == ["2", "1"])
            #expect(server.store.statementCount == count)
            try await server.patch("/stages/<notes>", #"{"stage_name":"Memos"}"#)
            let after = server.store.statementCount
            #expect(try await server.get("/stages/<notes>?business_id=<shop>")["/stage_name"] == "Memos")
            #expect(server.store.statementCount == after)
        }
    }

    @Test("Cache-Control: no-cache reads past the memory what another process has written", arguments: ["no-cache", "No-Cache, max-age=0"])
    func noCache(_ header: String) async throws {
        try await TestServer.run { server in
            let paths = ["/conversations/c-1", "/stages/<notes>/state?conversation_id=c-1"]
            for path in paths { #expect(try await server.get(path)["/version"] == 1) }
            try await Self.moveElsewhere("c-1", to: "notes", server)
            for path in paths {
                let count = server.store.statementCount
                let answer = try await server.get(path, ["Cache-Control": header])
                #expect(answer["/version"] == 2 && answer[header: "ETag"] == "\"c2\"")
                #expect(server.store.statementCount > count)
            }
            #expect(try await server.get("/conversations/c-1")["/version"] == 2)
        }
    }

    @Test("A move on top of what another process has written is decided on that")
    func conflict() async throws {
        try await TestServer.run { server in
            #expect(try await server.get("/conversations/c-1")["/version"] == 1)
            try await Self.moveElsewhere("c-1", to: "notes", server)
            let answer = try await server.move("c-1", to: "order")
            #expect(answer["/version"] == 3)
            let history = try await server.get("/conversations/c-1/history")
            #expect(history.column("version") == ["3", "2", "1"] && history["/items/0/from_stage_id"] == server.id("notes"))
        }
    }

    @Test("A stale If-Match is refused even when the memory is stale, too")
    func staleMemory() async throws {
        try await TestServer.run { server in
            #expect(try await server.get("/conversations/c-1")["/version"] == 1)
            try await Self.moveElsewhere("c-1", to: "notes", server)
            let answer = try await server.move("c-1", to: "order", ["If-Match": "\"c1\""])
            #expect(answer.status == 412 && answer["/current_version"] == 2)
        }
    }

    @Test("64 clients that move one conversation make the versions 1 to 64, each once, in an unbroken history")
    func concurrentMoves() async throws {
        try await TestServer.run { server in
            let versions = try await withThrowingTaskGroup(of: Int64?.self) { group in
                for number in 0..<64 {
                    group.addTask { try await server.move("c-3", to: number.isMultiple(of: 2) ? "notes" : "order")["/version"]?.integer }
                }
                return try await group.reduce(into: []) { $0.append($1 ?? 0) }
            }
            #expect(versions.sorted() == Array(1...64))
            let history = try await server.get("/conversations/c-3/history?limit=200").items
            #expect(history.compactMap { $0["version"]?.integer } == Array((1...64).reversed()))
            #expect(zip(history, history.dropFirst()).allSatisfy { $0["from_stage_id"] == $1["to_stage_id"] })
        }
    }

    @Test("Of many changes of one stage at once none is lost")
    func concurrentPatches() async throws {
        try await TestServer.run { server in
            let revisions = try await withThrowingTaskGroup(of: Int64?.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await server.patch("/stages/<notes>", #"{"configuration":{"max_visits":\#(number + 1)}}"#)["/revision"]?.integer
                    }
                }
                return try await group.reduce(into: []) { $0.append($1 ?? 0) }
            }
            #expect(revisions.sorted() == Array(2...9))
            #expect(try await server.get("/stages/<notes>/revisions").items.count == 9)
        }
    }

    private static func moveElsewhere(_ conversation: String, to stage: String, _ server: TestServer) async throws {
        let elsewhere = try await Parts(server.parts.database)
        let business = try #require(server.names["shop"].flatMap { Business.ID($0) })
        _ = try await elsewhere.stages.setCurrentStage(
            try #require(server.names[stage].flatMap { Stage.ID($0) }), of: try #require(ConversationID(conversation)),
            by: Caller(business: business, actor: "elsewhere", now: server.clock.now))
        try await elsewhere.store.close()
    }
}
