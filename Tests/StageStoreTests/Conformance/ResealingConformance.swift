import Foundation
import Sealing
import StageModel
import StageStore
import StageStoreSQL
import Synchronization
import Testing

extension StageStoreConformance {
    @Suite("Replacing encryption keys")
    struct Resealing {
        private static let secrets = ["k1": (0..<32).map { UInt8($0) ^ UInt8(ascii: "1") }, "k2": [UInt8](repeating: 7, count: 32)]

        static func keys(_ ids: String...) throws -> MasterKeys {
            try MasterKeys(parsing: ids.map { "\($0):\(Data(secrets[$0] ?? []).base64EncodedString())" }.joined(separator: ","))
        }

        /// A flow in which `card` is sensitive.
        private static func sensitiveFlow(_ bench: Bench) async throws -> Flow {
            let old = try #require(bench.flow.stages[bench.plan.greeting])
            var stage = old.body
            stage.configuration.fields = [DataField(name: "card", isSensitive: true)]
            return try await bench.commit([
                .saveStage(bench.plan.saved(old.id, stage, revision: old.revision + 1)),
                .saveState(StageState(status: .active, data: ["card": "5500"], version: 1, updatedAt: bench.now(0)), of: bench.plan.done),
            ])
        }

        @Test("everything is sealed by the new key afterwards, opens with it alone, and is what it was", arguments: stores)
        func everything(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let store = try #require(bench.store as? SQLStageStore)
                #expect(try await store.sealingKeys().keys.sorted() == ["k1"], "Stores begin with this key.")
                let flow = try await Self.sensitiveFlow(bench)
                for number in 0..<450 {
                    try await bench.perform(
                        .move(to: bench.plan.greeting, data: ["card": .string("\(number)"), "n": 1], agent: nil), on: "c\(number)", in: flow,
                        answer: bench.answer("a\(number)", conversation: "c\(number)"))
                }
                let before = try await store.conversations(after: nil, limit: 1000)
                let sealed = try #require(try await store.sealingKeys()["k1"])
                #expect(sealed >= 901)
                store.replaceKeys(by: try Self.keys("k2", "k1"))
                let seen = Mutex<[Int]>([])
                let written = try await store.reseal { count in seen.withLock { $0.append(count) } }
                #expect(try await store.sealingKeys().keys.sorted() == ["k2"])
                #expect(written >= 901 && seen.withLock { $0 == $0.sorted() && ($0.last ?? 0) >= written })
                #expect(try await store.reseal { _ in } == 0, "There is nothing left to do.")
                store.replaceKeys(by: try Self.keys("k2"))
                #expect(try await store.conversations(after: nil, limit: 1000) == before)
                #expect(try await bench.kept("a449")?.status == 201)
                #expect(try await store.flow(of: bench.plan.business.id)?.state(of: bench.plan.done).data == ["card": "5500"])
            }
        }

        @Test("conversations go on while it is done, and what they write is not lost", arguments: stores)
        func meanwhile(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let store = try #require(bench.store as? SQLStageStore)
                let flow = try await Self.sensitiveFlow(bench)
                func go(_ text: String, _ value: Int64) async throws {
                    try await bench.perform(.move(to: bench.plan.greeting, data: ["card": .string("\(value)")], agent: nil), on: text, in: flow)
                }
                for number in 0..<20 { try await go("c\(number)", 0) }
                store.replaceKeys(by: try Self.keys("k2", "k1"))
                try await withThrowingTaskGroup { group in
                    group.addTask { for _ in 0..<5 { _ = try await store.reseal { _ in } } }
                    for number in 0..<20 { group.addTask { for value in 1...10 { try await go("c\(number)", Int64(value)) } } }
                    try await group.waitForAll()
                }
                #expect(try await store.sealingKeys().keys.sorted() == ["k2"])
                for number in 0..<20 {
                    let state = try #require(try await bench.state("c\(number)", fresh: true))
                    #expect(state.version == 11 && state.data.conversation["card"] == "10")
                }
            }
        }
    }
}
