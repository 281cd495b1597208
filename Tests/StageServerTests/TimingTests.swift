import Foundation
import HummingbirdTesting
import StageModel
import StageServer
import StageStore
import StageStoreSQL
import Testing

@Suite(.serialized) struct TimingTests {
    @Test func timing() async throws {
        let world = try await World.shared.value
        let clock = ContinuousClock()
        try await TestServer.inTemporaryFolder { folder in
            for round in 0..<3 {
                let path = folder.appending(path: "t\(round).sqlite").path
                let a = try clock.measure { try world.database.write(to: URL(filePath: path)) }
                let t0 = clock.now
                let store = try await SQLStageStore.sqlite(path: path, masterKeys: world.masterKeys)
                let t1 = clock.now
                try store.close()
                let t2 = clock.now
                let parts = try await Parts(path: path, masterKeys: world.masterKeys)
                let t3 = clock.now
                _ = parts.server.router()
                let t4 = clock.now
                try await parts.application.test(.router) { client in
                    let server = TestServer(parts: parts, client: client, names: world.names)
                    let t5 = clock.now
                    _ = try await server.get("/agents")
                    let t6 = clock.now
                    _ = try await server.get("/agents")
                    let t7 = clock.now
                    _ = try await server.move("c-1", to: "notes")
                    print("bytes \(world.database.count) write \(a) open \(t1 - t0) close \(t2 - t1) parts \(t3 - t2) router \(t4 - t3) app \(t5 - t4) get \(t6 - t5) get2 \(t7 - t6) move \(clock.now - t7)")
                }
                try parts.store.close()
            }
        }
    }
}
