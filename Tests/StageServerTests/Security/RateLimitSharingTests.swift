import Foundation
import Logging
import RedisClient
import Sealing
@testable import StageServer
import StageStoreRedis
import Synchronization
import Testing

@Suite("Rate limits: shared by several servers", .timeLimit(.minutes(1)))
struct RateLimitSharingTests {
    /// What servers share, in memory, on a clock that stands still.
    private final class Shared: SharedBuckets {
        struct Away: Error {}

        let isAway = Mutex(false)
        let full = Mutex<[String: Duration]>([:])

        func take(_ time: Duration, from bucket: String, holding capacity: Duration) async throws -> Duration {
            guard !isAway.withLock({ $0 }) else { throw Away() }
            return full.withLock { full in
                let sum = min(full[bucket, default: .zero] + time, capacity * 2)
                full[bucket] = sum
                return sum
            }
        }
    }

    /// Servers that take turns to ask for a token as often as they can; each is heard by the others so many of its tries later.
    private struct Fleet {
        let limit: RateLimit
        let lag: Int
        var servers: [SharedBucket]
        var taken = 0
        private var fullAt: Int64 = 0
        private var underway: [(due: Int, server: Int, tokens: Int)] = []
        private var tries = 0

        init(_ limit: RateLimit, servers count: Int, lag: Int) {
            self.limit = limit
            self.lag = lag
            servers = Array(repeating: SharedBucket(), count: count)
        }

        mutating func ask(_ rounds: Int, at now: Int64) {
            for _ in 0..<rounds * servers.count {
                let server = tries % servers.count
                tries += 1
                let (isTaken, action) = servers[server].take(of: limit, at: now)
                if isTaken { taken += 1 }
                tell(action, by: server)
                deliver(at: now)
            }
        }

        private mutating func tell(_ action: SharedBucket.Action, by server: Int) {
            switch action {
            case .none: break
            case .tell(let tokens): underway.append((tries + lag * servers.count, server, tokens))
            }
        }

        private mutating func deliver(at now: Int64) {
            while let next = underway.first, next.due <= tries {
                underway.removeFirst()
                fullAt = min(max(fullAt, now) + Int64(next.tokens) * limit.interval, now + 2 * limit.capacity)
                tell(servers[next.server].told(fullIn: fullAt - now, of: limit, at: now), by: next.server)
            }
        }
    }

    @Test(
        "Together they let through what the limit holds, and above it at most what each takes before the others hear of it",
        arguments: [0, 1, 5, 20])
    func together(_ lag: Int) throws {
        let limit = try #require(RateLimit("1/s:160"))
        var fleet = Fleet(limit, servers: 4, lag: lag)
        fleet.ask(400, at: 0)
        #expect((160...160 + 4 * (SharedBucket.portion(of: limit) + lag)).contains(fleet.taken), "\(fleet.taken)")
    }

    @Test("In the long run they let through no more than the limit, however late they hear of each other", arguments: [0, 5, 20])
    func longRun(_ lag: Int) throws {
        let limit = try #require(RateLimit("10/s:20"))
        var fleet = Fleet(limit, servers: 4, lag: lag)
        for tenth in 0..<10_000 { fleet.ask(3, at: Int64(tenth) * 100_000_000) }
        let allowed = 20 + 10_000
        #expect((allowed * 9 / 10...allowed + 4 * (SharedBucket.portion(of: limit) + lag)).contains(fleet.taken), "\(fleet.taken)")
    }

    @Test("A server tells the others what it lets through, and hears what they did")
    func telling() async throws {
        let (shared, metrics, lines) = (Shared(), PrometheusMetrics(), LoggedLines())
        let sharing = BucketSharing(shared, metrics: metrics, logger: lines.logger)
        let limit = try #require(RateLimit("1/s:10"))
        let server = RateLimiter<String>(name: "key", limit: limit, sharing: sharing) { 0 }
        shared.full.withLock { $0["key:a"] = .seconds(9) }
        #expect(server.take("a", at: 0).remaining == 9)
        while !server.isExhausted("a", at: 0) { await Task.yield() }
        #expect(!server.take("a", at: 0).isWithin && server.take("b", at: 0).isWithin)
        #expect(shared.full.withLock { $0["key:a"] } == .seconds(10))
    }

