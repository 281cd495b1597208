@testable import StageModel
import Testing

@Suite("Conversations: timeouts")
struct TimeoutTests {
    private static let waiting: Stage.ID = Sample.id(21)
    private static let looping: Stage.ID = Sample.id(22)
    private static let toClosed: Stage.ID = Sample.id(23)
    private static let once: Stage.ID = Sample.id(24)
    private static let toOnce: Stage.ID = Sample.id(25)
    private static let toAda: Stage.ID = Sample.id(26)
    private static let toAbsent: Stage.ID = Sample.id(27)
    private static let toDone: Stage.ID = Sample.id(28)
    private static let chain: Stage.ID = Sample.id(29)
    private static let end: Stage.ID = Sample.id(30)
    private static let brief: Stage.ID = Sample.id(31)
    private static let lasting: Stage.ID = Sample.id(32)

    private static func stage(
        _ id: Stage.ID, _ name: String, to target: Stage.ID?, _ configure: (inout StageConfiguration) -> Void = { _ in }
    ) -> Saved<Stage> {
        Sample.saved(
            id,
            Sample.stage(name) { configuration in
                configuration.timeout = target.map { StageConfiguration.Timeout(seconds: 60, toStageID: $0) }
                configure(&configuration)
            })
    }

    private static let flow = Sample.flow.saving(stages: [
        stage(waiting, "waiting", to: Sample.greeting), stage(looping, "looping", to: looping), stage(toClosed, "toClosed", to: Sample.closed),
        stage(once, "once", to: nil) { $0.maximumVisits = 1 }, stage(toOnce, "toOnce", to: once), stage(toAda, "toAda", to: Sample.ofAda),
        stage(toAbsent, "toAbsent", to: Sample.absent), stage(toDone, "toDone", to: Sample.done), stage(chain, "chain", to: waiting),
        stage(end, "end", to: Sample.greeting) { $0.isFinal = true },
        stage(brief, "brief", to: Sample.greeting) { $0.persistence.timeToLive = 50 },
        stage(lasting, "lasting", to: Sample.greeting) { $0.persistence.timeToLive = 100 },
    ])

    static let firings = [
        Transcript(
            "A timeout fires once, at its deadline and not before",
            [
                (0, .go(waiting), "active at waiting: v1 none>waiting api"), (59, .elapse, "nothing"),
                (60, .elapse, "active at greeting: v2 waiting>greeting timer after 60s"), (60, .elapse, "nothing"), (100_000, .elapse, "nothing"),
            ]),
        Transcript(
            "A timeout whose time has long passed fires before the next command, as a version of its own",
            [
                (0, .go(waiting), "active at waiting: v1 none>waiting api"),
                (100, .go(Sample.scratch), "active at scratch: v2 waiting>greeting timer after 100s, v3 greeting>scratch api after 0s"),
                (101, .go(waiting), "active at waiting: v4 scratch>waiting api after 1s"),
                (200, .pause, "paused at greeting: v5 waiting>greeting timer after 99s, v6 greeting>greeting api"),
                (201, .go(waiting), "paused at waiting: v7 greeting>waiting api after 1s"),
                (202, .resume, "active at waiting: v8 waiting>waiting api"),
                (300, .clear, "active at none: v9 waiting>greeting timer after 99s, v10 greeting>none api after 0s"),
            ]),
        Transcript(
            "Writing at the stage does not put the deadline off",
            [
                (0, .go(waiting), "active at waiting: v1 none>waiting api"),
                (30, .go(waiting, ["a": 1]), "active at waiting: v2 waiting>waiting api"),
                (60, .go(waiting, ["a": 2]), "active at waiting: v3 waiting>greeting timer after 60s, v4 greeting>waiting api after 0s"),
                (119, .elapse, "nothing"), (120, .elapse, "active at greeting: v5 waiting>greeting timer after 60s"),
            ]),
        Transcript(
            "A timeout to the stage itself is a re-entry that sets the next one",
            [
                (0, .go(looping), "active at looping: v1 none>looping api"), (70, .elapse, "active at looping: v2 looping>looping timer"),
                (129, .elapse, "nothing"), (130, .elapse, "active at looping: v3 looping>looping timer"),
            ]),
        Transcript(
            "Each timeout of a chain counts from the entry that the one before has made",
            [
                (0, .go(chain), "active at chain: v1 none>chain api"), (1000, .elapse, "active at waiting: v2 chain>waiting timer after 1000s"),
                (1000, .elapse, "nothing"), (1060, .elapse, "active at greeting: v3 waiting>greeting timer after 60s"),
            ]),
        Transcript(
            "A timeout may complete the conversation, and what is completed has none",
            [
                (0, .go(toDone), "active at toDone: v1 none>toDone api"), (60, .elapse, "completed at done: v2 toDone>done timer after 60s"),
                (70, .go(end), "completed at end: v3 done>end api after 10s"), (1000, .elapse, "nothing"),
                (1001, .go(waiting), "active at waiting: v4 end>waiting api after 931s"),
                (1061, .elapse, "active at greeting: v5 waiting>greeting timer after 60s"),
            ]),
    ]

