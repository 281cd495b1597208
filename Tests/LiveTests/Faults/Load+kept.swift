import NIOHTTP1
import StageModel
import Testing

extension Load {
    /// What is stored must be what was acknowledged, and be read the same at every server, from caches too.
    func expectKept() async throws {
        let breaches = ledger.breaches
        #expect(breaches.isEmpty, "\(breaches.count) in all, the first: \(breaches.prefix(5).joined(separator: "\n"))")
        #expect(ledger.count > 0)
        let api = API(client: client, url: endpoints[0], key: business.key)
        for conversation in conversations {
            let state = try await api.get("/conversations/\(conversation)")
            let history = try await api.all("/conversations/\(conversation)/history")
            let differences = ledger.differences(of: conversation, state: state, history: history.reversed())
            #expect(differences.isEmpty, "\(differences.count) in all, the first: \(differences.prefix(5).joined(separator: "\n"))")
            for endpoint in endpoints {
                var read = JSONValue.null
                let time = await eventually(within: terms.staleness) {
                    read = (try? await cached(conversation, at: endpoint)) ?? .null
                    return read == state
                }
                #expect(time != nil, "\(conversation) is read as \(read.jsonText), and without caches as \(state.jsonText)")
            }
        }
    }

    /// The times of the moves must lie so many seconds apart, or the clock did not jump.
    func expectTimes(apart seconds: Double) async throws {
        let api = API(client: client, url: endpoints[0], key: business.key)
        var times: [Timestamp] = []
        for conversation in conversations {
            times += try await api.all("/conversations/\(conversation)/history").compactMap { $0["at"]?.timestamp }
        }
        let (first, last) = (try #require(times.min()), try #require(times.max()))
        #expect(last.seconds(since: first) >= seconds)
    }

    private func cached(_ conversation: String, at endpoint: String) async throws -> JSONValue {
        try await Exchange.send(
            .GET, "\(endpoint)/conversations/\(conversation)", by: client, headers: ["Authorization": "Bearer \(business.key)"],
            within: terms.patience
        ).body
    }
}
