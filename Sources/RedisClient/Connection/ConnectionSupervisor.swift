import Logging
import NIOCore

/// Who uses a connection that a supervisor keeps. All is called on the event loop.
protocol ConnectionOwner: AnyObject, Sendable {
    func connectionOpened(_ channel: any Channel)
    func connectionReceived(_ replies: [RedisReply])
    /// A connection that was open is gone; another is made.
    func connectionLost(_ reason: RedisError)
    /// A connection could not be made; it is tried again.
    func connectionFailed(_ reason: RedisError)
}

/// Makes one connection, and makes it again whenever it is lost, as `ReconnectStateMachine` decides.
final class ConnectionSupervisor: Sendable {
    private struct State {
        var machine: ReconnectStateMachine
        /// Cleared when closed, so that nothing keeps each other alive.
        var owner: (any ConnectionOwner)?
        /// The number of the attempt whose events count; those of older ones do not.
        var attempt = 0
        var channel: (any Channel)?
        /// When the connection was opened; nil while it is being made.
        var openedAt: NIODeadline?
        var retry: Scheduled<Void>?
        var overdue: Scheduled<Void>?
        /// Whether the log says already that there is no connection; it need not say so every second.
        var hasWarned = false
    }

    struct Settings: Sendable {
        var handshake: HandshakeStateMachine.Settings
        var limits: RESPLimits
        var connectTimeout: TimeAmount
        var backoff: Backoff
    }

    let eventLoop: any EventLoop
    private let connector: any RedisConnector
    private let settings: Settings
    private let logger: Logger
    private let state: NIOLoopBoundBox<State>

    init(connector: any RedisConnector, settings: Settings, eventLoop: any EventLoop, logger: Logger) {
        self.eventLoop = eventLoop
        self.connector = connector
        self.settings = settings
        self.logger = logger
        state = .makeBoxSendingValue(State(machine: ReconnectStateMachine(backoff: settings.backoff)), eventLoop: eventLoop)
    }

    /// Begins to connect; called again it does nothing.
    func start(for owner: any ConnectionOwner) {
        switch state.value.machine.start() {
        case .connect:
            state.value.owner = owner
            connect()
        case .ignore: break
        }
    }

    /// Closes the connection for a reason that its owner has found, and makes another.
    func drop(_ reason: RedisError) { received(.ended(reason), of: state.value.attempt) }

    /// Closes the connection for good, without a word to the owner.
    func close() {
        state.value.owner = nil
        switch state.value.machine.close() {
        case .cancelTimer: state.value.retry?.cancel()
        case .closeConnection, .abandonAttempt, .nothing: break
        }
        forget()
    }

    private func connect() {
        state.value.attempt += 1
        let attempt = state.value.attempt
        let timeout = settings.connectTimeout
        state.value.overdue = eventLoop.scheduleTask(in: timeout) {
            self.received(
                .ended(
                    RedisError(.timedOut(wasSent: false), "Redis did not complete the connection within \(timeout.nanoseconds / 1_000_000) ms.")),
                of: attempt)
        }
        let (settings, eventLoop) = (self.settings, self.eventLoop)
        let connecting = connector.connect(on: eventLoop, timeout: timeout) {
            RedisConnectionHandler(settings: settings.handshake, limits: settings.limits) { self.received($0, of: attempt) }
        }
        connecting.hop(to: eventLoop).whenComplete { result in
            switch result {
            case .success(let channel): if self.state.value.attempt != attempt { channel.close(promise: nil) }
            case .failure(let error): self.received(.ended(RedisError(connecting: error)), of: attempt)
            }
        }
    }

    private func received(_ event: ConnectionEvent, of attempt: Int) {
        guard state.value.attempt == attempt else { return }
        switch event {
        case .created(let channel): state.value.channel = channel
        case .opened(let channel, let version): opened(channel, version)
        case .received(let replies): state.value.owner?.connectionReceived(replies)
        case .ended(let reason): ended(reason)
        }
    }

    private func opened(_ channel: any Channel, _ version: RedisProtocolVersion) {
        state.value.overdue?.cancel()
        switch state.value.machine.connected() {
        case .use:
            state.value.openedAt = eventLoop.now
            state.value.hasWarned = false
            logger.info("Connected to Redis", metadata: ["protocol": "\(version.rawValue)"])
            state.value.owner?.connectionOpened(channel)
        case .closeConnection: forget()
        }
    }

    private func ended(_ reason: RedisError) {
        let jitter = Double.random(in: 0...1)
        let action: ReconnectStateMachine.RetryAction
        let openedAt = state.value.openedAt
        if let openedAt {
            action = state.value.machine.connectionLost(age: .nanoseconds((eventLoop.now - openedAt).nanoseconds), jitter: jitter)
        } else {
            action = state.value.machine.connectFailed(jitter: jitter)
        }
        forget()
        guard case .startTimer(let id, let delay) = action else { return }
        state.value.retry = eventLoop.scheduleTask(in: TimeAmount(delay)) { self.retry(id) }
        let metadata: Logger.Metadata = ["reason": "\(reason.debugDescription)", "retry_in": "\(delay)"]
        if openedAt == nil {
            logger.log(level: state.value.hasWarned ? .debug : .warning, "Could not connect to Redis", metadata: metadata)
            state.value.hasWarned = true
            state.value.owner?.connectionFailed(reason)
        } else {
            logger.warning("Lost the connection to Redis", metadata: metadata)
            state.value.owner?.connectionLost(reason)
        }
    }

    private func retry(_ timer: Int) {
        switch state.value.machine.timerFired(id: timer) {
        case .connect: connect()
        case .ignore: break
        }
    }

    /// Closes the channel of the present attempt and hears nothing of it any more.
    private func forget() {
        let channel = state.value.channel
        state.value.attempt += 1
        state.value.channel = nil
        state.value.openedAt = nil
        state.value.overdue?.cancel()
        channel?.close(promise: nil)
    }
}
