public import Logging
public import NIOCore
import NIOPosix

/// A client of one Redis server: many tasks share one connection for commands, and one for subscriptions.
///
/// It connects while `run()` is running, and connects again whenever a connection is lost. Commands that come in the meantime wait for the first
/// attempt; when that has failed they fail at once with `notConnected` until the server is back.
public final class RedisClient: Sendable {
    /// Whether commands reach the server.
    public enum Status: Sendable, Equatable {
        /// The first connection, or the first after a loss, is being made; commands wait for it.
        case connecting
        /// Commands are sent at once.
        case connected
        /// The last attempt to connect failed; commands fail at once.
        case unavailable(RedisError)
        /// `close()` was called or `run()` cancelled; commands are refused.
        case closed
    }

    /// Runs tasks where the replies arrive: one that sends command after command does so without a change of threads for each. It must neither
    /// block nor compute for long, for replies to all others wait meanwhile.
    public let taskExecutor: any TaskExecutor

    private let commands: CommandLink
    private let subscriptions: SubscriptionLink

    /// Makes a client; it does not connect yet.
    /// - Parameters:
    ///   - eventLoopGroup: one of its event loops does all the work of this client; nil is a group that all share.
    ///   - logger: for connections that are made and lost.
    /// - Throws: `invalidConfiguration` when a setting or a certificate can't be used.
    public convenience init(
        configuration: RedisConfiguration, eventLoopGroup: (any EventLoopGroup)? = nil,
        logger: Logger = Logger(label: "RedisClient", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws(RedisError) {
        try configuration.check()
        let connector = try TCPConnector(configuration)
        let group = eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton
        self.init(configuration: configuration, connector: connector, eventLoop: group.next(), logger: logger)
    }

    init(configuration: RedisConfiguration, connector: any RedisConnector, eventLoop: any EventLoop, logger: Logger) {
        taskExecutor = ConnectionExecutor(eventLoop: eventLoop)
        func supervisor(_ purpose: String) -> ConnectionSupervisor {
            var logger = logger
            logger[metadataKey: "redis"] = "\(configuration.host):\(configuration.port)"
            logger[metadataKey: "purpose"] = "\(purpose)"
            return ConnectionSupervisor(
                connector: connector, settings: ConnectionSupervisor.Settings(configuration), eventLoop: eventLoop, logger: logger)
        }
        commands = CommandLink(
            supervisor: supervisor("commands"),
            limits: CommandQueue<CommandLink.Waiter>.Limits(
                commands: configuration.maximumPendingCommands, bytes: configuration.maximumPendingBytes,
                replyBytes: configuration.limits.replyLength),
            timeout: TimeAmount(configuration.commandTimeout))
        subscriptions = SubscriptionLink(
            supervisor: supervisor("subscriptions"),
            limits: SubscriptionBuffer.Limits(
                messages: configuration.maximumBufferedMessages, bytes: configuration.maximumBufferedMessageBytes),
            timeout: TimeAmount(configuration.commandTimeout), keepAliveInterval: TimeAmount(configuration.keepAliveInterval))
    }

    deinit {
        // The connections keep themselves alive otherwise.
        commands.abandon()
        subscriptions.close()
    }

    /// Connects, and keeps connected until `close()` or until the task is cancelled, which ends everything at once.
    public func run() async {
        commands.start()
        subscriptions.start()
        await withTaskCancellationHandler {
            await commands.waitForEnd()
        } onCancel: {
            commands.abandon()
            subscriptions.close()
        }
    }

    /// Refuses further commands, waits for the replies of those that were accepted, and disconnects. Subscriptions end.
    public func close() async {
        subscriptions.close()
        await commands.drain()
    }

    /// Whether commands reach the server now.
    public var status: Status {
        switch commands.status {
        case .connecting: .connecting
        case .connected: .connected
        case .unavailable(let reason): .unavailable(reason)
        case .closed: .closed
        }
    }

    /// How many commands wait for their replies.
    public var pendingCommandCount: Int { commands.pendingCount }

    /// Sends a command.
    /// - Returns: the reply; never an error, for that is thrown.
    /// - Throws: also when the task is cancelled; the command may have been sent by then.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        try command.check()
        let reply = try await commands.send(command.encoded)
        guard case .error(let error) = reply else { return reply }
        guard error.prefix == "NOSCRIPT", let whole = command.withWholeScript else { throw RedisError(error) }
        return try await send(whole)
    }

    /// Sends commands one right after the other, without any of another task's between them, in one piece.
    ///
    /// This is no transaction: other clients' commands may come between, and one that fails stops no other. A script that the server does not know
    /// is sent again after all others.
    /// - Returns: as many results as commands, in their order.
    public func pipeline(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        guard !commands.isEmpty else { return [] }
        var bytes = ByteBuffer()
        bytes.reserveCapacity(commands.reduce(0) { $0 + $1.encoded.readableBytes })
        for command in commands {
            try command.check()
            bytes.writeImmutableBuffer(command.encoded)
        }
        let replies = try await self.commands.send(bytes, replyCount: commands.count)
        var results: [Result<RESPValue, RedisError>] = []
        results.reserveCapacity(replies.count)
        for (index, reply) in replies.enumerated() {
            guard case .error(let error) = reply else {
                results.append(.success(reply))
                continue
            }
            guard error.prefix == "NOSCRIPT", let whole = commands[index].withWholeScript else {
                results.append(.failure(RedisError(error)))
                continue
            }
            do throws(RedisError) { results.append(.success(try await send(whole))) } catch { results.append(.failure(error)) }
        }
        return results
    }

    /// Listens to channels, until the subscription is let go of. It connects when it can, and never fails for want of a connection.
    public func subscribe(_ channels: [[UInt8]]) -> RedisSubscription { subscriptions.subscribe(to: channels) }

    /// Listens to channels, until the subscription is let go of. It connects when it can, and never fails for want of a connection.
    public func subscribe(_ channels: String...) -> RedisSubscription { subscribe(channels.map { Array($0.utf8) }) }
}
