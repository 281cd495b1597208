import Testing

@testable import PostgresClient

@Suite struct BackoffTests {
    private let backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(1))

    @Test(arguments: [(1, 100), (2, 200), (3, 400), (4, 800), (5, 1000), (6, 1000), (1_000_000, 1000)])
    func aPauseDoublesUpToTheMaximumAndIsTakenFromItsUpperHalf(failures: Int, milliseconds: Int) {
        #expect(backoff.pause(after: failures, random: 1) == .milliseconds(milliseconds))
        #expect(backoff.pause(after: failures, random: 0) == .milliseconds(milliseconds) / 2)
        #expect(backoff.pause(after: failures, random: 0.5) == .milliseconds(milliseconds) * 3 / 4)
    }

    @Test func onlyCollisionsAreTriedAgainAndNotForEver() {
        var policy = RetryPolicy()
        policy.attempts = 3
        for code in PostgresError.Code.allCases {
            let again = code == .serializationFailure || code == .deadlock
            let error = PostgresError(code, "")
            #expect((policy.pause(after: error, attempts: 1, random: 0) != nil) == again, "\(code)")
            #expect((policy.pause(after: error, attempts: 2, random: 0) != nil) == again, "\(code)")
            #expect(policy.pause(after: error, attempts: 3, random: 0) == nil, "\(code)")
        }
    }
}
