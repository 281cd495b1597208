public import StageModel
import Synchronization

/// The flows of businesses in memory, each one immutable snapshot that is swapped whole.
public final class FlowCache: Sendable {
    private let store: any ConfigurationStore
    private let flows: BoundedCache<Business.ID, Flow>
    /// Counts what was dropped or set, so that what was read before is not kept after it.
    private let generation = Atomic<UInt64>(0)
    private let observe: @Sendable (_ isHit: Bool) -> Void

    /// - Parameters:
    ///   - capacity: how many businesses' flows are kept.
    ///   - observe: is told of each reading whether the flow was there.
    public init(store: any ConfigurationStore, capacity: Int = 10_000, observe: @escaping @Sendable (_ isHit: Bool) -> Void = { _ in }) {
        self.store = store
        self.observe = observe
        flows = BoundedCache(capacity: capacity)
    }

    /// The flow of a business as this process knows it; nil when there is no such business.
    public func flow(of business: Business.ID) async throws(StoreError) -> Flow? {
        let kept = flows.value(for: business)
        observe(kept != nil)
        if let kept { return kept }
        return try await reload(business)
    }

    /// The flow of a business as the database has it now.
    public func reload(_ business: Business.ID) async throws(StoreError) -> Flow? {
        let before = generation.load(ordering: .acquiring)
        guard let flow = try await store.flow(of: business) else { return nil }
        keep(flow) { generation.load(ordering: .acquiring) == before }
        return flow
    }

    /// Takes a flow that was just committed.
    public func set(_ flow: Flow) {
        generation.add(1, ordering: .acquiringAndReleasing)
        keep(flow) { true }
    }

    /// Keeps a flow unless a newer one is known; whether it may be kept at all is asked under the cache's lock.
    private func keep(_ flow: Flow, if mayKeep: () -> Bool) {
        flows.update(flow.business.id) { known in
            if mayKeep(), (known?.revision ?? -1) < flow.revision { known = flow }
        }
    }

    public func drop(_ business: Business.ID) {
        generation.add(1, ordering: .acquiringAndReleasing)
        flows.set(nil, for: business)
    }
}
