import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// The stage editor: makes a stage, or changes one with its rules.
struct EditorPages: Sendable {
    /// Of so many conversations at the stage each is looked at for what a change means; of more, none.
    private static let mostExamined = 200

    let configuration: ConfigurationService
    let stages: StageService

    var pages: [Page] {
        [
            .get("/stage-editor/new", by: .editors, create), .post("/stage-editor/new", by: .editors, change),
            .get("/stage-editor/{stage_id}", by: .editors, edit), .post("/stage-editor/{stage_id}", by: .editors, change),
        ]
    }

    private func create(_ call: PageCall) async throws -> PageAnswer {
        let flow = try await configuration.flow(of: try call.caller.business)
        return .page(StageEditorPage(flow: flow, stage: nil, draft: StageDraft(), now: call.now).content)
    }

    private func edit(_ call: PageCall) async throws -> PageAnswer {
        let flow = try await configuration.flow(of: try call.caller.business)
        let id: Stage.ID = try call.id("stage_id")
        guard let stage = flow.stages[id] else { throw EngineError.notFound("stage", id) }
        let draft = StageDraft(stage, rules: Stage.rules(editedWith: id, in: flow))
        return .page(try await page(draft, stage, flow, call).content)
    }

    private func page(
        _ draft: StageDraft, _ stage: Saved<Stage>?, _ flow: Flow, _ call: PageCall
    ) async throws(EngineError) -> StageEditorPage {
        var page = StageEditorPage(flow: flow, stage: stage, draft: draft, now: call.now)
        if let stage { page.here = try await stages.statistics(of: stage.id, by: try call.caller).conversationsHere }
        return page
    }

    // MARK: - What the buttons do

    private func change(_ call: PageCall) async throws -> PageAnswer {
        let action = try EditorAction(call.form["action"])
        let flow = try await configuration.flow(of: try call.caller.business)
        let draft = StageDraft(call.form)
        var stage: Saved<Stage>?
        if call.pathParameters["stage_id"] != nil {
            let id: Stage.ID = try call.id("stage_id")
            guard let found = flow.stages[id] else { return .page(try await deleted(id, draft, flow, call)) }
            stage = found
        }
        if action == .save { return try await save(draft, stage, flow, call) }
        return .page(try await work(action, draft, stage, flow, call).content)
    }

    /// Does what does not save the stage.
    private func work(
        _ action: EditorAction, _ draft: StageDraft, _ stage: Saved<Stage>?, _ flow: Flow, _ call: PageCall
    ) async throws -> StageEditorPage {
        let caller = try call.caller
        var page = try await page(draft, stage, flow, call)
        var choices = EditorChoices(call.form)
        let templates = EditorTemplates(
            configuration: configuration, previewer: TemplatePreviewer(configuration: configuration, stages: stages))
        switch action {
        case .save: break
        case .addField:
            page.draft.fields.append(StageDraft.Field())
            page.open.insert("fields.\(page.draft.fields.count - 1)")
        case .removeField(let row): page.draft.removeField(row)
        case .moveField(let row, let direction): page.draft.moveField(row, direction)
        case .addRule(let isFromAny): page.open.insert("rules.\(page.draft.addRule(isFromAny: isFromAny))")
        case .removeRule(let row): page.draft.removeRule(row)
        case .moveRule(let row, let direction): page.draft.moveRule(row, direction)
        case .tryRule(let row):
            let trial = try await EditorTrial(stages: stages).run(row, of: draft, stage, in: flow, by: caller)
            (page.tried[row], page.faults) = (trial.model, EditorFaults(trial.faults))
            page.open.insert("rules.\(row)")
        case .preview(let purpose):
            let preview = try await templates.preview(purpose, of: draft, in: flow, by: caller)
            (page.previews[purpose], page.faults) = (preview.model, EditorFaults(preview.faults))
        case .editTemplate(let purpose):
            page.faults = EditorFaults(templates.open(purpose, of: &page.draft, in: flow).map { [$0] } ?? [])
        case .newTemplate(let purpose): page.draft.editedTemplates[purpose] = StageDraft.EditedTemplate()
        case .closeTemplate(let purpose): page.draft.editedTemplates[purpose] = nil
        case .saveTemplate(let purpose): try await save(purpose, with: templates, on: &page, caller)
        case .choose(let side): choices.chooseAll(side)
        }
        if !page.faults.isEmpty { page.status = .unprocessableContent }
        if !choices.isEmpty { try await show(choices, on: &page, caller) }
        return page
    }

