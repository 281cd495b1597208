import StageModel

/// One of the choices of a field, with what it means in plain words.
struct EditorChoice {
    let value: String
    let label: String
    let meaning: String

    private init(_ value: some RawRepresentable<String>, _ label: String, _ meaning: String) {
        self.value = value.rawValue
        self.label = label
        self.meaning = meaning
    }

    func model(_ chosen: String) -> PageValue {
        ["value": .text(value), "label": .text(label), "meaning": .text(meaning), "is_selected": .flag(value == chosen)]
    }

    static let types = [Stage.Style.conversation, .form, .response].map { style in
        switch style {
        case .conversation: EditorChoice(style, "Conversation", "Keeps talking until a rule leads on.")
        case .form: EditorChoice(style, "Form", "Asks for its missing fields one by one.")
        case .response: EditorChoice(style, "Response", "Replies and does not wait.")
        }
    }

    static let busy = [StageConfiguration.Busy.queue, .merge, .interrupt, .reject].map { busy in
        switch busy {
        case .queue: EditorChoice(busy, "Wait", "Messages are handled one after the other.")
        case .merge: EditorChoice(busy, "Merge", "Messages that come soon after each other become one.")
        case .interrupt: EditorChoice(busy, "Interrupt", "The new message replaces the one being handled.")
        case .reject: EditorChoice(busy, "Refuse", "The caller is told to try again.")
        }
    }

    static let policies = StageConfiguration.TransitionPolicy.allCases.map { policy in
        switch policy {
        case .open: EditorChoice(policy, "Open", "The API may move a conversation to any stage.")
        case .strict: EditorChoice(policy, "Strict", "Only as a rule allows.")
        }
    }

    static let scopes = StageConfiguration.Persistence.Scope.allCases.map { scope in
        switch scope {
        case .conversation: EditorChoice(scope, scope.summary, "Later stages see it, too.")
        case .stage: EditorChoice(scope, scope.summary, "Good for answers that only matter here.")
        case .none: EditorChoice(scope, scope.summary, "Used for the reply and the rules of one message, then never stored.")
        }
    }
}
