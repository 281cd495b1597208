public import Metrics
public import StageModel
public import StageStore
import Synchronization

/// A line of messages that counts the places which this process has taken in it and not yet given up.
public final class CountedTurnLine: TurnLine {
    private let line: any TurnLine
    private let places = Mutex<Set<TurnTicket.ID>>([])
    private let count: Meter

    public init(_ line: any TurnLine, factory: any MetricsFactory) {
        self.line = line
        count = Meter(label: "stagekeeper_messages_in_line", factory: factory)
    }

    public func join(
        _ message: InboundMessage, in key: ConversationKey, policy: StageConfiguration.Busy
    ) async throws(StoreError) -> TurnQueue.Joining {
        let joining = try await line.join(message, in: key, policy: policy)
        switch joining {
        case .joined(let ticket): if places.withLock({ $0.insert(ticket.id).inserted }) { count.increment(by: 1) }
        case .known, .busy, .full: break
        }
        return joining
    }

    public func standing(of ticket: TurnTicket) async throws(StoreError) -> TurnQueue.Standing {
        let standing = try await line.standing(of: ticket)
        // Another server, or another message's turn, has given the place up.
        if standing == .gone { giveUp([ticket]) }
        return standing
    }

    public func waitForChange(of key: ConversationKey, since moment: UInt64) async { await line.waitForChange(of: key, since: moment) }

    public func moment(of key: ConversationKey) -> UInt64 { line.moment(of: key) }

    public func leave(_ tickets: [TurnTicket]) async throws(StoreError) {
        // Whoever leaves waits no more, whether that can be written down or not.
        giveUp(tickets)
        try await line.leave(tickets)
    }

    public func committed(_ tickets: [TurnTicket]) async {
        giveUp(tickets)
        await line.committed(tickets)
    }

    private func giveUp(_ tickets: [TurnTicket]) {
        let gone = places.withLock { places in tickets.count { places.remove($0.id) != nil } }
        if gone > 0 { count.decrement(by: Double(gone)) }
    }
}
