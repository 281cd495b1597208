import Foundation
import Testing

/// What may happen to the servers that Stagekeeper relies on, and to itself.
enum Fault: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case redisKilled = "Redis is killed and comes back"
    case redisPaused = "Redis is paused"
    case redisFlushed = "Redis is flushed"
    case redisRestored = "Redis comes back with an older snapshot"
    case postgresRestarted = "PostgreSQL is stopped fast and started again"
    case postgresKilled = "PostgreSQL is killed and comes back"
    case postgresPaused = "PostgreSQL is paused"
    case connectionsCut = "PostgreSQL cuts all connections, again and again"
    case cutBeforeCommit = "The connection is cut before a COMMIT arrives"
    case cutAfterCommit = "The connection is cut before a COMMIT is answered"
    case poolExhausted = "A table is locked from outside until no connection is left"
    case serverKilled = "One of the servers is killed, again and again"
    case clockJumps = "The clock of one server jumps an hour ahead and back"

    var testDescription: String { rawValue }

    /// Those that STAGEKEEPER_FAULTS names, by the names of the cases with commas between them; all, unless it is set.
    static let chosen: [Fault] = {
        guard let names = ProcessInfo.processInfo.environment["STAGEKEEPER_FAULTS"]?.split(separator: ",") else {
            return allCases
        }
        return allCases.filter { fault in names.contains { $0 == "\(fault)" } }
    }()

    /// How long a pause lasts: short, unless STAGEKEEPER_FAULT_SECONDS says otherwise.
    static let duration = Duration.seconds(ProcessInfo.processInfo.environment["STAGEKEEPER_FAULT_SECONDS"].flatMap { Int64($0) } ?? 2)

    /// What the servers must say while it lasts and afterwards. All names of log lines and metrics that the fault tests know stand here.
    var expectation: Expectation {
        switch self {
        case .redisKilled, .redisPaused:
            Expectation(during: .degraded, log: ["Redis is away; states are read from the database", "Redis is back."], metrics: Expectation.redis)
        // It is back so soon that only the client of Redis may have seen it.
        case .redisRestored: Expectation(during: .degraded, log: ["Lost the connection to Redis", "Connected to Redis"], metrics: Expectation.redis)
        case .redisFlushed: Expectation(log: [], metrics: Expectation.redis)
        case .postgresRestarted, .postgresKilled:
            Expectation(
                during: .unavailable, log: ["PostgreSQL takes no connection.", "PostgreSQL can be reached again."], metrics: Expectation.postgres)
        case .postgresPaused: Expectation(during: .unavailable, log: [], metrics: Expectation.postgres)
        case .connectionsCut: Expectation(log: ["A connection to PostgreSQL broke."], metrics: Expectation.postgres)
        case .cutBeforeCommit, .cutAfterCommit:
            Expectation(
                log: ["A connection to PostgreSQL broke.", "It was found out what became of a commit."],
                metrics: Expectation.postgres + ["stagekeeper_postgres_lost_commits_total"])
        case .poolExhausted: Expectation(during: .unavailable, log: [], metrics: Expectation.postgres)
        case .serverKilled: Expectation(log: [], metrics: [], losesConnections: true)
        case .clockJumps: Expectation(log: [], metrics: [])
        }
    }
}

/// What is expected while a fault lasts and afterwards.
struct Expectation: Sendable {
    /// What `/ready` of each server must come to while the fault lasts; nil: anything.
    var during: Fleet.Readiness?
    /// What the log must have said.
    var log: [String]
    /// Names that `/metrics` must have, with another value than 0.
    var metrics: [String]
    var losesConnections = false

    /// How soon after the fault all must be well again: within two seconds, where somebody measures that on a machine that is theirs, and sooner or
    /// later where other tests have the processors.
    static let recovery: Duration = ProcessInfo.processInfo.environment["STAGEKEEPER_FAULT_SECONDS"] == nil ? .seconds(30) : .seconds(2)

    static let redis = [
        "stagekeeper_redis_connected", "stagekeeper_redis_reads_total{result=\"hit\"}", "stagekeeper_redis_sets_total{result=\"set\"}",
    ]
    static let postgres = ["stagekeeper_postgres_reachable"]
}
