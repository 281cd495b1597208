import Foundation
import RedisClient
import Testing

/// Throw-away servers: those that the environment tells of, and others that a test has for itself.
enum LiveRedis {
    private static let environment = ProcessInfo.processInfo.environment

    static let variables = ["STAGEKEEPER_TEST_REDIS_URL", "STAGEKEEPER_TEST_REDIS_APP_URL"]
    static let missing = variables.filter { environment[$0] == nil }
    static let isThere = missing.isEmpty
    static let isRequired = environment["CI"] != nil
    static let skipped: Comment = "needs servers: export what 'Tests/servers/redis start' prints (STAGEKEEPER_TEST_REDIS_URL, …_APP_URL)"

    /// Who asks.
    enum User {
        /// May do everything.
        case operation
        /// What serves, with the rights that the documentation names.
        case service
    }

    /// A client of the server that all share, while the body runs.
    static func with<Value: Sendable>(_ user: User, _ body: (RedisClient) async throws -> Value) async throws -> Value {
        let url =
            switch user {
            case .operation: environment["STAGEKEEPER_TEST_REDIS_URL"]
            case .service: environment["STAGEKEEPER_TEST_REDIS_APP_URL"]
            }
        return try await running(try configuration(url ?? ""), body)
    }

    fileprivate static func configuration(_ url: String) throws -> RedisConfiguration {
        var configuration = try RedisConfiguration(url: url)
        // So long that no test fails because the machine is busy.
        configuration.connectTimeout = .seconds(60)
        configuration.commandTimeout = .seconds(60)
        return configuration
    }

    /// Runs a client while the body runs; commands are answered from the start.
    fileprivate static func running<Value: Sendable>(
        _ configuration: RedisConfiguration, _ body: (RedisClient) async throws -> Value
    ) async throws -> Value {
        let client = try RedisClient(configuration: configuration)
        let run = Task { await client.run() }
        do {
            await eventually { client.status == .connected }
            let value = try await body(client)
            run.cancel()
            await run.value
            return value
        } catch {
            run.cancel()
            await run.value
            throw error
        }
    }

    /// Runs `Tests/servers/redis` with arguments.
    /// - Returns: what it prints.
    @discardableResult
    fileprivate static func control(_ arguments: String...) async throws -> String {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../servers/redis").standardizedFileURL
        let process = Process()
        let output = Pipe()
        process.executableURL = script
        process.arguments = arguments
        process.standardOutput = output
        let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        try #require(status == 0)
        return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
}

/// Waits for something that others do; a test's time limit ends it. To ask without a pause would take the processor from them.
func eventually(_ condition: () async throws -> Bool) async rethrows {
    while !Task.isCancelled, try await !condition() { try? await Task.sleep(for: .milliseconds(5)) }
}

/// A server that one test has for itself, to stop, to flush and to set back.
struct OwnRedis: Sendable {
    private static let name = "mortal"

    private let folder: String
    let configuration: RedisConfiguration

    /// Starts a server while the body runs.
    static func with(_ body: (OwnRedis) async throws -> Void) async throws {
        let lines = try await LiveRedis.control("start", name).split(separator: "\n")
        let folder = try #require(lines.first { $0.hasPrefix("REDIS_FOLDER=") }?.dropFirst("REDIS_FOLDER=".count))
        do {
            try await body(OwnRedis(folder: String(folder)))
        } catch {
            try await LiveRedis.control("stop", String(folder))
            throw error
        }
        try await LiveRedis.control("stop", String(folder))
    }

    private init(folder: String) throws {
        self.folder = folder
        configuration = try Self.configuration("\(folder)/\(Self.name).app.url")
    }

    /// A client with the rights of what serves.
    func with(_ change: (inout RedisConfiguration) -> Void = { _ in }, _ body: (RedisClient) async throws -> Void) async throws {
        var configuration = configuration
        change(&configuration)
        try await LiveRedis.running(configuration, body)
    }

    /// Sends one command that only an operator may send.
    func operate(_ command: RedisCommand) async throws {
        try await LiveRedis.running(try Self.configuration("\(folder)/\(Self.name).url")) { _ = try await $0.send(command) }
    }

    /// Stops it; nothing is saved.
    func kill() async throws { try await LiveRedis.control("halt", folder, Self.name, "KILL") }

    /// Starts it again, with what was saved last.
    func resume() async throws { try await LiveRedis.control("resume", folder, Self.name) }

    /// Holds it while the body runs: nothing is answered.
    func paused(_ body: () async throws -> Void) async throws {
        try await LiveRedis.control("pause", folder, Self.name)
        do {
            try await body()
        } catch {
            try await LiveRedis.control("continue", folder, Self.name)
            throw error
        }
        try await LiveRedis.control("continue", folder, Self.name)
    }

    /// The bytes of what was saved last.
    func snapshot() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(Self.name).data/dump.rdb")) }

    private static func configuration(_ file: String) throws -> RedisConfiguration {
        try LiveRedis.configuration(try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .newlines))
    }
}

@Suite("Live servers for the cache")
struct LiveRedisTests {
    @Test("are there where they must be")
    func areThere() {
        if LiveRedis.isRequired { #expect(LiveRedis.isThere, "CI is set, and \(LiveRedis.missing.joined(separator: ", ")) are not") }
    }
}
