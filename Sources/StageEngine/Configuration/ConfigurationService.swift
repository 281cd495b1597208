public import StageModel
public import StageStore

/// Creates, reads, replaces and deletes what a business defines. Everything is checked against the whole flow, and committed only if that
/// is still the flow then.
public struct ConfigurationService: Sendable {
    let store: any ConfigurationStore
    let flows: FlowCache
    private let turns = ChangeTurns()

    /// How often a change is checked anew because other processes have changed the flow in between.
    private static let tries = 20

    public init(store: any ConfigurationStore, flows: FlowCache) {
        self.store = store
        self.flows = flows
    }

    /// The flow of a business.
    /// - Throws: `not_found` when there is no such business.
    public func flow(of business: Business.ID) async throws(EngineError) -> Flow {
        guard let flow = try await engine({ try await flows.flow(of: business) }) else { throw .notFound("business", business) }
        return flow
    }

    public func definition<Body: Definition>(_ id: Identifier<Body>, of business: Business.ID) async throws(EngineError) -> Saved<Body> {
        guard let found = Body.catalogue(of: try await flow(of: business))[id] else { throw .notFound(Body.kind.noun, id) }
        return found
    }

    public func create<Body: EditableDefinition>(
        _ body: Body, by caller: Caller, answering: Answering<Saved<Body>>
    ) async throws(EngineError) -> Saved<Body> {
        try await save(body, as: Identifier<Body>(), after: nil, action: "create", by: caller, answering: answering) { _ in }
    }

    /// Replaces a definition.
    /// - Parameters:
    ///   - revise: makes the new body from the one that is there.
    ///   - revision: the revision that it must have.
    public func replace<Body: EditableDefinition>(
        _ id: Identifier<Body>, ifRevision revision: VersionCondition, by caller: Caller, answering: Answering<Saved<Body>>,
        _ revise: (Saved<Body>) throws(EngineError) -> Body
    ) async throws(EngineError) -> Saved<Body> {
        try await changing(caller.business) { flow throws(EngineError) in
            let old = try Self.existing(id, ifRevision: revision, in: flow)
            var saved = old
            saved.body = try revise(old)
            try check(saved.body, id: id, in: flow)
            saved.revision += 1
            saved.updatedAt = caller.now
            return (commit(flow, [saved.saving], "\(Body.kind.rawValue).update", id, caller, answering(saved)), saved)
        }
    }

    /// Deletes a definition that nothing refers to.
    /// - Parameter target: for a stage, where the conversations that are there go.
    public func delete<Body: EditableDefinition>(
        _ id: Identifier<Body>, ifRevision revision: VersionCondition, movingTo target: Stage.ID? = nil, by caller: Caller, answering: Answering<Void>
    ) async throws(EngineError) {
        do {
            try await changing(caller.business) { flow throws(EngineError) in
                let old = try Self.existing(id, ifRevision: revision, in: flow)
                let users = Body.users(of: id, in: flow)
                guard users.isEmpty else {
                    throw EngineError(
                        .inUse, "The \(Body.kind.noun) '\(old.name)' is in use by \(Flow.list(users)); change that first.")
                }
                try Self.check(target: target, for: old, in: flow)
                return (commit(flow, [old.deleting(movingTo: target)], "\(Body.kind.rawValue).delete", id, caller, answering(())), ())
            }
        } catch {
            guard error.refersToNothing else { throw error }
            let what = Body.kind == .stage ? "move them with ?move_to=STAGE_ID" : "they must be erased first"
            throw EngineError(.conversationsHere, "Conversations are held with this \(Body.kind.noun); \(what).")
        }
    }

    /// Changes a stage's own state.
    /// - Parameter revise: makes the new state from the one that is there.
    public func changeState(
        of id: Stage.ID, ifVersion version: VersionCondition, by caller: Caller, answering: Answering<StageState>,
        _ revise: (StageState) -> StageState
    ) async throws(EngineError) -> StageState {
        try await changing(caller.business) { flow throws(EngineError) in
            guard flow.stages[id] != nil else { throw .notFound("stage", id) }
            let old = flow.state(of: id)
            guard version.holds(for: old.version) else {
                let message = "The stage's state has version \(old.version) now; read it again and repeat the change on that."
                throw EngineError(.preconditionFailed, message, current: old.version)
            }
            var new = revise(old)
            let faults = StageConfiguration().faults(ofData: new.data, sensitive: flow.sensitive)
            guard faults.isEmpty else { throw .invalid(faults.map { $0.inside("data") }) }
            guard new.data.jsonBytes.count <= ConversationData.maximumBytes else {
                throw .invalid("data", "The stage's data would be over \(ConversationData.maximumBytes / 1024) KiB of JSON.")
            }
            new.version = old.version + 1
            new.updatedAt = caller.now
            return (commit(flow, [.saveState(new, of: id)], "stage.state", id, caller, answering(new)), new)
        }
    }

    // MARK: - How a change is made

