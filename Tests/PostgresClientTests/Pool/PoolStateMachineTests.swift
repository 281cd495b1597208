import Testing

@testable import PostgresClient

@Suite struct PoolStateMachineTests {
    typealias Machine = PoolStateMachine
    private static let away = PostgresError(.unreachable, "refused")
    private static let wrong = PostgresError(.authenticationFailed, "wrong password")

    /// One step: what happens at a second, and what is done about it.
    struct Step: Sendable {
        let second: Double
        let event: @Sendable (inout Machine, Machine.Instant) -> [Machine.Action]
        let actions: [Machine.Action]
    }

    static func ask(_ id: UInt64, at second: Double, _ actions: Machine.Action...) -> Step {
        Step(second: second, event: { $0.ask(id, at: $1) }, actions: actions)
    }
    static func cancel(_ id: UInt64, at second: Double, _ actions: Machine.Action...) -> Step {
        Step(second: second, event: { machine, _ in machine.cancel(id) }, actions: actions)
    }
    static func opened(_ id: Int, at second: Double, _ actions: Machine.Action...) -> Step {
        Step(second: second, event: { $0.opened(id, at: $1) }, actions: actions)
    }
    static func refused(_ id: Int, _ error: PostgresError, at second: Double, _ actions: Machine.Action...) -> Step {
        Step(second: second, event: { $0.refused(id, error, random: 1, at: $1) }, actions: actions)
    }
    static func returned(_ id: Int, at second: Double, _ actions: Machine.Action...) -> Step {
        Step(second: second, event: { $0.returned(id, at: $1) }, actions: actions)
    }
    static func checked(_ id: Int, at second: Double, _ actions: Machine.Action...) -> Step {
        Step(second: second, event: { $0.checked(id, at: $1) }, actions: actions)
    }
    static func broke(_ id: Int, at second: Double, _ actions: Machine.Action...) -> Step {
        Step(second: second, event: { $0.broke(id, at: $1) }, actions: actions)
    }
    static func stale(_ id: Int, at second: Double, _ actions: Machine.Action...) -> Step {
        Step(second: second, event: { $0.stale(id, at: $1) }, actions: actions)
    }
    static func time(_ second: Double, _ actions: Machine.Action...) -> Step {
        Step(second: second, event: { $0.timePassed(at: $1) }, actions: actions)
    }
    static func close(at second: Double, _ actions: Machine.Action...) -> Step {
        Step(second: second, event: { machine, _ in machine.close() }, actions: actions)
    }

    struct Transcript: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let steps: [Step]

