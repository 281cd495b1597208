import StageModel

/// A stage with its rules as the editor's form holds them: everything as it was typed, right or wrong.
struct StageDraft: Sendable, Equatable {
    /// A length of time: a number of some unit.
    struct Amount: Sendable, Equatable {
        var typed = ""
        /// In seconds.
        var unit: Int64 = 3600
    }

    struct Field: Sendable, Equatable {
        var name = ""
        var kind = DataField.Kind.string.rawValue
        var description = ""
        var pattern = ""
        /// One a line.
        var values = ""
        var isRequired = false
        var isSensitive = false
    }

    struct Rule: Sendable, Equatable {
        /// Empty: it is new.
        var id = ""
        /// The revision that is edited: `r1`.
        var ifMatch = ""
        /// Leads from any stage to this one.
        var isFromAny = false
        var target = ""
        var selection = TransitionRule.Selection.automatic.rawValue
        var priority = "0"
        var condition = "true"
        var description = ""
    }

    /// A rule that was on the form when it was first made, with its revision then.
    struct KnownRule: Sendable, Equatable {
        let id: TransitionRule.ID
        let revision: Int64?
    }

    /// A template that is edited in place.
    struct EditedTemplate: Sendable, Equatable {
        /// Empty: it is new.
        var id = ""
        var ifMatch = ""
        var name = ""
        var content = ""
        var systemPrompt = ""
    }

    var ifMatch = ""
    var knownRules: [KnownRule] = []
    var name = ""
    var description = ""
    var style = Stage.Style.conversation.rawValue
    var agent = ""
    var templates: [Template.Purpose: String] = [:]
    var fallbackReply = ""
    var busy = StageConfiguration.Busy.queue.rawValue
    var mergeMilliseconds = ""
    var isEntry = false
    var isFinal = false
    var policy = StageConfiguration.TransitionPolicy.open.rawValue
    var maximumVisits = ""
    var timeout = Amount()
    var timeoutTarget = ""
    var fields: [Field] = []
    /// The stage's own, then those from any stage to it.
    var rules: [Rule] = []
    var scope = StageConfiguration.Persistence.Scope.conversation.rawValue
    var timeToLive = Amount()
    var historyLimit = "100"

    // What is tried beside, and not saved with the stage.
    var previewConversation = ""
    var tryConversation = ""
    var tryMessage = ""
    var editedTemplates: [Template.Purpose: EditedTemplate] = [:]

    /// A new stage.
    init() {}
}

extension Template.Purpose {
    /// The column of a stage that names a template of this purpose.
    var column: String { "\(rawValue)_template_id" }
}

// MARK: - From the form

extension StageDraft {
    init(_ form: Form) {
        func text(_ name: String) -> String { form[name] ?? "" }
        ifMatch = text("if_match")
        knownRules = text("known_rule_ids").split(separator: ",").compactMap { KnownRule(String($0)) }
        name = text("stage_name")
        description = text("stage_description")
        style = text("stage_type")
        agent = text("agent_id")
        fallbackReply = text("configuration.fallback_reply")
        busy = text("configuration.busy")
        mergeMilliseconds = text("configuration.merge_ms")
        isEntry = form.isOn("is_entry")
        isFinal = form.isOn("configuration.final")
        policy = text("configuration.transition_policy")
        maximumVisits = text("configuration.max_visits")
        timeout = Amount(form, "configuration.timeout.seconds")
        timeoutTarget = text("configuration.timeout.to_stage_id")
        scope = text("configuration.persistence.scope")
        timeToLive = Amount(form, "configuration.persistence.ttl_seconds")
        historyLimit = text("configuration.persistence.history_limit")
        fields = form.elements(of: "fields").map(Field.init)
        let rules = form.elements(of: "rules").map(Rule.init)
        self.rules = rules.filter { !$0.isFromAny } + rules.filter(\.isFromAny)
        previewConversation = text("preview.conversation_id")
        tryConversation = text("try.conversation_id")
        tryMessage = text("try.message")
        for purpose in Template.Purpose.allCases {
            templates[purpose] = text(purpose.column)
            editedTemplates[purpose] = EditedTemplate(form, "templates.\(purpose.rawValue)")
        }
    }
}

extension StageDraft.Amount {
    init(_ form: Form, _ name: String) {
        typed = form[name] ?? ""
        unit = form["\(name).unit"].flatMap { Int64($0) } ?? 1
    }
}

extension StageDraft.Field {
    init(_ form: Form) {
        name = form["name"] ?? ""
        kind = form["type"] ?? ""
        description = form["description"] ?? ""
        pattern = form["pattern"] ?? ""
        values = form["values"] ?? ""
        isRequired = form.isOn("required")
        isSensitive = form.isOn("sensitive")
    }
}

extension StageDraft.Rule {
    init(_ form: Form) {
        id = form["rule_id"] ?? ""
        ifMatch = form["if_match"] ?? ""
        isFromAny = form.isOn("from_any")
        target = form["to_stage_id"] ?? ""
        selection = form["selection"] ?? ""
        priority = form["priority"] ?? ""
        condition = form["condition"] ?? ""
        description = form["description"] ?? ""
    }
}

extension StageDraft.EditedTemplate {
    /// - Returns: nil when no template is edited there.
    init?(_ form: Form, _ name: String) {
        guard let content = form["\(name).content"] else { return nil }
        self.content = content
        id = form["\(name).template_id"] ?? ""
        ifMatch = form["\(name).if_match"] ?? ""
        self.name = form["\(name).template_name"] ?? ""
        systemPrompt = form["\(name).system_prompt"] ?? ""
    }
}

extension StageDraft.KnownRule {
    /// Reads `ID` or `ID:r1`.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard let first = parts.first, let id = TransitionRule.ID(first) else { return nil }
        self.id = id
        revision = parts.count > 1 ? Int64(parts[1].dropFirst()) : nil
    }

    init(_ rule: Saved<TransitionRule>) {
        id = rule.id
        revision = rule.revision
    }

    var text: String { revision.map { "\(id):r\($0)" } ?? id.description }
}
