import StageModel
import StageStore
import Synchronization

/// What is needed of a business to find and open what is kept of its conversations.
final class BusinessSecrets: Sendable {
    struct Secrets: Sendable {
        /// What it is called in Redis.
        let name: String
        let salt: [UInt8]
    }

    private static let capacity = 16_384

    private let log: any CommitLog
    private let keys: RedisKeys
    private let known = BoundedCache<Business.ID, Secrets>(capacity: capacity)
    /// Counts what was dropped, so that what was read before is not kept after it.
    private let dropCount = Atomic<UInt64>(0)

    init(log: any CommitLog, keys: RedisKeys) {
        self.log = log
        self.keys = keys
    }

    /// - Throws: `.unknownBusiness`, also when it was deleted.
    func secrets(of business: Business.ID) async throws(StoreError) -> Secrets {
        if let secrets = known.value(for: business) { return secrets }
        let before = dropCount.load(ordering: .acquiring)
        let secrets = Secrets(name: keys.name(of: business), salt: try await log.sealingSalt(of: business))
        known.update(business) { value in
            if dropCount.load(ordering: .acquiring) == before { value = secrets }
        }
        return secrets
    }

    func drop(_ business: Business.ID) {
        dropCount.add(1, ordering: .acquiringAndReleasing)
        known.set(nil, for: business)
    }
}
