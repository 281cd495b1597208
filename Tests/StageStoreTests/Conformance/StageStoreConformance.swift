import Foundation
import Testing

/// What every store must do. A store joins with one line here.
@Suite("Every store")
struct StageStoreConformance {
    static let stores: [StoreFactory] =
        [.sqlite] + (PostgresServer.isThere ? [.postgres] : []) + (PostgresServer.isThere && RedisServer.isThere ? [.postgresWithRedis] : [])

    @Test("passes beside real servers in CI", .enabled(if: ProcessInfo.processInfo.environment["CI"] != nil))
    func serversAreThere() { #expect(PostgresServer.isThere && RedisServer.isThere, "Run the tests by make test, which starts them.") }
}
