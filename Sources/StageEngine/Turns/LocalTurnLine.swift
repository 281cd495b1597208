public import StageModel
public import StageStore
import Synchronization

/// The lines of conversations in the memory of the one process that handles them.
public final class LocalTurnLine: TurnLine {
    private let queues = Mutex<[ConversationKey: TurnQueue]>([:])
    private let changes = LineChanges()

    public init() {}

    public func join(_ message: InboundMessage, in key: ConversationKey, policy: StageConfiguration.Busy) -> TurnQueue.Joining {
        let ticket = TurnTicket(key: key)
        let joining = queues.withLock { queues in
            queues[key, default: TurnQueue()].join(message, as: ticket, policy: policy)
        }
        if case .joined = joining { changes.note(key) }
        return joining
    }

    public func standing(of ticket: TurnTicket) -> TurnQueue.Standing {
        queues.withLock { $0[ticket.key]?.standing(of: ticket.id) } ?? .gone
    }

    public func waitForChange(of key: ConversationKey, since moment: UInt64) async { await changes.wait(for: key, since: moment) }

    public func moment(of key: ConversationKey) -> UInt64 { changes.moment(of: key) }

    public func committed(_ tickets: [TurnTicket]) { leave(tickets) }

    public func leave(_ tickets: [TurnTicket]) {
        guard let key = tickets.first?.key else { return }
        queues.withLock { queues in
            queues[key]?.leave(Set(tickets.map(\.id)))
            if queues[key]?.isEmpty == true { queues[key] = nil }
        }
        changes.note(key)
    }
}
