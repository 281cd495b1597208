/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z: PostgreSQL's `timestamptz`.
public struct PostgresTimestamp: Hashable, Comparable, Sendable {
    /// PostgreSQL counts from 2000-01-01T00:00:00Z.
    private static let epoch: Int64 = 946_684_800_000_000

    public let microseconds: Int64

    /// - Parameter microseconds: since 1970.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// - Parameter stored: microseconds since 2000.
    /// - Returns: nil for the two infinities, which are no moments.
    init?(stored: Int64) {
        let (sum, overflow) = stored.addingReportingOverflow(Self.epoch)
        guard !overflow, stored != .min else { return nil }
        microseconds = sum
    }

    /// Microseconds since 2000; nil where that is beyond what fits.
    var stored: Int64? {
        let (difference, overflow) = microseconds.subtractingReportingOverflow(Self.epoch)
        return overflow ? nil : difference
    }

    public static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool { left.microseconds < right.microseconds }
}