        init(_ name: String, _ steps: Step...) {
            testDescription = name
            self.steps = steps
        }
    }

    static let transcripts = [
        Transcript(
            "the first to ask opens a connection, which the next one gets",
            ask(1, at: 0, .open(1)), opened(1, at: 0.1, .grant(1, 1)), returned(1, at: 0.2), ask(2, at: 0.3, .grant(2, 1))),
        Transcript(
            "no more are opened than allowed, and whoever waits is served in order",
            ask(1, at: 0, .open(1)), ask(2, at: 0, .open(2)), ask(3, at: 0), ask(4, at: 0), opened(2, at: 0.1, .grant(1, 2)),
            opened(1, at: 0.2, .grant(2, 1)), returned(1, at: 0.3, .grant(3, 1)), returned(2, at: 0.3, .grant(4, 2)), returned(1, at: 0.4)),
        Transcript(
            "the connection that was used last is used next",
            ask(1, at: 0, .open(1)), ask(2, at: 0, .open(2)), opened(1, at: 0, .grant(1, 1)), opened(2, at: 0, .grant(2, 2)),
            returned(2, at: 1), returned(1, at: 2), ask(3, at: 3, .grant(3, 1)), ask(4, at: 3, .grant(4, 2))),
        Transcript(
            "more than the limit may not wait beyond those for whom there will be a connection",
            ask(1, at: 0, .open(1)), ask(2, at: 0, .open(2)), ask(3, at: 0), ask(4, at: 0), ask(5, at: 0), ask(6, at: 0, .fail(6, .tooManyWaiting)),
            opened(1, at: 0, .grant(1, 1)), ask(7, at: 0, .fail(7, .tooManyWaiting)), opened(2, at: 0, .grant(2, 2)),
            returned(1, at: 1, .grant(3, 1)),
            ask(8, at: 1), ask(9, at: 1, .fail(9, .tooManyWaiting))),
        Transcript(
            "who waits for too long is let go, the others wait on",
            ask(1, at: 0, .open(1)), ask(2, at: 0, .open(2)), opened(1, at: 0, .grant(1, 1)), opened(2, at: 0, .grant(2, 2)), ask(3, at: 1),
            ask(4, at: 2), time(5.9), time(6, .fail(3, .acquireTimeout)), returned(1, at: 6.5, .grant(4, 1))),
        Transcript(
            "who does not want to wait any more is let go; who has a connection is interrupted",
            ask(1, at: 0, .open(1)), ask(2, at: 0, .open(2)), cancel(1, at: 0, .fail(1, .cancelled)), opened(1, at: 1, .grant(2, 1)),
            cancel(2, at: 2, .interrupt(2, 1)), cancel(9, at: 2), returned(1, at: 3), opened(2, at: 3)),
        Transcript(
            "a connection that breaks in use is replaced when somebody waits",
            ask(1, at: 0, .open(1)), opened(1, at: 0, .grant(1, 1)), ask(2, at: 0, .open(2)), opened(2, at: 0, .grant(2, 2)), ask(3, at: 0),
            broke(2, at: 1, .open(3)), opened(3, at: 1, .grant(3, 3)), broke(3, at: 2), returned(1, at: 2)),
        Transcript(
            "who got a connection that the server had closed waits on at the head, for another or a new one",
            ask(1, at: 0, .open(1)), opened(1, at: 0, .grant(1, 1)), returned(1, at: 1), ask(2, at: 2, .grant(2, 1)), stale(1, at: 2, .open(2)),
            ask(3, at: 2, .open(3)), opened(3, at: 3, .grant(2, 3)), opened(2, at: 3, .grant(3, 2))),
        Transcript(
            "an idle connection that the server closes is forgotten",
            ask(1, at: 0, .open(1)), opened(1, at: 0, .grant(1, 1)), returned(1, at: 1), stale(1, at: 2), ask(2, at: 3, .open(2))),
        Transcript(
            "a connection that is not used is checked, and closed in the end",
            ask(1, at: 0, .open(1)), opened(1, at: 0, .grant(1, 1)), returned(1, at: 1), time(30.9), time(31, .check(1)), checked(1, at: 31.1),
            time(32), time(61.1, .check(1)), checked(1, at: 61.2), time(101, .end(1)), ask(2, at: 102, .open(2))),
        Transcript(
            "who asks while a connection is checked gets it afterwards",
            ask(1, at: 0, .open(1)), opened(1, at: 0, .grant(1, 1)), returned(1, at: 1), time(31, .check(1)), ask(2, at: 31, .open(2)),
            checked(1, at: 31.1, .grant(2, 1)), opened(2, at: 32)),
        Transcript(
            "a server that is away is tried again, one attempt at a time, with pauses that grow",
            ask(1, at: 0, .open(1)), ask(2, at: 0, .open(2)), refused(1, away, at: 0.1), refused(2, away, at: 0.1), time(0.4), time(0.5, .open(3)),
            refused(3, away, at: 0.6), time(1.3), time(1.4, .open(4)), opened(4, at: 1.5, .grant(1, 4), .open(5)), opened(5, at: 1.6, .grant(2, 5))),
        Transcript(
            "who waits for a server that stays away is told why, and later ones at once, until it is back",
            ask(1, at: 0, .open(1)), refused(1, away, at: 0.1), time(0.3, .open(2)), refused(2, away, at: 4.9),
            time(5, .fail(1, .refused(away))), time(5.3, .open(3)), ask(2, at: 5.4, .fail(2, .refused(away))), refused(3, away, at: 5.5),
            time(6.3, .open(4)), opened(4, at: 6.4), ask(3, at: 6.5, .grant(3, 4))),
        Transcript(
            "a wrong password fails all at once, and is tried again only when somebody asks after a pause",
            ask(1, at: 0, .open(1)), ask(2, at: 0, .open(2)), refused(1, wrong, at: 0.1, .fail(1, .refused(wrong)), .fail(2, .refused(wrong))),
            refused(2, wrong, at: 0.1), ask(3, at: 0.15, .fail(3, .refused(wrong))), time(0.5), ask(4, at: 1, .open(3)),
            opened(3, at: 1, .grant(4, 3))),
        Transcript(
            "while some connections work, one that is refused fails nobody",
            ask(1, at: 0, .open(1)), opened(1, at: 0, .grant(1, 1)), ask(2, at: 0, .open(2)), refused(2, wrong, at: 0.1),
            returned(1, at: 0.2, .grant(2, 1))),
        Transcript(
            "what was refused long ago is forgotten with the last connection",
            ask(1, at: 0, .open(1)), opened(1, at: 0, .grant(1, 1)), ask(2, at: 0, .open(2)), refused(2, away, at: 0.1),
            returned(1, at: 0.2, .grant(2, 1)), broke(1, at: 100), ask(3, at: 101, .open(3))),
        Transcript(
            "a closed pool lets nobody in, waits for those who have a connection, and gives up those that are being made",
            ask(1, at: 0, .open(1)), opened(1, at: 0, .grant(1, 1)), ask(2, at: 0, .open(2)), opened(2, at: 0, .grant(2, 2)), returned(2, at: 1),
            ask(3, at: 1, .grant(3, 2)), ask(4, at: 1), returned(1, at: 1, .grant(4, 1)), returned(1, at: 1), ask(5, at: 1, .grant(5, 1)),
            ask(6, at: 1), close(at: 2, .fail(6, .closed)), ask(7, at: 2, .fail(7, .closed)), time(100), returned(1, at: 100, .end(1)),
            broke(2, at: 101, .finished), close(at: 102)),
        Transcript(
            "a pool that is closed while it connects ends when that has ended",
            ask(1, at: 0, .open(1)), ask(2, at: 0, .open(2)), close(at: 1, .fail(1, .closed), .fail(2, .closed), .end(1), .end(2)),
            opened(1, at: 2, .end(1)), refused(2, away, at: 3, .finished)),
        Transcript("a pool without connections is closed at once", close(at: 0, .finished)),
    ]

    @Test(arguments: transcripts) func thePoolDoes(_ transcript: Transcript) {
        let limits = Machine.Limits(
            maximumConnections: 2, maximumWaiting: 3, acquireTimeout: .seconds(5), idleCheckInterval: .seconds(30), maximumIdleTime: .seconds(100),
            reconnection: Backoff(initial: .milliseconds(200), maximum: .seconds(1)))
        var machine = Machine(limits: limits)
        let start = ContinuousClock.now
        for (number, step) in transcript.steps.enumerated() {
            let actions = step.event(&machine, start + .milliseconds(Int((step.second * 1000).rounded())))
            #expect(actions == step.actions, "step \(number + 1)")
        }
    }

    @Test func theNextDeadlineIsTheFirstOfAll() {
        var machine = Machine(limits: Machine.Limits())
        let start = ContinuousClock.now
        #expect(machine.nextDeadline == nil)
        _ = machine.ask(1, at: start)
        #expect(machine.nextDeadline == start + .seconds(5))
        _ = machine.refused(1, Self.away, random: 1, at: start)
        #expect(machine.nextDeadline == start + .milliseconds(50))
        _ = machine.timePassed(at: start + .milliseconds(50))
        _ = machine.opened(2, at: start + .seconds(1))
        #expect(machine.nextDeadline == nil)
        _ = machine.returned(2, at: start + .seconds(2))
        #expect(machine.nextDeadline == start + .seconds(32))
        _ = machine.close()
        #expect(machine.nextDeadline == nil)
    }
}
