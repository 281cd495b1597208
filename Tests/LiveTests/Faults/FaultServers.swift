import Foundation
import Testing

/// The PostgreSQL and the Redis that the fault tests share, and what a server needs to use them with the least rights.
struct FaultServers: Sendable {
    let postgres: PostgresServer
    let redis: RedisServer
    /// Master keys, as STAGEKEEPER_ENCRYPTION_KEYS takes them.
    let keys: String

    /// The servers of the suite whose test is running.
    @TaskLocal static var current: FaultServers?

    /// The programs that are needed and not installed.
    static let missing = ["psql", "redis-server", "redis-cli", "openssl"].filter { name in
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }
    static let isRequired = ProcessInfo.processInfo.environment["CI"] != nil

    /// Starts both and brings the schema up to date, as its owner.
    static func start() async throws -> FaultServers {
        let postgres = try await PostgresServer.start()
        do {
            let redis = try await RedisServer.start()
            let servers = FaultServers(postgres: postgres, redis: redis, keys: key("k1"))
            do {
                try await servers.migrate()
                return servers
            } catch {
                try await redis.stop()
                throw error
            }
        } catch {
            try await postgres.stop()
            throw error
        }
    }

    /// A new master key.
    static func key(_ id: String) -> String {
        "\(id):\(Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString())"
    }

    func stop() async throws {
        try await redis.stop()
        try await postgres.stop()
    }

    private func migrate() async throws {
        try await withDatabase { place in
            let result = try await Stagekeeper.run(["migrate"], on: place, environment(database: postgres.ownerURL + postgres.verified))
            guard result.ending == .exit(0) else { throw StartFailure("migrate: \(result.ending) \(result.output) \(result.errors)") }
        }
    }

    /// The settings of a server.
    /// - Parameters:
    ///   - database: instead of the usual way to PostgreSQL.
    ///   - redis: instead of the usual way to Redis.
    func environment(database: String? = nil, redis other: String? = nil) throws -> [String: String] {
        [
            "STAGEKEEPER_DATABASE_URL": database ?? postgres.appURL + postgres.verified,
            "STAGEKEEPER_REDIS_URL": try other ?? redis.appURL(),
            "STAGEKEEPER_ENCRYPTION_KEYS": keys,
            "STAGEKEEPER_LOG_LEVEL": "info",
        ]
    }

    /// The passwords and keys that no log may show, as they are and as a URL has them.
    var secrets: [String] {
        get throws {
            let urls = [postgres.appURL, try redis.appURL()]
            let encoded = urls.compactMap { $0.split(separator: "@").first?.split(separator: ":", maxSplits: 2).last.map(String.init) }
            return encoded + encoded.compactMap(\.removingPercentEncoding) + [keys.split(separator: ":").last.map(String.init) ?? keys]
        }
    }
}

/// Starts the servers before a suite's first test and stops them after its last.
struct WithFaultServers: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        let servers = try await FaultServers.start()
        do {
            try await FaultServers.$current.withValue(servers) { try await function() }
        } catch {
            try await servers.stop()
            throw error
        }
        try await servers.stop()
    }
}
