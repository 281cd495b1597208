import StageModel
import StageStore
import Testing

@testable import StageStoreSQL

extension StageStoreConformance {
    @Suite("Statistics")
    struct Statistics {
        private static func folded(_ bench: Bench, _ stage: Stage.ID) async throws -> StageStatistics {
            while try await bench.store.foldStatistics() > 0 {}
            return try await bench.store.statistics(of: stage, in: bench.plan.business.id)
        }

        private static func withoutVisits(_ statistics: StageStatistics) -> StageStatistics {
            var statistics = statistics
            statistics.recent = []
            return statistics
        }

        @Test("Moves are counted, with how long conversations stayed and the last visits, newest first", arguments: stores)
        func counts(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let plan = bench.plan
                #expect(try await Self.folded(bench, plan.greeting) == StageStatistics())
                try await bench.go(plan.greeting, "a", at: 0)
                try await bench.go(plan.greeting, "b", at: 0)
                try await bench.go(plan.greeting, "a", ["x": 1], at: 1)
                try await bench.go(plan.done, "a", at: 100)
                let greeting = try await Self.folded(bench, plan.greeting)
                #expect(greeting.entered == 2 && greeting.left == 1 && greeting.conversationsHere == 1)
                #expect(greeting.durations.counts == [7: 1], "100 seconds are between 64 and 128.")
                #expect(greeting.recent.map(\.conversation.description) == ["a", "b", "a"])
                #expect(greeting.recent.first?.transition.to == plan.done && greeting.recent.first?.transition.at == bench.now(100))
                let done = try await Self.folded(bench, plan.done)
                #expect(done.entered == 1 && done.left == 0 && done.durations.count == 0 && done.recent.count == 1)
                #expect(try await bench.reopen().statistics(of: plan.greeting, in: plan.business.id) == greeting)
                let totals = [plan.greeting: greeting, plan.done: done].mapValues(Self.withoutVisits)
                #expect(try await bench.store.totals(in: plan.business.id) == totals)
                try await bench.go(plan.done, "b", at: 200)
                let later = try await Self.folded(bench, plan.done)
                #expect(later.entered == 2)
                #expect(try await bench.store.totals(in: plan.business.id)[plan.done] == Self.withoutVisits(later))
                #expect(try await bench.store.totals(in: Business.ID()).isEmpty)
            }
        }

