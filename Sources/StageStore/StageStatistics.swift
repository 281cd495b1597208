public import StageModel

/// The numbers of a stage since it was created.
public struct StageStatistics: Sendable, Equatable {
    public var entered: Int64 = 0
    public var left: Int64 = 0
    /// How many of those that left went nowhere: they were cleared, or expired.
    public var ended: Int64 = 0
    public var durations = LogHistogram()
    /// The last transitions into and out of the stage, newest first.
    public var recent: [StageVisit] = []

    public init() {}

    /// How many conversations are at the stage.
    public var conversationsHere: Int64 { max(0, entered - left) }
}

/// A transition as it is seen from a stage.
public struct StageVisit: Sendable, Equatable {
    public let conversation: ConversationID
    public let transition: Transition

    public init(conversation: ConversationID, transition: Transition) {
        self.conversation = conversation
        self.transition = transition
    }
}

/// Counts durations in buckets whose bounds double, from under a second up; a bucket is known by the exponent of its upper bound.
public struct LogHistogram: Sendable, Equatable {
    /// 2^40 seconds are 35,000 years.
    private static let lastBucket = 40

    public private(set) var counts: [Int: Int64]

    public init(counts: [Int: Int64] = [:]) { self.counts = counts }

    public mutating func add(seconds: Double) {
        var bucket = 0
        var bound = 1.0
        while seconds >= bound, bucket < Self.lastBucket {
            bucket += 1
            bound *= 2
        }
        counts[bucket, default: 0] += 1
    }

    public mutating func add(_ other: LogHistogram) { counts.merge(other.counts, uniquingKeysWith: +) }

    public var count: Int64 { counts.values.reduce(0, +) }

    /// The duration that a share of all stays below, in seconds, taken in the middle of its bucket; nil when there are none.
    public func quantile(_ share: Double) -> Double? {
        let wanted = share * Double(count)
        var seen: Int64 = 0
        for bucket in counts.keys.sorted() {
            seen += counts[bucket] ?? 0
            if Double(seen) >= wanted {
                let upper = Double(UInt64(1) << UInt64(bucket))
                return bucket == 0 ? upper / 2 : upper * 0.75
            }
        }
        return nil
    }
}
