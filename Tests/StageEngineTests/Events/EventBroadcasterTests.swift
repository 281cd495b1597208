import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Testing

@Suite("Following events")
struct EventBroadcasterTests {
    @Test("One who begins now gets what is committed from then on")
    func fromNow() async throws {
        try await EventBench.with { world in
            try await world.commit(["before"])
            let follower = try await world.subscribe()
            try await world.commit(["after"])
            try await world.events.step()
            #expect(await follower.subscriber.next() == .begin(at: 1))
            let event = try #require(try await follower.events(1).first)
            #expect(event.position == 2 && event.business == world.bench.business.id && event.version == 1 && event.at == world.bench.clock.now)
            #expect(event.conversation?.description == "after" && event.transitions.map(\.to) == [world.plan.greeting])
            #expect(event.transitions.allSatisfy { $0.trace.isEmpty && $0.actor == "sk_test" && $0.cause == .api })
            world.events.beat()
            #expect(await follower.subscriber.next() == .beat(at: 2))
        }
    }

    @Test("One who begins earlier is brought up from the log and joins the tail without gap or repetition")
    func fromEarlier() async throws {
        try await EventBench.with { world in
            try await world.commit((0..<700).map { "c\($0)" })
            let first = try await world.subscribe()
            let second = try await world.subscribe(after: 100)
            var found = try await second.events(200)
            try await world.commit((700..<900).map { "c\($0)" })
            while try await world.events.step() {}
            found += try await second.events(800 - found.count)
            #expect(found.map(\.position) == Array(101...900))
            #expect(try await first.events(200).map(\.position) == Array(701...900))
            world.events.beat()
            #expect(await second.subscriber.next() == .beat(at: 900))
        }
    }

    @Test("A burst from another process is more than may wait, and still comes whole to one that is ready for it")
    func burst() async throws {
        try await EventBench.with { world in
            let other = try await world.bench.another()
            let follower = try await world.subscribe()
            for number in 0..<1200 { _ = try await other.go(world.plan.greeting, "c\(number % 7)") }
            async let found = follower.events(1200)
            while try await world.events.step() {}
            #expect(try await found.map(\.position) == Array(1...1200))
            #expect(follower.cuts.count == 0)
        }
    }

