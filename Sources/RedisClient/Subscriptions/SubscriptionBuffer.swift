import DequeModule

/// What waits for the reader of a subscription. A reader that does not keep up loses what waits, and is told so.
struct SubscriptionBuffer {
    struct Limits: Hashable, Sendable {
        var messages = 1024
        var bytes = 8 << 20
    }

    private let limits: Limits
    private var events: Deque<RedisSubscription.Event> = []
    private var byteCount = 0

    init(limits: Limits) { self.limits = limits }

    /// How many events wait.
    var count: Int { events.count }

    mutating func append(_ event: RedisSubscription.Event) {
        switch event {
        case .message(let message):
            guard events.count < limits.messages, message.size <= limits.bytes - byteCount else {
                // The reader has to look for itself anyhow: what waits would tell it nothing more.
                events = events.first == .subscribed ? [.subscribed, .mayHaveMissed] : [.mayHaveMissed]
                byteCount = 0
                return
            }
            byteCount += message.size
            events.append(event)
        case .subscribed: events.append(event)
        // Twice in a row says no more than once.
        case .mayHaveMissed: if events.last != event { events.append(event) }
        }
    }

    mutating func take() -> RedisSubscription.Event? {
        guard let event = events.popFirst() else { return nil }
        if case .message(let message) = event { byteCount -= message.size }
        return event
    }
}

extension RedisMessage {
    fileprivate var size: Int { channel.count + payload.count }
}
