import DequeModule
import NIOCore

/// Who wants to hear which channels, and what of that the server has confirmed. It knows neither clock nor sockets.
///
/// One command for each channel, so that each confirmation and each refusal is for the oldest command without one.
struct SubscriptionStateMachine {
    typealias Subscriber = Int
    typealias ChannelName = [UInt8]

    enum Command: Hashable, Sendable {
        case subscribe(ChannelName)
        case unsubscribe(ChannelName)
        case ping
    }

    enum Effect: Equatable {
        case deliver(RedisMessage, to: [Subscriber])
        /// All channels of the subscriber are confirmed: from here on it misses nothing.
        case complete(Subscriber)
        /// The server does not allow one of the subscriber's channels.
        case refuse(Subscriber, RedisError)
    }

    private struct ChannelState {
        var subscribers: [Subscriber] = []
        /// How many `SUBSCRIBE`s have no confirmation yet: only the last one counts.
        var unconfirmed = 0
        var isConfirmed = false
    }

    private struct Sent {
        let command: Command
        let deadline: NIODeadline
    }

    private var channels: [ChannelName: ChannelState] = [:]
    private var members: [Subscriber: [ChannelName]] = [:]
    private var sent: Deque<Sent> = []
    private var isConnected = false

    var hasSubscribers: Bool { !members.isEmpty }
    /// When the oldest command without an answer should have had it.
    var deadline: NIODeadline? { sent.first?.deadline }

    /// - Returns: what to send, and whether the subscriber has all it wants already.
    mutating func subscribe(_ subscriber: Subscriber, to names: [ChannelName], deadline: NIODeadline) -> (commands: [Command], isComplete: Bool) {
        var unique: [ChannelName] = []
        for name in names where !unique.contains(name) { unique.append(name) }
        members[subscriber] = unique
        var commands: [Command] = []
        for name in unique {
            let isNew = channels[name]?.subscribers.isEmpty ?? true
            channels[name, default: ChannelState()].subscribers.append(subscriber)
            if isNew, isConnected { commands.append(subscribe(name)) }
        }
        remember(commands, deadline)
        return (commands, isComplete(subscriber))
    }

    mutating func unsubscribe(_ subscriber: Subscriber, deadline: NIODeadline) -> [Command] {
        var commands: [Command] = []
        for name in members.removeValue(forKey: subscriber) ?? [] {
            channels[name]?.subscribers.removeAll { $0 == subscriber }
            guard channels[name]?.subscribers.isEmpty == true else { continue }
            channels[name]?.isConfirmed = false
            if isConnected { commands.append(.unsubscribe(name)) }
            forgetIfUnused(name)
        }
        remember(commands, deadline)
        return commands
    }

    /// A connection is there, on which nothing is subscribed to.
    mutating func connected(deadline: NIODeadline) -> [Command] {
        isConnected = true
        let commands = channels.keys.sorted { $0.lexicographicallyPrecedes($1) }.map { subscribe($0) }
        remember(commands, deadline)
        return commands
    }

    mutating func lost() {
        isConnected = false
        sent = []
        for name in channels.keys {
            channels[name]?.unconfirmed = 0
            channels[name]?.isConfirmed = false
            forgetIfUnused(name)
        }
    }

    enum TickAction: Equatable {
        /// Nothing was asked for a while: ask whether the server is there.
        case send(Command)
        /// The server does not answer.
        case dropConnection
        case nothing
    }

    /// - Parameter pingDeadline: when a question that is asked now should be answered.
    mutating func tick(now: NIODeadline, pingDeadline: NIODeadline) -> TickAction {
        guard isConnected else { return .nothing }
        if let deadline { return deadline <= now ? .dropConnection : .nothing }
        remember([.ping], pingDeadline)
        return .send(.ping)
    }

    /// - Throws: when the server sends what nobody asked for.
    mutating func received(_ value: RESPValue) throws(RedisError) -> (commands: [Command], effects: [Effect]) {
        if case .error(let error) = value { return try refused(error) }
        guard let parts = value.elements, let kind = parts.first?.bytes else {
            // The answer to a ping, as long as nothing is subscribed to.
            try confirm(.ping)
            return ([], [])
        }
        switch String(decoding: kind, as: UTF8.self) {
        case "message":
            guard parts.count == 3, let name = parts[1].bytes, let payload = parts[2].bytes else { throw Self.disorder }
            let message = RedisMessage(channel: name, payload: payload)
            return ([], (channels[name]?.subscribers).map { $0.isEmpty ? [] : [.deliver(message, to: $0)] } ?? [])
        case "subscribe":
            guard parts.count == 3, let name = parts[1].bytes else { throw Self.disorder }
            try confirm(.subscribe(name))
            return ([], confirmed(name))
        case "unsubscribe":
            guard parts.count == 3, let name = parts[1].bytes else { throw Self.disorder }
            try confirm(.unsubscribe(name))
            return ([], [])
        case "pong":
            try confirm(.ping)
            return ([], [])
        // Other announcements have not been asked for, and are no answers.
        default: return ([], [])
        }
    }

    private static var disorder: RedisError {
        RedisError(.protocolViolation, "The server sent a reply that nobody had asked for.", debug: "on the connection for subscriptions")
    }

    private mutating func subscribe(_ name: ChannelName) -> Command {
        channels[name, default: ChannelState()].unconfirmed += 1
        return .subscribe(name)
    }

    private mutating func remember(_ commands: [Command], _ deadline: NIODeadline) {
        for command in commands { sent.append(Sent(command: command, deadline: deadline)) }
    }

    private mutating func confirm(_ command: Command) throws(RedisError) {
        guard sent.popFirst()?.command == command else { throw Self.disorder }
    }

    private mutating func confirmed(_ name: ChannelName) -> [Effect] {
        guard var channel = channels[name] else { return [] }
        channel.unconfirmed -= 1
        channel.isConfirmed = channel.unconfirmed == 0 && !channel.subscribers.isEmpty
        channels[name] = channel
        forgetIfUnused(name)
        return channel.isConfirmed ? channel.subscribers.filter(isComplete).map { .complete($0) } : []
    }

    private mutating func refused(_ error: RESPError) throws(RedisError) -> (commands: [Command], effects: [Effect]) {
        guard let first = sent.popFirst() else { throw Self.disorder }
        switch first.command {
        // It has answered, if unwillingly.
        case .ping: return ([], [])
        case .unsubscribe: throw Self.disorder
        case .subscribe(let name):
            let losers = channels[name]?.subscribers ?? []
            channels[name]?.unconfirmed -= 1
            channels[name]?.subscribers = []
            forgetIfUnused(name)
            var commands: [Command] = []
            for loser in losers { commands += unsubscribe(loser, deadline: first.deadline) }
            return (commands, losers.map { .refuse($0, RedisError(error)) })
        }
    }

    private func isComplete(_ subscriber: Subscriber) -> Bool {
        members[subscriber]?.allSatisfy { channels[$0]?.isConfirmed == true } ?? false
    }

    private mutating func forgetIfUnused(_ name: ChannelName) {
        guard let channel = channels[name], channel.subscribers.isEmpty, channel.unconfirmed == 0 else { return }
        channels[name] = nil
    }
}
