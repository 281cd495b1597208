import StageModel
import Testing

@Suite("Conversations: transcripts")
struct TranscriptTests {
    static let moves = [
        Transcript(
            "A conversation starts at any stage, moves, stays where it is, and is completed by a final stage",
            [
                (0, .go(Sample.greeting), "active at greeting: v1 none>greeting api"),
                (30, .go(Sample.scratch), "active at scratch: v2 greeting>scratch api after 30s"),
                (40, .go(Sample.scratch), "active at scratch: v3 scratch>scratch api"),
                (50, .go(Sample.scratch, ["a": 1]), "active at scratch: v4 scratch>scratch api"),
                (130, .go(Sample.done), "completed at done: v5 scratch>done api after 100s"),
                (140, .go(Sample.done), "completed at done: v6 done>done api"),
            ]),
        Transcript(
            "A move takes a completed conversation up again, and it can be completed again",
            [
                (0, .go(Sample.done), "completed at done: v1 none>done api"),
                (5, .go(Sample.greeting), "active at greeting: v2 done>greeting api after 5s"),
                (6, .go(Sample.done), "completed at done: v3 greeting>done api after 1s"), (7, .clear, "active at none: v4 done>none api after 1s"),
                (8, .go(Sample.done), "completed at done: v5 none>done api"),
            ]),
        Transcript(
            "A move to a stage that is unknown or disabled is refused and changes nothing",
            [
                (0, .go(Sample.absent), "refused: unknown stage ?"), (0, .go(Sample.closed), "refused: closed is disabled"),
                (1, .go(Sample.greeting), "active at greeting: v1 none>greeting api"), (2, .go(Sample.closed), "refused: closed is disabled"),
                (3, .go(Sample.scratch), "active at scratch: v2 greeting>scratch api after 2s"),
            ]),
        Transcript(
            "The agent is given at the start and stays",
            [
                (0, .go(Sample.ofAda), "refused: ofAda is Ada's"), (0, .go(Sample.ofAda, agent: Sample.bob), "refused: ofAda is Ada's"),
                (0, .go(Sample.greeting, agent: Sample.id(77)), "refused: unknown agent"),
                (0, .go(Sample.ofAda, agent: Sample.ada), "active at ofAda: v1 none>ofAda api"),
                (1, .go(Sample.greeting), "active at greeting: v2 ofAda>greeting api after 1s"),
                (2, .go(Sample.greeting, agent: Sample.ada), "active at greeting: v3 greeting>greeting api"),
                (3, .go(Sample.greeting, agent: Sample.bob), "refused: agent is Ada"), (3, .go(Sample.ofBob), "refused: ofBob is Bob's"),
                (4, .go(Sample.ofAda), "active at ofAda: v4 greeting>ofAda api after 3s"),
            ]),
        Transcript(
            "A conversation that started without an agent stays without one until it is cleared",
            [
                (0, .go(Sample.greeting), "active at greeting: v1 none>greeting api"),
                (1, .go(Sample.ofAda, agent: Sample.ada), "refused: agent is none"),
                (2, .clear, "active at none: v2 greeting>none api after 2s"),
                (3, .go(Sample.ofAda, agent: Sample.ada), "active at ofAda: v3 none>ofAda api"),
                (4, .clear, "active at none: v4 ofAda>none api after 1s"),
                (5, .go(Sample.ofAda), "active at ofAda: v5 none>ofAda api"), (6, .clear, "active at none: v6 ofAda>none api after 1s"),
                (7, .go(Sample.ofBob, agent: Sample.bob), "active at ofBob: v7 none>ofBob api"),
            ]),
    ]

