import Metrics
import RedisClient

/// What operators are told of the cache in numbers.
struct RedisMetrics: Sendable {
    /// What became of a read.
    enum Read: String, CaseIterable {
        case hit, miss
        /// What is kept may be older than what this process has seen.
        case stale
        case unavailable
        /// It could not be decrypted or read.
        case unopenable
    }

    private let reads: [Read: Counter]
    private let sets: [RedisScripts.Outcome: Counter]
    private let failedSets: Counter
    private let partitions: [PartitionTable.Standing: Meter]
    private let connected: Meter
    private let lag: Meter
    private let position: Meter
    private let failures: [Failure: Counter]
    private let waiting: Meter

    init(factory: any MetricsFactory) {
        func counter(_ label: String, _ result: String) -> Counter {
            Counter(label: "stagekeeper_redis_\(label)_total", dimensions: [("result", result)], factory: factory)
        }
        func failure(_ failure: Failure) -> Counter {
            Counter(label: "stagekeeper_redis_errors_total", dimensions: [("code", failure.rawValue)], factory: factory)
        }
        func meter(_ label: String, _ dimensions: [(String, String)] = []) -> Meter {
            Meter(label: "stagekeeper_redis_\(label)", dimensions: dimensions, factory: factory)
        }
        reads = Self.handles { counter("reads", $0.rawValue) }
        sets = Self.handles { counter("sets", "\($0)") }
        failedSets = counter("sets", "failed")
        partitions = Self.handles { meter("partitions", [("state", $0.rawValue)]) }
        connected = meter("connected")
        lag = meter("follower_lag_seconds")
        position = meter("follower_position")
        failures = Self.handles(failure)
        waiting = meter("commands_waiting")
    }

    func read(_ result: Read) { reads[result]?.increment() }

    /// - Parameter outcome: nil: Redis did not do it, or not in time.
    func set(_ outcome: RedisScripts.Outcome?) { (outcome.flatMap { sets[$0] } ?? failedSets).increment() }

    func failed(_ error: RedisError) { failures[Failure(error.code)]?.increment() }

    func waiting(_ commands: Int) { waiting.set(commands) }

    func followed(to end: Int64?, behind lag: Duration, table: PartitionTable) {
        for (standing, meter) in partitions { meter.set(table.count(standing)) }
        connected.set(1)
        self.lag.set(lag.seconds)
        if let end { position.set(end) }
    }

    func away(behind lag: Duration, table: PartitionTable) {
        for (standing, meter) in partitions { meter.set(table.count(standing)) }
        connected.set(0)
        self.lag.set(lag.seconds)
    }

    private static func handles<Key: CaseIterable & Hashable, Handle>(_ make: (Key) -> Handle) -> [Key: Handle] {
        Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0, make($0)) })
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
