import StageModel

/// How often something may be done: on the average, and at once when nothing was done for a while.
public struct RateLimit: Sendable, Equatable {
    /// How many may be done at once.
    public let burst: Int
    /// How long it takes until one more may be done, in nanoseconds.
    let interval: Int64

    /// How long it takes until as many as possible may be done at once again, in nanoseconds.
    var capacity: Int64 { Int64(burst) * interval }

    /// What a limit looks like, for people who set one.
    public static let form = "a number and a period (s, min or h) with, behind a colon, how many may come at once: 100/s, 600/min or 100/s:500"

    private static let nanosecondsPerSecond: Int64 = 1_000_000_000
    /// What takes longer to be allowed again would be no limit but a quota.
    private static let mostCapacity = 86_400 * nanosecondsPerSecond

    /// Reads `100/s`, `600/min` or `100/s:500`. Without a number behind a colon, as many may come at once as in one period.
    /// - Returns: nil for anything else, and for what would take longer than a day.
    public init?(_ text: some StringProtocol) {
        guard let match = String(text).wholeMatch(of: /([1-9][0-9]{0,5})\/(s|min|h)(:([1-9][0-9]{0,5}))?/), let count = Int64(match.1) else {
            return nil
        }
        let burst = match.4.flatMap { Int64($0) } ?? count
        let seconds: Int64 = match.2 == "s" ? 1 : match.2 == "min" ? 60 : 3600
        interval = seconds * Self.nanosecondsPerSecond / count
        self.burst = Int(burst)
        guard burst * interval <= Self.mostCapacity else { return nil }
    }
}

/// Which limits a server keeps.
public struct RateLimitSettings: Sendable {
    /// Of the requests with one key, and with the sessions that it began; nil: none.
    public var key: RateLimit?
    /// Of the requests of a business, whatever the key; nil: none.
    public var business: RateLimit?
    /// Of requests from one address with a key or a cookie that is none; nil: none.
    public var refusals: RateLimit?

    /// The limits that hold unless others are set.
    public init(key: RateLimit? = nil, business: RateLimit? = nil, refusals: RateLimit? = RateLimit("60/min")) {
        self.key = key
        self.business = business
        self.refusals = refusals
    }
}

extension Timestamp {
    /// The nanoseconds from another moment to this one; at most 285 years of them either way.
    func nanoseconds(since other: Timestamp) -> Int64 {
        let most: Int64 = 9_000_000_000_000_000
        return min(max(microseconds - other.microseconds, -most), most) * 1000
    }
}
