import Foundation
public import Logging

/// What somebody sent with NOTIFY.
public struct PostgresNotification: Sendable, Hashable {
    public let channel: String
    public let payload: String
    /// The number of the server process that sent it.
    public let process: Int32
}

/// Hears NOTIFY on some channels, on a connection and a thread of its own, which is made again whenever it is lost.
public final class PostgresListener: Sendable {
    public enum Event: Sendable {
        /// The channels are heard from here on. What was sent before, since the last interruption or ever, was missed.
        case listening
        case notification(PostgresNotification)
        /// The connection is lost, or can't be made; it is tried again until the listener is closed.
        case interrupted(PostgresError)
        /// The events were not taken fast enough, and the oldest were dropped.
        case missed
    }

    /// For one reader. Reading no more, by cancelling the task or letting go of the sequence, closes the listener.
    public var events: AsyncStream<Event> { outlet.events }

    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let logger: Logger
    private let wake: WakeSignal
    private let flag = CancelFlag()
    private let outlet = EventOutlet(capacity: 4096)

    /// - Throws: `.insufficientResources` when the process has no file descriptors left.
    public init(_ configuration: PostgresConfiguration, channels: [String], logger: Logger) throws(PostgresError) {
        self.configuration = configuration
        self.channels = channels
        self.logger = logger
        let (wake, flag) = (try WakeSignal(), flag)
        self.wake = wake
        outlet.whenEnded {
            flag.raise()
            wake.raise()
        }
        let thread = Thread { [self] in main() }
        thread.name = "postgres-listen"
        thread.start()
    }

    /// Ends the events and closes the connection.
    public func close() { outlet.end() }

    private func main() {
        var failures = 0
        while !flag.isRaised {
            do throws(PostgresError) {
                let connection = try PostgresConnection(configuration, wake: wake, flag: flag)
                let names = channels.map { "\"\($0.replacing("\"", with: "\"\""))\"" }
                try connection.run(script: names.map { "LISTEN \($0)" }.joined(separator: ";"))
                failures = 0
                outlet.tell(.listening)
                try hear(connection)
            } catch {
                guard !flag.isRaised else { return }
                failures += 1
                // Once, not at every attempt.
                if failures == 1 {
                    logger.warning("The notifications of PostgreSQL are interrupted.", metadata: ["error": "\(error.debugDescription)"])
                }
                outlet.tell(.interrupted(error))
                rest(configuration.reconnection.pause(after: failures, random: .random(in: 0...1)))
            }
        }
    }

    /// - Throws: when the connection is lost.
    private func hear(_ connection: PostgresConnection) throws(PostgresError) {
        while !flag.isRaised {
            guard let notifications = connection.link.notifications() else { throw connection.link.lost() }
            for notification in notifications { outlet.tell(.notification(notification)) }
            let isQuiet = wake.wait(socket: connection.link.socket, until: .now + configuration.idleCheckInterval) == .timedOut
            // Its answer brings along what was sent meanwhile.
            if isQuiet { try connection.run(script: "") }
        }
    }

    private func rest(_ pause: Duration) {
        let end = ContinuousClock.now + pause
        while !flag.isRaised, wake.wait(socket: nil, until: end) != .timedOut {}
    }
}

/// Hands events to a reader who may be slow.
struct EventOutlet: Sendable {
    let events: AsyncStream<PostgresListener.Event>
    private let continuation: AsyncStream<PostgresListener.Event>.Continuation

    /// - Parameter capacity: how many events wait for their reader.
    init(capacity: Int) { (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(capacity)) }

    func tell(_ event: PostgresListener.Event) {
        switch continuation.yield(event) {
        case .dropped: continuation.yield(.missed)
        case .enqueued, .terminated: break
        @unknown default: break
        }
    }

    func end() { continuation.finish() }

    /// - Parameter body: is called once, when nobody reads any more.
    func whenEnded(_ body: @escaping @Sendable () -> Void) { continuation.onTermination = { _ in body() } }
}
