@testable import StageEngine
import StageModel
import StageStore
import Testing

@Suite("Subscription to events")
struct EventSubscriptionTests {
    private static let many = Array<Int64>(11...310)

    private static let transcripts = [
        SubscriptionTranscript(
            "At the end of the log it waits for what the tail hands out", after: 10, tail: 10,
            [
                .asks(.begin(10)), .asks(.wait), .tail([11, 12], through: 12, .wake), .asks(.deliver([11, 12])), .asks(.wait),
                .tail([], through: 20, .none), .tail([21], through: 21, .wake), .asks(.deliver([21])), .asks(.wait),
            ]),
        SubscriptionTranscript(
            "From an earlier position it reads page by page until it meets the tail", after: 2, tail: 10,
            [
                .asks(.begin(2)), .asks(.read(after: 2)), .reads([4], upTo: 5, of: 1...10), .asks(.deliver([4])), .asks(.read(after: 5)),
                .tail([11], through: 11, .none), .reads([7, 10], upTo: 10, of: 1...10), .asks(.deliver([7, 10, 11])), .asks(.wait),
                .tail([12], through: 12, .wake), .asks(.deliver([12])), .asks(.wait),
            ]),
        SubscriptionTranscript(
            "What is both read and handed out comes once", after: 2, tail: 10,
            [
                .asks(.begin(2)), .asks(.read(after: 2)), .tail([11, 12], through: 12, .none), .reads([4, 11], upTo: 11, of: 1...11),
                .asks(.deliver([4, 11, 12])), .asks(.wait),
            ]),
        SubscriptionTranscript(
            "A start behind the tail waits for the tail to come, and passes over what it has", after: 12, tail: 10,
            [.asks(.begin(12)), .asks(.wait), .tail([11, 12, 13], through: 13, .wake), .asks(.deliver([13])), .asks(.wait)]),
        SubscriptionTranscript(
            "Where it begins is told even when the tail has gone on before that", after: 10, tail: 10,
            [.tail([12], through: 20, .none), .asks(.begin(10)), .asks(.deliver([12])), .beat(through: 20, .none), .asks(.beat(20))]),
        SubscriptionTranscript(
            "What is handed out in too great number while it reads is read, too", after: 2, tail: 10,
            [
                .asks(.begin(2)), .asks(.read(after: 2)), .tail(many, through: 310, .none), .reads([4], upTo: 10, of: 1...10),
                .asks(.deliver([4])), .asks(.read(after: 10)), .reads([11, 12], upTo: 12, of: 1...310), .asks(.deliver([11, 12])),
                .asks(.read(after: 12)), .reads([13], upTo: 310, of: 1...310), .asks(.deliver([13])), .asks(.wait),
            ]),
        SubscriptionTranscript(
            "A burst that is more than may wait is read from the log", after: 10, tail: 10,
            [
                .asks(.begin(10)), .asks(.wait), .tail(many, through: 310, .wake), .asks(.read(after: 10)),
                .reads([11], upTo: 310, of: 1...310), .asks(.deliver([11])), .asks(.wait),
            ]),
        SubscriptionTranscript(
            "What is ready is delivered before the log is read for what came after it", after: 10, tail: 10,
            [
                .asks(.begin(10)), .tail([11], through: 11, .none), .tail(Array(12...300), through: 300, .none), .asks(.deliver([11])),
                .asks(.read(after: 11)), .reads([12], upTo: 300, of: 1...300), .asks(.deliver([12])), .asks(.wait),
            ]),
        SubscriptionTranscript(
            "It delivers 64 events at once", after: 10, tail: 10,
            [
                .asks(.begin(10)), .asks(.wait), .tail(Array(11...100), through: 100, .wake), .asks(.deliver(Array(11...74))),
                .asks(.deliver(Array(75...100))), .asks(.wait),
            ]),
        SubscriptionTranscript(
            "One that takes nothing for 5 seconds while more comes than may wait is cut", after: 10, tail: 10,
            [
                .asks(.begin(10)), .asks(.wait), .tail([11], through: 11, .wake), .asks(.deliver([11])), .seconds(4),
                .tail(Array(12...300), through: 300, .none), .tail([301], through: 301, .none), .seconds(1), .tail([302], through: 302, .cut),
                .asks(.end(.tooSlow)), .tail([303], through: 303, .none), .asks(.end(.tooSlow)),
            ]),
        SubscriptionTranscript(
            "One that takes nothing for 5 seconds while little comes is not cut", after: 10, tail: 10,
            [
                .asks(.begin(10)), .asks(.wait), .tail([11], through: 11, .wake), .asks(.deliver([11])), .seconds(60),
                .tail([12], through: 12, .none), .asks(.deliver([12])), .asks(.wait),
            ]),
        SubscriptionTranscript(
            "One that waits, or reads the log, is not slow", after: 2, tail: 10,
            [
                .asks(.begin(2)), .asks(.read(after: 2)), .seconds(60), .tail(many, through: 310, .none), .beat(through: 310, .none),
                .beat(through: 310, .none), .reads([], upTo: 310, of: 1...310), .asks(.beat(310)), .asks(.read(after: 310)),
                .reads([], upTo: 310, of: 1...310), .asks(.wait), .seconds(60), .tail(Array(311...600), through: 600, .wake),
            ]),
    ]

