import StageModel
import StageStore

/// Counts failed sign-ins, so that nobody can go on guessing.
///
/// Kept in memory, for a bounded number of names: those that were not tried for the longest are forgotten first.
struct SignInAttempts: Sendable {
    private struct Window: Sendable {
        let startedAt: Timestamp
        var failures: Int
    }

    static let limit = 10
    static let seconds: Double = 60
    private static let capacity = 8192

    private let windows = BoundedCache<String, Window>(capacity: capacity)

    /// Counts an attempt as failed before it is made, so that many at once are no way around the limit.
    /// - Parameter names: what the attempt is counted for.
    /// - Throws: `too_many_attempts` when one of the names has failed too often within the minute.
    func begin(_ names: [String], at now: Timestamp) throws(EngineError) {
        var counted: [String] = []
        for name in names {
            guard count(name, at: now) else {
                takeBack(counted)
                throw EngineError(.tooManyAttempts, "Too many attempts to sign in have failed; wait a minute, then try again.")
            }
            counted.append(name)
        }
    }

    /// The attempt did not fail.
    func takeBack(_ names: [String]) { for name in names { takeBack(name) } }

    private func count(_ name: String, at now: Timestamp) -> Bool {
        var isAllowed = false
        windows.update(name) { window in
            var current = window ?? Window(startedAt: now, failures: 0)
            if now.seconds(since: current.startedAt) >= Self.seconds { current = Window(startedAt: now, failures: 0) }
            isAllowed = current.failures < Self.limit
            if isAllowed { current.failures += 1 }
            window = current
        }
        return isAllowed
    }

    private func takeBack(_ name: String) {
        windows.update(name) { window in
            guard let failures = window?.failures, failures > 0 else { return }
            window?.failures = failures - 1
        }
    }
}
