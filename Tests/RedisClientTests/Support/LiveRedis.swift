import Foundation
import RedisClient
import Testing

/// The throw-away servers that `Tests/servers/redis start` has made and told the environment about.
enum LiveRedis {
    private static let environment = ProcessInfo.processInfo.environment

    static let variables = ["STAGEKEEPER_TEST_REDIS_URL", "STAGEKEEPER_TEST_REDIS_TLS_URL", "STAGEKEEPER_TEST_REDIS_TLS_FOLDER"]
    static let missing = variables.filter { environment[$0] == nil }
    static let isThere = missing.isEmpty
    static let isRequired = environment["CI"] != nil
    static let skipped: Comment =
        "needs servers: export what 'Tests/servers/redis start' prints (STAGEKEEPER_TEST_REDIS_URL, …_TLS_URL, …_TLS_FOLDER)"

    static var folder: String { environment["STAGEKEEPER_TEST_REDIS_TLS_FOLDER"] ?? "" }

    /// How to reach one of the servers, with its authority where it speaks TLS.
    static func configuration(_ server: String, _ change: (inout RedisConfiguration) -> Void = { _ in }) throws -> RedisConfiguration {
        let url: String
        switch server {
        case "plain": url = environment["STAGEKEEPER_TEST_REDIS_URL"] ?? ""
        case "tls": url = environment["STAGEKEEPER_TEST_REDIS_TLS_URL"] ?? ""
        default: url = try String(contentsOfFile: "\(folder)/\(server).url", encoding: .utf8).trimmingCharacters(in: .newlines)
        }
        var configuration = try RedisConfiguration(url: url)
        configuration.tls?.authorityFile = "\(folder)/ca.pem"
        // So long that no test fails because the machine is busy.
        configuration.connectTimeout = .seconds(60)
        configuration.commandTimeout = .seconds(60)
        change(&configuration)
        return configuration
    }

    /// Gives the body a client of a server, while it is running.
    static func with<Value: Sendable>(
        _ server: String, _ change: (inout RedisConfiguration) -> Void = { _ in }, _ body: (RedisClient) async throws -> Value
    ) async throws -> Value {
        let client = try RedisClient(configuration: try configuration(server, change))
        return try await running(client) { try await body(client) }
    }

    /// Waits for something that a server does; a test's time limit ends it. To ask without a pause would take the processor from the server.
    static func eventually(_ condition: () async -> Bool) async {
        while !Task.isCancelled, await !condition() { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// Runs `Tests/servers/redis` with arguments.
    static func control(_ arguments: String...) async throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../servers/redis").standardizedFileURL
        let process = Process()
        process.executableURL = script
        process.arguments = arguments
        let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        #expect(status == 0)
    }

    /// Holds a server while the body runs: the system still takes connections for it, and nothing is answered.
    static func paused(_ server: String, _ body: () async throws -> Void) async throws {
        try await control("pause", folder, server)
        do {
            try await body()
        } catch {
            try await control("continue", folder, server)
            throw error
        }
        try await control("continue", folder, server)
    }

    /// A name that no other test uses.
    static func unique(_ name: String) -> String { "test:\(name):\(UInt64.random(in: .min ... .max))" }
}

@Suite("Live servers")
struct LiveRedisTests {
    @Test("are there where they must be")
    func areThere() {
        if LiveRedis.isRequired { #expect(LiveRedis.isThere, "CI is set, and \(LiveRedis.missing.joined(separator: ", ")) are not") }
    }
}
