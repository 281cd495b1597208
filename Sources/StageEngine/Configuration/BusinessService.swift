public import StageModel
public import StageStore

/// Creates, renames and deletes businesses.
public struct BusinessService: Sendable {
    private let store: any ConfigurationStore
    private let flows: FlowCache
    private let access: AccessService

    public init(store: any ConfigurationStore, flows: FlowCache, access: AccessService) {
        self.store = store
        self.flows = flows
        self.access = access
    }

    /// A business that was just created.
    public struct Created: Sendable {
        public let business: Business
        public let key: APIKey
        /// The owner's key itself, which is not kept anywhere.
        public let secret: String
    }

    /// Creates a business with one key, its owner's.
    public func create(name: String, actor: String, at now: Timestamp, answering: Answering<Created>) async throws(EngineError) -> Created {
        let business = Business(id: Business.ID(), name: name, flowRevision: 1, createdAt: now, updatedAt: now)
        let (key, secret) = AccessService.newKey(named: "owner", role: .owner, for: business.id, expiresAt: nil, at: now)
        let created = Created(business: business, key: key, secret: secret)
        let audit = AuditEntry(business: business.id, actor: actor, action: "business.create", subject: business.id.description, at: now)
        try await engine { try await store.createBusiness(business, key: key, audit: audit, answer: answering(created)) }
        access.forget(business.id)
        return created
    }

    public func list(after: Business.ID?, limit: Int) async throws(EngineError) -> [Business] {
        try await engine { try await store.businesses(after: after, limit: limit) }
    }

    public func business(_ id: Business.ID) async throws(EngineError) -> Business {
        guard let flow = try await engine({ try await flows.flow(of: id) }) else { throw Self.notFound(id) }
        return flow.business
    }

    public func rename(
        _ id: Business.ID, to name: String, actor: String, at now: Timestamp, answering: @escaping Answering<Business> = { _ in nil }
    ) async throws(EngineError) -> Business {
        let audit = AuditEntry(business: id, actor: actor, action: "business.update", subject: id.description, at: now)
        let renamed = try await engine { try await store.renameBusiness(id, to: name, at: now, audit: audit, answer: answering) }
        guard let renamed else { throw Self.notFound(id) }
        flows.drop(id)
        return renamed
    }

    /// Removes a business and all that is its.
    public func delete(
        _ id: Business.ID, at now: Timestamp, answering: Answering<Void> = { _ in nil }
    ) async throws(EngineError) {
        let answer = answering(())
        guard try await engine({ try await store.deleteBusiness(id, at: now, answer: answer) }) else { throw Self.notFound(id) }
        flows.drop(id)
        access.forget(id)
    }

    private static func notFound(_ id: Business.ID) -> EngineError { EngineError(.notFound, "There is no business \(id).") }
}
