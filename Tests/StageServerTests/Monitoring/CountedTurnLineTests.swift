import StageEngine
import StageModel
@testable import StageServer
import StageStore
import Testing

@Suite("Messages in line are counted")
struct CountedTurnLineTests {
    private let metrics = PrometheusMetrics()
    private let line: CountedTurnLine
    private let key: ConversationKey

    init() throws {
        line = CountedTurnLine(LocalTurnLine(), factory: metrics)
        key = ConversationKey(business: Business.ID(), conversation: try #require(ConversationID("c")))
    }

    private var count: Double? { get throws { try PrometheusText(metrics.text()).values["stagekeeper_messages_in_line"] } }

    private func join(_ id: String, policy: StageConfiguration.Busy = .queue) async throws -> TurnQueue.Joining {
        let message = Message(text: "x", type: "text", metadata: [:], receivedAt: Timestamp(microseconds: 0))
        return try await line.join(InboundMessage(id: id, message: message, userName: nil), in: key, policy: policy)
    }

    private func ticket(_ joining: TurnQueue.Joining) throws -> TurnTicket {
        guard case .joined(let ticket) = joining else { throw StoreError.placeLost }
        return ticket
    }

    @Test("From when they have a place until they leave it or are handled; only once, whoever says so how often")
    func counts() async throws {
        #expect(try count == 0)
        let tickets = [try ticket(try await join("m1")), try ticket(try await join("m2")), try ticket(try await join("m3"))]
        #expect(try count == 3)
        try await line.leave([tickets[2]])
        #expect(try count == 2)
        await line.committed([tickets[0], tickets[1]])
        #expect(try count == 0)
        try await line.leave(tickets)
        #expect(try await line.standing(of: tickets[0]) == .gone)
        #expect(try count == 0)
    }

    @Test("Those that get no place of their own are not")
    func refused() async throws {
        let first = try ticket(try await join("m1"))
        #expect(try await join("m1") == .known(first))
        #expect(try await join("m2", policy: .reject) == .busy)
        #expect(try count == 1)
    }

    @Test("A place that another server's turn has given up is given up when it is looked for")
    func gone() async throws {
        let inner = LocalTurnLine()
        let line = CountedTurnLine(inner, factory: metrics)
        let message = Message(text: "x", type: "text", metadata: [:], receivedAt: Timestamp(microseconds: 0))
        let ticket = try ticket(try await line.join(InboundMessage(id: "m1", message: message, userName: nil), in: key, policy: .queue))
        inner.leave([ticket])
        #expect(try count == 1)
        #expect(try await line.standing(of: ticket) == .gone)
        #expect(try count == 0)
    }
}
