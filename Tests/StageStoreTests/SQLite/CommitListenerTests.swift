import Foundation
import StageModel
import StageStore
import Synchronization
import Testing

@testable import StageStoreSQL

@Suite("Whoever is told of commits")
struct CommitListenerTests {
    @Test("is called no deeper in the stack after many commits than after the first")
    func depth() async throws {
        try await TemporaryFolder.with { folder in
            let store = try await folder.open()
            let bench = try await Bench(store)
            let depths = Mutex<[Int]>([])
            store.afterCommits { depths.withLock { $0.append(Thread.callStackReturnAddresses.count) } }
            for number in 0..<100 { try await bench.go(bench.plan.greeting, "c\(number)") }
            let (first, deepest) = depths.withLock { ($0.first ?? 0, $0.max() ?? 0) }
            #expect(first > 0)
            // Who calls may differ by a few frames, whoever has the task.
            #expect(deepest < first + 30)
        }
    }
}
