import Metrics
import Synchronization

/// Counts.
final class CounterCell: CounterHandler, Sendable {
    private let total = Atomic<Int64>(0)

    var value: Int64 { total.load(ordering: .relaxed) }

    func increment(by amount: Int64) { total.add(amount, ordering: .relaxed) }

    func reset() { total.store(0, ordering: .relaxed) }
}

/// Keeps the last number that it was told.
final class GaugeCell: RecorderHandler, MeterHandler, Sendable {
    private let current = Mutex<Double>(0)

    var value: Double { current.withLock { $0 } }

    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { current.withLock { $0 = value } }
    func increment(by amount: Double) { current.withLock { $0 += amount } }
    func decrement(by amount: Double) { current.withLock { $0 -= amount } }
}

/// Counts in buckets, which are the same for all of a kind, so that those of several processes can be added up.
final class HistogramCell: RecorderHandler, TimerHandler, Sendable {
    private struct State {
        /// The last is for what is above all bounds.
        var buckets: [Int64]
        var sum: Double = 0
    }

    /// From 100 µs to a minute, by factors of about 2.5.
    static let seconds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    /// How many of something, by powers of two.
    static let sizes: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096]

    private let bounds: [Double]
    private let state: Mutex<State>

    /// - Parameter bounds: the highest values of the buckets, ascending.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(buckets: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.buckets[bucket] += 1
            state.sum += value
        }
    }

    func text(_ label: String, _ dimensions: String) -> String {
        let (buckets, sum) = state.withLock { ($0.buckets, $0.sum) }
        var text = ""
        var total: Int64 = 0
        let before = dimensions.isEmpty ? "" : dimensions + ","
        for (bound, count) in zip(bounds + [.infinity], buckets) {
            total += count
            text += "\(label)_bucket{\(before)le=\"\(bound.exposition)\"} \(total)\n"
        }
        let braces = PrometheusMetrics.braces(dimensions)
        return text + "\(label)_sum\(braces) \(sum.exposition)\n\(label)_count\(braces) \(total)\n"
    }
}
