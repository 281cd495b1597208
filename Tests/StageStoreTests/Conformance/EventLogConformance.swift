import StageModel
import StageStore
import Synchronization
import Testing

extension StageStoreConformance {
    @Suite("Event log")
    struct EventLogConformance {
        private static func all(_ bench: Bench, after position: Int64 = 0) async throws -> EventPage {
            try await bench.store.events(of: bench.plan.business.id, after: position, limit: 10_000)
        }

        @Test("A log that has nothing yet begins at 1 and ends at 0", arguments: stores)
        func empty(factory: StoreFactory) async throws {
            try await factory.bench { bench async throws in
                let extent = EventExtent(first: 1, last: 0)
                #expect(try await bench.store.eventExtent() == extent && extent.origin == 0)
                #expect(try await Self.all(bench) == EventPage(events: [], position: 0, extent: extent))
                #expect(try await bench.store.events(of: [bench.plan.business.id], after: 0, limit: 10).isLast)
            }
        }

        @Test("Every commit is one event, with its transitions as the history has them, but for the traces", arguments: stores)
        func commits(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.ofAda, "a", ["secret": "never told"], at: 1, agent: bench.plan.ada)
                try await bench.go(bench.plan.order, "b", at: 2)
                try await bench.go(bench.plan.order, "b", ["x": 1], at: 4000)
                try await bench.perform(.clear, on: "a", at: 4001)
                let page = try await Self.all(bench)
                #expect(page.events.map { $0.conversation?.description } == ["a", "b", "b", "a"])
                #expect(page.events.allSatisfy { $0.version == $0.transitions.last?.version && !$0.transitions.isEmpty })
                #expect(page.events.map(\.agent) == [bench.plan.ada, nil, nil, bench.plan.ada])
                #expect(page.events.map(\.at) == [1, 2, 4000, 4001].map(bench.now))
                #expect(page.events.allSatisfy { $0.business == bench.plan.business.id })
                #expect(page.isLast && page.position == page.events.last?.position && page.extent.last == page.position)
                #expect(page.extent.first == page.events.first?.position)
                for text in ["a", "b"] {
                    let told = page.events.filter { $0.conversation?.description == text }.flatMap(\.transitions)
                    let history = try await bench.history(text).reversed()
                    #expect(told.map(\.stored) == history.map(\.withoutTrace))
                }
                #expect(try await bench.reopen().events(of: bench.plan.business.id, after: 0, limit: 10) == page)
            }
        }

        @Test("In groups, too, each transition knows its own event: erasing a conversation takes the name from its events alone", arguments: stores)
        func eventsOfGroups(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<120 { group.addTask { try await bench.go(bench.plan.greeting, "c\(number % 6)") } }
                    try await group.waitForAll()
                }
                let before = try await Self.all(bench).events
                #expect(try await bench.store.erase(try bench.key("c2"), audit: bench.plan.audit("erase"), answer: nil, at: bench.now(1)))
                let after = try await Self.all(bench).events.prefix(120)
                #expect(zip(before, after).allSatisfy { $1.conversation == ($0.conversation?.description == "c2" ? nil : $0.conversation) })
                #expect(after.count { $0.conversation == nil } == 20)
                for conversation in [0, 1, 3, 4, 5] {
                    let versions = after.filter { $0.conversation?.description == "c\(conversation)" }.map(\.version)
                    #expect(versions == Array(1...20), "in the order in which they were committed")
                }
            }
        }

        @Test("A page goes on where the one before ended, for one business and for several", arguments: stores)
        func pages(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let other = Blueprint()
                let flow = try await Bench.create(other, in: bench.store)
                for number in 0..<20 {
                    try await Self.go("c\(number)", number % 3 == 0 ? (other, flow) : (bench.plan, bench.flow), in: bench.store)
                }
                let (store, mine, theirs) = (bench.store, bench.plan.business.id, other.business.id)
                for limit in [1, 3, 7, 100] {
                    #expect(try await Self.walk { try await store.events(of: mine, after: $0, limit: limit) }.count == 13)
                    #expect(try await Self.walk { try await store.events(of: theirs, after: $0, limit: limit) }.count == 7)
                    #expect(try await Self.walk { try await store.events(of: [mine], after: $0, limit: limit) }.count == 13)
                    let both = try await Self.walk { try await store.events(of: [mine, theirs], after: $0, limit: limit) }
                    #expect(both.map { $0.conversation?.description } == (0..<20).map { "c\($0)" })
                    #expect(try await Self.walk { try await store.events(of: [Business.ID()], after: $0, limit: limit) }.isEmpty)
                }
                let end = try await store.eventExtent().last
                for position in [end, end + 1, Int64.max] {
                    #expect(try await store.events(of: mine, after: position, limit: 5).position == position)
                    #expect(try await store.events(of: [mine], after: position, limit: 5).position == position)
                }
            }
        }

        /// Moves a conversation of one of several businesses.
        private static func go(_ text: String, _ business: (plan: Blueprint, flow: Flow), in store: any StageStores) async throws {
            let context = ChangeContext(flow: business.flow, actor: "sk_test", now: Blueprint.start)
            let key = ConversationKey(business: business.plan.business.id, conversation: try #require(ConversationID(text)))
            let command = ConversationCommand.move(to: business.plan.greeting, data: [:], agent: nil)
            _ = try await store.update(key, at: context.now) { state, _ throws(ConversationFault) in
                guard let change = try state.applying(command, in: context) else { return nil }
                return ConversationCommit(change: change, sensitive: SensitiveNames())
            }
        }

        /// Reads pages to the end.
        private static func walk(_ page: @Sendable (Int64) async throws -> EventPage) async throws -> [Event] {
            var next = try await page(0)
            var events = next.events
            while !next.isLast {
                let before = next.position
                next = try await page(before)
                #expect(next.position > before)
                events += next.events
            }
            return events
        }

        @Test("A reader that follows while many commit gets every event once, in order", arguments: stores)
        func concurrent(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let count = 600
                try await withThrowingTaskGroup(of: [Event].self) { group in
                    for follower in 0..<2 {
                        group.addTask {
                            var events: [Event] = []
                            var position: Int64 = 0
                            while events.count < count {
                                let page =
                                    follower == 0
                                    ? try await bench.store.events(of: bench.plan.business.id, after: position, limit: 7)
                                    : try await bench.store.events(of: [bench.plan.business.id], after: position, limit: 50)
                                events += page.events
                                position = page.position
                            }
                            return events
                        }
                    }
                    for client in 0..<20 {
                        group.addTask {
                            for _ in 0..<(count / 20) { try await bench.go(bench.plan.greeting, "c\(client % 7)", ["x": 1]) }
                            return []
                        }
                    }
                    for try await events in group where !events.isEmpty {
                        #expect(events.count == count)
                        #expect(zip(events, events.dropFirst()).allSatisfy { $0.position < $1.position })
                        for (_, events) in Dictionary(grouping: events, by: \.conversation) {
                            #expect(events.map(\.version) == (1...events.count).map { Int64($0) })
                        }
                    }
                }
            }
        }

        @Test("Every commit that wrote an event is told of after it can be read, a refused one is not", arguments: stores)
        func told(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                let counter = CallCounter()
                bench.store.afterCommits { counter.add() }
                try await bench.go(bench.plan.greeting, "a")
                #expect(counter.count == 1)
                await #expect(throws: ConversationFault.self) { try await bench.go(Stage.ID(), "a") }
                #expect(counter.count == 1)
                bench.store.afterCommits {}
                try await bench.go(bench.plan.done, "a")
                #expect(counter.count == 1)
            }
        }

        @Test("The log still knows how far it reached when everything in it was removed, and what was removed is not looked for", arguments: stores)
        func removed(factory: StoreFactory) async throws {
            try await factory.bench { bench in
                for number in 0..<5 { try await bench.go(bench.plan.greeting, "c\(number)", at: 0) }
                while try await bench.store.foldStatistics() > 0 {}
                try await bench.store.removeOutdated(at: bench.now(8 * Timestamp.secondsPerDay))
                #expect(try await bench.store.eventExtent() == EventExtent(first: 6, last: 5))
                #expect(try await Self.all(bench, after: 2) == EventPage(events: [], position: 5, extent: EventExtent(first: 6, last: 5)))
                try await bench.go(bench.plan.greeting, "d", at: 8 * Timestamp.secondsPerDay)
                let page = try await Self.all(bench, after: 2)
                #expect(page.events.map(\.position) == [6] && page.extent == EventExtent(first: 6, last: 6))
            }
        }

        @Test("An erased conversation's events have no name, or are gone, and a deleted business has none", arguments: stores, [true, false])
        func erased(factory: StoreFactory, foldedBefore: Bool) async throws {
            try await factory.bench { bench in
                try await bench.go(bench.plan.greeting, "a")
                try await bench.go(bench.plan.greeting, "b")
                while foldedBefore, try await bench.store.foldStatistics() > 0 {}
                #expect(try await bench.store.erase(bench.key("a"), audit: bench.plan.audit("erase"), answer: nil, at: bench.now(1)))
                let names = try await Self.all(bench).events.map { $0.conversation?.description }
                #expect(names == (foldedBefore ? ["b", nil] : [nil, "b", nil]))
                #expect(try await bench.store.deleteBusiness(bench.plan.business.id, at: bench.now(2), answer: nil))
                #expect(try await Self.all(bench).events.isEmpty)
            }
        }
    }
}

/// Counts calls.
private final class CallCounter: Sendable {
    private let number = Atomic(0)

    var count: Int { number.load(ordering: .relaxed) }

    func add() { number.add(1, ordering: .relaxed) }
}

extension Transition {
    /// The transition as events have it.
    fileprivate var withoutTrace: Transition {
        Transition(
            id: id, version: version, sequence: sequence, from: from, to: to, cause: cause, rule: rule, actor: actor, flowRevision: flowRevision,
            trace: [:], at: at, secondsInStage: nil)
    }
}
