public import StageModel
import StageStore

/// What an import changes, or would change.
public struct ImportPlan: Sendable, Equatable {
    public enum Action: String, Sendable {
        case create, update, unchanged, delete
    }

    public struct Step: Sendable, Equatable {
        public let kind: DefinitionKind
        public let name: String
        public let action: Action
    }

    public var steps: [Step] = []

    public func count(_ action: Action) -> Int { steps.count { $0.action == action } }
}

extension ConfigurationService {
    /// Brings a business's flow to what a file says, all or nothing.
    ///
    /// Definitions whose ids the business has are updated; the others are created, under their own ids where those are free everywhere, else
    /// under new ones.
    /// - Parameters:
    ///   - pruning: delete what the file does not have.
    ///   - isDryRun: only tell what would change.
    public func importing(_ file: FlowFile, pruning: Bool, isDryRun: Bool, by caller: Caller) async throws(EngineError) -> ImportPlan {
        let flow = try await flow(of: caller.business)
        guard !isDryRun else { return try plan(file, for: flow, pruning: pruning, by: caller).plan }
        do {
            return try await commit(file, pruning: pruning, by: caller)
        } catch  where error == EngineError(.taken) {
            let renamed = file.renaming { kind, id in flow.has(kind, id) }
            return try await commit(renamed, pruning: pruning, by: caller)
        }
    }

    private func commit(_ file: FlowFile, pruning: Bool, by caller: Caller) async throws(EngineError) -> ImportPlan {
        try await changing(caller.business) { flow throws(EngineError) in
            let (plan, changes) = try plan(file, for: flow, pruning: pruning, by: caller)
            let audit = caller.audit("flow.import", caller.business)
            return (ConfigurationCommit(base: flow, changes: changes, actor: caller.actor, at: caller.now, audit: [audit]), plan)
        }
    }

    private func plan(
        _ file: FlowFile, for flow: Flow, pruning: Bool, by caller: Caller
    ) throws(EngineError) -> (plan: ImportPlan, changes: [ConfigurationCommit.Change]) {
        let agents = Merge(file.agents, into: flow.agents, pruning: pruning, by: caller)
        let templates = Merge(file.templates, into: flow.templates, pruning: pruning, by: caller)
        let stages = Merge(file.stages, into: flow.stages, pruning: pruning, by: caller)
        let result = Flow(business: flow.business, agents: agents.result, templates: templates.result, stages: stages.result)
        let faults = agents.faults(in: result) + templates.faults(in: result) + stages.faults(in: result)
        guard faults.isEmpty else { throw .invalid(faults) }
        // What refers to others is saved after them and deleted before them.
        return (
            ImportPlan(steps: agents.steps + templates.steps + stages.steps),
            agents.saved + templates.saved + stages.saved + stages.deleted + templates.deleted + agents.deleted
        )
    }
}

/// The entries of a file and the definitions of a flow, put together.
private struct Merge<Body: EditableDefinition> {
    var result: [Saved<Body>] = []
    var steps: [ImportPlan.Step] = []
    var saved: [ConfigurationCommit.Change] = []
    var deleted: [ConfigurationCommit.Change] = []
    private let entries: [FlowFile.Entry<Body>]

    init(_ entries: [FlowFile.Entry<Body>], into catalogue: Catalogue<Body>, pruning: Bool, by caller: Caller) {
        self.entries = entries
        for entry in entries { add(entry, over: catalogue[entry.id], by: caller) }
        let named = Set(entries.map(\.id))
        for old in catalogue.all where !named.contains(old.id) {
            if pruning {
                deleted.append(old.deleting(movingTo: nil))
                step(.delete, old.name)
            } else {
                result.append(old)
            }
        }
    }

    private mutating func add(_ entry: FlowFile.Entry<Body>, over old: Saved<Body>?, by caller: Caller) {
        if let old, old.body == entry.body {
            result.append(old)
            return step(.unchanged, old.name)
        }
        let new = Saved(
            id: entry.id, businessID: caller.business, body: entry.body, createdAt: old?.createdAt ?? caller.now, updatedAt: caller.now,
            revision: (old?.revision ?? 0) + 1)
        result.append(new)
        saved.append(new.saving)
        step(old == nil ? .create : .update, new.name)
    }

    private mutating func step(_ action: ImportPlan.Action, _ name: String) {
        steps.append(ImportPlan.Step(kind: Body.kind, name: name, action: action))
    }

    /// Every fault of the file's entries, at their places in it.
    func faults(in flow: Flow) -> [InputFault] {
        entries.enumerated().flatMap { index, entry in
            entry.body.faults(in: flow, id: entry.id).map { $0.inside("\(index)").inside(Body.kind.collection) }
        }
    }
}

extension Flow {
    fileprivate func has(_ kind: DefinitionKind, _ id: String) -> Bool {
        switch kind {
        case .agent: Agent.ID(id).map { agents[$0] != nil } ?? false
        case .template: Template.ID(id).map { templates[$0] != nil } ?? false
        case .stage: Stage.ID(id).map { stages[$0] != nil } ?? false
        }
    }
}
