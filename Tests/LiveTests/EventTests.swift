import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import StageModel
import Testing

extension LiveTests {
    @Suite("Streams of events")
    struct EventTests {
        @Test("200 open streams each get every event once, and end cleanly when the server is asked to end")
        func manyStreams() async throws {
            let (streams, moves) = (200, 20)
            try await withDatabase { database in
                try await withServer(on: database) { server in
                    try await withClient(connections: streams + 8) { client in
                        var api = API(client: client, url: server.url, key: "")
                        let business = try await TestBusiness.create(through: api)
                        api.key = business.key
                        let owner = api
                        let (signs, sign) = AsyncStream.makeStream(of: Void.self)
                        try await withThrowingTaskGroup(of: [String].self) { group in
                            for _ in 0..<streams {
                                group.addTask {
                                    var reader = try await EventReader(owner)
                                    sign.yield()
                                    try await reader.read(transitions: moves)
                                    sign.yield()
                                    // A stream that is being written to just then may be cut; EventEndTests see to how others end.
                                    try? await reader.readToEnd()
                                    return reader.conversations
                                }
                            }
                            var iterator = signs.makeAsyncIterator()
                            for _ in 0..<streams { await iterator.next() }
                            for number in 0..<moves {
                                let answer = try await owner.move("conversation-\(number)", to: business.stages[number % 5])
                                #expect(answer.status == 200)
                            }
                            for _ in 0..<streams { await iterator.next() }
                            server.child.send(SIGTERM)
                            for try await conversations in group { #expect(conversations == (0..<moves).map { "conversation-\($0)" }) }
                        }
                        #expect(await server.child.end() == .exit(0))
                    }
                }
            }
        }
    }
}

/// Reads one stream.
private struct EventReader {
    /// Whose transitions have come.
    private(set) var conversations: [String] = []
    private var chunks: HTTPClientResponse.Body.AsyncIterator
    private var text = ""

    /// Opens a stream; when this returns the server has noted where it begins.
    init(_ api: API) async throws {
        var request = HTTPClientRequest(url: api.url + "/events")
        request.headers.add(name: "Authorization", value: "Bearer \(api.key)")
        let response = try await api.client.execute(request, timeout: .seconds(120))
        #expect(response.status == .ok && response.headers.first(name: "Content-Type") == "text/event-stream")
        chunks = response.body.makeAsyncIterator()
    }

    mutating func read(transitions count: Int) async throws {
        while conversations.count < count {
            guard try await readChunk() else { throw StartFailure("The stream has ended after \(conversations.count) transitions.") }
        }
    }

    /// Reads on until the server ends the stream; throws when it does not end as HTTP has it.
    mutating func readToEnd() async throws {
        while try await readChunk() {}
    }

    private mutating func readChunk() async throws -> Bool {
        guard let chunk = try await chunks.next() else { return false }
        text += String(buffer: chunk)
        while let end = text.range(of: "\n\n") {
            for line in text[..<end.lowerBound].split(separator: "\n") where line.hasPrefix("data: ") {
                conversations.append(try JSONValue(parsing: String(line.dropFirst(6)))["conversation_id"]?.string ?? "-")
            }
            text.removeSubrange(..<end.upperBound)
        }
        return true
    }
}
