import HTTPTypes
import Logging
import Metrics
import Synchronization

/// Counts the requests that are under way, and keeps out what would only make all wait.
final class AdmissionGate: Sendable {
    /// What a request is counted as.
    enum Kind: String, CaseIterable, Sendable {
        case request
        /// A message of an end user, which may wait for others and for a model.
        case turn
        /// What tells how the server is doing is never kept out.
        case exempt

        init(_ head: HTTPRequest) {
            let path = head.path ?? ""
            if head.method == .post, path.hasSuffix("/messages") {
                self = .turn
            } else if path == "/health" || path == "/ready" || path == "/metrics" {
                self = .exempt
            } else {
                self = .request
            }
        }
    }

    private static let complaintInterval = Duration.seconds(60)

    private let requests = Atomic<Int>(0)
    private let turns = Atomic<Int>(0)
    private let limits: ConnectionLimits
    private let refused: [Kind: Counter]
    private let complainedAt = Mutex<ContinuousClock.Instant?>(nil)
    private let logger: Logger

    init(_ limits: ConnectionLimits, metrics: any MetricsFactory, logger: Logger) {
        self.limits = limits
        self.logger = logger
        refused = Dictionary(
            uniqueKeysWithValues: [Kind.request, .turn].map {
                ($0, Counter(label: "stagekeeper_requests_refused_total", dimensions: [("kind", $0.rawValue)], factory: metrics))
            })
    }

    /// Lets a request in, which has to leave then; false: there are too many.
    func enter(_ kind: Kind) -> Bool {
        switch kind {
        case .exempt: true
        case .request: enter(requests, limits.requests, kind)
        case .turn: enter(turns, limits.turns, kind)
        }
    }

    func leave(_ kind: Kind) {
        switch kind {
        case .exempt: break
        case .request: requests.subtract(1, ordering: .relaxed)
        case .turn: turns.subtract(1, ordering: .relaxed)
        }
    }

    /// How many are under way.
    func count(_ kind: Kind) -> Int {
        switch kind {
        case .exempt: 0
        case .request: requests.load(ordering: .relaxed)
        case .turn: turns.load(ordering: .relaxed)
        }
    }

    private func enter(_ count: borrowing Atomic<Int>, _ limit: Int, _ kind: Kind) -> Bool {
        if count.add(1, ordering: .relaxed).newValue <= limit { return true }
        count.subtract(1, ordering: .relaxed)
        refused[kind]?.increment()
        complain(kind, limit)
        return false
    }

    /// Logs once a minute at most what happens with every request.
    private func complain(_ kind: Kind, _ limit: Int) {
        let now = ContinuousClock.now
        let isDue = complainedAt.withLock { last in
            if let last, now - last < Self.complaintInterval { return false }
            last = now
            return true
        }
        if isDue {
            logger.warning("Too much is asked at once; more is refused with 503.", metadata: ["kind": "\(kind.rawValue)", "limit": "\(limit)"])
        }
    }
}
