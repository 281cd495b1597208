import HTTPTypes

/// Asks before something is done that can't be undone, or that needs one more choice; works without a script.
struct ConfirmPage {
    let question: String
    var paragraphs: [String] = []
    let formPath: String
    let cancelPath: String
    let confirmLabel: String
    var isDangerous = true
    /// The form that is to be sent again.
    let form: Form
    /// A select: its name, what it asks for, its options, and what was wrong with the choice.
    var choice: (name: String, label: String, options: [(value: String, label: String)], fault: String?)?
    let part: PageContent.Part

    var content: PageContent {
        let hidden = form.entries.filter { $0.name != "csrf_token" && $0.name != "confirmed" && $0.name != choice?.name }
        return PageContent(
            template: "Confirm", title: question, part: part,
            model: [
                "question": .text(question), "paragraphs": .list(paragraphs) { .text($0) }, "form_path": .text(formPath),
                "cancel_path": .text(cancelPath), "confirm_label": .text(confirmLabel), "is_dangerous": .flag(isDangerous),
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
