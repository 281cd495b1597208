import StageModel
import StageStore
import Synchronization

/// The messages of one turn, and those whose turns it has ended.
struct TurnGroup: Sendable {
    let key: ConversationKey
    /// Oldest first; the last has the reply.
    private(set) var messages: [InboundMessage]
    private(set) var tickets: [TurnTicket]
    /// Oldest first.
    private(set) var interrupted: [InboundMessage]
    let interruptedTickets: [TurnTicket]
    /// The places that were taken along.
    let others: [TurnQueue.Place]

    /// - Parameters:
    ///   - merged: those that wait and are one with it.
    ///   - interrupted: those whose turns it has ended.
    init(_ ticket: TurnTicket, _ message: InboundMessage, merged: [TurnQueue.Place], interrupted: [TurnQueue.Place]) {
        key = ticket.key
        messages = [message] + merged.map(\.message)
        tickets = [ticket] + merged.map { TurnTicket(id: $0.ticket, key: ticket.key) }
        self.interrupted = interrupted.map(\.message)
        interruptedTickets = interrupted.map { TurnTicket(id: $0.ticket, key: ticket.key) }
        others = interrupted + merged
    }

    /// Leaves a place in line that was to be merged to itself, and gives one up that was interrupted without storing its message.
    mutating func leaveOut(_ place: TurnQueue.Place) {
        messages.removeAll { $0.id == place.message.id }
        interrupted.removeAll { $0.id == place.message.id }
        tickets.removeAll { $0.id == place.ticket }
    }

    /// The ids of all messages, in their order.
    var ids: [String] { (interrupted + messages).map(\.id) }

    func request(
        flow: Flow, state: ConversationState, agent: Agent.ID?, history: [ModelPrompt.Line], hasModel: Bool, actor: String, now: Timestamp
    ) -> TurnRequest {
        TurnRequest(
            flow: flow, state: state, messages: messages, interrupted: interrupted, agent: agent,
            history: history + interrupted.map { .init(.user, $0.message.text) }, hasModel: hasModel,
            actor: actor, now: now)
    }

    /// What is kept of the messages, in their order.
    func handled(_ outcome: TurnOutcome, in flow: Flow, _ work: TurnWork, at now: Timestamp) -> [HandledMessage] {
        var number = outcome.state.turns - Int64(messages.count + interrupted.count)
        let last = messages.last?.id ?? ""
        let isPaused = outcome.reply == nil
        return (interrupted + messages).enumerated().map { index, message in
            number += 1
            let isInterrupted = index < interrupted.count
            let kind: HandledMessage.Outcome = isInterrupted ? .interrupted : isPaused ? .paused : message.id == last ? .replied : .merged
            let answer = TurnAnswer(messageID: message.id, kind: kind, by: last, outcome: outcome, flow: flow, work: work)
            return HandledMessage(
                messageID: message.id, number: number, outcome: kind, at: now, text: message.message.text,
                maskedText: outcome.maskedTexts[message.id] ?? message.message.text, userName: message.userName,
                reply: kind == .replied ? outcome.reply : nil, maskedReply: kind == .replied ? outcome.maskedReply : nil,
                stage: outcome.state.stageID, answer: answer.jsonBytes)
        }
    }
}

/// What a transaction has come to, for whoever waits for it.
final class TurnRecord: Sendable {
    private let state = Mutex<(TurnOutcome, [HandledMessage])?>(nil)

    var value: (TurnOutcome, [HandledMessage])? { state.withLock { $0 } }

    func set(_ outcome: TurnOutcome, _ messages: [HandledMessage]) { state.withLock { $0 = (outcome, messages) } }
}
