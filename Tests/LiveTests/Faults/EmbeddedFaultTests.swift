import Foundation
import Testing

extension LiveTests {
    /// The same load as in production, over one file.
    @Suite("Faults of an embedded server", .timeLimit(.minutes(2)))
    struct EmbeddedFaultTests {
        private func run(
            _ environment: [String: String] = [:], _ terms: Load.Terms = Load.Terms(), apart seconds: Double = 0,
            _ body: (Fleet, Load) async throws -> Void
        ) async throws {
            try await Fleet.run([environment]) { fleet in
                try await withClient { client in
                    let business = try await TestBusiness.create(through: API(client: client, url: fleet.endpoints[0], key: ""))
                    let load = Load(client, endpoints: fleet.endpoints, business: business, terms: terms)
                    try await load.run { load in
                        try await body(fleet, load)
                        try await load.wait(forMoves: 50)
                    }
                    try await load.expectKept()
                    try await load.expectTimes(apart: seconds)
                }
            }
        }

        @Test("What the tests of faults need is there where they must run")
        func allIsThere() {
            guard FaultServers.isRequired else { return }
            #expect(FaultServers.missing.isEmpty, "CI is set; install postgresql and redis-server.")
        }

        @Test("Killed again and again under load, it neither loses nor doubles a move that is repeated until it is answered")
        func killed() async throws {
            var terms = Load.Terms()
            terms.losesConnections = true
            try await run([:], terms) { fleet, load in
                for round in 1...4 {
                    try await load.wait(forMoves: 30 + 7 * round)
                    try await fleet.restart(0)
                }
            }
        }

        @Test("With a clock that jumps ahead and back it goes on in order")
        func clockJumps() async throws {
            try await withDatabase { place in
                let clock = try await FakeClock(in: place)
                try await run(clock.environment, apart: 7000) { _, load in
                    for offset: Int64 in [0, 3600, -3600, 0] {
                        try clock.jump(to: offset)
                        try await load.wait(forMoveAt: 0)
                        try await load.wait(forMoves: 30)
                    }
                }
            }
        }
    }
}
