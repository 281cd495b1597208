import StageEngine
import StageModel
import StageStore

// How the parts of a flow read in pages; several pages show them.

extension Stage.Style {
    /// What the type means, after the word itself.
    var summary: String {
        switch self {
        case .conversation: "keeps talking until a rule leads on"
        case .response: "replies and does not wait"
        case .form: "asks for its missing fields one by one"
        }
    }
}

extension Template.Purpose {
    /// The purpose as the heading of a part.
    var title: String {
        switch self {
        case .stageSelection: "Stage Selection Template"
        case .dataExtraction: "Data Extraction Template"
        case .responseGeneration: "Response Generation Template"
        }
    }
}

extension Flow {
    /// A stage that was left or entered, with the way to its page; nothing for none.
    func place(_ id: Stage.ID?) -> PageValue {
        guard let id else { return .none }
        guard let stage = stages[id] else { return ["name": "a deleted stage"] }
        return ["name": .text(stage.name), "path": .text("/stages/\(id)")]
    }
}

extension Saved<TransitionRule> {
    func model(in flow: Flow) -> PageValue {
        [
            "rule_id": .text(id.description), "from": body.fromStageID == nil ? ["name": "any stage"] : flow.place(body.fromStageID),
            "to": flow.place(body.toStageID), "condition": .text(body.condition), "selection": .text(body.selection.rawValue),
            "priority": .text(String(body.priority)), "description": .nonEmpty(body.description),
        ]
    }
}

extension StageVisit {
    func model(in flow: Flow, now: Timestamp) -> PageValue {
        [
            "transition_id": .text(transition.id.description), "from": flow.place(transition.from), "to": flow.place(transition.to),
            "conversation_id": .text(conversation.description), "conversation_path": .text(conversation.path),
            "cause": .text(transition.cause.rawValue), "actor": .text(transition.actor), "at": .moment(transition.at, now: now),
        ]
    }
}

extension ConversationID {
    /// The address of the conversation's page.
    var path: String { "/conversations/\(description.percentEncoded)" }
}

extension StageStatistics {
    /// The numbers of a stage with their names.
    var figures: PageValue {
        func spoken(_ share: Double) -> String { durations.quantile(share).map(\.spokenDuration) ?? "–" }
        return [
            ["name": "here", "label": "Here now", "value": .number(conversationsHere)],
            ["name": "entered", "label": "Entered", "value": .number(entered)], ["name": "left", "label": "Left", "value": .number(left)],
            ["name": "median", "label": "Median time in stage", "value": .text(spoken(0.5))],
            ["name": "p90", "label": "90 % leave within", "value": .text(spoken(0.9))],
        ]
    }
}

extension DataField {
    var model: PageValue {
        [
            "field_name": .text(name), "field_type": .text(kind.rawValue), "is_required": .flag(isRequired), "is_sensitive": .flag(isSensitive),
            "description": .nonEmpty(description), "expectation": .optional(pattern ?? (values.isEmpty ? nil : values.joined(separator: " | "))),
        ]
    }
}

extension Stage {
    /// The configuration in plain words.
    func optionsModel(in flow: Flow) -> PageValue {
        func option(_ label: String, _ text: String) -> PageValue { ["label": .text(label), "text": .text(text)] }
        func length(_ seconds: Int64) -> String { Double(seconds).spokenDuration }
        let persistence = configuration.persistence
        let timeout = configuration.timeout.map { timeout in
            "after \(length(timeout.seconds)) to '\(flow.stages[timeout.toStageID]?.name ?? "a deleted stage")'"
        }
        return [
            option("Entry", isEntry ? "yes: conversations may start here" : "no: rules or the API lead here"),
            option("Ends the conversation", configuration.isFinal ? "yes" : "no"),
            option(
                "Leaving through the API",
                configuration.transitionPolicy == .open ? "open: to any stage" : "strict: only as a rule allows"),
            option("Visits", configuration.maximumVisits.map { "rules lead a conversation here at most \($0) times" } ?? "without limit"),
            option("Timeout", timeout ?? "none"),
            option("While a message is being handled", configuration.busy.summary),
            option("Fallback reply", configuration.fallbackReply ?? "none"),
            option("Data learned here", persistence.scope.summary),
            option("State expires", persistence.timeToLive.map { "after \(length($0)) without a change" } ?? "never"),
            option("History at hand", "\(persistence.historyLimit) transitions"),
        ]
    }
}

extension StageConfiguration.Busy {
    var summary: String {
        switch self {
        case .queue: "queue: further ones wait for their turn"
        case .reject: "reject: further ones are refused"
        case .merge: "merge: further ones become part of it"
        case .interrupt: "interrupt: the newest wins"
        }
    }
}

extension StageConfiguration.Persistence.Scope {
    var summary: String {
        switch self {
        case .conversation: "kept for the whole conversation"
        case .stage: "dropped on leaving the stage"
        case .none: "gone after the turn"
        }
    }
}

/// The saved bodies of a definition as a list with what each changed.
struct RevisionsModel {
    let revisions: [Revision]
    let current: Int64
    /// Where restoring posts to.
    let path: String
    let role: APIKey.Role
    let now: Timestamp

    func model(limit: Int) -> PageValue {
        let previous = Dictionary(zip(revisions.map(\.revision), revisions.dropFirst()), uniquingKeysWith: { first, _ in first })
        return .list(revisions.prefix(limit)) { revision in
            let changes = revision.body.flatMap { body in previous[revision.revision]?.body.map { body.differences(from: $0) } } ?? []
            let mayRestore = revision.revision != current && revision.body != nil && (role == .owner || role == .editor)
            return [
                "number": .number(revision.revision), "is_current": .flag(revision.revision == current), "is_first": .flag(revision.revision == 1),
                "author": .text(revision.author), "at": .moment(revision.at, now: now), "has_changes": .flag(!changes.isEmpty),
                "change_summary": .text(changes.count == 1 ? "1 change" : "\(changes.count) changes"), "may_restore": .flag(mayRestore),
                "restore_path": .text(path),
                "changes": .list(changes) { change in
                    [
                        "label": .text(change.pointer.description.split(separator: "/").joined(separator: ".")),
                        "before": .optional(change.before.map(Self.text)), "after": .optional(change.after.map(Self.text)),
                    ]
                },
            ]
        }
    }

    private static func text(_ value: JSONValue) -> String { value.string ?? value.jsonText }
}

extension JSONValue {
    /// The value over several lines.
    var indentedText: String {
        var json = JSONWriter(indented: true)
        json.value(self)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
