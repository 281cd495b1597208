import StageModel

extension StageEditorPage {
    /// The three templates, and what is done with them in place.
    var pickers: [String: PageValue] {
        [
            "pickers": .list(Template.Purpose.allCases, picker), "preview_conversation_id": .text(draft.previewConversation),
            "preview_error": faults.sentence("preview.conversation_id"),
        ]
    }

    /// How replies are made.
    var options: [String: PageValue] {
        [
            "fallback_reply": .text(draft.fallbackReply), "fallback_reply_error": faults.sentence("configuration.fallback_reply"),
            "busy_choices": .list(EditorChoice.busy) { $0.model(draft.busy) }, "merge_ms": .text(draft.mergeMilliseconds),
            "merge_ms_error": faults.sentence("configuration.merge_ms"),
        ]
    }

    private func picker(_ purpose: Template.Purpose) -> PageValue {
        let chosen = draft.template(purpose, in: flow)
        let templates = flow.templates.all.filter { $0.purpose == purpose }
        return [
            "template_type": .text(purpose.rawValue), "field": .text(purpose.column), "title": .text(purpose.title),
            "purpose": .text(purpose.meaning), "is_unchosen": .flag(chosen == nil),
            "choices": .list(templates) { .option($0.id.description, $0.name, isSelected: $0.id == chosen?.id) },
            "picker_error": faults.sentence(purpose.column), "preview": previews[purpose] ?? .none, "editing": editing(purpose),
        ]
    }

    private func editing(_ purpose: Template.Purpose) -> PageValue {
        guard let edited = draft.editedTemplates[purpose] else { return .none }
        let saved = Template.ID(edited.id).flatMap { flow.templates[$0] }
        let place = "templates.\(purpose.rawValue)"
        return [
            "legend": .text(saved.map { "Edit the template “\($0.name)”" } ?? "New template"), "used_by": .optional(saved.map(usedBy)),
            "edited_id": .text(edited.id), "edited_if_match": .text(edited.ifMatch), "edited_name": .text(edited.name),
            "name_error": faults.sentence("\(place).template_name"), "content": .text(edited.content),
            "content_error": faults.caret("\(place).content")?.model ?? .none, "system_prompt": .text(edited.systemPrompt),
            "system_prompt_error": faults.caret("\(place).system_prompt")?.model ?? .none,
        ]
    }

    private func usedBy(_ template: Saved<Template>) -> String {
        let users = flow.stages.all.filter { stage in stage.body.templates.contains { $0.id == template.id } }
        switch users.count {
        case 0: return "No stage uses it yet."
        case 1:
            return users[0].id == stage?.id ? "Used by this stage only." : "Used by the stage '\(users[0].name)', which changes with it."
        default: return "Used by \(users.count) stages; all of them change."
        }
    }
}

extension Template.Purpose {
    /// What templates of the purpose are for.
    fileprivate var meaning: String {
        switch self {
        case .stageSelection: "Asks the language model which stage is next."
        case .dataExtraction: "Asks it what a message tells."
        case .responseGeneration: "The draft of the reply, or the reply itself without a language model."
        }
    }
}
