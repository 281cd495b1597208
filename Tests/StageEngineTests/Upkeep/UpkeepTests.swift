import Logging
@testable import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Synchronization
import Testing

@Suite("Upkeep")
struct UpkeepTests {
    private static func housekeeper(_ bench: EngineBench) -> Housekeeper {
        Housekeeper(
            conversations: bench.store, upkeep: bench.store, stages: bench.stages, time: bench.clock.source,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("Every state whose time has run out is dropped once, in more than one batch, of every business")
    func expires() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let other = try await bench.another()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<450 { group.addTask { _ = try await bench.go(plan.order, "c\(number)", ["order_id": "AB"]) } }
                try await group.waitForAll()
            }
            _ = try await bench.go(plan.greeting, "stays")
            let housekeeper = Self.housekeeper(bench)
            bench.clock.advance(seconds: 3599)
            #expect(try await housekeeper.recordElapsed() == 0)
            _ = try await bench.go(plan.order, "c7")
            bench.clock.advance(seconds: 1)
            #expect(try await housekeeper.recordElapsed() == 449)
            #expect(try await housekeeper.recordElapsed() == 0)
            for text in ["c0", "c449"] {
                let state = try await bench.stages.state(of: bench.id(text), by: bench.caller)
                #expect(state.version == 2 && state.stageID == nil && state.expiresAt == nil && state.data.merged.isEmpty)
                let last = try await other.stages.history(of: bench.id(text), before: nil, limit: 1, by: bench.caller).first
                #expect(last?.cause == .timer && last?.actor == "timer" && last?.at == bench.clock.now)
            }
            #expect(try await bench.stages.currentStage(of: bench.id("c7"), by: bench.caller) == plan.order)
            #expect(try await bench.stages.currentStage(of: bench.id("stays"), by: bench.caller) == plan.greeting)
            while try await bench.store.foldStatistics() > 0 {}
            #expect(try await bench.stages.statistics(of: plan.order, by: bench.caller).conversationsHere == 1)
        }
    }

    private static func follower(_ bench: EngineBench, _ forgotten: @escaping @Sendable (Business.ID) -> Void = { _ in }) -> ChangeFollower {
        ChangeFollower(
            feed: bench.store, flows: bench.flows, access: bench.access, time: bench.clock.source,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, forgetConversations: forgotten)
    }

    @Test(
        "The more sums were written, the longer it is until statistics are folded again",
        arguments: [(0, Duration.zero), (80, .milliseconds(48)), (20_000, .seconds(12)), (1_000_000, .seconds(60))])
    func foldPause(sums: Int, pause: Duration) { #expect(Housekeeper.pause(afterWriting: sums) == pause) }

    @Test("What another process has changed is known after the follower has read of it")
    func follows() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let other = try await bench.another()
            let follower = Self.follower(other)
            var position = try await follower.follow(from: nil)
            let before = try await other.flow.revision
            #expect(try await other.access.principal(presenting: bench.secret, at: bench.clock.now) != .platform)

            _ = try await bench.create(Agent(name: "New", description: ""))
            let owner = try #require(try await bench.access.keys(of: bench.business.id).first)
            _ = try await bench.access.revokeKey(owner.id, by: bench.caller)
            #expect(try await other.flow.revision == before)
            position = try await follower.follow(from: position)
            #expect(try await other.flow.revision == before + 1)
            #expect(await refusal { _ = try await other.access.principal(presenting: bench.secret, at: bench.clock.now) }?.code == .unauthorized)
            #expect(try await follower.follow(from: position) == position)
            #expect(try await other.go(plan.greeting, "c").version == 1)
        }
    }

    @Test("After a business was deleted elsewhere nothing of it is known")
    func deleted() async throws {
        try await EngineBench.with { bench in
            let plan = try await SampleFlow(in: bench)
            let other = try await bench.another()
            _ = try await other.go(plan.greeting, "c")
            let forgotten = Mutex<[Business.ID]>([])
            let follower = Self.follower(other) { business in
                forgotten.withLock { $0.append(business) }
                other.store.forget(business)
            }
            let position = try await follower.follow(from: nil)
            try await bench.businesses.delete(bench.business.id, at: bench.clock.now)
            _ = try await follower.follow(from: position)
            #expect(forgotten.withLock { $0 } == [bench.business.id])
            #expect(await refusal { _ = try await other.flow }?.code == .notFound)
            #expect(await refusal { _ = try await other.stages.state(of: bench.id("c"), by: bench.caller) }?.code == .notFound)
            #expect(await refusal { _ = try await other.go(plan.greeting, "c") }?.code == .notFound)
        }
    }

    /// A feed that can't be read.
    private struct BrokenFeed: ChangeFeed {
        func whenChanged(_ call: @escaping @Sendable () -> Void) {}

        func changes(after position: Int64?) async throws(StoreError) -> (changes: [StoreChange], position: Int64) {
            throw .unavailable(reason: "the disk is on fire")
        }
    }

    @Test("A follower that reads keeps keys valid; one that can't read lets them become stale")
    func hears() async throws {
        try await EngineBench.with { bench in
            func check() async -> EngineError.Code? {
                await refusal { _ = try await bench.access.principal(presenting: bench.secret, at: bench.clock.now) }?.code
            }
            let follower = Self.follower(bench)
            var position = try await follower.follow(from: nil)
            for _ in 0..<3 {
                bench.clock.advance(seconds: 4)
                position = try await follower.follow(from: position)
                #expect(await check() == nil)
            }
            let broken = ChangeFollower(
                feed: BrokenFeed(), flows: bench.flows, access: bench.access, time: bench.clock.source,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, forgetConversations: { _ in })
            bench.clock.advance(seconds: 6)
            await #expect(throws: StoreError.self) { _ = try await broken.follow(from: position) }
            #expect(await check() == .databaseUnavailable)
            _ = try await follower.follow(from: position)
            #expect(await check() == nil)
        }
    }
}
