import StageEngine
import StageModel
import StageStore
import Testing

@Suite("The tail of the event log as a service")
struct EventServiceTests {
    /// Runs a test while the tail goes on by itself.
    private static func with(_ body: (EventBench) async throws -> Void) async throws {
        try await EventBench.with { world in
            let service = Task { try await world.events.run() }
            do { try await body(world) } catch {
                service.cancel()
                throw error
            }
            service.cancel()
            try await service.value
        }
    }

    @Test("What is committed comes by itself, from this process and from another, to those who come and go")
    func follows() async throws {
        try await Self.with { world in
            let other = try await world.bench.another()
            for round in 0..<3 {
                let followers = [try await world.subscribe(), try await world.subscribe()]
                try await world.commit(["own-\(round)"])
                for follower in followers { #expect(try await follower.names(1) == ["own-\(round)"]) }
                _ = try await other.go(world.plan.greeting, "other-\(round)")
                for follower in followers { #expect(try await follower.names(1) == ["other-\(round)"]) }
                for follower in followers { world.events.unsubscribe(follower.subscriber) }
            }
        }
    }

    @Test("At its end everybody's subscription ends, and none begins")
    func ends() async throws {
        try await EventBench.with { world in
            let service = Task { try await world.events.run() }
            let follower = try await world.subscribe()
            try await world.commit(["a"])
            #expect(try await follower.names(1) == ["a"])
            async let last = follower.subscriber.next()
            service.cancel()
            try await service.value
            #expect(await last == .end(.shutdown))
            let late = try await world.subscribe()
            #expect(await late.subscriber.next() == .end(.shutdown))
        }
    }

    @Test("A subscriber whose task is cancelled ends")
    func cancelled() async throws {
        try await EventBench.with { world in
            let follower = try await world.subscribe()
            #expect(await follower.subscriber.next() == .begin(at: 0))
            let task = Task { await follower.subscriber.next() }
            task.cancel()
            #expect(await task.value == .end(.gone))
        }
    }
}
