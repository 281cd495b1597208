import HTTPTypes
import StageModel
import Testing

@Suite("Revisions: every saved body, what it changed, and the way back")
struct RevisionTests {
    @Test("Every saved body is listed, newest first, with its author, its time and what it changed", arguments: Kind.all)
    func list(_ kind: Kind) async throws {
        try await TestServer.run { server in
            let old = try await server.get(kind.reading(kind.unused))["/\(kind.nameMember)"]
            server.clock.advance(seconds: 60)
            try await server.patch(kind.path(kind.unused), #"{"\#(kind.nameMember)":"Second"}"#, as: .editor)
            try await server.delete(kind.path(kind.unused))
            let list = try await server.get(kind.path(kind.unused) + "/revisions", as: .viewer)
            #expect(list.status == 200 && list.column("revision") == ["3", "2", "1"] && list["/next_cursor"] == .null)
            #expect(list["/items/0/body"] == .null && list["/items/0/changes"] == [])
            #expect(list["/items/1/body/\(kind.nameMember)"] == "Second" && list["/items/1/at"] == "2026-03-01T12:01:00.000000Z")
            let change = JSONValue.object(["pointer": .string("/\(kind.nameMember)"), "before": try #require(old), "after": "Second"])
            #expect(list["/items/1/changes"] == .array([change]))
            #expect(list["/items/2/body/\(kind.nameMember)"] == old && list["/items/2/changes"] == [])
            let authors = Set(list.column("author").map { String($0.prefix(11)) })
            #expect(authors == ["api_key:sk_"])
            #expect(list.column("author")[1] != list.column("author")[0])
        }
    }

    @Test("A change inside the configuration is named by its place")
    func nestedChange() async throws {
        try await TestServer.run { server in
            let patch = #"{"is_entry":true,"configuration":{"max_visits":2,"persistence":{"scope":"none"},"fields":[{"name":"x"}]}}"#
            try await server.patch("/stages/<welcome>", patch)
            let list = try await server.get("/stages/<welcome>/revisions")
            let pointers = list["/items/0/changes"]?.array?.compactMap { $0["pointer"]?.string }
            #expect(pointers == ["/configuration/fields", "/configuration/max_visits", "/configuration/persistence/scope"])
            #expect(list["/items/0/changes/2/before"] == "conversation" && list["/items/0/changes/2/after"] == "none")
        }
    }

    @Test("The pages of revisions are complete, each with its changes to the one before")
    func pages() async throws {
        try await TestServer.run { server in
            for number in 2...7 { try await server.patch("/agents/<idle>", #"{"agent_name":"Idle \#(number)"}"#) }
            var revisions: [String] = []
            var cursor = ""
            repeat {
                let page = try await server.get("/agents/<idle>/revisions?limit=2\(cursor)")
                for item in page.items {
                    let revision = try #require(item["revision"]?.integer)
                    revisions.append("\(revision)")
                    #expect(item["changes"]?.array?.count == (revision == 1 ? 0 : 1))
                }
                cursor = page["/next_cursor"]?.string.map { "&cursor=\($0)" } ?? ""
            } while !cursor.isEmpty && revisions.count < 50
            #expect(revisions == ["7", "6", "5", "4", "3", "2", "1"])
        }
    }

    @Test("An earlier body is saved again as the newest", arguments: Kind.all)
    func restore(_ kind: Kind) async throws {
        try await TestServer.run { server in
            let old = try await server.get(kind.reading(kind.unused))
            try await server.patch(kind.path(kind.unused), #"{"\#(kind.nameMember)":"Second"}"#)
            let answer = try await server.post(kind.path(kind.unused) + "/restore", #"{"revision":1}"#, as: .editor)
            #expect(answer.status == 200 && answer[header: "ETag"] == "\"r3\"")
            #expect(answer["/\(kind.nameMember)"] == old["/\(kind.nameMember)"] && answer["/created_at"] == old["/created_at"])
            #expect(try await server.get(kind.reading(kind.unused))["/revision"] == 3)
        }
    }

    @Test("A deleted definition comes back under its id, as its next revision", arguments: Kind.all)
    func restoreDeleted(_ kind: Kind) async throws {
        try await TestServer.run { server in
            let old = try await server.get(kind.reading(kind.unused))
            #expect(try await server.delete(kind.path(kind.unused)).status == 204)
            let answer = try await server.post(kind.path(kind.unused) + "/restore", #"{"revision":1}"#)
            #expect(answer.status == 200 && answer["/revision"] == 3 && answer["/\(kind.idName)"] == old["/\(kind.idName)"])
            #expect(try await server.get(kind.reading(kind.unused))["/\(kind.nameMember)"] == old["/\(kind.nameMember)"])
            let list = try await server.get(kind.path(kind.unused) + "/revisions")
            #expect(list.column("revision") == ["3", "2", "1"] && list["/items/1/body"] == .null)
        }
    }

    @Test("What can't be restored is refused and changes nothing")
    func refusal() async throws { try await Scenario.run(Self.refusals) }

    private static let refusals = [
        Scenario("A revision that never was", .post, "/agents/<idle>/restore", #"{"revision":2}"#, status: 422, faults: ["/revision"]),
        Scenario("The largest number", .post, "/agents/<idle>/restore", #"{"revision":9223372036854775807}"#, status: 422, faults: ["/revision"]),
        Scenario("Revision 0", .post, "/agents/<idle>/restore", #"{"revision":0}"#, status: 422, faults: ["/revision"]),
        Scenario("No revision", .post, "/agents/<idle>/restore", "{}", status: 422, faults: ["/revision"]),
        Scenario(
            "What never was", .post, "/agents/123e4567-e89b-42d3-a456-426614174000/restore", #"{"revision":1}"#, status: 404, code: "not_found"),
        Scenario("The revisions of what never was", .get, "/agents/123e4567-e89b-42d3-a456-426614174000/revisions", status: 404, code: "not_found"),
    ]

    @Test("A body whose references are gone is not restored, and they are named")
    func danglingRestore() async throws {
        try await TestServer.run { server in
            try await server.patch("/stages/<notes>", #"{"agent_id":"<idle>","response_generation_template_id":"<spare>"}"#)
            try await server.patch("/stages/<notes>", #"{"agent_id":null,"response_generation_template_id":"<response>"}"#)
            #expect(try await server.delete("/agents/<idle>").status == 204)
            #expect(try await server.delete("/templates/<spare>").status == 204)
            let answer = try await server.post("/stages/<notes>/restore", #"{"revision":2}"#)
            #expect(answer.status == 422 && answer.faults == ["/agent_id", "/response_generation_template_id"])
            #expect(try await server.get("/stages/<notes>?business_id=<shop>")["/revision"] == 3)
        }
    }

    @Test("The deletion itself can't be restored")
    func deletionRestored() async throws {
        try await TestServer.run { server in
            try await server.delete("/agents/<idle>")
            let answer = try await server.post("/agents/<idle>/restore", #"{"revision":2}"#)
            #expect(answer.status == 422 && answer.faults == ["/revision"])
        }
    }

    @Test("A restored stage's own state can be set again, and its version does not go back")
    func restoredStageState() async throws {
        try await TestServer.run { server in
            #expect(try await server.put("/stages/<notes>/state", #"{"status":"disabled"}"#)["/version"] == 1)
            #expect(try await server.delete("/stages/<notes>").status == 204)
            #expect(try await server.post("/stages/<notes>/restore", #"{"revision":1}"#).status == 200)
            let answer = try await server.put("/stages/<notes>/state", #"{"status":"active"}"#)
            #expect(answer.status == 200)
            #expect((answer["/version"]?.integer ?? 0) > 1)
        }
    }
}
