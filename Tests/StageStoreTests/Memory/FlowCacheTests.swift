import StageModel
import StageStore
import Synchronization
import Testing

@Suite("Flows in memory")
struct FlowCacheTests {
    /// A store whose reads can be held up, with nothing but one business's flow.
    private final class SlowStore: ConfigurationStore {
        private let current: Mutex<Flow?>
        private let gates = Mutex<[Gate]>([])
        private let readCount = Mutex(0)

        init(_ flow: Flow?) { current = Mutex(flow) }

        var reads: Int { readCount.withLock { $0 } }

        func set(_ flow: Flow?) { current.withLock { $0 = flow } }

        /// Holds the next read up, after it has read.
        func hold(at gate: Gate) { gates.withLock { $0.append(gate) } }

        func flow(of business: Business.ID) async throws(StoreError) -> Flow? {
            readCount.withLock { $0 += 1 }
            let flow = current.withLock { $0 }
            if let gate = gates.withLock({ $0.popLast() }) { await gate.pass() }
            return flow?.business.id == business ? flow : nil
        }

        private static let unused = StoreError.unavailable(reason: "not part of the test")

        func businesses(after: Business.ID?, limit: Int) async throws(StoreError) -> [Business] { throw Self.unused }
        func createBusiness(_ business: Business, key: APIKey, audit: AuditEntry, answer: IdempotentAnswer?) async throws(StoreError) {
            throw Self.unused
        }
        func renameBusiness(
            _ id: Business.ID, to name: String, at now: Timestamp, audit: AuditEntry, answer: @escaping @Sendable (Business) -> IdempotentAnswer?
        ) async throws(StoreError) -> Business? { throw Self.unused }
        func deleteBusiness(_ id: Business.ID, at now: Timestamp, answer: IdempotentAnswer?) async throws(StoreError) -> Bool { throw Self.unused }
        func commit(_ commit: ConfigurationCommit) async throws(StoreError) -> Flow { throw Self.unused }
        func revisions(
            of kind: DefinitionKind, id: String, in business: Business.ID, before: Int64?, limit: Int
        ) async throws(StoreError) -> [Revision] { throw Self.unused }
        func auditLog(of business: Business.ID, before: Int64?, limit: Int) async throws(StoreError) -> [AuditRecord] { throw Self.unused }
        func record(_ entry: AuditEntry) async throws(StoreError) { throw Self.unused }
    }

    private let plan = Blueprint()

    private func flow(_ revision: Int64) -> Flow {
        var business = plan.business
        business.flowRevision = revision
        return Flow(business: business)
    }

    @Test("A flow is read once and then given from memory, until it is dropped")
    func keeps() async throws {
        let store = SlowStore(flow(1))
        let cache = FlowCache(store: store)
        for _ in 0..<3 { #expect(try await cache.flow(of: plan.business.id)?.revision == 1) }
        #expect(store.reads == 1)
        store.set(flow(2))
        cache.drop(plan.business.id)
        for _ in 0..<3 { #expect(try await cache.flow(of: plan.business.id)?.revision == 2) }
        #expect(store.reads == 2)
    }

    @Test("A business that is not there is looked for each time")
    func unknown() async throws {
        let store = SlowStore(nil)
        let cache = FlowCache(store: store)
        for _ in 0..<2 { #expect(try await cache.flow(of: plan.business.id) == nil) }
        #expect(store.reads == 2)
    }

    @Test("A flow that was just committed replaces an older one, never a newer one")
    func set() async throws {
        let cache = FlowCache(store: SlowStore(nil))
        for (committed, expected) in [(3, 3), (2, 3), (5, 5), (4, 5)] as [(Int64, Int64)] {
            cache.set(flow(committed))
            #expect(try await cache.flow(of: plan.business.id)?.revision == expected)
        }
    }

    @Test("A flow that was read before a commit is not kept after it", arguments: [true, false])
    func readBeforeCommit(dropped: Bool) async throws {
        let (store, gate, id) = (SlowStore(flow(1)), Gate(), plan.business.id)
        let cache = FlowCache(store: store)
        store.hold(at: gate)
        let reading = Task { try await cache.flow(of: id)?.revision }
        await gate.arrival()
        store.set(flow(2))
        if dropped { cache.drop(id) } else { cache.set(flow(2)) }
        #expect(try await cache.flow(of: id)?.revision == 2, "Who asks now does not wait for what was read before.")
        await gate.open()
        #expect(try await reading.value == 1, "It was asked for before the commit.")
        #expect(try await cache.flow(of: id)?.revision == 2 && store.reads == (dropped ? 2 : 1))
    }

    @Test("Many who ask at once for a flow that is not in memory share one reading")
    func shared() async throws {
        let (store, gate, id) = (SlowStore(flow(1)), Gate(), plan.business.id)
        let misses = Mutex(0)
        let cache = FlowCache(store: store) { isHit in misses.withLock { $0 += isHit ? 0 : 1 } }
        store.hold(at: gate)
        let readers = (0..<20).map { _ in Task { try await cache.flow(of: id)?.revision } }
        await gate.arrival()
        while misses.withLock({ $0 }) < 20 { await Task.yield() }
        await gate.open()
        for reader in readers { #expect(try await reader.value == 1) }
        #expect(store.reads == 1)
    }

    @Test("A newer flow in memory is not replaced by an older one that was read")
    func olderRead() async throws {
        let cache = FlowCache(store: SlowStore(flow(1)))
        cache.set(flow(4))
        _ = try await cache.reload(plan.business.id)
        #expect(try await cache.flow(of: plan.business.id)?.revision == 4)
    }

    @Test("A business that was deleted while its flow was read is not kept")
    func deleted() async throws {
        let (store, gate, id) = (SlowStore(flow(1)), Gate(), plan.business.id)
        let cache = FlowCache(store: store)
        store.hold(at: gate)
        let reading = Task { try await cache.flow(of: id) }
        await gate.arrival()
        store.set(nil)
        cache.drop(id)
        await gate.open()
        _ = try await reading.value
        #expect(try await cache.flow(of: id) == nil)
    }
}
