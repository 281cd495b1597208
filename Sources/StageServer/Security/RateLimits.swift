import HTTPTypes
import Logging
import Metrics
import StageEngine
import StageModel
import StageStore
import Synchronization

/// The limits that a server keeps, by key, by business, and by the address of who presents what is no key.
final class RateLimits: Sendable {
    private let keys: RateLimiter<APIKey.ID>?
    private let businesses: RateLimiter<Business.ID>?
    private let refusals: RateLimiter<AddressBlock>?
    private let epoch: Timestamp
    private let refused: [String: Counter]
    /// The moment after which no address has used up its refusals: until one has, nobody looks for it.
    private let refusalsEnd = Atomic<Int64>(.min)

    init(
        _ settings: RateLimitSettings = RateLimitSettings(), shared: (any SharedBuckets)? = nil, time: TimeSource, metrics: any MetricsFactory,
        logger: Logger
    ) {
        let epoch = time.now()
        self.epoch = epoch
        let clock: @Sendable () -> Int64 = { time.now().nanoseconds(since: epoch) }
        let isLimited = settings.key != nil || settings.business != nil
        let sharing = isLimited ? shared.map { BucketSharing($0, metrics: metrics, logger: logger) } : nil
        keys = settings.key.map { RateLimiter(name: "key", limit: $0, sharing: sharing, clock: clock) }
        businesses = settings.business.map { RateLimiter(name: "business", limit: $0, sharing: sharing, clock: clock) }
        refusals = settings.refusals.map { RateLimiter(name: "refusals", limit: $0, clock: clock) }
        refused = Dictionary(
            uniqueKeysWithValues: ["key", "business", "refusals"].map {
                ($0, Counter(label: "stagekeeper_rate_limited_total", dimensions: [("limit", $0)], factory: metrics))
            })
    }

    /// Takes what a request takes.
    /// - Returns: how it stands to the limits; nil: there are none for it. The operator's key has none.
    func take(for principal: AccessService.Principal, at now: Timestamp) -> RateAllowance? {
        switch principal {
        case .platform: nil
        case .key(let key): take(for: key, at: now)
        }
    }

    /// Takes what a request takes that a key is presented with, or the cookie of a session that it began.
    func take(for key: APIKey, at now: Timestamp) -> RateAllowance? {
        guard keys != nil || businesses != nil else { return nil }
        let moment = now.nanoseconds(since: epoch)
        let ofKey = keys?.take(key.id, at: moment)
        guard ofKey?.isWithin ?? true else {
            refused["key"]?.increment()
            return RateAllowance(key: ofKey, business: nil)
        }
        let ofBusiness = businesses?.take(key.business, at: moment)
        if let ofBusiness, !ofBusiness.isWithin {
            // What is not done does not count.
            keys?.putBack(key.id)
            refused["business"]?.increment()
        }
        return RateAllowance(key: ofKey, business: ofBusiness)
    }

    // MARK: - What is no key

    /// Whether so much from an address was refused of late that nothing more from there is looked for.
    /// - Parameters:
    ///   - address: nil: not known; never limited.
    ///   - isKnown: whether what is presented is known to be good, so that nothing has to be looked for.
    func isClosed(to address: () -> AddressBlock?, at now: Timestamp, unless isKnown: () -> Bool) -> Bool {
        let moment = now.nanoseconds(since: epoch)
        guard let refusals, moment < refusalsEnd.load(ordering: .relaxed), let address = address(),
            refusals.isExhausted(address, at: moment), !isKnown()
        else { return false }
        refused["refusals"]?.increment()
        return true
    }

    /// What was presented from an address is no key, and no cookie of a session.
    func noteRefusal(from address: AddressBlock?, at now: Timestamp) {
        guard let refusals, let address else { return }
        let moment = now.nanoseconds(since: epoch)
        let standing = refusals.take(address, at: moment)
        guard standing.remaining == 0 else { return }
        refusalsEnd.max(moment + refusals.limit.interval, ordering: .relaxed)
    }
}

/// How a request stands to the limits of its key and its business.
struct RateAllowance: Sendable {
    let key: RateStanding?
    let business: RateStanding?

    /// The limit that the request is beyond; nil: none.
    var refusal: RateStanding? {
        if let key, !key.isWithin { return key }
        if let business, !business.isWithin { return business }
        return nil
    }

    /// Tells the limits and what is left of them (draft-ietf-httpapi-ratelimit-headers).
    func write(into headers: inout HTTPFields) {
        let standings = [key, business].compactMap { $0 }
        headers[.rateLimitPolicy] = standings.map { "\"\($0.name)\";q=\($0.limit.burst);w=\(RateStanding.seconds($0.limit.capacity))" }
            .joined(separator: ", ")
        headers[.rateLimit] = standings.map { "\"\($0.name)\";r=\($0.remaining);t=\($0.resetSeconds)" }.joined(separator: ", ")
    }
}

extension HTTPField.Name {
    static let rateLimit = Self("RateLimit")!
    static let rateLimitPolicy = Self("RateLimit-Policy")!
}
