import RedisClient
import Testing

@Suite("TLS with a real server", .enabled(if: LiveRedis.isThere, LiveRedis.skipped), .timeLimit(.minutes(2)))
struct LiveTLSTests {
    private static func withClientCertificate(_ configuration: inout RedisConfiguration) {
        configuration.tls?.certificateFile = "\(LiveRedis.folder)/client.pem"
        configuration.tls?.privateKeyFile = "\(LiveRedis.folder)/client.key"
        configuration.tls?.serverName = "redis.test"
    }

    private static func failure(_ server: String, _ change: (inout RedisConfiguration) -> Void = { _ in }) async throws -> RedisError {
        try await LiveRedis.with(server, change) { client in
            try #require(await #expect(throws: RedisError.self) { try await client.ping() })
        }
    }

    @Test("works by address and by name when the authority is the right one", arguments: ["127.0.0.1", "localhost"])
    func works(host: String) async throws {
        try await LiveRedis.with("tls") {
            $0.host = host
        } _: {
            try await $0.ping()
        }
        try await LiveRedis.with("tls") {
            $0.tls?.serverName = "localhost"
        } _: {
            try await $0.ping()
        }
    }

    @Test("is refused when the certificate is another authority's, has expired, or is made for another name")
    func refusesServers() async throws {
        let refusals = [
            try await Self.failure("tls") { $0.tls?.authorityFile = "\(LiveRedis.folder)/other-ca.pem" },
            try await Self.failure("tls") { $0.tls?.authorityFile = nil },
            try await Self.failure("tls-expired"),
            try await Self.failure("tls-strict"), try await Self.failure("tls-strict") { $0.host = "localhost" },
            try await Self.failure("tls-strict") { $0.tls?.serverName = "example.org" },
        ]
        for error in refusals {
            #expect(error.code == .tlsFailed, "\(error.debugDescription)")
            #expect(error.message.hasPrefix("The certificate of the Redis server was refused"))
        }
    }

    @Test("proves who the client is where the server asks for it")
    func clientCertificates() async throws {
        try await LiveRedis.with("tls-strict", Self.withClientCertificate) { try await $0.ping() }
        let error = try await Self.failure("tls-strict") { $0.tls?.serverName = "redis.test" }
        #expect(error.code == .tlsFailed, "\(error.debugDescription)")
        #expect(error.message.hasPrefix("The Redis server refused this client's certificate, or asks for one"))
    }

    @Test("is not taken for plain Redis, nor the other way round")
    func mixedUp() async throws {
        let plain = try LiveRedis.configuration("plain")
        // The server waits for the end of what it takes for a command.
        let encrypted = try await Self.failure("tls") { ($0.port, $0.connectTimeout) = (plain.port, .milliseconds(300)) }
        #expect(encrypted.code == .notConnected, "\(encrypted.debugDescription)")
        let bare = try await Self.failure("tls") { $0.tls = nil }
        #expect(bare.code == .notConnected, "\(bare.debugDescription)")
    }

    @Test("refuses a private key that is not the certificate's")
    func wrongKey() throws {
        let configuration = try LiveRedis.configuration("tls") {
            $0.tls?.certificateFile = "\(LiveRedis.folder)/client.pem"
            $0.tls?.privateKeyFile = "\(LiveRedis.folder)/server.key"
        }
        let error = #expect(throws: RedisError.self) { try RedisClient(configuration: configuration) }
        #expect(error?.code == .invalidConfiguration)
    }
}