    static let closures = [
        Transcript(
            "A disabled target leaves the conversation where it is, which is recorded once",
            [
                (0, .go(toClosed), "active at toClosed: v1 none>toClosed api"),
                (60, .elapse, "active at toClosed: v2 toClosed>toClosed timer, not taken: disabled"), (61, .elapse, "nothing"),
                (62, .go(toClosed, ["a": 1]), "active at toClosed: v3 toClosed>toClosed api"), (200, .elapse, "nothing"),
            ]),
        Transcript(
            "A target that was entered as often as it may be leaves it there, too",
            [
                (0, .go(once), "active at once: v1 none>once api"), (1, .go(toOnce), "active at toOnce: v2 once>toOnce api after 1s"),
                (61, .go(Sample.scratch), "active at scratch: v3 toOnce>toOnce timer, not taken: max_visits, v4 toOnce>scratch api after 60s"),
            ]),
        Transcript(
            "The target is entered where it may be",
            [(0, .go(toOnce), "active at toOnce: v1 none>toOnce api"), (60, .elapse, "active at once: v2 toOnce>once timer after 60s")]),
        Transcript(
            "A target of another agent, and one that is not there, are not entered",
            [
                (0, .go(toAda), "active at toAda: v1 none>toAda api"), (60, .elapse, "active at toAda: v2 toAda>toAda timer, not taken: other_agent"),
                (61, .go(toAbsent), "active at toAbsent: v3 toAda>toAbsent api after 61s"),
                (121, .elapse, "active at toAbsent: v4 toAbsent>toAbsent timer, not taken: missing"), (122, .elapse, "nothing"),
            ]),
        Transcript(
            "A target of the conversation's own agent is entered",
            [
                (0, .go(toAda, agent: Sample.ada), "active at toAda: v1 none>toAda api"),
                (60, .elapse, "active at ofAda: v2 toAda>ofAda timer after 60s"),
            ]),
    ]

    static let controls = [
        Transcript(
            "The timeout of a paused conversation waits, and fires once it is resumed",
            [
                (0, .go(waiting), "active at waiting: v1 none>waiting api"), (30, .pause, "paused at waiting: v2 waiting>waiting api"),
                (100, .elapse, "nothing"), (101, .go(waiting, ["a": 1]), "paused at waiting: v3 waiting>waiting api"),
                (200, .resume, "active at waiting: v4 waiting>waiting api"),
                (200, .elapse, "active at greeting: v5 waiting>greeting timer after 200s"),
            ]),
        Transcript(
            "A conversation that is resumed in time goes on waiting for the same deadline",
            [
                (0, .go(waiting), "active at waiting: v1 none>waiting api"), (30, .pause, "paused at waiting: v2 waiting>waiting api"),
                (40, .resume, "active at waiting: v3 waiting>waiting api"), (59, .elapse, "nothing"),
                (60, .elapse, "active at greeting: v4 waiting>greeting timer after 60s"),
            ]),
        Transcript(
            "Leaving, clearing and expiring drop the timeout",
            [
                (0, .go(waiting), "active at waiting: v1 none>waiting api"),
                (10, .go(Sample.greeting), "active at greeting: v2 waiting>greeting api after 10s"),
                (100, .elapse, "nothing"), (100, .go(waiting), "active at waiting: v3 greeting>waiting api after 90s"),
                (110, .clear, "active at none: v4 waiting>none api after 10s"), (300, .elapse, "nothing"),
                (300, .go(brief), "active at brief: v5 none>brief api"), (349, .elapse, "nothing"),
                (370, .elapse, "active at none: v6 brief>none timer after 70s"), (500, .elapse, "nothing"),
            ]),
        Transcript(
            "A timeout before the expiry fires, and puts the expiry off as every write does",
            [
                (0, .go(lasting), "active at lasting: v1 none>lasting api"), (60, .elapse, "active at greeting: v2 lasting>greeting timer after 60s"),
                (1000, .elapse, "nothing"),
            ]),
        Transcript(
            "A rewind sets the timeout anew, also into the stage where the conversation is",
            [
                (0, .go(waiting), "active at waiting: v1 none>waiting api"),
                (30, .rewind(toVersion: 1, stage: waiting), "active at waiting: v2 waiting>waiting repair"), (89, .elapse, "nothing"),
                (90, .elapse, "active at greeting: v3 waiting>greeting timer after 60s"),
                (95, .rewind(toVersion: 1, stage: waiting), "active at waiting: v4 greeting>waiting repair after 5s"), (154, .elapse, "nothing"),
                (
                    155, .rewind(toVersion: 3, stage: Sample.done),
                    "completed at done: v5 waiting>greeting timer after 60s, v6 greeting>done repair after 0s"
                ),
            ]),
        Transcript(
            "An evacuation sets the timeout of the stage that it leads to, and comes too late behind a timeout",
            [
                (0, .go(Sample.greeting), "active at greeting: v1 none>greeting api"),
                (10, .evacuate(from: Sample.greeting, to: waiting), "active at waiting: v2 greeting>waiting repair after 10s"),
                (69, .elapse, "nothing"),
                (70, .evacuate(from: waiting, to: Sample.scratch), "active at greeting: v3 waiting>greeting timer after 60s"),
            ]),
    ]

