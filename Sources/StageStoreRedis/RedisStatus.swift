import Logging
import RedisClient
import StageStore
import Synchronization

/// What this process knows of Redis, shared by readers, writers and the follower; and what it says about it.
final class RedisStatus: Sendable {
    private struct State {
        var table = PartitionTable()
        var awaySince: ContinuousClock.Instant?
        var isLogUnreadable = false
        /// When the follower was at the end of the log.
        var followedAt = ContinuousClock.now
        /// When it was last complained about what may fail often.
        var complaints: [String: ContinuousClock.Instant] = [:]
    }

    private static let complaintInterval = Duration.seconds(60)

    let metrics: RedisMetrics
    private let client: RedisClient
    private let logger: Logger
    private let state = Mutex(State())

    init(client: RedisClient, metrics: RedisMetrics, logger: Logger) {
        self.client = client
        self.metrics = metrics
        self.logger = logger
    }

    /// Whether a command is answered soon. Nobody waits for a connection that is being made.
    var isConnected: Bool {
        switch client.status {
        case .connected: true
        case .connecting, .unavailable, .closed: false
        }
    }

    var isAway: Bool { state.withLock { $0.awaySince != nil } }

    /// Whether everything that Redis keeps may be shown, and is kept up to date.
    var isCurrent: Bool { state.withLock { $0.table.isCurrent && !$0.isLogUnreadable } }

    func admits(_ position: Int64, in partition: Int) -> Bool { state.withLock { $0.table.admits(position, in: partition) } }

    func doubt(_ partition: Int) { state.withLock { $0.table.doubt(partition) } }

    // MARK: - What the follower tells

    func beginStep() { state.withLock { $0.table.beginStep() } }

    /// - Parameters:
    ///   - end: of the log.
    ///   - isAtEnd: whether it is followed up to there.
    func endStep(positions: [Int64?], end: Int64, isAtEnd: Bool) {
        let now = ContinuousClock.now
        let (away, wasUnreadable, followedAt, table) = state.withLock { state in
            state.table.endStep(positions: positions, end: end)
            if isAtEnd { state.followedAt = now }
            defer { (state.awaySince, state.isLogUnreadable) = (nil, false) }
            return (state.awaySince, state.isLogUnreadable, state.followedAt, state.table)
        }
        metrics.followed(to: positions.compactMap { $0 }.min(), behind: now - followedAt, table: table)
        if let away { logger.notice("Redis is back.", metadata: ["away_seconds": "\((now - away).seconds)"]) }
        if wasUnreadable { logger.notice("The log of commits can be read again.") }
    }

    /// Redis does not do what it is asked.
    func isAway(_ error: RedisError) {
        let now = ContinuousClock.now
        let (isNews, followedAt, table) = state.withLock { state in
            // What happens meanwhile is not seen.
            state.table.doubtAll()
            defer { state.awaySince = state.awaySince ?? now }
            return (state.awaySince == nil, state.followedAt, state.table)
        }
        metrics.away(behind: now - followedAt, table: table)
        guard isNews else { return }
        logger.warning(
            "Redis is away; states are read from the database until it is back.", metadata: ["error": "\(error.debugDescription)"])
    }

    func isLogUnreadable(_ error: StoreError) {
        let isNews = state.withLock { state in
            defer { state.isLogUnreadable = true }
            return !state.isLogUnreadable
        }
        if isNews { logger.error("The log of commits can't be read; Redis is not brought up to date.", metadata: ["error": "\(error)"]) }
    }

    // MARK: - Complaints

    /// Logs what may happen with every request, once a minute at most.
    func complain(_ message: Logger.Message, reason: String? = nil) {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            if let last = state.complaints[message.description], now - last < Self.complaintInterval { return false }
            state.complaints[message.description] = now
            return true
        }
        if isDue { logger.warning(message, metadata: reason.map { ["reason": "\($0)"] }) }
    }
}
