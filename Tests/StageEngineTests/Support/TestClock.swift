import StageEngine
import StageModel
import Synchronization

/// A clock that stands still until it is moved.
final class TestClock: Sendable {
    static let start = Timestamp(microseconds: 1_800_000_000_000_000)

    private let current = Mutex(start)

    var now: Timestamp { current.withLock { $0 } }

    var source: TimeSource { TimeSource { self.now } }

    func advance(seconds: Int64) { current.withLock { $0 = $0.adding(seconds: seconds) } }

    func advance(microseconds: Int64) { current.withLock { $0 = Timestamp(microseconds: $0.microseconds + microseconds) } }
}