    private static let endings = [
        SubscriptionTranscript(
            "A beat tells up to where there is nothing more", after: 10, tail: 10,
            [
                .asks(.begin(10)), .asks(.wait), .beat(through: 10, .wake), .asks(.beat(10)), .asks(.wait), .tail([], through: 17, .none),
                .beat(through: 17, .wake), .asks(.beat(17)), .asks(.wait),
            ]),
        SubscriptionTranscript(
            "A beat never tells of what is not delivered yet, and does not wait for it", after: 10, tail: 10,
            [
                .asks(.begin(10)), .tail([12, 14], through: 15, .none), .beat(through: 15, .none), .asks(.beat(11)), .asks(.deliver([12, 14])),
                .beat(through: 15, .none), .asks(.beat(15)), .asks(.wait),
            ]),
        SubscriptionTranscript(
            "A beat while it reads tells how far it has come", after: 2, tail: 10,
            [
                .asks(.begin(2)), .asks(.read(after: 2)), .beat(through: 10, .none), .reads([3], upTo: 5, of: 1...10), .asks(.beat(2)),
                .asks(.deliver([3])), .asks(.read(after: 5)),
            ]),
        SubscriptionTranscript(
            "One that has not taken the last beat when the next is due, for 5 seconds at least, is cut", after: 10, tail: 10,
            [
                .asks(.begin(10)), .beat(through: 10, .none), .asks(.beat(10)), .beat(through: 10, .none), .seconds(4),
                .beat(through: 10, .none), .seconds(1), .beat(through: 10, .cut), .asks(.end(.tooSlow)),
            ]),
        SubscriptionTranscript(
            "What is not kept any more is told of first", after: 10, isReset: true, tail: 20,
            [
                .asks(.begin(10)), .asks(.reset(10)), .asks(.read(after: 10)), .reads([11], upTo: 20, of: 11...20), .asks(.deliver([11])),
                .asks(.wait),
            ]),
        SubscriptionTranscript(
            "What was removed while it was read is told of before what follows, and beats wait for that", after: 2, tail: 20,
            [
                .asks(.begin(2)), .asks(.read(after: 2)), .beat(through: 20, .none), .reads([11], upTo: 20, of: 11...20), .asks(.reset(10)),
                .asks(.beat(10)), .asks(.deliver([11])), .asks(.wait),
            ]),
        SubscriptionTranscript(
            "What the tail has passed without reading it is read", after: 10, tail: 10,
            [
                .asks(.begin(10)), .asks(.wait), .miss(.wake), .asks(.read(after: 10)), .miss(.none), .reads([11], upTo: 12, of: 1...12),
                .asks(.deliver([11])), .asks(.read(after: 12)), .reads([], upTo: 12, of: 1...12), .asks(.wait),
            ]),
        SubscriptionTranscript(
            "One that waits is woken at its end", after: 10, tail: 10,
            [.asks(.begin(10)), .asks(.wait), .end(.shutdown, .wake), .asks(.end(.shutdown)), .end(.gone, .none), .asks(.end(.shutdown))]),
        SubscriptionTranscript(
            "One that is busy is cut at its end", after: 10, tail: 10,
            [.asks(.begin(10)), .tail([11], through: 11, .none), .end(.shutdown, .cut), .asks(.end(.shutdown))]),
        SubscriptionTranscript(
            "What was being read at its end is forgotten", after: 2, tail: 10,
            [
                .asks(.begin(2)), .asks(.read(after: 2)), .end(.unavailable, .none), .reads([3], upTo: 10, of: 1...10),
                .miss(.none), .beat(through: 10, .none), .asks(.end(.unavailable)),
            ]),
    ]

    @Test("It goes as the transcript has it", arguments: transcripts + endings)
    func transcript(_ transcript: SubscriptionTranscript) { transcript.verify() }

    @Test("A filter leaves out what is not wanted, transition by transition")
    func filter() {
        let (agent, other) = (Agent.ID(), Stage.ID())
        let moves: [(Stage.ID?, Stage.ID?)] = [(nil, Event.desk), (Event.desk, other), (other, other), (other, nil)]
        let event = Event.sample(7, agent: agent, moves: moves)
        func sequences(_ filter: EventFilter) -> [Int] { filter.part(of: event)?.transitions.map(\.sequence) ?? [] }
        #expect(EventFilter().part(of: event) == event)
        #expect(sequences(EventFilter(stage: Event.desk)) == [0, 1])
        #expect(sequences(EventFilter(stage: other)) == [1, 2, 3])
        #expect(sequences(EventFilter(stage: Stage.ID())).isEmpty)
        #expect(sequences(EventFilter(conversation: event.conversation, agent: agent)) == [0, 1, 2, 3])
        #expect(sequences(EventFilter(conversation: ConversationID("c8"))).isEmpty)
        #expect(sequences(EventFilter(agent: Agent.ID())).isEmpty)
        #expect(EventFilter(agent: agent).part(of: .sample(7)) == nil)
        #expect(EventFilter().part(of: .sample(7, moves: [])) == nil, "A commit without a transition is nothing to tell.")
    }
}
