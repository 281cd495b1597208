import StageModel
import StageStore
import Testing

/// A store that has one business, and what tests do with it.
struct Bench: Sendable {
    let store: any StageStores
    let plan: Blueprint
    /// The flow that was committed first.
    let flow: Flow
    let reopen: @Sendable () async throws -> any StageStores

    init(_ store: any StageStores, reopen: @escaping @Sendable () async throws -> any StageStores = { throw StoreError.unknownBusiness }) async throws
    {
        self.store = store
        self.reopen = reopen
        plan = Blueprint()
        flow = try await Self.create(plan, in: store)
    }

    /// The same business in another store over the same database.
    init(_ store: any StageStores, like other: Bench) {
        self.store = store
        (plan, flow, reopen) = (other.plan, other.flow, other.reopen)
    }

    /// Creates a business with its flow.
    @discardableResult
    static func create(_ plan: Blueprint, in store: any StageStores) async throws -> Flow {
        let prefix = "sk_\(plan.business.id.description.prefix(8))"
        try await store.createBusiness(plan.business, key: plan.apiKey(prefix), audit: plan.audit("business.create"), answer: nil)
        let base = Flow(business: plan.business)
        return try await store.commit(
            ConfigurationCommit(base: base, changes: plan.changes, actor: "sk_test", at: Blueprint.start, audit: [plan.audit("flow.import")]))
    }

    func now(_ seconds: Int64) -> Timestamp { Blueprint.start.adding(seconds: seconds) }

    func key(_ text: String) throws -> ConversationKey {
        ConversationKey(business: plan.business.id, conversation: try #require(ConversationID(text)))
    }

    /// Carries a command out, by the first flow or by another.
    @discardableResult
    func perform(
        _ command: ConversationCommand, on text: String, at seconds: Int64 = 0, in flow: Flow? = nil, answer: IdempotentAnswer? = nil,
        audit: AuditEntry? = nil
    ) async throws -> ConversationState {
        let context = ChangeContext(flow: flow ?? self.flow, actor: "sk_test", now: now(seconds))
        return try await store.update(try key(text), at: context.now) { state, _ throws(ConversationFault) in
            guard let change = try state.applying(command, in: context) else { return nil }
            return ConversationCommit(change: change, sensitive: context.flow.sensitive, answer: answer, audit: audit)
        }
    }

    @discardableResult
    func go(_ stage: Stage.ID, _ text: String, _ data: [String: JSONValue] = [:], at seconds: Int64 = 0, agent: Agent.ID? = nil) async throws
        -> ConversationState
    {
        try await perform(.move(to: stage, data: data, agent: agent), on: text, at: seconds)
    }

    func state(_ text: String, fresh: Bool = false) async throws -> ConversationState? {
        try await store.state(of: try key(text), fresh: fresh)
    }

    func history(_ text: String, before: HistoryPosition? = nil, limit: Int = 1000) async throws -> [Transition] {
        try await store.history(of: try key(text), before: before, limit: limit)
    }

    /// Changes the configuration on top of a flow.
    func commit(
        _ changes: [ConfigurationCommit.Change], on base: Flow? = nil, at seconds: Int64 = 0, audit: [AuditEntry] = [],
        answer: IdempotentAnswer? = nil
    ) async throws -> Flow {
        try await store.commit(
            ConfigurationCommit(base: base ?? flow, changes: changes, actor: "sk_test", at: now(seconds), audit: audit, answer: answer))
    }

    /// An answer to keep.
    func answer(_ scope: String, body: String = "{}", conversation: String? = nil, at seconds: Int64 = 0) -> IdempotentAnswer {
        IdempotentAnswer(
            scope: IdempotencyScope(digest: Array(scope.utf8)), fingerprint: [1, 2, 3], business: plan.business.id,
            conversation: conversation.flatMap { ConversationID($0) }, status: 201, headers: ["ETag": "\"c1\"", "Location": "/x"],
            body: Array(body.utf8), at: now(seconds))
    }

    func kept(_ scope: String, at seconds: Int64 = 0) async throws -> IdempotentAnswer? {
        try await store.answer(to: IdempotencyScope(digest: Array(scope.utf8)), at: now(seconds))
    }
}

extension Transition {
    /// The transition with what every store gives back of it: the length of a stay is for the statistics alone.
    var stored: Transition {
        Transition(
            id: id, version: version, sequence: sequence, from: from, to: to, cause: cause, rule: rule, actor: actor, flowRevision: flowRevision,
            trace: trace, at: at, secondsInStage: nil)
    }
}
