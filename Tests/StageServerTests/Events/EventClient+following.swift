import HummingbirdTesting
import StageEngine
import StageModel
import Testing

extension EventClient {
    /// A client that follows: its subscription has begun, so that it gets what the tail hands out from now on.
    static func following(
        _ server: TestServer, _ path: String = "/events", as who: Who = .owner, _ headers: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> EventClient {
        let client = try await EventClient(server, path, as: who, headers)
        #expect(client.status == 200, sourceLocation: sourceLocation)
        let first = await client.next()
        #expect(first?.retry == 2000 && first?.id != nil, sourceLocation: sourceLocation)
        return client
    }

    /// Reads everything up to the sign of life that tells that there is nothing more up to a position.
    func events(through position: Int64, of server: TestServer) async -> [Block] {
        var blocks: [Block] = []
        server.parts.events.beat()
        while let block = await next() {
            guard block.comment == "ping" else {
                blocks.append(block)
                continue
            }
            guard let told = block.id, told < position else { break }
            server.parts.events.beat()
        }
        return blocks
    }
}
