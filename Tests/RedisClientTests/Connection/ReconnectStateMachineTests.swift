@testable import RedisClient
import Testing

@Suite("Connecting again")
struct ReconnectStateMachineTests {
    private let backoff = Backoff(shortest: .milliseconds(100), longest: .seconds(1))

    @Test("waits longer after each failure, and short again after a good connection")
    func backsOff() {
        var machine = ReconnectStateMachine(backoff: backoff)
        #expect(machine.start() == .connect)
        #expect(machine.connectFailed(jitter: 1) == .startTimer(id: 1, after: .milliseconds(100)))
        #expect(machine.timerFired(id: 1) == .connect)
        #expect(machine.connectFailed(jitter: 1) == .startTimer(id: 2, after: .milliseconds(200)))
        #expect(machine.timerFired(id: 2) == .connect)
        #expect(machine.connectFailed(jitter: 0) == .startTimer(id: 3, after: .milliseconds(200)))
        #expect(machine.timerFired(id: 3) == .connect)
        #expect(machine.connected() == .use)
        // It lived too short to be trusted.
        #expect(machine.connectionLost(age: .seconds(1), jitter: 1) == .startTimer(id: 4, after: .milliseconds(800)))
        #expect(machine.timerFired(id: 4) == .connect)
        #expect(machine.connected() == .use)
        #expect(machine.connectionLost(age: .seconds(5), jitter: 1) == .startTimer(id: 5, after: .milliseconds(100)))
    }

    @Test("never waits longer than the longest wait, and never less than half", arguments: [0, 1, 5, 20, 63, 1_000_000, -1])
    func bounds(attempt: Int) {
        for jitter in [-1, 0, 0.5, 1, 2, .infinity] {
            let delay = backoff.delay(after: attempt, jitter: jitter)
            #expect(delay >= .milliseconds(50) && delay <= .seconds(1))
        }
    }

    @Test("leaves half a second of two to connect in, whether the server refused or hung, and whenever it returns", arguments: [true, false])
    func returnsInTime(hangs: Bool) {
        let configuration = RedisConfiguration()
        let settings = ConnectionSupervisor.Settings(configuration)
        for milliseconds in stride(from: 1, to: 20_000, by: 7) {
            let isBack = Duration.milliseconds(milliseconds)
            var machine = ReconnectStateMachine(backoff: settings.backoff)
            #expect(machine.start() == .connect)
            // When the next attempt begins. All that begin while the server is away fail.
            var attempt = Duration.zero
            while attempt < isBack {
                attempt += hangs ? configuration.connectTimeout : .zero
                guard case .startTimer(let id, let delay) = machine.connectFailed(jitter: 1), machine.timerFired(id: id) == .connect else {
                    Issue.record("after \(attempt) nothing is tried any more")
                    return
                }
                attempt += delay
            }
            #expect(attempt - isBack <= .milliseconds(1500), "back after \(isBack)")
        }
    }

    @Test("does not start twice, and hears no timer but the last")
    func ignoresWhatIsOld() {
        var machine = ReconnectStateMachine(backoff: backoff)
        #expect(machine.timerFired(id: 0) == .ignore)
        #expect(machine.connectFailed(jitter: 0) == .ignore)
        #expect(machine.connectionLost(age: .zero, jitter: 0) == .ignore)
        #expect(machine.connected() == .closeConnection)
        #expect(machine.start() == .connect)
        #expect(machine.start() == .ignore)
        #expect(machine.connectFailed(jitter: 0) == .startTimer(id: 1, after: .milliseconds(50)))
        #expect(machine.start() == .ignore)
        #expect(machine.connectFailed(jitter: 0) == .ignore)
        #expect(machine.timerFired(id: 2) == .ignore)
        #expect(machine.timerFired(id: 1) == .connect)
        #expect(machine.timerFired(id: 1) == .ignore)
    }

    @Test("ends from every state, and for good")
    func closes() {
        var idle = ReconnectStateMachine(backoff: backoff)
        #expect(idle.close() == .nothing)
        #expect(idle.start() == .ignore)

        var connecting = ReconnectStateMachine(backoff: backoff)
        _ = connecting.start()
        #expect(connecting.close() == .abandonAttempt)
        #expect(connecting.connected() == .closeConnection)
        #expect(connecting.connectFailed(jitter: 0) == .ignore)

        var connected = ReconnectStateMachine(backoff: backoff)
        _ = connected.start()
        _ = connected.connected()
        #expect(connected.close() == .closeConnection)
        #expect(connected.connectionLost(age: .zero, jitter: 0) == .ignore)

        var waiting = ReconnectStateMachine(backoff: backoff)
        _ = waiting.start()
        _ = waiting.connectFailed(jitter: 0)
        #expect(waiting.close() == .cancelTimer(id: 1))
        #expect(waiting.timerFired(id: 1) == .ignore)
        #expect(waiting.close() == .nothing)
    }
}
