import AsyncHTTPClient
import Foundation
import NIOHTTP1
import StageModel
import Testing

/// What a fault happens to: servers with a business, over the PostgreSQL and the Redis of the suite.
struct FaultStage: Sendable {
    let servers: FaultServers
    let fleet: Fleet
    let client: HTTPClient
    let business: TestBusiness
    let place: Database
    let cutter: CommitCutter?
    /// The first server's.
    let clock: FakeClock

    /// Sets the stage for a fault and clears it away afterwards.
    static func run(_ fault: Fault, _ servers: FaultServers, _ body: (FaultStage) async throws -> Void) async throws {
        try await withDatabase { place in
            let clock = try await FakeClock(in: place)
            let cutter = try await cutter(for: fault, servers)
            do {
                try await Fleet.run(try environments(for: fault, servers, cutter, clock)) { fleet in
                    try await withClient(connections: 256) { client in
                        let business = try await TestBusiness.create(through: API(client: client, url: fleet.endpoints[0], key: ""))
                        try await body(
                            FaultStage(servers: servers, fleet: fleet, client: client, business: business, place: place, cutter: cutter, clock: clock)
                        )
                    }
                }
            } catch {
                try await cutter?.stop()
                throw error
            }
            try await cutter?.stop()
        }
    }

    private static func cutter(for fault: Fault, _ servers: FaultServers) async throws -> CommitCutter? {
        let port = try #require(servers.postgres.port)
        switch fault {
        case .cutBeforeCommit: return try await CommitCutter.start(before: port, cutting: .before)
        case .cutAfterCommit: return try await CommitCutter.start(before: port, cutting: .after)
        case .redisKilled, .redisPaused, .redisFlushed, .redisRestored, .postgresRestarted, .postgresKilled, .postgresPaused, .connectionsCut,
            .poolExhausted, .serverKilled, .clockJumps:
            return nil
        }
    }

    /// The settings of the two servers; only the first suffers what can happen to one of them.
    private static func environments(
        for fault: Fault, _ servers: FaultServers, _ cutter: CommitCutter?, _ clock: FakeClock
    ) throws -> [[String: String]] {
        let usual = try servers.environment()
        if let cutter {
            let port = try #require(servers.postgres.port)
            let url = servers.postgres.appURL.replacing("@127.0.0.1:\(port)/", with: "@127.0.0.1:\(cutter.port)/")
            return [try servers.environment(database: url + "?sslmode=disable"), usual]
        }
        return [fault == .clockJumps ? usual.merging(clock.environment) { $1 } : usual, usual]
    }

    // MARK: - Faults

    /// Does what the fault is.
    /// - Returns: what ends it.
    func strike(_ fault: Fault, _ load: Load) async throws -> () async throws -> Void {
        switch fault {
        case .redisKilled:
            try await servers.redis.halt("KILL")
            load.leaveAlone(2)
            let end = ContinuousClock.now + Fault.duration / 2
            return {
                try await Task.sleep(until: end)
                try await servers.redis.resume()
            }
        case .redisPaused:
            try await servers.redis.pause()
            let end = ContinuousClock.now + Fault.duration
            return {
                try await Task.sleep(until: end)
                try await servers.redis.proceed()
            }
        case .redisFlushed:
            try await servers.redis.ask(["FLUSHALL"])
            load.leaveAlone(2)
            return {}
        case .redisRestored:
            try await servers.redis.ask(["SAVE"])
            try await load.wait(forMoves: 50)
            load.leaveAlone(2)
            try await load.wait(forMoves: 20)
            try await servers.redis.halt("KILL")
            return { try await servers.redis.resume() }
        case .postgresRestarted, .postgresKilled:
            try await servers.postgres.halt(fault == .postgresKilled ? "immediate" : "fast")
            return { try await servers.postgres.resume() }
        case .postgresPaused:
            try await servers.postgres.pause()
            let end = ContinuousClock.now + Fault.duration
            return {
                try await Task.sleep(until: end)
                try await servers.postgres.proceed()
            }
        case .connectionsCut:
            return {
                let end = ContinuousClock.now + Fault.duration
                while .now < end {
                    try await servers.postgres.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'stagekeeper_app'")
                }
            }
        case .cutBeforeCommit, .cutAfterCommit:
            cutter?.turn(on: true)
            return {
                #expect(await eventually(within: .seconds(20)) { cutter?.count ?? 0 >= 10 } != nil, "Too few commits were cut: \(cutter?.count ?? 0)")
                cutter?.turn(on: false)
            }
        case .poolExhausted:
            let lock = try await servers.postgres.lock("conversations", seconds: 6, in: place)
            return {
                await load.crowd(64)
                _ = await lock.end()
            }
        case .serverKilled:
            return {
                for round in 1...4 {
                    try await load.wait(forMoves: 40)
                    // What this one committed last, and may not have told Redis, is not put right by a later move.
                    load.leaveAlone(round)
                    try await fleet.restart(0)
                }
            }
        case .clockJumps:
            return {
                for offset: Int64 in [3600, -3600, 0] {
                    try clock.jump(to: offset)
                    try await load.wait(forMoveAt: 0)
                    try await load.wait(forMoves: 30)
                }
            }
        }
    }

    // MARK: - Afterwards

    /// The log and the metrics must tell what happened, and no secret.
    func expectTold(_ expectation: Expectation) async throws {
        let log = fleet.log
        let unsaid = expectation.log.filter { !log.contains($0) }
        #expect(unsaid.isEmpty, "The log does not say it, but: \(log.suffix(4000))")
        let shown = try servers.secrets.filter { log.contains($0) }
        #expect(shown.isEmpty, "The log shows secrets.")
        let unforeseen = log.split(separator: "\n").filter { $0.contains("internal_error") }
        #expect(unforeseen.isEmpty)
        let metrics = try await fleet.metrics(by: client)
        let missing = expectation.metrics.filter { metrics[$0, default: 0] == 0 }
        #expect(missing.isEmpty, "/metrics does not have them, or they are 0.")
    }
}
