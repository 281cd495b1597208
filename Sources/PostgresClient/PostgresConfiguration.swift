/// How to connect, how many connections to keep, and how long to wait for what.
public struct PostgresConfiguration: Sendable {
    public var url: PostgresURL
    /// What `pg_stat_activity` shows, unless the URL says otherwise.
    public var applicationName = "PostgresClient"
    /// How many connections a pool opens at most.
    public var maximumConnections = 8
    /// How many may wait while all connections are in use; more are refused at once.
    public var maximumWaiting = 1_000
    /// How long one waits for a connection of the pool.
    public var acquireTimeout: Duration = .seconds(5)
    /// How long a connection may take to be made, names, TLS and authentication included, for all hosts of the URL together.
    public var connectTimeout: Duration = .seconds(5)
    /// How long the server may work on one statement (its `statement_timeout`).
    public var statementTimeout: Duration = .seconds(30)
    /// How much longer than the statement's timeout an answer may be on its way before the server counts as lost; also how long a
    /// cancelled statement may take to end.
    public var networkGrace: Duration = .seconds(5)
    /// How long the server lets a transaction stand without a statement (its `idle_in_transaction_session_timeout`).
    public var idleTransactionTimeout: Duration = .seconds(60)
    /// After so long without use a connection is tried with an empty statement.
    public var idleCheckInterval: Duration = .seconds(30)
    /// After so long without use a connection is closed.
    public var maximumIdleTime: Duration = .seconds(600)
    /// How many prepared statements one connection keeps; the one that was not used for longest goes.
    public var preparedStatements = 512
    /// How often, and with which pauses, a transaction is done again that collided with another.
    public var retry = RetryPolicy()
    /// The pauses between attempts to reach a server that is away.
    public var reconnection = Backoff(initial: .milliseconds(50), maximum: .seconds(1))

    public init(url: PostgresURL) { self.url = url }
}

/// Pauses that double from an initial one to a maximum, each taken at random from its upper half, so that many clients do not come at once.
public struct Backoff: Sendable, Equatable {
    public let initial: Duration
    public let maximum: Duration

    public init(initial: Duration, maximum: Duration) {
        self.initial = initial
        self.maximum = maximum
    }

    /// The pause before another attempt.
    /// - Parameters:
    ///   - failures: how many attempts have failed so far, from 1.
    ///   - random: from 0 to 1.
    public func pause(after failures: Int, random: Double) -> Duration {
        // Beyond 2^20 every sensible maximum is reached.
        let whole = min(maximum, initial * (1 << min(max(failures - 1, 0), 20)))
        return whole / 2 + whole / 2 * min(max(random, 0), 1)
    }
}

/// How a transaction is done again that the server undid because of others.
public struct RetryPolicy: Sendable, Equatable {
    /// How often it is done in all.
    public var attempts = 5
    public var backoff = Backoff(initial: .milliseconds(2), maximum: .milliseconds(100))

    public init() {}

    /// The pause before the transaction is done again; nil: it is not.
    /// - Parameters:
    ///   - attempts: how often it was done so far.
    ///   - random: from 0 to 1.
    func pause(after error: PostgresError, attempts: Int, random: Double) -> Duration? {
        error.isRetryable && attempts < self.attempts ? backoff.pause(after: attempts, random: random) : nil
    }
}
