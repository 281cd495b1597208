@testable import LanguageModelHTTP
import Testing

@Suite("The circuit breaker")
struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func ticket(_ breaker: inout CircuitBreaker, at seconds: Int) throws -> CircuitBreaker.Ticket {
        guard case .ask(let ticket) = breaker.admit(at: at(seconds)) else { throw Refused() }
        return ticket
    }

    private struct Refused: Error {}

    /// A breaker that has just opened, at 0 seconds.
    private func opened() throws -> CircuitBreaker {
        var breaker = CircuitBreaker(failuresUntilOpen: 2, openTime: .seconds(10))
        #expect(breaker.failed(try ticket(&breaker, at: 0), at: at(0)) == .nothing)
        #expect(breaker.failed(try ticket(&breaker, at: 0), at: at(0)) == .opened)
        return breaker
    }

    @Test("opens after so many failures in a row, and lets one try when its time is over")
    func opens() throws {
        var breaker = CircuitBreaker(failuresUntilOpen: 3, openTime: .seconds(10))
        for second in 0..<2 {
            #expect(breaker.failed(try ticket(&breaker, at: second), at: at(second)) == .nothing)
            #expect(!breaker.refuses(at: at(second)))
        }
        #expect(breaker.failed(try ticket(&breaker, at: 2), at: at(2)) == .opened)
        #expect(breaker.refuses(at: at(2)))
        #expect(breaker.refuses(at: at(11)))
        #expect(breaker.admit(at: at(11)) == .refuse)
        #expect(!breaker.refuses(at: at(12)))
        let trial = try ticket(&breaker, at: 12)
        #expect(breaker.refuses(at: at(12)))
        #expect(breaker.admit(at: at(1000)) == .refuse)
        #expect(breaker.succeeded(trial) == .closed)
        #expect(!breaker.refuses(at: at(12)))
    }

    @Test("counts only failures in a row")
    func resets() throws {
        var breaker = CircuitBreaker(failuresUntilOpen: 2, openTime: .seconds(10))
        for _ in 0..<5 {
            #expect(breaker.failed(try ticket(&breaker, at: 0), at: at(0)) == .nothing)
            #expect(breaker.succeeded(try ticket(&breaker, at: 0)) == .nothing)
        }
        #expect(breaker.failed(try ticket(&breaker, at: 0), at: at(0)) == .nothing)
        #expect(breaker.failed(try ticket(&breaker, at: 0), at: at(0)) == .opened)
    }

    @Test("counts anew after a trial that succeeded")
    func countsAnew() throws {
        var breaker = try opened()
        #expect(breaker.succeeded(try ticket(&breaker, at: 10)) == .closed)
        #expect(breaker.failed(try ticket(&breaker, at: 11), at: at(11)) == .nothing)
        #expect(breaker.failed(try ticket(&breaker, at: 11), at: at(11)) == .opened)
    }

    @Test("stays open as long again when the trial fails, which is no news")
    func trialFails() throws {
        var breaker = try opened()
        #expect(breaker.failed(try ticket(&breaker, at: 10), at: at(13)) == .nothing)
        #expect(breaker.admit(at: at(22)) == .refuse)
        #expect(breaker.admit(at: at(23)) != .refuse)
    }

    @Test("lets the next one try when the trial is given up")
    func trialIsAbandoned() throws {
        var breaker = try opened()
        breaker.abandoned(try ticket(&breaker, at: 10), at: at(11))
        #expect(!breaker.refuses(at: at(11)))
        #expect(breaker.succeeded(try ticket(&breaker, at: 11)) == .closed)
    }

    @Test("hears nothing of what began before its state changed")
    func ignoresWhatIsOld() throws {
        var breaker = CircuitBreaker(failuresUntilOpen: 1, openTime: .seconds(10))
        let old = try ticket(&breaker, at: 0)
        let older = try ticket(&breaker, at: 0)
        #expect(breaker.failed(try ticket(&breaker, at: 0), at: at(0)) == .opened)
        #expect(breaker.succeeded(old) == .nothing)
        #expect(breaker.failed(old, at: at(5)) == .nothing)
        #expect(breaker.refuses(at: at(9)))
        let trial = try ticket(&breaker, at: 10)
        #expect(breaker.succeeded(old) == .nothing)
        breaker.abandoned(older, at: at(10))
        #expect(breaker.failed(older, at: at(10)) == .nothing)
        #expect(breaker.refuses(at: at(10)))
        #expect(breaker.succeeded(trial) == .closed)
        #expect(breaker.failed(trial, at: at(10)) == .nothing)
        #expect(breaker.failed(old, at: at(10)) == .nothing)
        #expect(!breaker.refuses(at: at(10)))
    }

    @Test("an attempt that was given up counts neither way")
    func abandonedIsNothing() throws {
        var breaker = CircuitBreaker(failuresUntilOpen: 2, openTime: .seconds(10))
        #expect(breaker.failed(try ticket(&breaker, at: 0), at: at(0)) == .nothing)
        breaker.abandoned(try ticket(&breaker, at: 0), at: at(0))
        #expect(breaker.failed(try ticket(&breaker, at: 0), at: at(0)) == .opened)
    }
}
