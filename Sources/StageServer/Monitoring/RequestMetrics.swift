import HTTPTypes
import Metrics
import Synchronization

/// Counts requests by operation and class of status, and how long they took.
struct RequestMetrics: Sendable {
    private struct Handles {
        let timer: Metrics.Timer
        /// By the first digit of the status.
        let counters: [Counter]
    }

    private let handles: [String: Handles]

    /// Makes the handles of all operations beforehand: looking one up by name and dimensions is slower than the request may be.
    init(operations: [String], factory: any MetricsFactory) {
        handles = Dictionary(
            uniqueKeysWithValues: operations.map { operation in
                let counters = (0...5).map { digit in
                    Counter(
                        label: "stagekeeper_requests_total", dimensions: [("operation", operation), ("status", "\(digit)xx")], factory: factory)
                }
                let timer = Timer(label: "stagekeeper_request_seconds", dimensions: [("operation", operation)], factory: factory)
                return (operation, Handles(timer: timer, counters: counters))
            })
    }

    func record(_ operation: String, status: HTTPResponse.Status, seconds: Double) {
        guard let handles = handles[operation] else { return }
        handles.counters[min(5, Int(status.code) / 100)].increment()
        handles.timer.recordNanoseconds(Int64(seconds * 1e9))
    }
}