    @Test("When what they share is away each goes on alone, and it is said once; when it is back, too")
    func away() async throws {
        let (shared, metrics, lines) = (Shared(), PrometheusMetrics(), LoggedLines())
        let sharing = BucketSharing(shared, metrics: metrics, logger: lines.logger)
        let limit = try #require(RateLimit("1/s:10"))
        #expect(await sharing.take(3, from: "key:a", of: limit) == 3_000_000_000)
        shared.isAway.withLock { $0 = true }
        for _ in 0..<3 { #expect(await sharing.take(1, from: "key:a", of: limit) == nil) }
        #expect(metrics.text().contains("stagekeeper_rate_limits_shared 0\n"))
        shared.isAway.withLock { $0 = false }
        for seconds in [4, 5] { #expect(await sharing.take(1, from: "key:a", of: limit) == Int64(seconds) * 1_000_000_000) }
        #expect(metrics.text().contains("stagekeeper_rate_limits_shared 1\n"))
        #expect(lines.all.count == 2 && lines.all.first?.contains("warning") == true && lines.all.last?.contains("again") == true, "\(lines.all)")
    }

    @Test("Alone, a server lets through exactly what the limit holds, for each key by itself")
    func alone() throws {
        let limit = try #require(RateLimit("1/s:3"))
        let server = RateLimiter<String>(name: "key", limit: limit) { 0 }
        for key in ["a", "b"] {
            let standings = (0..<5).map { _ in server.take(key, at: 0) }
            #expect(standings.map(\.isWithin) == [true, true, true, false, false] && standings.map(\.remaining) == [2, 1, 0, 0, 0])
            #expect(standings.map(\.resetSeconds) == [1, 2, 3, 3, 3] && standings.last?.retrySeconds == 1)
        }
        #expect(server.isExhausted("a", at: 0) && !server.isExhausted("a", at: 1_000_000_000) && !server.isExhausted("c", at: 0))
    }
}

@Suite("Rate limits: in Redis", .enabled(if: TestRedis.isThere, TestRedis.skipped), .timeLimit(.minutes(2)))
struct RateLimitRedisTests {
    private func buckets(_ body: (RedisBuckets) async throws -> Void) async throws {
        try await TestRedis.with { client in
            try await body(RedisBuckets(client: client, pseudonyms: Pseudonyms(secret: (0..<32).map { _ in UInt8.random(in: .min ... .max) })))
        }
    }

    @Test("A bucket in Redis holds what was taken by all, fills with time, and owes one bucket at most")
    func bucket() async throws {
        try await buckets { buckets in
            let hour = Duration.seconds(3600)
            for (number, time) in [10, 20, 30].enumerated() {
                let rest = try await buckets.take(.seconds(10), from: "key:a", holding: hour)
                // Some time may have passed since the first.
                #expect(rest <= .seconds(time) && rest > .seconds(time - 5), "\(number): \(rest)")
            }
            #expect(try await buckets.take(.seconds(10), from: "key:b", holding: hour) <= .seconds(10))
            let owed = try await buckets.take(hour * 5, from: "key:a", holding: hour)
            #expect(owed <= hour * 2 && owed > hour * 2 - .seconds(5))
            #expect(try await buckets.take(.zero, from: "key:c", holding: hour) == .zero)
        }
    }

    @Test("It may be used with the rights that the documentation names, and is forgotten when it is full")
    func expiry() async throws {
        try await buckets { buckets in
            #expect(try await buckets.take(.milliseconds(1), from: "key:a", holding: .seconds(1)) <= .milliseconds(1))
            let end = ContinuousClock.now + .seconds(30)
            while try await buckets.take(.zero, from: "key:a", holding: .seconds(1)) > .zero { try #require(ContinuousClock.now < end) }
        }
    }
}

/// Remembers what was logged.
final class LoggedLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger { Logger(label: "test", factory: { _ in Handler(lines: self) }) }

    private struct Handler: LogHandler {
        let lines: LoggedLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.lines.withLock { $0.append("\(event.level): \(event.message)") } }
    }
}

extension TestRedis {
    private static let variable = "STAGEKEEPER_TEST_REDIS_APP_URL"
    static let isThere = ProcessInfo.processInfo.environment[variable] != nil
    static let skipped: Comment = "needs a server: run 'Tests/servers/with swift test'"

    /// A client with the rights of what serves, while the body runs.
    static func with(_ body: (RedisClient) async throws -> Void) async throws {
        var configuration = try RedisConfiguration(url: ProcessInfo.processInfo.environment[variable] ?? "")
        // So long that no test fails because the machine is busy.
        configuration.connectTimeout = .seconds(60)
        configuration.commandTimeout = .seconds(60)
        let client = try RedisClient(configuration: configuration)
        let run = Task { await client.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        run.cancel()
        await run.value
        try result.get()
    }
}
