public import StageModel
import StageStore

extension ConfigurationService {
    /// What an edit would come to as the flow is now.
    /// - Throws: `precondition_failed` when the stage or one of the rules was saved or deleted by others after the edit began, and is not
    ///   what the edit makes of it; `not_found` when the stage is gone.
    public func plan(_ edit: StageEdit, by caller: Caller) async throws(EngineError) -> StageEditPlan {
        try StageEditPlan(edit, on: try await flow(of: caller.business), by: caller)
    }

    /// Saves a stage with its rules, all or nothing. What the edit does not change keeps its revision.
    /// - Throws: as `plan`, and every fault of the stage and of its rules at once.
    public func edit(_ edit: StageEdit, by caller: Caller) async throws(EngineError) -> Saved<Stage> {
        let unchanged = try await plan(edit, by: caller)
        if unchanged.changes.isEmpty, unchanged.faults.isEmpty { return unchanged.stage }
        return try await changing(caller.business) { flow throws(EngineError) in
            let plan = try StageEditPlan(edit, on: flow, by: caller)
            guard plan.faults.isEmpty else { throw .invalid(plan.faults) }
            let commit = ConfigurationCommit(base: flow, changes: plan.changes, actor: caller.actor, at: caller.now, audit: plan.audit)
            return (commit, plan.stage)
        }
    }
}

extension StageEditPlan {
    init(_ edit: StageEdit, on flow: Flow, by caller: Caller) throws(EngineError) {
        let merge = try EditMerge(edit, on: flow, by: caller)
        base = flow
        stage = merge.stage
        changes = merge.saved + merge.deleted
        audit = merge.audit
        let gone = Set(merge.removed.map(\.id))
        let kept = merge.base.rules.all.filter { !gone.contains($0.id) }
        let states = flow.stages.all.map { ($0.id, flow.state(of: $0.id)) }
        let result = Flow(
            business: flow.business, agents: flow.agents.all, templates: flow.templates.all, stages: merge.base.stages.all, rules: kept,
            states: Dictionary(states, uniquingKeysWith: { first, _ in first }))
        self.result = result
        faults =
            stage.body.faults(in: result, id: stage.id)
            + merge.rules.enumerated().flatMap { index, rule in
                rule.body.faults(in: result, id: rule.id).map { $0.inside("\(index)").inside("rules") }
            }
    }
}

/// An edit put together with the definitions that are there.
private struct EditMerge {
    let stage: Saved<Stage>
    /// In the order of the edit.
    var rules: [Saved<TransitionRule>] = []
    var removed: [Saved<TransitionRule>] = []
    var saved: [ConfigurationCommit.Change] = []
    var deleted: [ConfigurationCommit.Change] = []
    var audit: [AuditEntry] = []
    /// The flow with what is saved, and still with what is removed.
    var base: Flow

    init(_ edit: StageEdit, on flow: Flow, by caller: Caller) throws(EngineError) {
        let old = flow.stages[edit.id]
        if old == nil, !edit.isNew { throw .notFound("stage", edit.id) }
        stage = try Self.merged(edit.body, as: edit.id, over: old, ifRevision: edit.ifRevision, caller)
        base = flow
        keep(stage, over: old, caller)

        let named = Set(edit.rules.compactMap(\.id)).union(edit.removed.map(\.id))
        for rule in edit.rules {
            // A form that is sent twice makes a new rule once.
            let same = rule.id == nil ? flow.rules.all.first { $0.body == rule.body && !named.contains($0.id) } : nil
            let old = same ?? rule.id.flatMap { flow.rules[$0] }
            if let id = rule.id, old == nil {
                throw EngineError(.preconditionFailed, "The transition rule \(id) was deleted in the meantime; read the stage again.")
            }
            let new = try Self.merged(rule.body, as: old?.id ?? TransitionRule.ID(), over: old, ifRevision: rule.ifRevision, caller)
            rules.append(new)
            keep(new, over: old, caller)
        }
        base = base.saving(stages: [stage], rules: rules)
        for removal in edit.removed {
            guard let old = flow.rules[removal.id], old.body.isEdited(with: edit.id) else { continue }
            try Self.check(old, removal.ifRevision)
            removed.append(old)
            deleted.append(old.deleting(movingTo: nil))
            audit.append(caller.audit("rule.delete", old.id))
        }
    }

    private mutating func keep<Body: EditableDefinition>(_ new: Saved<Body>, over old: Saved<Body>?, _ caller: Caller) {
        guard new != old else { return }
        saved.append(new.saving)
        audit.append(caller.audit("\(Body.kind.rawValue).\(old == nil ? "create" : "update")", new.id))
    }

    /// The definition as it is once it is saved; as it was when it is not changed, whatever its revision.
    private static func merged<Body: Definition>(
        _ body: Body, as id: Identifier<Body>, over old: Saved<Body>?, ifRevision: VersionCondition, _ caller: Caller
    ) throws(EngineError) -> Saved<Body> {
        guard let old else {
            return Saved(id: id, businessID: caller.business, body: body, createdAt: caller.now, updatedAt: caller.now, revision: 1)
        }
        guard old.body != body else { return old }
        try check(old, ifRevision)
        return Saved(
            id: id, businessID: caller.business, body: body, createdAt: old.createdAt, updatedAt: caller.now, revision: old.revision + 1)
    }

    private static func check<Body: Definition>(_ old: Saved<Body>, _ revision: VersionCondition) throws(EngineError) {
        guard !revision.holds(for: old.revision) else { return }
        let message = "The \(Body.kind.noun) has revision \(old.revision) now; read it again and repeat the change on that."
        throw EngineError(.preconditionFailed, message, current: old.revision)
    }
}
