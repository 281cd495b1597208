import Foundation
import StageModel
import Testing

extension LiveTests {
    @Suite("Start and end of a server")
    struct ShutdownTests {
        @Test("A request that is half sent when the server is asked to end is answered and kept, and the server exits with 0")
        func answersRequestsUnderWay() async throws {
            try await withDatabase { database in
                let business = try await withServer(on: database) { server in
                    let business = try await withClient { try await TestBusiness.create(through: API(client: $0, url: server.url, key: "")) }
                    let connection = try RawConnection(port: try #require(server.port))
                    let body = JSONValue.object(["conversation_id": "patient", "data": ["answer": 42]]).jsonText
                    let half = body.index(body.startIndex, offsetBy: body.count / 2)
                    // One packet: the answer to the first request tells that the head of the second has arrived.
                    connection.send(
                        """
                        GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n\
                        PUT /stages/\(business.stages[0])/state HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(business.key)\r\n\
                        Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body[..<half])
                        """)
                    #expect(connection.receive(until: "}").hasPrefix("HTTP/1.1 200"))
                    server.child.send(SIGTERM)
                    try expectNoMoreConnections(to: try #require(server.port))
                    connection.send(String(body[half...]))
                    let answer = connection.receive()
                    #expect(answer.hasPrefix("HTTP/1.1 200"))
                    #expect(answer.contains(#""version":1"#))
                    #expect(await server.child.end() == .exit(0))
                    return business
                }
                try await withServer(on: database) { server in
                    try await withClient { client in
                        let state = try await API(client: client, url: server.url, key: business.key).get("/conversations/patient")
                        #expect(state["data"] == ["answer": 42])
                    }
                }
            }
        }

        /// Tries until the server has stopped listening, which is how it begins to end.
        private func expectNoMoreConnections(to port: UInt16) throws {
            for _ in 0..<200_000 {
                do { _ = try RawConnection(port: port) } catch { return }
            }
            Issue.record("The server still listens.")
        }

        @Test("A server that is asked to end in the middle of 64 clients' moves answers every move that it commits, and exits with 0")
        func answersWhatItCommits() async throws {
            let conversations = (0..<64).map { "conversation-\($0 % 24)" }
            try await withDatabase { database in
                let journal = Journal()
                let business = try await withServer(on: database) { server in
                    try await withClient { client in
                        var api = API(client: client, url: server.url, key: "")
                        let business = try await TestBusiness.create(through: api)
                        api.key = business.key
                        await Movers(api: api, stages: business.stages, journal: journal).moveUntilTheServerIsGone(conversations) { count in
                            if count == 200 { server.child.send(SIGTERM) }
                        }
                        #expect(await server.child.end() == .exit(0))
                        return business
                    }
                }
                try await withServer(on: database) { server in
                    try await withClient { client in
                        let api = API(client: client, url: server.url, key: business.key)
                        let kept = try await journal.expectKept(by: api, conversations: Set(conversations).sorted(), "afterwards")
                        #expect(kept == journal.acknowledged.count, "a move was committed and not answered")
                    }
                }
            }
        }

        @Test("A second server on the same file refuses to start, naming the file and the other process", arguments: [SIGKILL, SIGTERM, SIGINT])
        func refusesSecondServer(signal: Int32) async throws {
            try await withDatabase { database in
                try await withServer(on: database) { first in
                    let second = try await Stagekeeper.run(["serve"], on: database)
                    #expect(second.ending == .exit(1))
                    #expect(second.errors.contains(database.path))
                    #expect(second.errors.contains("process \(first.child.id)"))
                    #expect(!second.output.contains("ready"))
                    // The first is none the worse for it.
                    try await withClient { client in
                        let ready = try await API(client: client, url: first.url, key: "").get("/ready")
                        #expect(ready["status"] == "ready")
                    }
                    first.child.send(signal)
                    #expect(await first.child.end() == (signal == SIGKILL ? .signal(SIGKILL) : .exit(0)))
                }
                try await withServer(on: database) { _ in }
            }
        }
    }
}
