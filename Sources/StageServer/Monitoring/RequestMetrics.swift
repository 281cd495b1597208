import HTTPTypes
import Metrics

/// Counts requests by operation and class of status, and how long they took.
struct RequestMetrics: Sendable {
    /// Requests that are expected to take about as long as each other.
    enum Work: String {
        /// GET.
        case read
        /// POST, PUT, PATCH and DELETE, but for turns.
        case write
        /// A message of an end user: with a language model it takes as long as that does.
        case turn
        /// Events: they last as long as somebody follows them.
        case stream
        case page
        /// What operators and their tools ask, such as these metrics.
        case server
        /// Refused: nothing is there.
        case none
    }

    private struct Handles {
        let timer: Metrics.Timer
        /// By the first digit of the status, from 2 to 5.
        let counters: [Counter]

        init(_ operation: String, _ work: Work, _ factory: any MetricsFactory) {
            let dimensions = [("class", work.rawValue), ("operation", operation)]
            timer = Timer(label: "stagekeeper_request_seconds", dimensions: dimensions, factory: factory)
            counters = (2...5).map {
                Counter(label: "stagekeeper_requests_total", dimensions: dimensions + [("status", "\($0)xx")], factory: factory)
            }
        }
    }

    private let handles: [String: Handles]

    /// Makes the handles of all operations beforehand, those of `page` and `none` too: looking one up by name and dimensions is slower than the
    /// request may be.
    init(operations: [Operation], factory: any MetricsFactory) {
        let works = operations.map { ($0.id, Work($0)) } + [("page", .page), ("none", .none)]
        handles = Dictionary(works.map { ($0, Handles($0, $1, factory)) }, uniquingKeysWith: { first, _ in first })
    }

    func record(_ operation: String, status: HTTPResponse.Status, seconds: Double) {
        guard let handles = handles[operation] else { return }
        handles.counters[min(max(Int(status.code) / 100, 2), 5) - 2].increment()
        handles.timer.recordNanoseconds(Int64(seconds * 1e9))
    }
}

extension RequestMetrics.Work {
    init(_ operation: Operation) {
        if case .open = operation.access {
            self = .server
        } else if operation.id == "handleMessage" {
            self = .turn
        } else if operation.isStream {
            self = .stream
        } else {
            self = operation.isUnsafe ? .write : .read
        }
    }
}
