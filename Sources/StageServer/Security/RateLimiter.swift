import StageStore

/// Where several processes keep their buckets together.
public protocol SharedBuckets: Sendable {
    /// Takes tokens out of a bucket, also when it then owes them.
    /// - Parameters:
    ///   - time: how long it takes to fill in what is taken.
    ///   - capacity: how long it takes to fill the bucket when it is empty; twice that at most is owed.
    /// - Returns: how long it takes until the bucket is full.
    /// - Throws: when they can't be reached, or not in time.
    func take(_ time: Duration, from bucket: String, holding capacity: Duration) async throws -> Duration
}

/// Keeps one limit for many: each has a bucket of its own. For any number of threads.
final class RateLimiter<Key: Hashable & Sendable & CustomStringConvertible>: Sendable {
    /// More that were seen of late are not kept apart from those that were never seen.
    private static var capacity: Int { 50_000 }

    let name: String
    let limit: RateLimit
    private let buckets = BoundedCache<Key, SharedBucket>(capacity: capacity)
    /// Tells the other processes; nil: there are none, or this limit is each one's own.
    private let sharing: BucketSharing?
    /// Nanoseconds since any one moment.
    private let clock: @Sendable () -> Int64

    init(name: String, limit: RateLimit, sharing: BucketSharing? = nil, clock: @escaping @Sendable () -> Int64) {
        self.name = name
        self.limit = limit
        self.sharing = sharing
        self.clock = clock
    }

    /// Takes a token, if there is one.
    func take(_ key: Key, at now: Int64) -> RateStanding {
        var (isTaken, action) = (false, SharedBucket.Action.none)
        var after = TokenBucket()
        buckets.update(key) { known in
            var bucket = known ?? SharedBucket()
            (isTaken, action) = bucket.take(of: limit, at: now)
            after = bucket.bucket
            known = bucket
        }
        perform(action, for: key)
        return RateStanding(name: name, limit: limit, isWithin: isTaken, bucket: after, at: now)
    }

    /// Puts back what was taken.
    func putBack(_ key: Key) { buckets.update(key) { $0?.putBack(of: limit) } }

    /// Whether there is no token; takes none.
    func isExhausted(_ key: Key, at now: Int64) -> Bool {
        buckets.value(for: key).map { $0.bucket.count(of: limit, at: now) == 0 } ?? false
    }

    private func perform(_ action: SharedBucket.Action, for key: Key) {
        guard let sharing else { return }
        switch action {
        case .none: break
        case .tell(let tokens): Task { await tell(tokens, of: key, through: sharing) }
        }
    }

    private func tell(_ tokens: Int, of key: Key, through sharing: BucketSharing) async {
        let rest = await sharing.take(tokens, from: "\(name):\(key)", of: limit)
        var next = SharedBucket.Action.none
        buckets.update(key) { bucket in
            if let rest { next = bucket?.told(fullIn: rest, of: limit, at: clock()) ?? .none } else { bucket?.failed() }
        }
        perform(next, for: key)
    }
}

/// How a request stands to a limit.
struct RateStanding: Sendable, Equatable {
    /// Which limit it is: `key`, `business`.
    let name: String
    let limit: RateLimit
    /// Whether there was a token for it.
    let isWithin: Bool
    /// How many more may follow at once.
    let remaining: Int
    /// How many seconds it takes until nothing counts any more of what was done so far.
    let resetSeconds: Int64
    /// How many seconds it takes until the next may follow; 1 at least.
    let retrySeconds: Int64

    init(name: String, limit: RateLimit, isWithin: Bool, bucket: TokenBucket, at now: Int64) {
        self.name = name
        self.limit = limit
        self.isWithin = isWithin
        remaining = bucket.count(of: limit, at: now)
        resetSeconds = Self.seconds(bucket.missing(limit, at: now))
        retrySeconds = max(1, Self.seconds(bucket.wait(for: limit, at: now)))
    }

    /// Whole seconds, rounded up.
    static func seconds(_ nanoseconds: Int64) -> Int64 { (nanoseconds + 999_999_999) / 1_000_000_000 }
}