    /// Saves a body as a new definition, or as the next revision of one that was deleted.
    func save<Body: EditableDefinition>(
        _ body: Body, as id: Identifier<Body>, after last: Revision?, action: String, by caller: Caller, answering: Answering<Saved<Body>>,
        _ precondition: (Flow) throws(EngineError) -> Void
    ) async throws(EngineError) -> Saved<Body> {
        try await changing(caller.business) { flow throws(EngineError) in
            try precondition(flow)
            try check(body, id: nil, in: flow)
            let saved = Saved(
                id: id, businessID: caller.business, body: body, createdAt: caller.now, updatedAt: caller.now,
                revision: (last?.revision ?? 0) + 1)
            return (commit(flow, [saved.saving], "\(Body.kind.rawValue).\(action)", id, caller, answering(saved)), saved)
        }
    }

    /// Prepares a commit against the current flow and commits it; prepares it anew when other processes have changed the flow in between.
    @discardableResult
    func changing<Outcome>(
        _ business: Business.ID, _ prepare: (Flow) throws(EngineError) -> (ConfigurationCommit, Outcome)
    ) async throws(EngineError) -> Outcome {
        guard await turns.begin(business) else { throw EngineError(.flowChanged) }
        defer { turns.end(business) }
        var flow = try await flow(of: business)
        for _ in 0..<Self.tries {
            let (commit, outcome) = try prepare(flow)
            do throws(StoreError) {
                flows.set(try await store.commit(commit))
                return outcome
            } catch .flowChanged {
                guard let newer = try await engine({ try await flows.reload(business) }) else { throw .notFound("business", business) }
                flow = newer
            } catch {
                throw EngineError(error)
            }
        }
        throw EngineError(.flowChanged)
    }

    private func commit(
        _ flow: Flow, _ changes: [ConfigurationCommit.Change], _ action: String, _ subject: some CustomStringConvertible, _ caller: Caller,
        _ answer: IdempotentAnswer?
    ) -> ConfigurationCommit {
        ConfigurationCommit(
            base: flow, changes: changes, actor: caller.actor, at: caller.now, audit: [caller.audit(action, subject)], answer: answer)
    }

    private func check<Body: Definition>(_ body: Body, id: Identifier<Body>?, in flow: Flow) throws(EngineError) {
        let faults = body.faults(in: flow, id: id)
        guard faults.isEmpty else { throw .invalid(faults) }
    }

    private static func existing<Body: Definition>(
        _ id: Identifier<Body>, ifRevision revision: VersionCondition, in flow: Flow
    ) throws(EngineError) -> Saved<Body> {
        guard let old = Body.catalogue(of: flow)[id] else { throw .notFound(Body.kind.noun, id) }
        guard revision.holds(for: old.revision) else {
            let message = "The \(Body.kind.noun) has revision \(old.revision) now; read it again and repeat the change on that."
            throw EngineError(.preconditionFailed, message, current: old.revision)
        }
        return old
    }

    private static func check<Body: Definition>(target: Stage.ID?, for stage: Saved<Body>, in flow: Flow) throws(EngineError) {
        guard let target else { return }
        guard Body.kind == .stage else { throw .invalid("move_to", "Only stages have conversations to move.") }
        guard let found = flow.stages[target], target.description != stage.id.description else {
            throw .invalid("move_to", "There is no other stage \(target) in this business.")
        }
        let owner = (stage as? Saved<Stage>)?.agentID
        if let agent = found.agentID, agent != owner {
            throw .invalid("move_to", "The stage '\(found.name)' belongs to another agent; must be a shared one or one of the same agent.")
        }
    }
}

/// A definition with its own kinds of change.
public protocol EditableDefinition: Definition {
    static func saving(_ saved: Saved<Self>) -> ConfigurationCommit.Change
    static func deleting(_ id: Identifier<Self>, movingTo target: Stage.ID?) -> ConfigurationCommit.Change
}

extension Agent: EditableDefinition {
    public static func saving(_ saved: Saved<Agent>) -> ConfigurationCommit.Change { .saveAgent(saved) }
    public static func deleting(_ id: ID, movingTo target: Stage.ID?) -> ConfigurationCommit.Change { .deleteAgent(id) }
}

extension Template: EditableDefinition {
    public static func saving(_ saved: Saved<Template>) -> ConfigurationCommit.Change { .saveTemplate(saved) }
    public static func deleting(_ id: ID, movingTo target: Stage.ID?) -> ConfigurationCommit.Change { .deleteTemplate(id) }
}

extension Stage: EditableDefinition {
    public static func saving(_ saved: Saved<Stage>) -> ConfigurationCommit.Change { .saveStage(saved) }
    public static func deleting(_ id: ID, movingTo target: Stage.ID?) -> ConfigurationCommit.Change { .deleteStage(id, movingTo: target) }
}

extension TransitionRule: EditableDefinition {
    public static func saving(_ saved: Saved<TransitionRule>) -> ConfigurationCommit.Change { .saveRule(saved) }
    public static func deleting(_ id: ID, movingTo target: Stage.ID?) -> ConfigurationCommit.Change { .deleteRule(id) }
}

extension Saved where Body: EditableDefinition {
    var saving: ConfigurationCommit.Change { Body.saving(self) }
    func deleting(movingTo target: Stage.ID?) -> ConfigurationCommit.Change { Body.deleting(id, movingTo: target) }
}
