@testable import StageEngine
import StageModel
import StageStore
import Testing

@Suite("Subscription to events, in any order of things")
struct EventSubscriptionPropertyTests {
    @Test("Every event comes once and in order, whatever happens in between, and never more wait than may", arguments: 0..<24)
    func complete(seed: Int) {
        var world = SubscriptionWorld(seed: seed)
        for _ in 0..<600 { world.go() }
        world.finish()
        #expect(world.delivered == world.log.filter { $0 > world.start })
        // A page of the log, and as much from the tail as may wait.
        #expect(world.most <= 2 * EventSubscription.capacity)
    }
}

/// A log, its tail and one subscriber, each of whom goes on at random.
private struct SubscriptionWorld {
    /// The positions of the business's events.
    private(set) var log: [Int64] = []
    private(set) var delivered: [Int64] = []
    let start: Int64
    private var last: Int64
    private var tail: Int64
    private var subscription: EventSubscription
    private var reading: EventPage?
    /// How many events waited at most.
    private(set) var most = 0
    private var random: Random
    /// How many events a commit brings at most.
    private let burst: Int

    init(seed: Int) {
        random = Random(state: UInt64(seed))
        burst = [1, 4, 400][seed % 3]
        last = 1000
        log = stride(from: 2, through: 1000, by: 5).map { Int64($0) }
        tail = Int64.random(in: 0...1000, using: &random)
        start = Int64.random(in: 0...1000, using: &random)
        subscription = EventSubscription(from: EventStart(position: start, isReset: false, end: tail), tail: tail, filter: EventFilter())
    }

    mutating func go() {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: commit()
        case 1: handOut()
        case 2: _ = subscription.beat(through: tail, at: TestClock.start)
        default: ask()
        }
        most = max(most, subscription.waiting)
    }

    /// Lets everybody come to rest.
    mutating func finish() {
        while tail < last { handOut() }
        for _ in 0..<10_000 where ask() != .wait {}
        #expect(ask() == .wait)
    }

    private mutating func commit() {
        for _ in 0..<Int.random(in: 0...burst, using: &random) {
            last += Int64.random(in: 1...3, using: &random)
            if Bool.random(using: &random) { log.append(last) }
        }
    }

    private mutating func handOut() {
        let end = Bool.random(using: &random) ? last : min(last, tail + 5)
        // At times the tail does not know of the subscriber yet.
        if Int.random(in: 0..<20, using: &random) == 0 {
            _ = subscription.miss()
        } else {
            _ = subscription.take(events(after: tail, through: end).map { .sample($0) }, through: end, at: TestClock.start)
        }
        tail = end
    }

    @discardableResult
    private mutating func ask() -> SubscriptionTranscript.Answer {
        if let page = reading {
            subscription.took(page)
            reading = nil
        }
        let step = SubscriptionTranscript.Answer(subscription.next(at: TestClock.start))
        switch step {
        case .deliver(let positions):
            #expect(positions.count <= EventSubscription.batch)
            delivered += positions
        case .read(let position): reading = page(after: position)
        case .beat(let position):
            let open = events(after: max(start, delivered.last ?? 0), through: last).first
            #expect(position >= start && open.map { position < $0 } ?? true, "It would be passed over after a cut.")
        case .begin(let position): #expect(position == start)
        case .wait: break
        case .reset, .end: Issue.record("\(step)")
        }
        return step
    }

    /// What is read: at most so many events out of at most so many positions.
    private mutating func page(after position: Int64) -> EventPage {
        let limit = Int.random(in: 1...EventSubscription.capacity, using: &random)
        let end = min(last, position + Int64.random(in: 1...2000, using: &random))
        let found = events(after: position, through: end).prefix(limit)
        return .page(Array(found), upTo: found.count == limit ? found.last ?? end : max(end, position), of: 1...last)
    }

    private func events(after position: Int64, through end: Int64) -> ArraySlice<Int64> {
        let newer = log.suffix(log.count - place(of: position))
        return newer.prefix(place(of: end) - newer.startIndex)
    }

    /// How many events lie at or before a position.
    private func place(of position: Int64) -> Int {
        var range = log.startIndex..<log.endIndex
        while let middle = range.isEmpty ? nil : (range.lowerBound + range.upperBound) / 2 {
            range = log[middle] <= position ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }
}

/// SplitMix64: the same cases in every run.
private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