    private func save(_ purpose: Template.Purpose, with templates: EditorTemplates, on page: inout StageEditorPage, _ caller: Caller)
        async throws
    {
        let isNew = page.draft.editedTemplates[purpose]?.id.isEmpty ?? true
        let wasEdited = page.draft.editedTemplates[purpose] != nil
        page.faults = EditorFaults(try await templates.save(purpose, of: &page.draft, by: caller))
        let flow = try await configuration.flow(of: caller.business)
        page = StageEditorPage(
            flow: flow, stage: page.stage.flatMap { flow.stages[$0.id] }, draft: page.draft, here: page.here, faults: page.faults,
            now: page.now)
        if page.faults.isEmpty, wasEdited { page.flash = isNew ? .templateCreated : .templateSaved }
    }

    // MARK: - Saving the stage

    private func save(_ typed: StageDraft, _ stage: Saved<Stage>?, _ flow: Flow, _ call: PageCall) async throws -> PageAnswer {
        let caller = try call.caller
        var draft = typed
        if let stage {
            draft = EditorChoices(call.form).applied(
                to: typed, theirs: StageDraft(stage, rules: Stage.rules(editedWith: stage.id, in: flow)))
        }
        // A new stage keeps its id from the telling to the saving: of several entries the lowest id counts.
        let proposed = call.form["new_stage_id"].flatMap { Stage.ID($0) }.flatMap { flow.stages[$0] == nil ? $0 : nil }
        let (edit, typos) = draft.read(as: stage?.id ?? proposed ?? Stage.ID(), isNew: stage == nil)
        var faults = EditorFaults(typos)
        do throws(EngineError) {
            let plan = try await configuration.plan(edit, by: caller)
            faults.add(plan.faults)
            if faults.isEmpty {
                if let told = try await consequences(of: plan, stage, caller), call.form["confirmed"] != told.token {
                    return .page(try await self.page(draft, stage, flow, call, .conflict) { $0.consequences = told })
                }
                let saved = try await configuration.edit(edit, by: caller)
                return .redirect(to: "/stages/\(saved.id)", telling: stage == nil ? .stageCreated : .stageSaved)
            }
        } catch {
            switch error.code {
            case .preconditionFailed: return .page(try await conflict(draft, edit.id, call))
            case .notFound: return .page(try await deleted(edit.id, draft, flow, call))
            case .invalidInput: faults.add(error.faults)
            case .stateConflict:
                return .page(try await page(draft, stage, flow, call, .conflict) { $0.faults = EditorFaults(general: [error.message]) })
            default: throw error
            }
        }
        return .page(try await page(draft, stage, flow, call, .unprocessableContent) { $0.faults = faults })
    }

    private func page(
        _ draft: StageDraft, _ stage: Saved<Stage>?, _ flow: Flow, _ call: PageCall, _ status: HTTPResponse.Status,
        _ change: (inout StageEditorPage) -> Void
    ) async throws(EngineError) -> PageContent {
        var page = try await page(draft, stage, flow, call)
        page.status = status
        change(&page)
        return page.content
    }

    /// What is to be told before the edit is saved; nil: nothing.
    private func consequences(
        of plan: StageEditPlan, _ stage: Saved<Stage>?, _ caller: Caller
    ) async throws(EngineError) -> EditorConsequences? {
        var (here, some) = (Int64(0), [ConversationState]?.some([]))
        if let stage {
            var query = ConversationQuery(business: caller.business, limit: Self.mostExamined + 1, at: caller.now)
            query.stage = stage.id
            let found = try await stages.conversations(query, by: caller)
            let areMany = found.count > Self.mostExamined
            some = areMany ? nil : found
            here = areMany ? try await stages.statistics(of: stage.id, by: caller).conversationsHere : Int64(found.count)
        }
        let consequences = EditorConsequences(of: plan, here: here, some: some)
        return consequences.isEmpty ? nil : consequences
    }
}
