@testable import StageEngine
import StageModel
import StageStore
import Testing

/// What happens to a subscription, line by line, and what it does.
struct SubscriptionTranscript: Sendable, CustomTestStringConvertible {
    enum Line: Sendable {
        /// The subscriber asks what comes next, and gets this.
        case asks(Answer)
        /// The subscriber has read a page with events at these positions.
        case reads([Int64], upTo: Int64, of: ClosedRange<Int64>)
        case tail([Int64], through: Int64, Effect)
        case miss(Effect)
        case beat(through: Int64, Effect)
        case end(EventEnding, Effect)
        case seconds(Int64)
    }

    /// A step, with events by their positions.
    enum Answer: Sendable, Equatable {
        case begin(Int64)
        case reset(Int64)
        case deliver([Int64])
        case beat(Int64)
        case read(after: Int64)
        case wait
        case end(EventEnding)

        init(_ step: EventSubscription.Step) {
            switch step {
            case .begin(let position): self = .begin(position)
            case .reset(let position): self = .reset(position)
            case .deliver(let events): self = .deliver(events.map(\.position))
            case .beat(let position): self = .beat(position)
            case .read(let position): self = .read(after: position)
            case .wait: self = .wait
            case .end(let ending): self = .end(ending)
            }
        }
    }

    enum Effect: Sendable, Equatable {
        case none, wake, cut

        init(_ effect: EventSubscription.Effect) {
            switch effect {
            case .none: self = .none
            case .wake: self = .wake
            case .cut: self = .cut
            }
        }
    }

    let testDescription: String
    let start: EventStart
    let tail: Int64
    var filter = EventFilter()
    let lines: [Line]

    init(_ name: String, after position: Int64, isReset: Bool = false, tail: Int64, _ lines: [Line]) {
        testDescription = name
        start = EventStart(position: position, isReset: isReset, end: tail)
        self.tail = tail
        self.lines = lines
    }

    func verify() {
        var subscription = EventSubscription(from: start, tail: tail, filter: filter)
        var now = TestClock.start
        for (index, line) in lines.enumerated() {
            let place = Comment(rawValue: "line \(index + 1): \(line)")
            switch line {
            case .asks(let answer): #expect(Answer(subscription.next(at: now)) == answer, place)
            case .reads(let positions, let end, let range): subscription.took(.page(positions, upTo: end, of: range))
            case .tail(let positions, let end, let effect):
                #expect(Effect(subscription.take(positions.map { Event.sample($0) }, through: end, at: now)) == effect, place)
            case .miss(let effect): #expect(Effect(subscription.miss()) == effect, place)
            case .beat(let position, let effect): #expect(Effect(subscription.beat(through: position, at: now)) == effect, place)
            case .end(let ending, let effect): #expect(Effect(subscription.end(ending)) == effect, place)
            case .seconds(let seconds): now = now.adding(seconds: seconds)
            }
        }
    }
}

extension Event {
    /// A move of a conversation that is named after the position.
    static func sample(
        _ position: Int64, of business: Business.ID = Event.shop, agent: Agent.ID? = nil, moves: [(Stage.ID?, Stage.ID?)] = [(nil, desk)]
    ) -> Event {
        let transitions = moves.enumerated().map { index, move in
            Transition(
                id: Transition.ID(), version: 1, sequence: index, from: move.0, to: move.1, cause: .api, actor: "sk_test", flowRevision: 1,
                trace: [:], at: TestClock.start, secondsInStage: nil)
        }
        return Event(
            position: position, business: business, conversation: ConversationID("c\(position)"), agent: agent, version: 1,
            transitions: transitions, at: TestClock.start)
    }

    static let shop = Business.ID()
    static let desk = Stage.ID()
}

extension EventPage {
    static func page(_ positions: [Int64], upTo end: Int64, of range: ClosedRange<Int64>) -> EventPage {
        EventPage(events: positions.map { .sample($0) }, position: end, extent: EventExtent(first: range.lowerBound, last: range.upperBound))
    }
}
