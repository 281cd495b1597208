public import StageModel
import Synchronization

/// The flows of businesses in memory, each one immutable snapshot that is swapped whole.
public final class FlowCache: Sendable {
    private let store: any ConfigurationStore
    private let flows: BoundedCache<Business.ID, Flow>
    /// Counts what was dropped or set, so that what was read before is not kept after it.
    private let generation = Atomic<UInt64>(0)
    /// Readings of the database that are under way, each for all who ask meanwhile: a flow may be large, and many may ask at once for one that was dropped.
    private let readings = Mutex<[Business.ID: Reading]>([:])
    private let observe: @Sendable (_ isHit: Bool) -> Void

    private struct Reading {
        /// What was dropped before it began.
        let generation: UInt64
        let task: Task<Result<Flow?, StoreError>, Never>
    }

    /// - Parameters:
    ///   - capacity: how many businesses' flows are kept.
    ///   - observe: is told of each reading whether the flow was there.
    public init(store: any ConfigurationStore, capacity: Int = 16_384, observe: @escaping @Sendable (_ isHit: Bool) -> Void = { _ in }) {
        self.store = store
        self.observe = observe
        flows = BoundedCache(capacity: capacity)
    }

    /// The flow of a business as this process knows it; nil when there is no such business.
    public func flow(of business: Business.ID) async throws(StoreError) -> Flow? {
        let kept = flows.value(for: business)
        observe(kept != nil)
        if let kept { return kept }
        let reading = readings.withLock { readings in
            let generation = generation.load(ordering: .acquiring)
            // What was dropped since it began must not be found any more.
            if let reading = readings[business], reading.generation == generation { return reading.task }
            let task = Task { await read(business, as: generation) }
            readings[business] = Reading(generation: generation, task: task)
            return task
        }
        return try await reading.value.get()
    }

    private func read(_ business: Business.ID, as generation: UInt64) async -> Result<Flow?, StoreError> {
        let result: Result<Flow?, StoreError>
        do throws(StoreError) { result = .success(try await reload(business)) } catch { result = .failure(error) }
        readings.withLock { readings in
            if readings[business]?.generation == generation { readings[business] = nil }
        }
        return result
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