    @Test("A timeout does as its transcript says", arguments: firings + closures + controls)
    func plays(transcript: Transcript) throws {
        var rehearsal = try Rehearsal(flow: Self.flow)
        for step in transcript.steps {
            let outcome = rehearsal.perform(step.command, at: step.at)
            #expect(outcome == step.expected, "\(step.at): \(step.command)")
            let state = rehearsal.state
            #expect(state.timeoutAt == nil || (state.stageID != nil && state.status != .completed))
        }
        #expect(rehearsal.history.map(\.version) == rehearsal.history.indices.map { Int64($0 + 1) })
        for transition in rehearsal.history where transition.cause == .timer {
            #expect(transition.actor == "timer" && transition.rule == nil)
            #expect(transition.trace["reason"] == (transition.to == nil ? "expired" : "timeout"))
        }
    }

    @Test("The deadline is set on entry, and counts for what has timed out only while the conversation is active")
    func deadline() throws {
        var rehearsal = try Rehearsal(flow: Self.flow)
        _ = rehearsal.perform(.go(Self.waiting), at: 5)
        let due = Sample.start.adding(seconds: 65)
        #expect(rehearsal.state.timeoutAt == due && rehearsal.state.hasTimedOut(at: due))
        #expect(!rehearsal.state.hasTimedOut(at: due.adding(seconds: -1)))
        _ = rehearsal.perform(.pause, at: 6)
        #expect(rehearsal.state.timeoutAt == due && !rehearsal.state.hasTimedOut(at: due))
        #expect(rehearsal.state.reading(at: due).timeoutAt == due)
        _ = rehearsal.perform(.go(Self.looping), at: 6)
        _ = rehearsal.perform(.resume, at: 7)
        _ = rehearsal.perform(.elapse, at: 70)
        #expect(rehearsal.state.visits == [Self.waiting: 1, Self.looping: 2] && rehearsal.state.timeoutAt == Sample.start.adding(seconds: 130))
    }

    @Test("A deadline that was set stays when the stage's timeout is changed; where it leads to is looked up when it fires")
    func changedFlow() throws {
        for (timeout, expected) in [
            (StageConfiguration.Timeout(seconds: 5, toStageID: Sample.scratch), "active at scratch: v2 waiting>scratch timer after 60s"),
            (nil, "active at waiting: v2 waiting>waiting timer, not taken: no_timeout"),
        ] {
            var rehearsal = try Rehearsal(flow: Self.flow)
            _ = rehearsal.perform(.go(Self.waiting), at: 0)
            rehearsal.flow = Self.flow.saving(stages: [Self.stage(Self.waiting, "waiting", to: nil) { $0.timeout = timeout }])
            #expect(rehearsal.perform(.elapse, at: 59) == "nothing")
            #expect(rehearsal.perform(.elapse, at: 60) == expected)
            #expect(rehearsal.perform(.elapse, at: 61) == "nothing")
        }
    }

    @Test("Where the stage is not known yet the deadline is left to who knows it")
    func unknownStage() throws {
        var rehearsal = try Rehearsal(flow: Self.flow)
        _ = rehearsal.perform(.go(Self.waiting), at: 0)
        rehearsal.flow = Sample.flow
        #expect(rehearsal.perform(.elapse, at: 60) == "nothing")
        rehearsal.flow = Self.flow
        #expect(rehearsal.perform(.elapse, at: 61).hasPrefix("active at greeting: v2 waiting>greeting timer"))
    }
}
