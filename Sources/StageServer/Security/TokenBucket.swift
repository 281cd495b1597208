/// The tokens that something has left of its limit.
///
/// All that is kept is the moment at which the bucket will be full again: nothing has to be done while time passes. Moments are nanoseconds
/// since any one moment, the same for all calls; tokens may be owed, up to one bucket of them.
struct TokenBucket: Sendable, Equatable {
    private(set) var fullAt = Int64.min

    /// Takes a token, if there is one.
    mutating func take(of limit: RateLimit, at now: Int64) -> Bool {
        settle(limit, at: now)
        guard fullAt - now <= limit.capacity - limit.interval else { return false }
        fullAt += limit.interval
        return true
    }

    /// Puts back what was taken.
    mutating func putBack(_ tokens: Int = 1, of limit: RateLimit) {
        if fullAt != .min { fullAt -= Int64(tokens) * limit.interval }
    }

    /// The bucket is as full as somebody else knows.
    /// - Parameters:
    ///   - rest: how long it takes until it is full, without the tokens that are taken besides.
    ///   - taken: how many these are.
    mutating func set(fullIn rest: Int64, besides taken: Int, of limit: RateLimit, at now: Int64) {
        fullAt = now + min(max(rest, 0), 2 * limit.capacity) + Int64(taken) * limit.interval
        settle(limit, at: now)
    }

    /// How many tokens there are.
    func count(of limit: RateLimit, at now: Int64) -> Int {
        max(0, Int((limit.capacity - missing(limit, at: now)) / limit.interval))
    }

    /// How long it takes until there is a token, in nanoseconds.
    func wait(for limit: RateLimit, at now: Int64) -> Int64 {
        max(0, missing(limit, at: now) - (limit.capacity - limit.interval))
    }

    /// How long it takes until the bucket is full, in nanoseconds.
    func missing(_ limit: RateLimit, at now: Int64) -> Int64 {
        fullAt <= now ? 0 : min(fullAt - now, 2 * limit.capacity)
    }

    /// A full bucket takes no more, and a clock that was set back makes nobody wait for longer than two buckets.
    private mutating func settle(_ limit: RateLimit, at now: Int64) { fullAt = now + missing(limit, at: now) }
}

/// A bucket that several processes take tokens from, as one of them sees it.
///
/// Each takes what it sees, and tells the others by and by: nobody waits for them. What all took together counts, so that who took more than
/// there was owes it, and the limit holds on the average.
struct SharedBucket: Sendable, Equatable {
    enum Action: Equatable {
        case none
        /// Tell the others that so many tokens were taken.
        case tell(Int)
    }

    private(set) var bucket = TokenBucket()
    /// How many were taken that the others have not been told of; negative when some were put back too late.
    private var untold = 0
    private var isTelling = false
    private var toldAt = Int64.min

    /// After so long the others are told of a single token, too, and what they took is heard of.
    static let longestSilence: Int64 = 1_000_000_000
    /// How many times at most the others are told of a full bucket, or of what may be taken in a second.
    private static let portions = 16

    /// How many tokens are taken before the others are told.
    static func portion(of limit: RateLimit) -> Int {
        max(1, limit.burst / portions, Int(longestSilence / limit.interval) / portions)
    }

    /// Takes a token, if there is one.
    mutating func take(of limit: RateLimit, at now: Int64) -> (isTaken: Bool, action: Action) {
        guard bucket.take(of: limit, at: now) else { return (false, .none) }
        untold += 1
        return (true, tell(limit, at: now))
    }

    mutating func putBack(of limit: RateLimit) {
        bucket.putBack(of: limit)
        untold -= 1
    }

    /// The others were told, and know how long it takes until the bucket is full.
    mutating func told(fullIn rest: Int64, of limit: RateLimit, at now: Int64) -> Action {
        isTelling = false
        bucket.set(fullIn: rest, besides: untold, of: limit, at: now)
        return untold >= Self.portion(of: limit) ? tell(limit, at: now) : .none
    }

    /// The others can't be told. What was taken meanwhile is this process's own affair.
    mutating func failed() {
        isTelling = false
        untold = 0
    }

    private mutating func tell(_ limit: RateLimit, at now: Int64) -> Action {
        let isDue = untold >= Self.portion(of: limit) || toldAt == .min || now - toldAt >= Self.longestSilence || now < toldAt
        guard isDue, !isTelling, untold > 0 else { return .none }
        defer { untold = 0 }
        (isTelling, toldAt) = (true, now)
        return .tell(untold)
    }
}
