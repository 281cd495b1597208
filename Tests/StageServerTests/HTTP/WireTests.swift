import HTTPTypes
import HummingbirdTesting
import StageModel
import Testing

@Suite("Over the wire")
struct WireTests {
    @Test("One connection carries reads, writes, refusals and answers without a body")
    func conversation() async throws {
        try await TestServer.run(.live) { server in
            #expect(try await server.get("/health", as: .nobody).status == 200)
            let moved = try await server.move("c-3", to: "notes", data: #"{"name":"Zoë 😀"}"#)
            #expect(moved.status == 200 && moved[header: "ETag"] == "\"c1\"")
            let known = try await server.get("/conversations/c-3", ["If-None-Match": "\"c1\""])
            #expect(known.status == 304 && known.bytes.isEmpty)
            #expect(try await server.get("/conversations/c-3")["/data/name"] == "Zoë 😀")
            #expect(try await server.get("/conversations/nobody").status == 404)
            #expect(try await server.put("/stages", "{}").status == 405)
            #expect(try await server.post("/agents", "{").status == 400)
            #expect(try await server.get("/agents", as: .nobody).status == 401)
            #expect(try await server.delete("/conversations/c-3").status == 204)
            #expect(try await server.get("/conversations/c-3").status == 404)
        }
    }

    @Test("HEAD has the headers of GET and no body")
    func head() async throws {
        try await TestServer.run(.live) { server in
            let head = try await server.call(.head, "/conversations/c-1")
            #expect(head.status == 200 && head.bytes.isEmpty && head[header: "ETag"] == "\"c1\"")
            #expect(try await server.get("/conversations/c-1")["/version"] == 1)
        }
    }

    @Test("Paths and queries are decoded once")
    func decoding() async throws {
        try await TestServer.run(.live) { server in
            try await server.move("a+b", to: "welcome")
            for path in ["/conversations/a+b", "/conversations/a%2bb", "/stages/<welcome>/state?conversation_id=a+b"] {
                #expect(try await server.get(path)["/conversation_id"] == "a+b", "\(path)")
            }
            #expect(try await server.get("/conversations/a%252bb").status == 400)
            #expect(try await server.get("/conversations/%FF").status == 400)
        }
    }

    @Test("A body of exactly 1 MiB is read, one of a byte more is 413")
    func largeBodies() async throws {
        for (count, status) in [(1 << 20, 422), ((1 << 20) + 1, 413)] {
            try await TestServer.run(.live) { server async throws in
                let body = [UInt8](repeating: 0x20, count: count - 2) + Array("[]".utf8)
                #expect(try await server.send(.post, "/agents", body).status == status)
            }
        }
    }
}
