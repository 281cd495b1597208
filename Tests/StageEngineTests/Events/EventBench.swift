import Logging
import StageEngine
import StageModel
import StageStore
import StageStoreSQL
import Synchronization
import Testing

/// The engine over one file with a flow, and the tail of its event log, which goes on only when a test takes a step.
struct EventBench: Sendable {
    let bench: EngineBench
    let plan: SampleFlow
    let events: EventBroadcaster
    /// What the tail has logged.
    let notices: Notices

    static func with(_ body: (EventBench) async throws -> Void) async throws {
        try await EngineBench.with { bench in
            let notices = Notices()
            let events = broadcaster(bench.store, bench, notices)
            try await body(EventBench(bench: bench, plan: try await SampleFlow(in: bench), events: events, notices: notices))
        }
    }

    static func broadcaster(_ log: any EventLog, _ bench: EngineBench, _ notices: Notices = Notices()) -> EventBroadcaster {
        EventBroadcaster(log: log, time: bench.clock.source, logger: Logger(label: "test") { _ in NoticeHandler(notices: notices) })
    }

    /// Moves conversations to the greeting, all at once.
    func commit(_ names: some Sequence<String>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in names { group.addTask { _ = try await bench.go(plan.greeting, name) } }
            try await group.waitForAll()
        }
    }

    func subscribe(after position: Int64? = nil, filter: EventFilter = EventFilter()) async throws -> Follower {
        let cuts = Atomics()
        let subscriber = events.subscribe(to: bench.business.id, from: try await events.start(after: position), filter: filter) { cuts.add() }
        return Follower(subscriber: subscriber, cuts: cuts)
    }

    /// The positions of all events that are in the log.
    func log() async throws -> [Int64] {
        try await bench.store.events(of: [bench.business.id], after: 0, limit: 100_000).events.map(\.position)
    }
}

/// Counts calls.
final class Atomics: Sendable {
    private let number = Atomic(0)

    var count: Int { number.load(ordering: .relaxed) }

    func add() { number.add(1, ordering: .relaxed) }
}

/// A subscriber as tests use it.
struct Follower: Sendable {
    let subscriber: EventSubscriber
    /// How often its connection was cut.
    let cuts: Atomics

    /// Takes the next so many events.
    func events(_ count: Int) async throws -> [Event] {
        var events: [Event] = []
        while events.count < count {
            switch await subscriber.next() {
            case .events(let more): events += more
            case .begin, .reset, .beat: break
            case .end(let ending): throw UnexpectedEnding(ending: ending)
            }
        }
        return events
    }

    func names(_ count: Int) async throws -> [String] { try await events(count).map { $0.conversation?.description ?? "-" } }
}

struct UnexpectedEnding: Error {
    let ending: EventEnding
}

/// A log that is read through a gate, or can't be read.
final class HeldLog: EventLog {
    private let log: any EventLog
    private let gate = Mutex<Gate?>(nil)
    private let isBroken = Atomic(false)

    init(_ log: any EventLog) { self.log = log }

    /// Holds the next read up, after it has read.
    func hold(at gate: Gate) { self.gate.withLock { $0 = gate } }

    func breakDown() { isBroken.store(true, ordering: .relaxed) }

    func eventExtent() async throws(StoreError) -> EventExtent {
        try check()
        return try await log.eventExtent()
    }

    func events(of business: Business.ID, after position: Int64, limit: Int) async throws(StoreError) -> EventPage {
        try check()
        return try await log.events(of: business, after: position, limit: limit)
    }

    func events(of businesses: Set<Business.ID>, after position: Int64, limit: Int) async throws(StoreError) -> EventPage {
        try check()
        let page = try await log.events(of: businesses, after: position, limit: limit)
        let gate = gate.withLock { gate in
            defer { gate = nil }
            return gate
        }
        await gate?.pass()
        return page
    }

    func afterCommits(_ call: @escaping @Sendable () -> Void) { log.afterCommits(call) }

    private func check() throws(StoreError) {
        if isBroken.load(ordering: .relaxed) { throw .unavailable(reason: "the disk is on fire") }
    }
}

/// What was logged, a line each: the message and its metadata.
final class Notices: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct NoticeHandler: LogHandler {
    let notices: Notices
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let pairs = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        notices.add((["\(event.message)"] + pairs).joined(separator: " "))
    }
}