    @Test("One that takes nothing any more is cut, and keeps nobody else from anything")
    func slow() async throws {
        try await EventBench.with { world in
            let slow = try await world.subscribe()
            let quick = try await world.subscribe()
            try await world.commit(["first"])
            try await world.events.step()
            #expect(try await slow.names(1) == ["first"])
            #expect(try await quick.names(1) == ["first"])
            try await world.commit((0..<300).map { "c\($0)" })
            try await world.events.step()
            #expect(try await quick.events(300).count == 300)
            #expect(slow.cuts.count == 0, "It has five seconds.")
            world.bench.clock.advance(seconds: 5)
            try await world.commit(["last"])
            #expect(world.notices.all.isEmpty)
            try await world.events.step()
            let business = world.bench.business.id
            #expect(
                world.notices.all == [
                    "A client that follows events has taken nothing for too long, and was cut. business_id=\(business) last_event_id=1"
                ])
            #expect(slow.cuts.count == 1)
            #expect(await slow.subscriber.next() == .end(.tooSlow))
            #expect(try await quick.names(1) == ["last"])
            #expect(quick.cuts.count == 0)
        }
    }

    @Test("Nobody sees another business's events, though one tail reads all")
    func businesses() async throws {
        try await EventBench.with { world in
            let stranger = try await world.bench.stranger()
            let mine = try await world.subscribe()
            let theirs = world.events.subscribe(to: stranger.business, from: try await world.events.start(after: 0)) {}
            try await world.commit(["a", "b"])
            try await world.events.step()
            #expect(try await mine.events(2).count == 2)
            #expect(await theirs.next() == .begin(at: 0))
            world.events.beat()
            #expect(await theirs.next() == .beat(at: 2))
        }
    }

    @Test("What is not kept any more is told of, then what is kept comes")
    func outdated() async throws {
        try await EventBench.with { world in
            try await world.commit(["a", "b", "c"])
            while try await world.bench.store.foldStatistics() > 0 {}
            world.bench.clock.advance(seconds: 8 * Timestamp.secondsPerDay)
            try await world.bench.store.removeOutdated(at: world.bench.clock.now)
            let current = try await world.subscribe(after: 3)
            try await world.commit(["d"])
            let late = try await world.subscribe(after: 1)
            let strange = try await world.subscribe(after: 99)
            try await world.events.step()
            #expect(await late.subscriber.next() == .begin(at: 3))
            #expect(await late.subscriber.next() == .reset(at: 3))
            #expect(try await late.names(1) == ["d"])
            #expect(await current.subscriber.next() == .begin(at: 3))
            #expect(try await current.names(1) == ["d"], "It has seen all that was removed.")
            #expect(await strange.subscriber.next() == .begin(at: 4), "There is no such position yet.")
            #expect(await strange.subscriber.next() == .reset(at: 4))
        }
    }

    @Test("An erased conversation is named no more, and its leaving is told without a name")
    func erased() async throws {
        try await EventBench.with { world in
            _ = try await world.bench.go(world.plan.ofAda, "gone", agent: world.plan.ada)
            try await world.commit(["stays"])
            _ = try await world.bench.stages.erase(world.bench.id("gone"), by: world.bench.caller) { _ in nil }
            let events = try await world.subscribe(after: 0).events(3)
            #expect(events.map { $0.conversation?.description } == [nil, "stays", nil])
            #expect(events.map(\.agent) == [world.plan.ada, nil, world.plan.ada])
            let departure = try #require(events.last?.transitions.first)
            #expect(departure.from == world.plan.ofAda && departure.to == nil && departure.actor.isEmpty && departure.version == 1)
        }
    }

    @Test("One who comes while the tail is reading misses nothing")
    func between() async throws {
        try await EventBench.with { world in
            let (log, gate) = (HeldLog(world.bench.store), Gate())
            let events = EventBench.broadcaster(log, world.bench)
            let stranger = try await world.bench.stranger()
            let other = events.subscribe(to: stranger.business, from: try await events.start(after: nil)) {}
            let start = try await events.start(after: nil)
            try await world.commit(["a"])
            log.hold(at: gate)
            async let stepped = events.step()
            await gate.arrival()
            let subscriber = events.subscribe(to: world.bench.business.id, from: start) {}
            #expect(await subscriber.next() == .begin(at: 0))
            await gate.open()
            _ = try await stepped
            #expect(try await Follower(subscriber: subscriber, cuts: Atomics()).names(1) == ["a"])
            try await world.commit(["b"])
            try await events.step()
            #expect(try await Follower(subscriber: subscriber, cuts: Atomics()).names(1) == ["b"])
            events.unsubscribe(other)
        }
    }

    @Test("While nobody follows the log is not read; who comes later begins where the log ends then")
    func nobody() async throws {
        try await EventBench.with { world in
            let gone = try await world.subscribe()
            world.events.unsubscribe(gone.subscriber)
            #expect(world.events.subscriberCount == 0)
            try await world.commit(["a"])
            let before = world.bench.store.statementCount
            #expect(try await world.events.step() == false)
            #expect(world.bench.store.statementCount == before)
            let follower = try await world.subscribe()
            try await world.commit(["b"])
            try await world.events.step()
            #expect(try await follower.names(1) == ["b"])
        }
    }

    @Test("When the log can't be read nobody begins, and who reads is ended")
    func unavailable() async throws {
        try await EventBench.with { world in
            let log = HeldLog(world.bench.store)
            let events = EventBench.broadcaster(log, world.bench)
            try await world.commit(["a", "b"])
            let late = events.subscribe(to: world.bench.business.id, from: try await events.start(after: 0)) {}
            let current = events.subscribe(to: world.bench.business.id, from: try await events.start(after: nil)) {}
            log.breakDown()
            #expect(await refusal { _ = try await events.start(after: nil) }?.code == .databaseUnavailable)
            await #expect(throws: StoreError.self) { try await events.step() }
            #expect(await late.next() == .begin(at: 0))
            #expect(await late.next() == .end(.unavailable))
            #expect(await current.next() == .begin(at: 2))
            events.beat()
            #expect(await current.next() == .beat(at: 2), "It may go on when the log can be read again.")
        }
    }
}