    static let controls = [
        Transcript(
            "Pausing and resuming are recorded and leave the stage as it is; moving leaves the pause",
            [
                (0, .pause, "refused: not started"), (0, .resume, "nothing"), (0, .go(Sample.greeting), "active at greeting: v1 none>greeting api"),
                (1, .resume, "nothing"), (2, .pause, "paused at greeting: v2 greeting>greeting api"), (3, .pause, "nothing"),
                (4, .go(Sample.scratch), "paused at scratch: v3 greeting>scratch api after 4s"),
                (5, .resume, "active at scratch: v4 scratch>scratch api"),
                (6, .pause, "paused at scratch: v5 scratch>scratch api"), (7, .go(Sample.done), "completed at done: v6 scratch>done api after 3s"),
                (8, .pause, "refused: already completed"), (8, .resume, "refused: already completed"),
            ]),
        Transcript(
            "Clearing forgets once; what is clear already stays as it is",
            [
                (0, .clear, "nothing"), (0, .go(Sample.order, ["order_id": "AB-1234"]), "active at order: v1 none>order api"),
                (1, .pause, "paused at order: v2 order>order api"), (9, .clear, "active at none: v3 order>none api after 9s"),
                (10, .clear, "nothing"),
                (11, .pause, "refused: not started"),
            ]),
        Transcript(
            "A rewind is a new entry, a repair, also into the stage where the conversation is",
            [
                (0, .go(Sample.greeting), "active at greeting: v1 none>greeting api"),
                (1, .go(Sample.done), "completed at done: v2 greeting>done api after 1s"),
                (3, .rewind(toVersion: 1, stage: Sample.greeting), "active at greeting: v3 done>greeting repair after 2s"),
                (4, .rewind(toVersion: 3, stage: Sample.greeting), "active at greeting: v4 greeting>greeting repair"),
                (5, .rewind(toVersion: 2, stage: Sample.done), "completed at done: v5 greeting>done repair after 1s"),
                (6, .rewind(toVersion: 1, stage: Sample.absent), "refused: unknown stage ?"),
                (6, .rewind(toVersion: 1, stage: Sample.ofAda), "refused: ofAda is Ada's"), (7, .clear, "active at none: v6 done>none api after 2s"),
                (8, .rewind(toVersion: 1, stage: Sample.greeting), "active at greeting: v7 none>greeting repair"),
            ]),
        Transcript(
            "A conversation is moved away from a stage that is deleted only if it is there",
            [
                (0, .evacuate(from: Sample.greeting, to: Sample.scratch), "nothing"),
                (0, .go(Sample.greeting), "active at greeting: v1 none>greeting api"),
                (1, .evacuate(from: Sample.order, to: Sample.scratch), "nothing"),
                (1, .evacuate(from: Sample.greeting, to: Sample.absent), "nothing"),
                (2, .evacuate(from: Sample.greeting, to: Sample.scratch), "active at scratch: v2 greeting>scratch repair after 2s"),
            ]),
        Transcript(
            "A state whose time has run out is dropped first, as a version of its own",
            [
                (0, .elapse, "nothing"), (0, .go(Sample.order), "active at order: v1 none>order api"), (3599, .elapse, "nothing"),
                (3599, .go(Sample.order, ["quantity": 1]), "active at order: v2 order>order api"), (3600, .elapse, "nothing"),
                (7199, .go(Sample.greeting), "active at greeting: v3 order>none timer after 7199s, v4 none>greeting api"),
                (100_000, .elapse, "nothing"), (100_001, .go(Sample.order), "active at order: v5 greeting>order api after 92802s"),
                (200_000, .elapse, "active at none: v6 order>none timer after 99999s"), (200_001, .elapse, "nothing"),
            ]),
        Transcript(
            "Every command meets the expiry first",
            [
                (0, .go(Sample.order), "active at order: v1 none>order api"), (3600, .clear, "active at none: v2 order>none timer after 3600s"),
                (4000, .go(Sample.order), "active at order: v3 none>order api"), (8000, .pause, "refused: not started"),
                (8000, .resume, "active at none: v4 order>none timer after 4000s"), (9000, .go(Sample.order), "active at order: v5 none>order api"),
                (13_000, .rewind(toVersion: 1, stage: Sample.order), "active at order: v6 order>none timer after 4000s, v7 none>order repair"),
                (17_000, .evacuate(from: Sample.order, to: Sample.greeting), "active at none: v8 order>none timer after 4000s"),
            ]),
    ]

    @Test("A conversation goes as its transcript says", arguments: moves + controls)
    func plays(transcript: Transcript) throws {
        var rehearsal = try Rehearsal()
        for step in transcript.steps {
            let before = (rehearsal.state, rehearsal.history.count)
            let outcome = rehearsal.perform(step.command, at: step.at)
            #expect(outcome == step.expected, "\(step.command)")
            if outcome == "nothing" || outcome.hasPrefix("refused") { #expect(rehearsal.state == before.0) }
            #expect(rehearsal.state.version == before.0.version + Int64(rehearsal.history.count - before.1))
        }
        #expect(rehearsal.history.map(\.version) == rehearsal.history.indices.map { Int64($0 + 1) })
        #expect(rehearsal.history.allSatisfy { $0.flowRevision == 7 && $0.sequence == 0 })
    }

    @Test("A timer records the expiry, the caller everything else")
    func actors() throws {
        var rehearsal = try Rehearsal()
        _ = rehearsal.perform(.go(Sample.order), at: 0)
        _ = rehearsal.perform(.go(Sample.greeting), at: 4000)
        #expect(rehearsal.history.map(\.actor) == ["sk_test", "timer", "sk_test"])
        #expect(rehearsal.history.map { $0.trace["reason"] } == [nil, "expired", nil])
    }

    @Test("A state reads as cleared from the moment of its expiry on, and knows that it has expired")
    func reading() throws {
        var rehearsal = try Rehearsal()
        _ = rehearsal.perform(.go(Sample.order, ["quantity": 2]), at: 0)
        let state = rehearsal.state
        #expect(state.expiresAt == Sample.start.adding(seconds: 3600))
        #expect(state.reading(at: Sample.start.adding(seconds: 3599)) == state)
        let cleared = state.reading(at: Sample.start.adding(seconds: 3600))
        #expect(cleared.stageID == nil && cleared.data == ConversationData() && cleared.visits.isEmpty)
        #expect(cleared.expiresAt == nil && cleared.hasExpired && !state.hasExpired)
        #expect(cleared.version == 1 && cleared.status == .active && cleared.enteredAt == nil)
    }

    @Test("Each write at a stage with a time to live puts the expiry off; a stage without one has none")
    func expiry() throws {
        var rehearsal = try Rehearsal()
        _ = rehearsal.perform(.go(Sample.order), at: 0)
        _ = rehearsal.perform(.pause, at: 100)
        #expect(rehearsal.state.expiresAt == Sample.start.adding(seconds: 3700))
        _ = rehearsal.perform(.go(Sample.greeting), at: 200)
        #expect(rehearsal.state.expiresAt == nil)
        #expect(rehearsal.state.updatedAt == Sample.start.adding(seconds: 200) && rehearsal.state.createdAt == Sample.start)
    }
}
