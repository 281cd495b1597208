import HTTPTypes
import StageModel
import Testing

@Suite("Definitions: replace, patch, delete, and who changes them at the same time")
struct DefinitionChangeTests {
    private static let unknown = "123e4567-e89b-42d3-a456-426614174000"

    @Test("PUT replaces, raises the revision, and keeps the id and the time of creation", arguments: Kind.all)
    func replace(_ kind: Kind) async throws {
        try await TestServer.run { server in
            let before = try await server.get(kind.reading(kind.unused))
            server.clock.advance(seconds: 5)
            let answer = try await server.put(kind.path(kind.unused), kind.named("Renamed"))
            #expect(answer.status == 200 && answer[header: "ETag"] == "\"r2\"" && answer[header: "Location"] == nil)
            #expect(answer["/\(kind.nameMember)"] == "Renamed" && answer["/revision"] == 2)
            for member in [kind.idName, "business_id", "created_at"] { #expect(answer["/\(member)"] == before["/\(member)"]) }
            #expect(answer["/updated_at"] == "2026-03-01T12:00:05.000000Z")
            let after = try await server.get(kind.reading(kind.unused))
            #expect(after[header: "ETag"] == "\"r2\"" && after["/\(kind.nameMember)"] == "Renamed")
        }
    }

    @Test("PUT gives what is left out its default again")
    func replaceWithDefaults() async throws {
        try await TestServer.run { server in
            let stage = try await server.put("/stages/<maras>", Bodies.stage())
            #expect(stage["/agent_id"] == .null && stage["/is_entry"] == false)
            try await server.patch("/templates/<spare>", #"{"system_prompt":"Be kind."}"#)
            #expect(try await server.put("/templates/<spare>", Bodies.template())["/system_prompt"] == .null)
            #expect(try await server.put("/agents/<idle>", #"{"agent_name":"Idle"}"#)["/agent_description"] == "")
        }
    }

    @Test("PUT and PATCH never create", arguments: Kind.all, [HTTPRequest.Method.put, .patch])
    func neverCreates(_ kind: Kind, _ method: HTTPRequest.Method) async throws {
        try await TestServer.run { server in
            let answer = try await server.call(method, kind.path(Self.unknown), kind.named("Made up"))
            #expect(answer.status == 404 && answer.code == "not_found")
            #expect(try await server.get("/\(kind.collection)?business_id=<shop>&q=made%20up").items.isEmpty)
            #expect(try await server.get(kind.reading(Self.unknown)).status == 404)
        }
    }

    @Test("What the server sets may be repeated", arguments: Kind.all)
    func repeatedReadOnly(_ kind: Kind) async throws {
        try await TestServer.run { server in
            let body = try await server.get(kind.reading(kind.unused)).text
            #expect(try await server.put(kind.path(kind.unused), body)["/revision"] == 2)
            let next = try await server.get(kind.reading(kind.unused)).text
            #expect(try await server.patch(kind.path(kind.unused), next)["/revision"] == 3)
        }
    }

    @Test("What the server sets can't be changed, by no method", arguments: Kind.all, ["revision", "created_at", "updated_at", "id"])
    func changedReadOnly(_ kind: Kind, _ member: String) async throws {
        try await TestServer.run { server in
            let name = member == "id" ? kind.idName : member
            let value = ["revision": "7", "id": "\"\(Self.unknown)\""][member] ?? "\"2020-01-01T00:00:00Z\""
            let patch = "{\"\(name)\":\(value)}"
            let requests: [(HTTPRequest.Method, String, String)] = [
                (.post, "/\(kind.collection)", kind.body(patch)), (.put, kind.path(kind.unused), kind.body(patch)),
                (.patch, kind.path(kind.unused), patch),
            ]
            for (method, path, body) in requests {
                let answer = try await server.call(method, path, body)
                #expect(answer.status == 422 && answer.code == "invalid_input" && answer.faults == ["/\(name)"], "\(method)")
            }
            #expect(try await server.get(kind.reading(kind.unused))["/revision"] == 1)
        }
    }

    @Test("PATCH merges: what is not named stays, null takes the default, objects merge, arrays are replaced")
    func merge() async throws {
        try await TestServer.run { server in
            let first = try await server.patch(
                "/stages/<order>", #"{"stage_description":"Asks.","configuration":{"max_visits":3,"persistence":{"ttl_seconds":60}}}"#)
            #expect(first.status == 200 && first["/stage_name"] == "Order" && first["/stage_description"] == "Asks.")
            #expect(first["/configuration/max_visits"] == 3 && first["/configuration/persistence/ttl_seconds"] == 60)
            #expect(first["/configuration/persistence/scope"] == "conversation" && first["/configuration/fields/8/name"] == "pin")
            let second = try await server.patch(
                "/stages/<order>", #"{"configuration":{"max_visits":null,"fields":[{"name":"only"}],"persistence":null}}"#)
            #expect(second["/configuration/max_visits"] == .null && second["/configuration/persistence/ttl_seconds"] == .null)
            #expect(second["/configuration/fields/0/name"] == "only" && second["/configuration/fields/1"] == nil)
            #expect(try await server.patch("/stages/<maras>", #"{"agent_id":null}"#)["/agent_id"] == .null)
        }
    }

    @Test("PATCH is checked as a whole")
    func badPatch() async throws { try await Scenario.run(Self.badPatches) }

    private static let badPatches = [
        Scenario(
            "A required member taken away", .patch, "/stages/<notes>", #"{"stage_name":null,"stage_type":null}"#, status: 422,
            faults: ["/stage_name", "/stage_type"]),
        Scenario("An unknown member", .patch, "/agents/<idle>", #"{"agent_nam":"x"}"#, status: 422, faults: ["/agent_nam"]),
        Scenario(
            "A wrong type inside", .patch, "/stages/<notes>", #"{"configuration":{"final":"yes"}}"#, status: 422, faults: ["/configuration/final"]),
        Scenario("No object", .patch, "/agents/<idle>", #"["agent_name"]"#, status: 422, faults: [""]),
        Scenario("A broken template", .patch, "/templates/<spare>", #"{"content":"{{#a}}"}"#, status: 422, faults: ["/content"]),
        Scenario("As plain JSON, too", .patch, "/agents/<idle>", #"{"agent_name":"x"}"#, ["Content-Type": "application/json"], status: 200),
    ]

    @Test("If-Match lets only those write who know the newest revision", arguments: preconditions)
    func ifMatch(_ tag: String, _ status: Int, _ current: JSONValue?) async throws {
        try await TestServer.run { server in
            for kind in Kind.all {
                try await server.patch(kind.path(kind.unused), "{}")
                let path = kind.path(kind.unused)
                let writes: [(HTTPRequest.Method, String, String?)] = [
                    (.put, path, kind.named("A")), (.patch, path, "{}"), (.post, path + "/restore", #"{"revision":1}"#), (.delete, path, nil),
                ]
                var revision = 2
                for (method, path, body) in writes {
                    let tag = tag.replacing("NOW", with: "\(revision)")
                    let answer = try await server.call(method, path, body, ["If-Match": tag])
                    #expect(answer.status == (status == 200 && method == .delete ? 204 : status), "\(method) \(path) \(tag)")
                    #expect(answer["/current_version"] == current, "\(method) \(path) \(tag)")
                    if status == 200 { revision += 1 } else { #expect(answer.code == "precondition_failed") }
                }
            }
        }
    }

    private static let preconditions: [(String, Int, JSONValue?)] = [
        ("\"rNOW\"", 200, nil), ("*", 200, nil), ("\"x\", \"rNOW\"", 200, nil), ("\"r1\", \"rNOW\"", 200, nil), ("\"r1\"", 412, 2),
        ("\"r3\"", 412, 2), ("\"s2\"", 412, nil), ("\"c2\"", 412, nil), ("W/\"r2\"", 412, nil), ("r2", 412, nil), ("\"\"", 412, nil),
    ]

    @Test("If-None-Match answers 304 without a body to those who know the newest revision", arguments: Kind.all)
    func ifNoneMatch(_ kind: Kind) async throws {
        try await TestServer.run { server in
            for tag in ["\"r1\"", "W/\"r1\"", "*", "\"r7\", \"r1\""] {
                let answer = try await server.get(kind.reading(kind.unused), ["If-None-Match": tag])
                #expect(answer.status == 304 && answer.bytes.isEmpty && answer[header: "ETag"] == "\"r1\"", "\(tag)")
                #expect(answer[header: "Content-Type"] == nil && answer[header: "Cache-Control"] == "private, no-store")
            }
            for tag in ["\"r2\"", "\"s1\"", "\"c1\"", "r1"] {
                #expect(try await server.get(kind.reading(kind.unused), ["If-None-Match": tag]).status == 200, "\(tag)")
            }
            try await server.patch(kind.path(kind.unused), "{}")
            #expect(try await server.get(kind.reading(kind.unused), ["If-None-Match": "\"r1\""]).status == 200)
        }
    }

    @Test("What is deleted is gone, and is not deleted twice", arguments: Kind.all)
    func deletion(_ kind: Kind) async throws {
        try await TestServer.run { server in
            #expect(try await server.post("/\(kind.collection)", kind.named("Stays")).status == 201)
            let answer = try await server.delete(kind.path(kind.unused))
            #expect(answer.status == 204 && answer.bytes.isEmpty && answer[header: "Content-Type"] == nil)
            #expect(try await server.get(kind.reading(kind.unused)).status == 404)
            #expect(try await server.put(kind.path(kind.unused), kind.named("Back")).status == 404)
            #expect(try await server.delete(kind.path(kind.unused)).status == 404)
            let ids = try await server.get("/\(kind.collection)?business_id=<shop>").column(kind.idName)
            #expect(!ids.contains(server.expand(kind.unused)) && !ids.isEmpty)
        }
    }
}
