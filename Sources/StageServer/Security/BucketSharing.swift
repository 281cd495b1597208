import Logging
import Metrics
import Synchronization

/// Tells the other processes what was taken from the buckets, and operators whether that works.
final class BucketSharing: Sendable {
    private let buckets: any SharedBuckets
    private let logger: Logger
    private let gauge: Gauge
    private let isAway = Mutex(false)

    init(_ buckets: any SharedBuckets, metrics: any MetricsFactory, logger: Logger) {
        self.buckets = buckets
        self.logger = logger
        gauge = Gauge(label: "stagekeeper_rate_limits_shared", dimensions: [], factory: metrics)
        gauge.record(1)
    }

    /// - Returns: how long it takes until the bucket is full, in nanoseconds; nil: the others can't be told.
    func take(_ tokens: Int, from bucket: String, of limit: RateLimit) async -> Int64? {
        do {
            let rest = try await buckets.take(
                .nanoseconds(Int64(tokens) * limit.interval), from: bucket, holding: .nanoseconds(limit.capacity))
            note(nil)
            return rest.nanoseconds
        } catch {
            note(error)
            return nil
        }
    }

    /// - Parameter error: nil: it worked.
    private func note(_ error: (any Error)?) {
        let isNews = isAway.withLock { isAway in
            defer { isAway = error != nil }
            return isAway != (error != nil)
        }
        guard isNews else { return }
        gauge.record(error == nil ? 1 : 0)
        if let error {
            logger.warning(
                "Rate limits can't be shared with the other servers; until they can, each server keeps them for itself.",
                metadata: ["reason": "\(String(reflecting: error))"])
        } else {
            logger.notice("Rate limits are shared with the other servers again.")
        }
    }
}

extension Duration {
    /// Whole nanoseconds; saturates instead of overflowing.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowed) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || overflowed ? (seconds < 0 ? .min : .max) : sum
    }
}
