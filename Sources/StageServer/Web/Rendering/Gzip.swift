import CZlib
import NIOCore

/// Compression of what is sent to browsers.
enum Gzip {
    /// What is smaller gains nothing.
    static let leastBytes = 1024
    private static let quick: Int32 = 5
    private static let thorough: Int32 = 9

    /// The bytes compressed; nil when that makes them no smaller.
    /// - Parameter isLasting: whether they are compressed once for many answers, so that time does not matter.
    static func compress(_ bytes: [UInt8], isLasting: Bool = false) -> [UInt8]? {
        let capacity = czlib_gzip_bound(bytes.count)
        let compressed = [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            count = czlib_gzip(bytes, bytes.count, target.baseAddress, capacity, isLasting ? thorough : quick)
        }
        return compressed.isEmpty || compressed.count >= bytes.count ? nil : compressed
    }

    /// Whether an `Accept-Encoding` takes gzip.
    static func isAccepted(_ header: String?) -> Bool {
        guard let header else { return false }
        let weights = WeightedValue.list(header)
        if let own = weights.first(where: { $0.value == "gzip" }) { return own.weight > 0 }
        return weights.contains { $0.value == "*" && $0.weight > 0 }
    }
}
