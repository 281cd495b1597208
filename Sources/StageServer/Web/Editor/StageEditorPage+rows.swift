import StageModel

extension StageEditorPage {
    // MARK: - Fields

    var fieldRows: [String: PageValue] {
        [
            "fields_total": .number(draft.fields.count), "has_fields": .flag(!draft.fields.isEmpty),
            "fields": .list(Array(draft.fields.enumerated())) { fieldRow($0.offset, $0.element) },
        ]
    }

    private func fieldRow(_ row: Int, _ field: StageDraft.Field) -> PageValue {
        let place = "fields.\(row)"
        let said = [field.kind, field.isRequired ? "required" : "", field.isSensitive ? "sensitive" : ""]
        var members: [String: PageValue] = [
            "said_name": .text(field.name.isEmpty ? "new field" : field.name),
            "said": .text(said.filter { !$0.isEmpty }.joined(separator: " · ")),
            "field_name": .text(field.name), "field_name_error": faults.sentence("\(place).name"),
            "kinds": .list(DataField.Kind.allCases) { .option($0.rawValue, $0.rawValue, isSelected: $0.rawValue == field.kind) },
            "field_description": .text(field.description), "field_description_error": faults.sentence("\(place).description"),
        ]
        members["pattern"] = .text(field.pattern)
        members["pattern_error"] = faults.sentence("\(place).pattern")
        members["values_text"] = .text(field.values)
        members["values_error"] = faults.sentence("\(place).values")
        members["is_required"] = .flag(field.isRequired)
        members["is_sensitive"] = .flag(field.isSensitive)
        let isSaved = stage?.configuration.fields.contains { StageDraft.Field($0) == field } ?? false
        let position = position(row, place, isSaved: isSaved, isTop: row == 0, isBottom: row == draft.fields.count - 1)
        return .object(members.merging(position) { $1 })
    }

    /// What a row of any kind has. One that is new or changed is unfolded, so that what was typed stays in sight.
    private func position(_ row: Int, _ place: String, isSaved: Bool, isTop: Bool, isBottom: Bool) -> [String: PageValue] {
        let isWrong = faults.isWrong(place)
        let isOpen = isWrong || !isSaved || open.contains(place)
        return [
            "index": .text(String(row)), "number": .text(String(row + 1)), "is_open": .flag(isOpen), "is_wrong": .flag(isWrong),
            "is_top": .flag(isTop), "is_bottom": .flag(isBottom),
        ]
    }

    // MARK: - Rules

    var ruleRows: [String: PageValue] {
        [
            "rules_total": .number(draft.rules.count), "has_rules": .flag(!draft.rules.isEmpty),
            "rules": .list(Array(draft.rules.enumerated())) { ruleRow($0.offset, $0.element) },
            "try_conversation_id": .text(draft.tryConversation), "try_error": faults.sentence("try.conversation_id"),
            "try_message": .text(draft.tryMessage), "condition_variables": variables,
        ]
    }

    private func ruleRow(_ row: Int, _ rule: StageDraft.Rule) -> PageValue {
        let place = "rules.\(row)"
        let selections = [(TransitionRule.Selection.automatic, "condition alone"), (.model, "model decides")]
        var members: [String: PageValue] = [
            "is_from_any": .flag(rule.isFromAny), "said_target": .text(rule.target.isEmpty ? "…" : flow.stageName(rule.target)),
            "said_condition": .text(rule.condition), "said": .text("\(rule.selection) · priority \(rule.priority)"),
            "rule_id": .text(rule.id),
            "rule_if_match": .text(rule.ifMatch),
            "selections": .list(selections) { .option($0.0.rawValue, $0.1, isSelected: $0.0.rawValue == rule.selection) },
            "priority": .text(rule.priority), "priority_error": faults.sentence("\(place).priority"),
        ]
        if !rule.isFromAny { members["rule_target"] = picker("\(place).to_stage_id", rule.target, unchosen: "Choose a stage") }
        members["condition"] = .text(rule.condition)
        members["condition_error"] = faults.caret("\(place).condition")?.model ?? PageValue.none
        members["rule_description"] = .text(rule.description)
        members["tried"] = tried[row] ?? PageValue.none
        members["try_hint"] = .text(tryHint)
        let isTop = row == 0 || draft.rules[row - 1].isFromAny != rule.isFromAny
        let isBottom = row == draft.rules.count - 1 || draft.rules[row + 1].isFromAny != rule.isFromAny
        return .object(members.merging(position(row, place, isSaved: isSaved(rule), isTop: isTop, isBottom: isBottom)) { $1 })
    }

    /// Whether the rule is as it is saved, but for its priority, which changes when others are moved.
    private func isSaved(_ rule: StageDraft.Rule) -> Bool {
        guard let saved = TransitionRule.ID(rule.id).flatMap({ flow.rules[$0] }) else { return false }
        var same = StageDraft.Rule(saved)
        (same.priority, same.ifMatch) = (rule.priority, rule.ifMatch)
        return same == rule
    }

    private var tryHint: String {
        draft.tryConversation.isEmpty && draft.tryMessage.isEmpty
            ? "on a new conversation; name another and a message below" : "on the conversation and message below"
    }

    // MARK: - What conditions can use

    /// What is always there, and every datum that a stage declares, or this draft.
    private var variables: PageValue {
        var declared: [String: (kind: String, stages: [String])] = [:]
        for other in flow.stages.all where other.id != stage?.id {
            for field in other.configuration.fields { declared[field.name, default: (field.kind.rawValue, [])].stages.append(other.name) }
        }
        for field in draft.fields where !field.name.isEmpty {
            declared[field.name, default: (field.kind, [])].stages.insert("this stage", at: 0)
        }
        let data = declared.sorted { $0.key < $1.key }.prefix(200).map { name, declaration in
            (name: "data.\(name)", summary: "\(declaration.kind) · \(Self.first(three: declaration.stages))")
        }
        return .list(ConditionVariable.before + data + ConditionVariable.after) { ["name": .text($0.name), "summary": .text($0.summary)] }
    }

    private static func first(three names: [String]) -> String {
        guard names.count > 3 else { return names.joined(separator: ", ") }
        return "\(names.prefix(2).joined(separator: ", ")) and \(names.count - 2) more"
    }
}

/// What conditions can use whatever the stages declare.
enum ConditionVariable {
    /// The message; what is known stands behind it.
    static let before: [(name: String, summary: String)] = [
        ("message.text", "What the end user wrote."), ("message.type", "The kind of the message, such as text."),
        ("message.metadata", "What else came with it, by name."), ("message.received_at", "When it came."),
    ]

    static let after: [(name: String, summary: String)] = [
        ("has(data.NAME)", "Whether something is known."), ("stage.name", "The name of the stage where the conversation is."),
        ("stage.type", "Its type: conversation, response or form."),
        ("stage.visits", "How often the conversation was there, this time included."),
        ("stage.seconds", "How long it has been there."), ("conversation.id", "The caller's id of the conversation."),
        ("conversation.turns", "Messages that were handled before."), ("conversation.created_at", "When it began."),
        ("agent.id", "The id of the agent that it is held with."), ("agent.name", "Who speaks."), ("now", "The time."),
    ]
}
