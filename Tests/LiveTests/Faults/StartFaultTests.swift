import Foundation
import NIOCore
import NIOPosix
import StageModel
import Testing

/// What is wrong from the start on: passwords, certificates, hosts that hang.
extension LiveTests.FaultTests {
    /// Why Redis can't be used, though PostgreSQL can.
    enum RedisTrouble: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case wrongPassword = "takes another password"
        case expiredCertificate = "has a certificate that has expired"
        case hangs = "takes connections and never answers"
        case nobody = "is not there"

        var testDescription: String { rawValue }

        /// What the log says beside that Redis could not be connected to.
        var reason: String {
            switch self {
            case .wrongPassword: "WRONGPASS"
            case .expiredCertificate: "CERTIFICATE_VERIFY_FAILED"
            case .hangs: "did not complete the connection within"
            case .nobody: "look whether it runs"
            }
        }
    }

    @Test("A server whose Redis can't be used says why, is degraded, and serves from PostgreSQL", arguments: RedisTrouble.allCases)
    func redisCannotBeUsed(trouble: RedisTrouble) async throws {
        let servers = try #require(FaultServers.current)
        try await withHangingHost { port in
            var environment = try servers.environment()
            let url = try servers.redis.appURL()
            switch trouble {
            case .wrongPassword: environment["STAGEKEEPER_REDIS_URL"] = url.replacing("@", with: "-not@")
            case .expiredCertificate:
                environment["STAGEKEEPER_REDIS_URL"] = try servers.redis.appURL(RedisServer.expired)
                environment["STAGEKEEPER_REDIS_CA_FILE"] = "\(servers.redis.folder)/ca.pem"
            case .hangs: environment["STAGEKEEPER_REDIS_URL"] = "redis://127.0.0.1:\(port)"
            case .nobody: environment["STAGEKEEPER_REDIS_URL"] = "redis://127.0.0.1:1"
            }
            try await Fleet.run([environment]) { fleet in
                try await withClient { client in
                    let business = try await TestBusiness.create(through: API(client: client, url: fleet.endpoints[0], key: ""))
                    var terms = Load.Terms()
                    terms.patience = .seconds(2)
                    let load = Load(client, endpoints: fleet.endpoints, business: business, terms: terms)
                    try await load.run { try await $0.wait(forMoves: 50) }
                    try await load.expectKept()
                    #expect(load.ledger.refusals["database_unavailable"] == nil)
                    #expect(await fleet.readiness(by: client) == [.degraded])
                    let told = await eventually(within: .seconds(3)) { fleet.log.contains("Redis is away") && fleet.log.contains(trouble.reason) }
                    let log = fleet.log
                    #expect(told != nil, "\(log.suffix(2000))")
                    let shown = try servers.secrets.filter { log.contains($0) }
                    #expect(shown.isEmpty, "The log shows secrets.")
                }
            }
        }
    }

    /// Why PostgreSQL can't be used.
    enum PostgresTrouble: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case wrongPassword = "takes another password"
        case otherAuthority = "has a certificate of another authority"
        case hangs = "takes connections and never answers"
        case nobody = "is not there"
        case noSchema = "has another database without a schema"

        var testDescription: String { rawValue }

        var reason: String {
            switch self {
            case .wrongPassword: "password authentication failed"
            case .otherAuthority: "certificate verify failed"
            case .hangs: "within"
            case .nobody: "Connection refused"
            case .noSchema: "stagekeeper migrate"
            }
        }
    }

    @Test("A server whose PostgreSQL can't be used does not start, and says why without the password", arguments: PostgresTrouble.allCases)
    func postgresCannotBeUsed(trouble: PostgresTrouble) async throws {
        let servers = try #require(FaultServers.current)
        let url = servers.postgres.appURL
        let port = try #require(servers.postgres.port)
        try await withHangingHost { hangingPort in
            let database: String
            switch trouble {
            case .wrongPassword: database = url.replacing("@", with: "-not@") + servers.postgres.verified
            case .otherAuthority: database = url + "?sslmode=verify-full&sslrootcert=\(servers.postgres.folder)/other-ca.pem"
            case .hangs: database = url.replacing("@127.0.0.1:\(port)/", with: "@127.0.0.1:\(hangingPort)/")
            case .nobody: database = url.replacing("@127.0.0.1:\(port)/", with: "@127.0.0.1:1/")
            case .noSchema: database = url.replacing(":\(port)/stagekeeper", with: ":\(port)/postgres") + servers.postgres.verified
            }
            try await withDatabase { place in
                let result = try await Stagekeeper.run(["serve"], on: place, try servers.environment(database: database))
                #expect(result.ending == .exit(1), "\(result)")
                #expect(result.errors.contains(trouble.reason), "\(result.errors)")
                let shown = try servers.secrets.filter { (result.output + result.errors).contains($0) }
                #expect(shown.isEmpty, "It shows secrets.")
            }
        }
    }

    /// A port of this machine that takes connections and never answers.
    private func withHangingHost(_ body: (Int) async throws -> Void) async throws {
        let host = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        do { try await body(try #require(host.localAddress?.port)) } catch {
            try await host.close()
            throw error
        }
        try await host.close()
    }
}
