import HTTPTypes

/// Asks before something is done that can't be undone, or that needs one more choice; works without a script.
struct ConfirmPage {
    let question: String
    var paragraphs: [String] = []
    let label: String
    var isDangerous = true
    /// Where the form is sent again, and where cancelling leads.
    let path: String
    /// A select: its name, what it asks for, its options, and what was wrong with the choice.
    var choice: (name: String, label: String, options: [(value: String, label: String)], fault: String?)?
    let part: PageContent.Part

    /// The page that asks for a form to be sent again.
    func content(for form: Form) -> PageContent {
        let hidden = form.entries.filter { $0.name != "csrf_token" && $0.name != "confirmed" && $0.name != choice?.name }
        return PageContent(
            template: "Confirm", title: question, part: part,
            model: [
                "question": .text(question), "paragraphs": .list(paragraphs) { .text($0) }, "form_path": .text(path),
                "cancel_path": .text(path), "confirm_label": .text(label), "is_dangerous": .flag(isDangerous),
                "hidden": .list(hidden) { ["name": .text($0.name), "value": .text($0.value)] },
                "choice": choice.map { choice in
                    [
                        "choice_name": .text(choice.name), "choice_label": .text(choice.label), "choice_error": .optional(choice.fault),
                        "choices": .list(choice.options) { .option($0.value, $0.label, isSelected: form[choice.name] == $0.value) },
                    ]
                } ?? .none,
            ], status: choice?.fault == nil ? .ok : .unprocessableContent)
    }
}

extension PageCall {
    /// Does something once it was confirmed, and asks before.
    func confirmed(_ page: ConfirmPage, _ act: () async throws -> PageAnswer) async throws -> PageAnswer {
        form.isOn("confirmed") ? try await act() : .page(page.content(for: form))
    }
}
