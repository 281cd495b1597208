import StageEngine
import StageModel
import Synchronization

/// A clock that stands still until it is told to go on.
final class TestClock: Sendable {
    /// 2026-03-01T12:00:00Z
    static let start = Timestamp(microseconds: 1_772_366_400_000_000)

    private let moment = Mutex(start)

    var now: Timestamp { moment.withLock { $0 } }

    var source: TimeSource { TimeSource { self.now } }

    func advance(seconds: Int64) { moment.withLock { $0 = $0.adding(seconds: seconds) } }
}
