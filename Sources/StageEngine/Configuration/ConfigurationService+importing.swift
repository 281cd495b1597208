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
        guard !isDryRun else { return try plan(file, for: flow, after: [:], pruning: pruning, by: caller).plan }
        do {
            return try await commitUnderFreeIDs(file, for: flow, pruning: pruning, by: caller)
        } catch {
            guard error.refersToNothing else { throw error }
            let remedy = "move them first, or import without pruning."
            throw EngineError(.conversationsHere, "Conversations are held with what the file does not have; \(remedy)")
        }
    }

    private func commitUnderFreeIDs(
        _ file: FlowFile, for flow: Flow, pruning: Bool, by caller: Caller
    ) async throws(EngineError) -> ImportPlan {
        do {
            return try await commit(file, after: try await lastRevisions(of: file, outside: flow), pruning: pruning, by: caller)
        } catch {
            guard error == EngineError(.taken) else { throw error }
            let renamed = file.renaming { kind, id in flow.has(kind, id) }
            return try await commit(renamed, after: [:], pruning: pruning, by: caller)
        }
    }

    /// The last revisions of definitions that the business once had, by their ids: brought back, they go on from those.
    private func lastRevisions(of file: FlowFile, outside flow: Flow) async throws(EngineError) -> [String: Int64] {
        let ids =
            file.agents.map { (DefinitionKind.agent, $0.id.description) } + file.templates.map { (.template, $0.id.description) }
            + file.stages.map { (.stage, $0.id.description) } + file.rules.map { (.rule, $0.id.description) }
        var last: [String: Int64] = [:]
        for (kind, id) in ids where !flow.has(kind, id) {
            last[id] = try await engine {
                try await store.revisions(of: kind, id: id, in: flow.business.id, before: nil, limit: 1).first?.revision
            }
        }
        return last
    }

    private func commit(
        _ file: FlowFile, after last: [String: Int64], pruning: Bool, by caller: Caller
    ) async throws(EngineError) -> ImportPlan {
        try await changing(caller.business) { flow throws(EngineError) in
            let (plan, changes) = try plan(file, for: flow, after: last, pruning: pruning, by: caller)
            let audit = caller.audit("flow.import", caller.business)
            return (ConfigurationCommit(base: flow, changes: changes, actor: caller.actor, at: caller.now, audit: [audit]), plan)
        }
    }

    private func plan(
        _ file: FlowFile, for flow: Flow, after last: [String: Int64], pruning: Bool, by caller: Caller
    ) throws(EngineError) -> (plan: ImportPlan, changes: [ConfigurationCommit.Change]) {
        let agents = Merge(file.agents, into: flow.agents, after: last, pruning: pruning, by: caller)
        let templates = Merge(file.templates, into: flow.templates, after: last, pruning: pruning, by: caller)
        let stages = Merge(file.stages, into: flow.stages, after: last, pruning: pruning, by: caller)
        let rules = Merge(file.rules, into: flow.rules, after: last, pruning: pruning, by: caller)
        let result = Flow(
            business: flow.business, agents: agents.result, templates: templates.result, stages: stages.result, rules: rules.result)
        let faults = agents.faults(in: result) + templates.faults(in: result) + stages.faults(in: result) + rules.faults(in: result)
        guard faults.isEmpty else { throw .invalid(faults) }
        // What refers to others is saved after them and deleted before them.
        return (
            ImportPlan(steps: agents.steps + templates.steps + stages.steps + rules.steps),
            agents.saved + templates.saved + stages.saved + rules.saved
                + rules.deleted + stages.deleted + templates.deleted + agents.deleted
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
    /// What stays beside the file.
    private var others: [Saved<Body>] = []

    init(
        _ entries: [FlowFile.Entry<Body>], into catalogue: Catalogue<Body>, after last: [String: Int64], pruning: Bool, by caller: Caller
    ) {
        self.entries = entries
        for entry in entries { add(entry, over: catalogue[entry.id], after: last[entry.id.description] ?? 0, by: caller) }
        let named = Set(entries.map(\.id))
        for old in catalogue.all where !named.contains(old.id) {
            if pruning {
                deleted.append(old.deleting(movingTo: nil))
                step(.delete, old.name)
            } else {
                result.append(old)
                others.append(old)
            }
        }
    }

    private mutating func add(_ entry: FlowFile.Entry<Body>, over old: Saved<Body>?, after last: Int64, by caller: Caller) {
        if let old, old.body == entry.body {
            result.append(old)
            return step(.unchanged, old.name)
        }
        let new = Saved(
            id: entry.id, businessID: caller.business, body: entry.body, createdAt: old?.createdAt ?? caller.now, updatedAt: caller.now,
            revision: (old?.revision ?? last) + 1)
        result.append(new)
        saved.append(new.saving)
        step(old == nil ? .create : .update, new.name)
    }

    private mutating func step(_ action: ImportPlan.Action, _ name: String) {
        steps.append(ImportPlan.Step(kind: Body.kind, name: name, action: action))
    }

    /// Every fault of the file's entries, at their places in it, and of what would not fit them any more.
    func faults(in flow: Flow) -> [InputFault] {
        let place = JSONPointer.root.appending(Body.kind.collection)
        let left = others.flatMap { other in
            other.body.faults(in: flow, id: other.id).map {
                InputFault(place, "The \(Body.kind.noun) '\(other.name)', which the file does not have, would not fit any more: \($0.message)")
            }
        }
        return left
            + entries.enumerated().flatMap { index, entry in
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
        case .rule: TransitionRule.ID(id).map { rules[$0] != nil } ?? false
        }
    }
}
