@testable import StageServer
import Testing

@Suite("Rate limits: the bucket, as transcripts")
struct RateLimitBucketTests {
    private static let millisecond: Int64 = 1_000_000

    private static func limit(_ text: String) throws -> RateLimit { try #require(RateLimit(text)) }

    @Test("A limit is read as it is described, and nothing else is", arguments: limits)
    func form(_ text: String, _ burst: Int?, _ milliseconds: Double?) {
        let limit = RateLimit(text)
        #expect(limit?.burst == burst)
        #expect(limit.map { Double($0.interval) / 1e6 } == milliseconds)
    }

    private static let limits: [(String, Int?, Double?)] = [
        ("10/s", 10, 100), ("10/s:5", 5, 100), ("600/min", 600, 100), ("1/h", 1, 3_600_000), ("20000/s:1", 1, 0.05), ("24/h:24", 24, 150_000),
        ("1/h:24", 24, 3_600_000), ("1/h:25", nil, nil), ("", nil, nil), ("10", nil, nil), ("0/s", nil, nil), ("10/s:0", nil, nil),
        ("-1/s", nil, nil), ("1000000/s", nil, nil), ("10/m", nil, nil), ("10/S", nil, nil), (" 10/s", nil, nil), ("10/s:", nil, nil),
        ("1e3/s", nil, nil), ("off", nil, nil),
    ]

    /// A bucket that expectations can take from.
    private final class Tokens {
        private var bucket = TokenBucket()

        func take(of limit: RateLimit, at now: Int64) -> Bool { bucket.take(of: limit, at: now) }
        func putBack(of limit: RateLimit) { bucket.putBack(of: limit) }
        func count(of limit: RateLimit, at now: Int64) -> Int { bucket.count(of: limit, at: now) }
        func wait(for limit: RateLimit, at now: Int64) -> Int64 { bucket.wait(for: limit, at: now) }
        func missing(_ limit: RateLimit, at now: Int64) -> Int64 { bucket.missing(limit, at: now) }
    }

    /// One process's view of a bucket, of which expectations can be told.
    private final class Shared {
        private var shared = SharedBucket()

        var bucket: TokenBucket { shared.bucket }

        func take(of limit: RateLimit, at now: Int64) -> (isTaken: Bool, action: SharedBucket.Action) { shared.take(of: limit, at: now) }
        func told(fullIn rest: Int64, of limit: RateLimit, at now: Int64) -> SharedBucket.Action {
            shared.told(fullIn: rest, of: limit, at: now)
        }
        func putBack(of limit: RateLimit) { shared.putBack(of: limit) }
        func failed() { shared.failed() }
    }

    /// At so many milliseconds, whether a token is taken and how many are left then.
    @Test("It gives what it holds at once, then one at a time, and is never more than full", arguments: takings)
    func taking(_ transcript: [(Int64, Bool, Int)]) throws {
        let limit = try Self.limit("10/s:3")
        let bucket = Tokens()
        for (at, isTaken, left) in transcript {
            let now = at * Self.millisecond
            let taken = bucket.take(of: limit, at: now)
            #expect(taken == isTaken && bucket.count(of: limit, at: now) == left, "at \(at) ms")
        }
    }

    private static let takings: [[(Int64, Bool, Int)]] = [
        [(0, true, 2), (0, true, 1), (0, true, 0), (0, false, 0), (99, false, 0), (100, true, 0), (199, false, 0), (200, true, 0)],
        [(0, true, 2), (0, true, 1), (0, true, 0), (300, true, 2), (300, true, 1), (300, true, 0), (300, false, 0)],
        [(0, true, 2), (100, true, 2), (150, true, 1), (100_000, true, 2)],
        // A clock that is set back makes nobody wait for longer than two buckets.
        [(1_000_000, true, 2), (0, false, 0), (300, false, 0), (400, true, 0)],
        // A clock that is set ahead fills it.
        [(0, true, 2), (0, true, 1), (9_000_000_000, true, 2)],
    ]

    @Test("It tells how long it takes until there is a token, and until it is full")
    func waiting() throws {
        let limit = try Self.limit("10/s:3")
        let bucket = Tokens()
        #expect(bucket.wait(for: limit, at: 0) == 0 && bucket.missing(limit, at: 0) == 0)
        for _ in 0..<3 { #expect(bucket.take(of: limit, at: 0)) }
        #expect(bucket.wait(for: limit, at: 30 * Self.millisecond) == 70 * Self.millisecond)
        #expect(bucket.missing(limit, at: 30 * Self.millisecond) == 270 * Self.millisecond)
        bucket.putBack(of: limit)
        #expect(bucket.wait(for: limit, at: 0) == 0 && bucket.count(of: limit, at: 0) == 1)
    }

    // MARK: - Shared

    @Test("The others are told of the first token, then of portions, and of little after a second")
    func telling() throws {
        let limit = try Self.limit("160/s:160")
        #expect(SharedBucket.portion(of: limit) == 10)
        let bucket = Shared()
        #expect(bucket.take(of: limit, at: 0).action == .tell(1))
        // As long as the others are being told, nothing more is told.
        for _ in 0..<30 { #expect(bucket.take(of: limit, at: 0) == (true, .none)) }
        #expect(bucket.told(fullIn: limit.interval, of: limit, at: 0) == .tell(30))
        #expect(bucket.told(fullIn: 31 * limit.interval, of: limit, at: 0) == .none)
        for _ in 0..<9 { #expect(bucket.take(of: limit, at: 0).action == .none) }
        #expect(bucket.take(of: limit, at: 0).action == .tell(10))
        #expect(bucket.told(fullIn: 41 * limit.interval, of: limit, at: 0) == .none)
        #expect(bucket.take(of: limit, at: 999 * Self.millisecond).action == .none)
        #expect(bucket.take(of: limit, at: 1000 * Self.millisecond).action == .tell(2))
    }

    @Test("What the others took counts, and what was taken meanwhile is not forgotten")
    func hearing() throws {
        let limit = try Self.limit("10/s:10")
        let bucket = Shared()
        #expect(bucket.take(of: limit, at: 0).action == .tell(1))
        #expect(bucket.take(of: limit, at: 0) == (true, .none))
        // Six are gone, one of them this one's; the second is still to be told of.
        #expect(bucket.told(fullIn: 6 * limit.interval, of: limit, at: 0) == .tell(1))
        #expect(bucket.bucket.count(of: limit, at: 0) == 3)
        // More is owed than there is: nobody gets one until that is filled in.
        #expect(bucket.told(fullIn: 15 * limit.interval, of: limit, at: 0) == .none)
        #expect(bucket.bucket.count(of: limit, at: 0) == 0)
        #expect(bucket.bucket.wait(for: limit, at: 0) == 6 * limit.interval)
        #expect(!bucket.take(of: limit, at: 5 * limit.interval).isTaken)
        #expect(bucket.take(of: limit, at: 6 * limit.interval).isTaken)
    }

    @Test("When the others can't be told, it goes on alone, and does not tell later what was taken then")
    func failing() throws {
        let limit = try Self.limit("10/s:5")
        let bucket = Shared()
        #expect(bucket.take(of: limit, at: 0).action == .tell(1))
        #expect(bucket.take(of: limit, at: 0).isTaken)
        bucket.failed()
        #expect(bucket.take(of: limit, at: 0).action == .tell(1))
        for _ in 0..<2 { #expect(bucket.take(of: limit, at: 0).isTaken) }
        #expect(bucket.take(of: limit, at: 0) == (false, .none))
    }

    @Test("What is put back does not count, for the others neither")
    func puttingBack() throws {
        let limit = try Self.limit("10/s:160")
        let bucket = Shared()
        #expect(bucket.take(of: limit, at: 0).action == .tell(1))
        #expect(bucket.told(fullIn: limit.interval, of: limit, at: 0) == .none)
        for _ in 0..<5 { _ = bucket.take(of: limit, at: 0) }
        bucket.putBack(of: limit)
        #expect(bucket.bucket.count(of: limit, at: 0) == 155)
        for _ in 0..<5 { #expect(bucket.take(of: limit, at: 0).action == .none) }
        #expect(bucket.take(of: limit, at: 0).action == .tell(10))
    }
}
