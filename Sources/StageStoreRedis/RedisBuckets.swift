public import RedisClient
public import Sealing

/// Buckets of tokens that several processes share, each kept as the moment at which it will be full, by the clock of Redis.
///
/// `sk:limit:<…>` is one; its name is a pseudonym, as all names are here. What is full is not kept. They may be lost at any time: then they are full.
public struct RedisBuckets: Sendable {
    private let client: RedisClient
    private let pseudonyms: Pseudonyms

    public init(client: RedisClient, pseudonyms: Pseudonyms) {
        self.client = client
        self.pseudonyms = pseudonyms
    }

    /// Takes tokens out of a bucket, also when it then owes them.
    /// - Parameters:
    ///   - time: how long it takes to fill in what is taken.
    ///   - capacity: how long it takes to fill the bucket when it is empty; twice that at most is owed.
    /// - Returns: how long it takes until the bucket is full.
    public func take(_ time: Duration, from bucket: String, holding capacity: Duration) async throws(RedisError) -> Duration {
        let reply = try await client.evaluate(
            Self.taking, keys: [key(of: bucket)], arguments: [.integer(Self.microseconds(time)), .integer(Self.microseconds(capacity))])
        guard let rest = reply.integer else { throw .unexpectedReply(to: "EVALSHA") }
        return .microseconds(rest)
    }

    /// The key of a bucket, for tests and operators.
    func key(of bucket: String) -> RedisArgument {
        let digits = pseudonyms.name(["limit", bucket]).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0\(digits)" : digits
        }
        return .string("sk:limit:\(digits.joined())")
    }

    // All in microseconds, which Lua's numbers hold exactly until the year 2255.
    private static let taking = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local most = now + 2 * ARGV[2]
        local full = tonumber(redis.call('GET', KEYS[1]) or '0')
        full = math.min(math.max(full, now) + ARGV[1], most)
        if full <= now then return 0 end
        redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
        return full - now
        """)

    private static func microseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
