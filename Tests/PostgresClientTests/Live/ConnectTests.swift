import Foundation
import PostgresClient
import Testing

@Suite(.needsPostgres) struct ConnectTests {
    /// The test server's URL with another user or password.
    private func url(user: String? = nil, password: String? = nil, database: String? = nil) throws -> String {
        let given = try #require(TestServer.url)
        var components = try #require(URLComponents(string: given))
        components.user = user ?? components.user
        components.password = password ?? components.password
        components.path = database.map { "/\($0)" } ?? components.path
        return try #require(components.string)
    }

    private func refusal(_ url: String, change: (inout PostgresConfiguration) -> Void = { _ in }) async throws -> PostgresError? {
        var configuration = PostgresConfiguration(url: try PostgresURL(url))
        change(&configuration)
        let pool = try PostgresPool(configuration, logger: TestServer.logger)
        let error = await failure { try await pool.query("SELECT 1") }
        await pool.close()
        return error
    }

    @Test func aWrongPasswordIsToldAtOnceWithoutThePassword() async throws {
        let error = try await refusal(try url(password: "mistaken-word")) { $0.acquireTimeout = TestServer.patience }
        #expect(error?.code == .authenticationFailed)
        #expect(error?.sqlState == "28P01")
        #expect(error?.debugDescription.contains("mistaken-word") == false)
    }

    @Test func whatIsWrongWithASettingIsTold() async throws {
        #expect(try await refusal(try url(user: "nobody"))?.code == .authenticationFailed)
        #expect(try await refusal(try url(database: "nowhere"))?.code == .unknownDatabase)
        #expect(try await refusal("postgres://a:b@127.0.0.1:1/c") { $0.acquireTimeout = .seconds(2) }?.code == .unreachable)
        #expect(try await refusal("postgres://a:b@host.invalid/c") { $0.acquireTimeout = .seconds(4) }?.code == .unreachable)
        #expect(try await refusal("postgres://a:b@127.0.0.1/c?sslmode=perhaps")?.code == .invalidConfiguration)
        #expect(try await refusal("postgres://a:b@127.0.0.1:99999/c")?.code == .invalidConfiguration)
    }

    @Test func aServerWithoutRoomIsToldAsThat() async throws {
        let role = TestServer.name("crowded")
        try await TestServer.withPool(admin: true) { try await $0.query("CREATE ROLE \(role) LOGIN PASSWORD 'word' CONNECTION LIMIT 0") }
        let error = try await refusal(try url(user: role, password: "word")) { $0.acquireTimeout = .seconds(3) }
        #expect(error?.code == .tooManyConnections)
    }

    @Test func aCertificateIsCheckedAsTheURLAsks() async throws {
        let folder = try #require(TestServer.folder)
        let isSecure = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        for host in ["127.0.0.1", "localhost"] {
            let url = try url().replacing("127.0.0.1", with: host) + "?sslmode=verify-full&sslrootcert=\(folder)/"
            let pool = try PostgresPool(PostgresConfiguration(url: try PostgresURL(url + "ca.pem")), logger: TestServer.logger)
            #expect(try await pool.query(isSecure)[0].decode(0, as: Bool.self))
            await pool.close()
            #expect(try await refusal(url + "other-ca.pem")?.code == .tlsFailed)
            #expect(try await refusal(url + "missing.pem")?.code == .tlsFailed)
        }
        // The certificate names no such host.
        let other = try url() + "?sslmode=verify-full&sslrootcert=\(folder)/ca.pem&host=elsewhere&hostaddr=127.0.0.1"
        #expect(try await refusal(other)?.code == .tlsFailed)
        let plain = try await TestServer.withPool("sslmode=disable") { try await $0.query(isSecure)[0].decode(0, as: Bool.self) }
        #expect(!plain)
    }

    @Test func aHostThatNeverAnswersDoesNotKeepAnybody() async throws {
        let socket = try SilentSocket()
        let url = "postgres://a:b@127.0.0.1:\(socket.port)/c"
        let error = try await refusal(url) {
            $0.connectTimeout = .milliseconds(100)
            $0.acquireTimeout = .seconds(2)
        }
        #expect(error?.code == .connectTimeout)
        // Closing does not wait for an attempt, either.
        var configuration = PostgresConfiguration(url: try PostgresURL(url))
        (configuration.connectTimeout, configuration.acquireTimeout) = (TestServer.patience, TestServer.patience)
        let pool = try PostgresPool(configuration, logger: TestServer.logger)
        async let waiting = failure { try await pool.query("SELECT 1") }
        while pool.status.waiting == 0 { await Task.yield() }
        await pool.close()
        #expect(await waiting?.code == .closed)
    }

    @Test func aServerThatFallsSilentInAStatementIsGivenUp() async throws {
        try await TestServer.withPool(change: {
            $0.maximumConnections = 1
            $0.statementTimeout = .milliseconds(100)
            $0.networkGrace = .milliseconds(100)
        }) { pool in
            let process = try await pool.process()
            kill(process, SIGSTOP)
            defer {
                kill(process, SIGCONT)
                kill(process, SIGTERM)
            }
            let error = await failure { try await pool.query("SELECT 1") }
            #expect(error?.code == .connectionLost)
            #expect(try await pool.process() != process)
        }
    }
}

/// A port that takes connections and never says a word.
private final class SilentSocket {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isBound)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }
}
