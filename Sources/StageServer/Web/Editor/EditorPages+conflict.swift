import HTTPTypes
import StageEngine
import StageModel
import StageStore

// What happens when somebody else was faster.
extension EditorPages {
    /// The page with both versions side by side, and the choice between them. Nothing is saved.
    func conflict(_ draft: StageDraft, _ id: Stage.ID, _ call: PageCall) async throws(EngineError) -> PageContent {
        let caller = try call.caller
        let flow = try await configuration.flow(of: caller.business)
        guard let stage = flow.stages[id] else { return try await deleted(id, draft, flow, call) }
        let theirs = StageDraft(stage, rules: Stage.rules(editedWith: id, in: flow))
        let base = try await base(of: draft, id, caller)
        let areRulesStale = draft.hasStaleRules(against: theirs)
        let mine = draft.rebased(on: theirs)
        let differences = mine.differences(from: theirs, in: flow) { member in
            if member == .rules { return !areRulesStale }
            guard let base else { return false }
            return !member.isSame(mine, base) && member.isSame(theirs, base)
        }
        let stale = draft.knownRules.filter { known in
            flow.rules[known.id].map { known.revision != nil && $0.revision != known.revision } ?? true
        }
        var page = StageEditorPage(flow: flow, stage: stage, draft: mine, now: call.now, status: .preconditionFailed)
        page.here = try await stages.statistics(of: id, by: caller).conversationsHere
        page.conflict = try await conflict(differences, stage, isStale: draft.ifMatch != theirs.ifMatch, rules: stale.map(\.id), caller)
        return page.content
    }

    /// Shows a conflict again that is not settled yet.
    func show(_ choices: EditorChoices, on page: inout StageEditorPage, _ caller: Caller) async throws {
        guard let stage = page.stage else { return }
        let theirs = StageDraft(stage, rules: Stage.rules(editedWith: stage.id, in: page.flow))
        page.draft = page.draft.rebased(on: theirs)
        let differences = page.draft.differences(from: theirs, in: page.flow) { choices.keepsYours[$0] ?? true }
        guard !differences.isEmpty else { return }
        let newer = Stage.rules(editedWith: stage.id, in: page.flow).filter { $0.updatedAt > stage.updatedAt }
        page.conflict = try await conflict(differences, stage, isStale: newer.isEmpty, rules: newer.map(\.id), caller)
    }

    /// The page when the stage is gone: what was typed can be made a new one.
    func deleted(_ id: Stage.ID, _ typed: StageDraft, _ flow: Flow, _ call: PageCall) async throws(EngineError) -> PageContent {
        // Throws, when there never was such a stage in the business.
        _ = try await configuration.revisions(of: id, in: try call.caller.business, before: nil, limit: 1)
        var draft = typed
        draft.ifMatch = ""
        draft.knownRules = []
        for row in draft.rules.indices { (draft.rules[row].id, draft.rules[row].ifMatch) = ("", "") }
        let message = "Others have deleted the stage in the meantime. What you typed is below; it can be created as a new stage."
        return StageEditorPage(
            flow: flow, stage: nil, draft: draft, faults: EditorFaults(general: [message]), now: call.now, status: .conflict
        ).content
    }

    /// The stage as it was when the form was made; nil: not known.
    private func base(of draft: StageDraft, _ id: Stage.ID, _ caller: Caller) async throws(EngineError) -> StageDraft? {
        guard case .oneOf(let revisions) = StageDraft.revision(draft.ifMatch), let revision = revisions.first else { return nil }
        let found = try await configuration.revisions(of: id, in: caller.business, before: revision &+ 1, limit: 1).first
        guard let found, found.revision == revision, let json = found.body else { return nil }
        return (try? Stage(json: json)).map { StageDraft($0) }
    }

    /// Tells who saved last.
    /// - Parameters:
    ///   - isStale: whether others have saved the stage itself.
    ///   - rules: those of its rules that others have saved or deleted.
    private func conflict(
        _ differences: [EditorConflict.Difference], _ stage: Saved<Stage>, isStale: Bool, rules: [TransitionRule.ID], _ caller: Caller
    ) async throws(EngineError) -> EditorConflict {
        var last: Revision?
        if isStale { last = try await configuration.revisions(of: stage.id, in: caller.business, before: nil, limit: 1).first }
        var name = "revision \(stage.revision)"
        for rule in rules {
            let found = try await configuration.revisions(of: rule, in: caller.business, before: nil, limit: 1).first
            if let found, last.map({ $0.at < found.at }) ?? true {
                last = found
                name = found.body == nil ? "a deletion of one of its rules" : "revision \(found.revision) of one of its rules"
            }
        }
        return EditorConflict(
            differences: differences, author: last?.author ?? "Somebody", revisionName: name, savedAt: last?.at ?? stage.updatedAt,
            reloadPath: "/stage-editor/\(stage.id)")
    }
}
