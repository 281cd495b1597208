import Foundation
import Logging
import PostgresClient
import Testing

/// The PostgreSQL that the tests use, from the environment; `Tests/servers/postgres start` prints what to set.
enum TestServer {
    static let url = ProcessInfo.processInfo.environment["STAGEKEEPER_TEST_POSTGRES_URL"]
    static let adminURL = ProcessInfo.processInfo.environment["STAGEKEEPER_TEST_POSTGRES_ADMIN_URL"]
    static let folder = ProcessInfo.processInfo.environment["STAGEKEEPER_TEST_POSTGRES_FOLDER"]
    static let isGiven = url != nil && adminURL != nil && folder != nil
    static let isCI = ProcessInfo.processInfo.environment["CI"] != nil

    static let patience = Duration.seconds(600)

    static let logger = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })

    static func configuration(_ settings: String = "", admin: Bool = false) throws -> PostgresConfiguration {
        let base = try #require(admin ? adminURL : url)
        var configuration = PostgresConfiguration(url: try PostgresURL(settings.isEmpty ? base : "\(base)?\(settings)"))
        configuration.maximumConnections = 4
        // No test that is about something else depends on how busy the machine is.
        configuration.connectTimeout = patience
        configuration.acquireTimeout = patience
        configuration.statementTimeout = patience
        return configuration
    }

    /// Lends a pool and closes it.
    @discardableResult
    static func withPool<Value>(
        _ settings: String = "", admin: Bool = false, change: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        var configuration = try configuration(settings, admin: admin)
        change(&configuration)
        let pool = try PostgresPool(configuration, logger: logger)
        do {
            let value = try await body(pool)
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }

    /// A name for a table that no other test uses.
    static func name(_ stem: String) -> String { "\(stem)_\(UInt64.random(in: 0 ... .max))" }
}

extension Trait where Self == ConditionTrait {
    static var needsPostgres: Self {
        .enabled(
            if: TestServer.isGiven,
            "There is no PostgreSQL to test with: set STAGEKEEPER_TEST_POSTGRES_URL and the other names that 'Tests/servers/postgres start' prints")
    }
}

@Suite struct TestServerTests {
    @Test func theLiveTestsAreNotLeftOutWhereTheyMustRun() {
        #expect(TestServer.isGiven || !TestServer.isCI, "CI has no PostgreSQL: start one with 'Tests/servers/postgres start' and set what it prints")
    }
}

extension PostgresPool {
    /// Asks until the answer is true.
    func wait(until condition: String, _ values: [PostgresValue] = []) async throws {
        let end = ContinuousClock.now + TestServer.patience
        while ContinuousClock.now < end {
            if try await query("SELECT EXISTS (\(condition))", values)[0].decode(0, as: Bool.self) { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("It never came to this: \(condition)")
    }

    /// The number of the server process behind a connection of the pool.
    func process() async throws -> Int32 { try await query("SELECT pg_backend_pid()")[0].decode(0) }
}

/// The error that a body throws.
func failure<Value>(_ body: () async throws -> Value) async -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}
