import NIOCore
import Synchronization

/// The connection for what is published; there is none until somebody subscribes.
final class SubscriptionLink: ConnectionOwner {
    /// A subscription that is not kept alive: its reader does that.
    private struct Reader: Sendable {
        weak var subscription: RedisSubscription?
    }

    private struct LoopState {
        var machine = SubscriptionStateMachine()
        var readers: [Int: Reader] = [:]
        var channel: (any Channel)?
        var timer: Scheduled<Void>?
        var lastHeard = NIODeadline.uptimeNanoseconds(0)
        var isRunning = false
        var isClosed = false
    }

    private let eventLoop: any EventLoop
    private let supervisor: ConnectionSupervisor
    private let limits: SubscriptionBuffer.Limits
    private let timeout: TimeAmount
    private let keepAliveInterval: TimeAmount
    private let loop: NIOLoopBoundBox<LoopState>
    private let subscriberCount = Atomic<Int>(0)

    init(supervisor: ConnectionSupervisor, limits: SubscriptionBuffer.Limits, timeout: TimeAmount, keepAliveInterval: TimeAmount) {
        self.supervisor = supervisor
        self.limits = limits
        self.timeout = timeout
        self.keepAliveInterval = keepAliveInterval
        eventLoop = supervisor.eventLoop
        loop = .makeBoxSendingValue(LoopState(), eventLoop: supervisor.eventLoop)
    }

    func start() {
        eventLoop.execute {
            self.loop.value.isRunning = true
            self.connectIfNeeded()
        }
    }

    func subscribe(to channels: [[UInt8]]) -> RedisSubscription {
        let id = subscriberCount.add(1, ordering: .relaxed).newValue
        let subscription = RedisSubscription(limits: limits) { [self] in
            eventLoop.execute { self.unsubscribe(id) }
        }
        eventLoop.execute { [weak subscription] in
            // Whoever asked may have lost interest by now.
            guard let subscription else { return }
            self.add(subscription, id, channels)
        }
        return subscription
    }

    private func add(_ subscription: RedisSubscription, _ id: Int, _ channels: [[UInt8]]) {
        guard !loop.value.isClosed else { return subscription.finish(nil) }
        loop.value.readers[id] = Reader(subscription: subscription)
        let (commands, isComplete) = loop.value.machine.subscribe(id, to: channels, deadline: eventLoop.now + timeout)
        write(commands)
        if isComplete { subscription.complete() }
        connectIfNeeded()
    }

    private func unsubscribe(_ id: Int) {
        guard loop.value.readers.removeValue(forKey: id) != nil else { return }
        write(loop.value.machine.unsubscribe(id, deadline: eventLoop.now + timeout))
    }

    private func connectIfNeeded() {
        if loop.value.isRunning, !loop.value.isClosed, loop.value.machine.hasSubscribers { supervisor.start(for: self) }
    }

    private func write(_ commands: [SubscriptionStateMachine.Command]) {
        guard let channel = loop.value.channel, !commands.isEmpty else { return }
        for command in commands { channel.write(command.redisCommand.encoded, promise: nil) }
        channel.flush()
        watch()
    }

    /// Looks again when the oldest answer is due, or when nothing has happened for a while.
    private func watch() {
        loop.value.timer?.cancel()
        let next = loop.value.machine.deadline ?? loop.value.lastHeard + keepAliveInterval
        loop.value.timer = eventLoop.scheduleTask(deadline: next) { self.tick() }
    }

    private func tick() {
        let now = eventLoop.now
        if loop.value.machine.deadline == nil, now < loop.value.lastHeard + keepAliveInterval { return watch() }
        switch loop.value.machine.tick(now: now, pingDeadline: now + timeout) {
        case .send(let command): write([command])
        case .dropConnection:
            let time = "\(timeout.nanoseconds / 1_000_000) ms"
            supervisor.drop(RedisError(.timedOut(wasSent: true), "Redis did not answer on the connection for subscriptions within \(time)."))
        case .nothing: if loop.value.channel != nil { watch() }
        }
    }

    // MARK: What the supervisor tells

    func connectionOpened(_ channel: any Channel) {
        loop.value.channel = channel
        loop.value.lastHeard = eventLoop.now
        let commands = loop.value.machine.connected(deadline: eventLoop.now + timeout)
        write(commands)
        watch()
    }

    func connectionReceived(_ replies: [RedisReply]) {
        loop.value.lastHeard = eventLoop.now
        for reply in replies {
            do throws(RedisError) {
                let (commands, effects) = try loop.value.machine.received(reply.value)
                write(commands)
                for effect in effects { perform(effect) }
            } catch {
                supervisor.drop(error)
                return
            }
        }
    }

    private func perform(_ effect: SubscriptionStateMachine.Effect) {
        switch effect {
        case .deliver(let message, let subscribers): for id in subscribers { loop.value.readers[id]?.subscription?.deliver(message) }
        case .complete(let id): loop.value.readers[id]?.subscription?.complete()
        case .refuse(let id, let error): loop.value.readers.removeValue(forKey: id)?.subscription?.finish(error)
        }
    }

    func connectionLost(_ reason: RedisError) {
        loop.value.channel = nil
        loop.value.timer?.cancel()
        loop.value.machine.lost()
    }

    func connectionFailed(_ reason: RedisError) {}

    /// Ends all subscriptions and the connection.
    func close() {
        eventLoop.execute {
            self.loop.value.isClosed = true
            self.supervisor.close()
            self.loop.value.channel = nil
            self.loop.value.timer?.cancel()
            self.loop.value.machine.lost()
            let readers = self.loop.value.readers.values.compactMap(\.subscription)
            self.loop.value.readers = [:]
            for reader in readers { reader.finish(nil) }
        }
    }
}

extension SubscriptionStateMachine.Command {
    var redisCommand: RedisCommand {
        switch self {
        case .subscribe(let channel): RedisCommand("SUBSCRIBE", .bytes(channel))
        case .unsubscribe(let channel): RedisCommand("UNSUBSCRIBE", .bytes(channel))
        case .ping: RedisCommand("PING")
        }
    }
}
