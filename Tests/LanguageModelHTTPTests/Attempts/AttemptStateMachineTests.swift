@testable import LanguageModelHTTP
import StageModel
import Testing

@Suite("Trying again")
struct AttemptStateMachineTests {
    private let start = ContinuousClock.now
    private let away = AttemptFailure(.unavailable, "away", remedy: .again(notBefore: .zero))

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    private func machine(deadline: Int = 60_000, attempts: Int = 3, form: AnswerForm = .text) -> AttemptStateMachine {
        AttemptStateMachine(
            settings: .init(maximumAttempts: attempts, timeout: .seconds(20)), deadline: at(deadline), form: form)
    }

    @Test("tries as often as it may, with longer pauses, and fails as the last attempt did")
    func triesAgain() {
        var machine = machine()
        #expect(machine.begin(at: at(0)) == .ask(until: at(20_000), .text))
        #expect(machine.failed(.timeout, hasHandedOut: false, at: at(20_000), jitter: 1) == .pause(until: at(20_250)))
        #expect(machine.begin(at: at(20_250)) == .ask(until: at(40_250), .text))
        #expect(machine.failed(.timeout, hasHandedOut: false, at: at(40_250), jitter: 0.5) == .pause(until: at(40_500)))
        #expect(machine.begin(at: at(40_500)) == .ask(until: at(60_000), .text))
        #expect(machine.failed(away, hasHandedOut: false, at: at(41_000), jitter: 0) == .fail(away.failure))
    }

    @Test("pauses between nothing and twice as long each time, up to the longest", arguments: [0, 0.25, 1, -1, 7])
    func pauses(jitter: Double) {
        let bounded = min(max(jitter, 0), 1)
        var machine = machine(attempts: 10)
        for longest in [250, 500, 1000, 2000, 4000, 4000, 4000, 4000, 4000] {
            #expect(machine.begin(at: at(0)) == .ask(until: at(20_000), .text))
            let pause = Duration.milliseconds(longest) * bounded
            #expect(machine.failed(away, hasHandedOut: false, at: at(0), jitter: jitter) == .pause(until: at(0) + pause))
        }
        #expect(machine.begin(at: at(0)) == .ask(until: at(20_000), .text))
        #expect(machine.failed(away, hasHandedOut: false, at: at(0), jitter: jitter) == .fail(away.failure))
    }

    @Test("never waits until the deadline: it fails before, as the attempt did")
    func endsBeforeTheDeadline() {
        var machine = machine(deadline: 1000)
        #expect(machine.begin(at: at(0)) == .ask(until: at(1000), .text))
        #expect(machine.failed(away, hasHandedOut: false, at: at(750), jitter: 1) == .fail(away.failure))

        var fits = self.machine(deadline: 1000)
        _ = fits.begin(at: at(0))
        #expect(fits.failed(away, hasHandedOut: false, at: at(749), jitter: 1) == .pause(until: at(999)))
        // The pause took longer than it should.
        #expect(fits.begin(at: at(1000)) == .fail(away.failure))

        var late = self.machine(deadline: 1000)
        #expect(late.begin(at: at(1000)) == .fail(AttemptFailure.timeout.failure))
    }

    @Test("waits as long as the server wants, if that is before the deadline", arguments: [(59, true), (60, false), (86_400, false)])
    func respectsTheServer(seconds: Int, fits: Bool) {
        let busy = AttemptFailure(.unavailable, "busy", remedy: .again(notBefore: .seconds(seconds)))
        var machine = machine()
        _ = machine.begin(at: at(0))
        #expect(
            machine.failed(busy, hasHandedOut: false, at: at(0), jitter: 0)
                == (fits ? .pause(until: at(seconds * 1000)) : .fail(busy.failure)))
    }

    @Test("does not begin anew what was partly handed out", arguments: [true, false])
    func keepsWhatWasHandedOut(wantsText: Bool) {
        let failure = wantsText ? AttemptFailure(status: 400) : away
        var machine = machine(form: .schema)
        _ = machine.begin(at: at(0))
        #expect(machine.failed(failure, hasHandedOut: true, at: at(0), jitter: 0) == .fail(failure.failure))
        #expect(machine.begin(at: at(0)) == .fail(failure.failure))
    }

    @Test("leaves the schema out when the server refuses it, which is no further attempt")
    func leavesTheSchemaOut() {
        let refused = AttemptFailure(status: 400, message: "no such field")
        var machine = machine(attempts: 2, form: .schema)
        #expect(machine.begin(at: at(0)) == .ask(until: at(20_000), .schema))
        #expect(machine.failed(refused, hasHandedOut: false, at: at(1), jitter: 1) == .pause(until: at(1)))
        #expect(machine.begin(at: at(1)) == .ask(until: at(20_001), .textInsteadOfSchema))
        #expect(machine.failed(away, hasHandedOut: false, at: at(2), jitter: 0) == .pause(until: at(2)))
        #expect(machine.begin(at: at(2)) == .ask(until: at(20_002), .textInsteadOfSchema))
        #expect(machine.failed(refused, hasHandedOut: false, at: at(3), jitter: 0) == .fail(refused.failure))
    }

    @Test("does not leave out a schema that was not sent, or when there is no time left")
    func keepsTheSchema() {
        let refused = AttemptFailure(status: 422)
        for form in [AnswerForm.text, .textInsteadOfSchema] {
            var machine = machine(form: form)
            #expect(machine.begin(at: at(0)) == .ask(until: at(20_000), form))
            #expect(machine.failed(refused, hasHandedOut: false, at: at(0), jitter: 0) == .fail(refused.failure))
        }
        var late = machine(deadline: 10, form: .schema)
        _ = late.begin(at: at(0))
        #expect(late.failed(refused, hasHandedOut: false, at: at(10), jitter: 0) == .fail(refused.failure))
    }

    @Test("fails at once for what another attempt can't mend", arguments: [ModelFailure.Cause.refused, .truncated, .malformed, .rejected])
    func givesUp(cause: ModelFailure.Cause) {
        let failure = AttemptFailure(cause, "so it is")
        var machine = machine(form: .schema)
        _ = machine.begin(at: at(0))
        #expect(machine.failed(failure, hasHandedOut: false, at: at(0), jitter: 0) == .fail(failure.failure))
    }

    @Test("given up from outside, it tells what the attempts have failed for, if there was one")
    func isGivenUp() {
        let open = ModelFailure(.circuitOpen, "left alone")
        var fresh = machine()
        #expect(fresh.giveUp(open) == open)
        #expect(fresh.begin(at: at(0)) == .fail(open))

        var tried = machine()
        _ = tried.begin(at: at(0))
        _ = tried.failed(away, hasHandedOut: false, at: at(0), jitter: 0)
        #expect(tried.giveUp(open) == away.failure)
        #expect(tried.giveUp(open) == away.failure)
    }
}
