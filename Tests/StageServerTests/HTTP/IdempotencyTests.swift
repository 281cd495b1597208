import HTTPTypes
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Idempotency keys")
struct IdempotencyTests {
    /// A write, and what shows how often it was done.
    struct Write: Sendable, CustomTestStringConvertible {
        let name: String
        let method: HTTPRequest.Method
        let path: String
        var body: String?
        var who = Who.owner
        let probe: String
        var prober = Who.owner

        var testDescription: String { name }
    }

    @Test("A repeated write gets the first answer and does nothing twice", arguments: writes)
    func replay(_ write: Write) async throws {
        try await TestServer.run { server in
            try await server.post("/conversations/c-2/pause")
            let headers = ["Idempotency-Key": "the key"].mapValues { $0.replacing(" ", with: "-") }
            let first = try await server.call(write.method, write.path, write.body, as: write.who, headers)
            #expect((200..<300).contains(first.status) && first[header: "Idempotency-Replayed"] == nil, "\(first.text)")
            let after = try await server.get(write.probe, as: write.prober)
            server.clock.advance(seconds: 60)
            let second = try await server.call(write.method, write.path, write.body, as: write.who, headers)
            #expect(second.status == first.status && second.bytes == first.bytes)
            #expect(second[header: "Idempotency-Replayed"] == "true")
            for name in ["ETag", "Location", "Content-Type", "Cache-Control"] { #expect(second[header: name] == first[header: name], "\(name)") }
            let probed = try await server.get(write.probe, as: write.prober)
            #expect(probed.status == after.status)
            if probed.status == 200 { #expect(probed.json == after.json) }
        }
    }

    private static let writes = [
        Write(name: "create a stage", method: .post, path: "/stages", body: Bodies.stage(), probe: "/stages?business_id=<shop>"),
        Write(name: "create a template", method: .post, path: "/templates", body: Bodies.template(), probe: "/templates"),
        Write(name: "replace an agent", method: .put, path: "/agents/<idle>", body: Bodies.agent(), probe: "/agents/<idle>"),
        Write(name: "create a rule", method: .post, path: "/transition-rules", body: Bodies.rule(), probe: "/transition-rules"),
        Write(name: "replace a rule", method: .put, path: "/transition-rules/<rule>", body: Bodies.rule(), probe: "/transition-rules/<rule>"),
        Write(name: "delete a rule", method: .delete, path: "/transition-rules/<rule>", probe: "/transition-rules/<rule>/revisions"),
        Write(name: "patch a stage", method: .patch, path: "/stages/<notes>", body: "{}", probe: "/stages/<notes>/revisions"),
        Write(name: "delete a stage", method: .delete, path: "/stages/<welcome>?move_to=<order>", probe: "/conversations/c-1/history"),
        Write(
            name: "restore a template", method: .post, path: "/templates/<spare>/restore", body: #"{"revision":1}"#, probe: "/templates/<spare>"),
        Write(
            name: "move a conversation", method: .put, path: "/stages/<notes>/state", body: #"{"conversation_id":"c-1"}"#, who: .runtime,
            probe: "/conversations/c-1/history"),
        Write(
            name: "start a conversation", method: .put, path: "/stages/<notes>/state",
            body: #"{"conversation_id":"c-3","data":{"email":"a@b.example"}}"#, probe: "/conversations/c-3/history"),
        Write(
            name: "set a stage's own state", method: .put, path: "/stages/<notes>/state", body: #"{"data":{"x":1}}"#, probe: "/stages/<notes>/state"),
        Write(
            name: "clear a conversation", method: .delete, path: "/stages/<welcome>/state?conversation_id=c-1", probe: "/conversations/c-1/history"),
        Write(name: "pause a conversation", method: .post, path: "/conversations/c-1/pause", probe: "/conversations/c-1/history"),
        Write(name: "resume a conversation", method: .post, path: "/conversations/c-2/resume", probe: "/conversations/c-2/history"),
        Write(
            name: "rewind a conversation", method: .post, path: "/conversations/c-1/rewind", body: #"{"version":1}"#,
            probe: "/conversations/c-1/history"),
        Write(name: "erase a conversation", method: .delete, path: "/conversations/c-1", probe: "/audit-log"),
        Write(name: "create an API key", method: .post, path: "/api-keys", body: #"{"name":"x","role":"viewer"}"#, probe: "/api-keys"),
        Write(name: "revoke an API key", method: .delete, path: "/api-keys/<viewer_key>", probe: "/api-keys"),
        Write(
            name: "create a business", method: .post, path: "/businesses", body: #"{"business_name":"x"}"#, who: .platform, probe: "/businesses",
            prober: .platform),
        Write(
            name: "rename a business", method: .put, path: "/businesses/<shop>", body: #"{"business_name":"x"}"#, who: .platform,
            probe: "/businesses/<shop>", prober: .platform),
        Write(name: "delete a business", method: .delete, path: "/businesses/<other>", who: .platform, probe: "/businesses", prober: .platform),
    ]

    private static let key = ["Idempotency-Key": "k-1"]

    @Test("Another body under the same key is refused")
    func anotherBody() async throws {
        try await TestServer.run { server in
            try await server.post("/agents", Bodies.agent(), Self.key)
            let answer = try await server.post("/agents", Bodies.agent(#"{"agent_name":"Another"}"#), Self.key)
            #expect(answer.status == 422 && answer.code == "idempotency_key_reused")
            #expect(try await server.get("/agents").items.count == 4)
        }
    }

    @Test("A key counts for one API key, one method and one path")
    func scope() async throws {
        try await TestServer.run { server in
            let body = #"{"conversation_id":"c-3"}"#
            let answers = [
                try await server.put("/stages/<notes>/state", body, as: .runtime, Self.key),
                try await server.put("/stages/<notes>/state", body, as: .editor, Self.key),
                try await server.put("/stages/<order>/state", body, as: .runtime, Self.key),
                try await server.post("/conversations/c-3/pause", as: .runtime, Self.key),
                try await server.post("/conversations/c-3/resume", as: .runtime, Self.key),
            ]
            #expect(answers.map { $0["/version"] } == [1, 2, 3, 4, 5])
            #expect(answers.allSatisfy { $0[header: "Idempotency-Replayed"] == nil })
            #expect(try await server.patch("/agents/<idle>", Bodies.agent(), Self.key)["/revision"] == 2)
            #expect(try await server.put("/agents/<idle>", Bodies.agent(), Self.key)["/revision"] == 3)
        }
    }

    @Test("Another API key never gets an answer that is not its own")
    func otherBusiness() async throws {
        try await TestServer.run { server in
            let mine = try await server.post("/api-keys", #"{"name":"x","role":"viewer"}"#, Self.key)
            let others = try await server.post("/api-keys", #"{"name":"x","role":"viewer"}"#, as: .other, Self.key)
            #expect(others.status == 201 && others["/api_key"] != mine["/api_key"])
        }
    }

    @Test("Only successes are kept: what failed may be tried again")
    func failures() async throws {
        try await TestServer.run { server in
            try await server.put("/stages/<notes>/state", #"{"status":"disabled"}"#)
            #expect(try await server.move("c-1", to: "notes", Self.key).status == 409)
            try await server.put("/stages/<notes>/state", #"{"status":"active"}"#)
            let second = try await server.move("c-1", to: "notes", Self.key)
            #expect(second.status == 200 && second[header: "Idempotency-Replayed"] == nil)

            #expect(try await server.post("/agents", "{}", Self.key).status == 422)
            #expect(try await server.post("/agents", Bodies.agent(), Self.key).status == 201)
            #expect(try await server.delete("/agents/<mara>", Self.key).status == 409)
            try await server.patch("/stages/<maras>", #"{"agent_id":null}"#)
            #expect(try await server.delete("/agents/<mara>", Self.key).status == 204)
        }
    }

    @Test("The answer to a write that had nothing to change is kept, too: sent again later, it still changes nothing")
    func nothingToDo() async throws {
        try await TestServer.run { server in
            try await server.post("/conversations/c-1/pause")
            let first = try await server.post("/conversations/c-1/pause", nil, Self.key)
            #expect(first["/version"] == 2)
            try await server.post("/conversations/c-1/resume")
            let second = try await server.post("/conversations/c-1/pause", nil, Self.key)
            #expect(second[header: "Idempotency-Replayed"] == "true" && second.json == first.json)
            #expect(try await server.get("/conversations/c-1")["/status"] == "active")
        }
    }

    @Test("An answer is kept for 24 hours")
    func day() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "notes", Self.key)
            server.clock.advance(seconds: 86_399)
            #expect(try await server.move("c-3", to: "notes", Self.key)["/version"] == 1)
            server.clock.advance(seconds: 1)
            try await server.store.removeOutdated(at: server.clock.now.adding(seconds: 1))
            #expect(try await server.move("c-3", to: "notes", Self.key)["/version"] == 2)
        }
    }

    @Test("A key of 24 hours ago can be used anew, also before it is swept away")
    func dayWithoutSweeper() async throws {
        try await TestServer.run { server in
            try await server.move("c-3", to: "notes", Self.key)
            server.clock.advance(seconds: 86_401)
            let answer = try await server.move("c-3", to: "notes", Self.key)
            #expect(answer.status == 200 && answer["/version"] == 2)
        }
    }

    @Test("A key is 1 to 255 visible characters", arguments: ["", "a b", "ä", String(repeating: "k", count: 256)])
    func badKey(_ key: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.post("/agents", Bodies.agent(), ["Idempotency-Key": key])
            #expect(answer.status == 400 && answer.faults == ["/Idempotency-Key"] && answer["/errors/0/in"] == "header")
            #expect(try await server.get("/agents").items.count == 3)
        }
    }

    @Test("The secret of a replayed API key is the same, and lies nowhere in plain")
    func secret() async throws {
        let (secret, text) = try await TestServer.run { server in
            let body = #"{"name":"x","role":"viewer"}"#
            let first = try await server.post("/api-keys", body, Self.key)
            let second = try await server.post("/api-keys", body, Self.key)
            let secret = try #require(first["/api_key"]?.string)
            #expect(second["/api_key"] == first["/api_key"] && second[header: "Idempotency-Replayed"] == "true")
            #expect(try await server.get("/agents", as: .secret(secret)).status == 200)
            return (secret, try await server.parts.database.rawText())
        }
        let isHeld = text.contains(secret.dropFirst(12))
        #expect(!isHeld)
    }

    @Test("Of the same request sent many times at once, one is carried out")
    func concurrent() async throws {
        try await TestServer.run { server in
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<8 { group.addTask { try await server.move("c-1", to: "notes", Self.key) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for answer in answers {
                #expect(answer.status == 200 && answer["/version"] == 2 || answer.code == "idempotency_key_in_progress")
            }
            #expect(answers.count { $0.status == 200 && $0[header: "Idempotency-Replayed"] == nil } == 1)
            #expect(try await server.get("/conversations/c-1")["/version"] == 2)
        }
    }
}
