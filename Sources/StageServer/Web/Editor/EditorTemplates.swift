import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// What can be done with the templates of a stage without leaving its editor: look at one with values filled in, change one, make one.
struct EditorTemplates: Sendable {
    let configuration: ConfigurationService
    let previewer: TemplatePreviewer

    /// What a template comes to; with what is wrong with the conversation or the choice, if anything is.
    func preview(
        _ purpose: Template.Purpose, of draft: StageDraft, in flow: Flow, by caller: Caller
    ) async throws(EngineError) -> (model: PageValue, faults: [EditorFault]) {
        guard let content = draft.editedTemplates[purpose]?.content ?? draft.template(purpose, in: flow)?.content else {
            return (.none, [EditorFault(purpose.column, "Choose a template first.")])
        }
        let panel = try await PreviewPanel(previewer: previewer).model(of: content, for: draft.previewConversation, by: caller)
        return (panel.model, panel.fault.map { [EditorFault("preview.conversation_id", $0)] } ?? [])
    }

    /// Opens a template to be changed.
    /// - Returns: what is wrong with the choice; nil: nothing.
    func open(_ purpose: Template.Purpose, of draft: inout StageDraft, in flow: Flow) -> EditorFault? {
        guard let template = draft.template(purpose, in: flow) else { return EditorFault(purpose.column, "Choose a template first.") }
        draft.editedTemplates[purpose] = StageDraft.EditedTemplate(
            id: template.id.description, ifMatch: "r\(template.revision)", name: template.name, content: template.content,
            systemPrompt: template.systemPrompt ?? "")
        return nil
    }

    /// Saves the template that is edited, and chooses it for the stage.
    /// - Returns: what is wrong with it; empty: it is saved.
    func save(_ purpose: Template.Purpose, of draft: inout StageDraft, by caller: Caller) async throws(EngineError) -> [EditorFault] {
        guard let edited = draft.editedTemplates[purpose] else { return [] }
        let place = "templates.\(purpose.rawValue)"
        var reader = DraftReader()
        let name = reader.text(edited.name, Template.draftSchema.member("template_name"), at: "\(place).template_name")
        let prompt = edited.systemPrompt.isEmpty ? nil : edited.systemPrompt
        let body = Template(name: name, purpose: purpose, content: edited.content, systemPrompt: prompt)
        let faults = reader.faults + body.faults.map { EditorFault("\(place).\($0.pointer.description.dropFirst())", $0.message) }
        guard faults.isEmpty else { return faults }
        do throws(EngineError) {
            let saved = try await save(body, edited, by: caller)
            draft.templates[purpose] = saved.id.description
            draft.editedTemplates[purpose] = nil
            return []
        } catch {
            switch error.code {
            case .invalidInput: return error.faults.map { EditorFault("\(place).\($0.pointer.description.dropFirst())", $0.message) }
            case .preconditionFailed, .notFound:
                return [try await conflict(&draft.editedTemplates[purpose], at: "\(place).content", by: caller)]
            default: throw error
            }
        }
    }

    private func save(
        _ body: Template, _ edited: StageDraft.EditedTemplate, by caller: Caller
    ) async throws(EngineError) -> Saved<Template> {
        guard let id = Template.ID(edited.id) else { return try await configuration.create(body, by: caller) { _ in nil } }
        return try await configuration.replace(id, ifRevision: StageDraft.revision(edited.ifMatch), by: caller, answering: { _ in nil }) {
            _ in body
        }
    }

    /// Others have saved or deleted the template: what to do is to be decided with theirs in view, and saving again replaces theirs.
    private func conflict(
        _ edited: inout StageDraft.EditedTemplate?, at field: String, by caller: Caller
    ) async throws(EngineError) -> EditorFault {
        let flow = try await configuration.flow(of: caller.business)
        guard let mine = edited, let theirs = Template.ID(mine.id).flatMap({ flow.templates[$0] }) else {
            edited?.id = ""
            edited?.ifMatch = ""
            return EditorFault(field, "Others have deleted this template in the meantime. Save it again to make it anew.")
        }
        edited?.ifMatch = "r\(theirs.revision)"
        let message =
            "Others have saved this template in the meantime, as revision \(theirs.revision); theirs is below. "
            + "Save again to put yours in its place, or close yours to keep theirs."
        let parts = [
            theirs.name == mine.name ? nil : "Name: \(theirs.name)", theirs.content,
            theirs.systemPrompt ?? "" == mine.systemPrompt ? nil : "System prompt: \(theirs.systemPrompt ?? "none")",
        ]
        return EditorFault(field, message, excerpt: parts.compactMap { $0 }.joined(separator: "\n\n"))
    }
}

extension StageDraft {
    /// The template that is chosen.
    func template(_ purpose: Template.Purpose, in flow: Flow) -> Saved<Template>? {
        templates[purpose].flatMap { Template.ID($0) }.flatMap { flow.templates[$0] }.flatMap { $0.purpose == purpose ? $0 : nil }
    }
}
