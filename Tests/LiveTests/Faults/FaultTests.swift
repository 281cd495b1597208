import AsyncHTTPClient
import Foundation
import StageModel
import Testing

extension LiveTests {
    @Suite(
        "Faults of PostgreSQL, Redis and servers", .serialized, .enabled(if: FaultServers.missing.isEmpty, "install \(FaultServers.missing)"),
        WithFaultServers(), .timeLimit(.minutes(2)))
    struct FaultTests {
        @Test("Under load no acknowledged move is lost or doubled, answers are as promised, and all is well soon after", arguments: Fault.chosen)
        func keepsWhatItAcknowledged(fault: Fault) async throws {
            let servers = try #require(FaultServers.current)
            let expectation = fault.expectation
            var terms = Load.Terms()
            terms.losesConnections = expectation.losesConnections
            try await FaultStage.run(fault, servers) { stage in
                let load = Load(stage.client, endpoints: stage.fleet.endpoints, business: stage.business, terms: terms)
                try await load.run { load in
                    try await load.wait(forMoves: 60)
                    let heal = try await stage.strike(fault, load)
                    if let during = expectation.during {
                        let told = await eventually(within: Fault.duration + .seconds(6)) {
                            await stage.fleet.readiness(by: stage.client).allSatisfy { $0 == during }
                        }
                        #expect(told != nil, "/ready never says \(during)")
                    }
                    try await heal()
                    let healed = ContinuousClock.now
                    let recovery = Expectation.recovery
                    let served = await eventually(within: recovery) { load.ledger.hasServed(everyOneOf: stage.fleet.endpoints.count, since: healed) }
                    #expect(served != nil, "A server does not serve \(recovery) after the fault.")
                    let ready = await eventually(within: recovery - (served ?? .zero)) {
                        await stage.fleet.readiness(by: stage.client).allSatisfy { $0 == .ready }
                    }
                    #expect(ready != nil, "A server is not ready \(recovery) after the fault, but serves after \(served.map { "\($0)" } ?? "more").")
                    try await load.wait(forMoves: 40)
                }
                try await load.expectKept()
                if fault == .clockJumps { try await load.expectTimes(apart: 7000) }
                try await stage.expectTold(expectation)
            }
        }
    }
}