        @Test("Clearing, expiry, rewinding and moving away are counted as what they are", arguments: stores)
        func causes(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let plan = bench.plan
                try await bench.go(plan.order, "a", at: 0)
                try await bench.perform(.pause, on: "a", at: 1)
                try await bench.perform(.clear, on: "a", at: 2)
                try await bench.go(plan.order, "b", at: 0)
                try await bench.go(plan.order, "b", at: 5000)
                try await bench.perform(.rewind(toVersion: 1, stage: plan.order), on: "b", at: 5001)
                let order = try await Self.folded(bench, plan.order)
                #expect(order.entered == 3 && order.left == 2 && order.conversationsHere == 1)
                _ = try await bench.commit([.deleteStage(plan.order, movingTo: plan.greeting)], at: 5002)
                #expect(try await Self.folded(bench, plan.greeting).entered == 1)
            }
        }

        @Test("More events than are read at once are folded each once, and the last twenty are remembered", arguments: stores)
        func batches(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<1100 { group.addTask { try await bench.go(bench.plan.greeting, "c\(number)") } }
                    try await group.waitForAll()
                }
                #expect(try await bench.store.foldStatistics() == 2, "The stage's total and that of one hour.")
                #expect(try await bench.store.foldStatistics() == 0)
                let statistics = try await bench.store.statistics(of: bench.plan.greeting, in: bench.plan.business.id)
                #expect(statistics.entered == 1100 && statistics.recent.count == 20)
            }
        }

        /// Moves conversations through all stages.
        private static func move(_ bench: Bench, _ names: [String], at seconds: Int64) async throws {
            for name in names {
                for (number, stage) in [bench.plan.greeting, bench.plan.order, bench.plan.done].enumerated() {
                    try await bench.go(stage, name, at: seconds + Int64(number))
                }
            }
        }

        @Test("Sums that were written in part are written to the end by whoever comes next, each once", arguments: stores, [true, false])
        func brokenOff(factory: StoreFactory, movedMeanwhile: Bool) async throws {
            try await factory.bench { bench in
                let (plan, store) = (bench.plan, try #require(bench.store as? SQLStageStore))
                let stages = [plan.greeting, plan.order, plan.done]
                // Knows the numbers as they were before.
                let other = try #require(try await bench.reopen() as? SQLStageStore)
                for stage in stages { #expect(try await other.statistics(of: stage, in: plan.business.id) == StageStatistics()) }
                try await Self.move(bench, ["a", "b", "c"], at: 0)
                let fold = try await store.fold(upTo: .max)
                let steps = fold.steps(of: 1)
                #expect(steps.map(\.isLast) == steps.indices.map { $0 == steps.count - 1 } && steps.count > 1)
                let progress = try #require(try await store.write(steps[0], of: fold, at: fold.progress))
                #expect(try await store.write(steps[0], of: fold, at: fold.progress) == nil, "It was written.")
                if movedMeanwhile { try await Self.move(bench, ["d"], at: 100) }
                let names = movedMeanwhile ? ["d", "c", "b", "a"] : ["c", "b", "a"]

                #expect(try await other.fold(upTo: .max).progress == progress)
                #expect(try await other.foldStatistics() > 0)
                #expect(try await store.write(steps[1], of: fold, at: progress) == nil, "The other went on.")
                #expect(try await store.foldStatistics() == 0)
                for reader in [store, other] {
                    let totals = try await reader.totals(in: plan.business.id)
                    for stage in stages {
                        let statistics = try await reader.statistics(of: stage, in: plan.business.id)
                        let left = stage == plan.done ? 0 : Int64(names.count)
                        #expect(statistics.entered == Int64(names.count) && statistics.left == left && statistics.durations.count == left)
                        let visits = names.flatMap { Array(repeating: $0, count: left == 0 ? 1 : 2) }
                        #expect(statistics.recent.map(\.conversation.description) == visits)
                        #expect(totals[stage] == Self.withoutVisits(statistics))
                    }
                }
            }
        }

        @Test("An erased conversation is not at its stage any more, whether its events were folded before or not", arguments: stores, [true, false])
        func erased(factory: StoreFactory, foldedBefore: Bool) async throws {
            try await factory.bench { bench in
                for text in ["a", "b", "c"] { try await bench.go(bench.plan.greeting, text, at: 0) }
                if foldedBefore { #expect(try await Self.folded(bench, bench.plan.greeting).conversationsHere == 3) }
                #expect(try await bench.store.erase(bench.key("a"), audit: bench.plan.audit("erase"), answer: nil, at: bench.now(1)))
                let statistics = try await Self.folded(bench, bench.plan.greeting)
                #expect(statistics.conversationsHere == 2)
                #expect(statistics.recent.map(\.conversation.description) == ["c", "b"])
            }
        }

        @Test("The numbers of another business's stage are none", arguments: stores)
        func otherBusiness(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.greeting, "a")
                while try await bench.store.foldStatistics() > 0 {}
                #expect(try await bench.store.statistics(of: bench.plan.greeting, in: Business.ID()) == StageStatistics())
            }
        }

        @Test("Events are removed after seven days, and the numbers stay", arguments: stores)
        func outdated(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.greeting, "a", at: 0)
                try await bench.store.removeOutdated(at: bench.now(8 * 86_400))
                #expect(try await Self.folded(bench, bench.plan.greeting).entered == 1, "What is not folded yet is not removed.")
                try await bench.store.removeOutdated(at: bench.now(8 * 86_400))
                let statistics = try await bench.reopen().statistics(of: bench.plan.greeting, in: bench.plan.business.id)
                #expect(statistics.entered == 1 && statistics.recent.isEmpty)
                #expect(try await bench.history("a").count == 1)
            }
        }
    }
}
