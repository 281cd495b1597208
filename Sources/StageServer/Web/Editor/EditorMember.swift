import StageModel

/// A member of a stage for which one may choose between one's own version and another's. Its raw value is its name in `choose.NAME`.
enum EditorMember: String, CaseIterable, Sendable {
    case name = "stage_name"
    case description = "stage_description"
    case style = "stage_type"
    case agent = "agent_id"
    case selectionTemplate = "stage_selection_template_id"
    case extractionTemplate = "data_extraction_template_id"
    case responseTemplate = "response_generation_template_id"
    case fallbackReply = "configuration.fallback_reply"
    case busy = "configuration.busy"
    case mergeMilliseconds = "configuration.merge_ms"
    case isEntry = "is_entry"
    case isFinal = "configuration.final"
    case policy = "configuration.transition_policy"
    case maximumVisits = "configuration.max_visits"
    case timeout = "configuration.timeout"
    case fields = "configuration.fields"
    case rules
    case persistence = "configuration.persistence"

    var label: String {
        switch self {
        case .name: "Name"
        case .description: "Description"
        case .style: "Type"
        case .agent: "Agent"
        case .selectionTemplate: Template.Purpose.stageSelection.title
        case .extractionTemplate: Template.Purpose.dataExtraction.title
        case .responseTemplate: Template.Purpose.responseGeneration.title
        case .fallbackReply: "Fallback reply"
        case .busy: "A message that arrives while another is being handled"
        case .mergeMilliseconds: "Time to wait for more, in milliseconds"
        case .isEntry: "Entry"
        case .isFinal: "Final"
        case .policy: "Moves through the API"
        case .maximumVisits: "Most visits"
        case .timeout: "Longest stay"
        case .fields: "Fields"
        case .rules: "Transition rules"
        case .persistence: "Data persistence"
        }
    }

    /// Whether a member is the same in two drafts.
    func isSame(_ left: StageDraft, _ right: StageDraft) -> Bool {
        switch self {
        case .name: left.name == right.name
        case .description: left.description == right.description
        case .style: left.style == right.style
        case .agent: left.agent == right.agent
        case .selectionTemplate: left.templates[.stageSelection] == right.templates[.stageSelection]
        case .extractionTemplate: left.templates[.dataExtraction] == right.templates[.dataExtraction]
        case .responseTemplate: left.templates[.responseGeneration] == right.templates[.responseGeneration]
        case .fallbackReply: left.fallbackReply == right.fallbackReply
        case .busy: left.busy == right.busy
        case .mergeMilliseconds: left.mergeMilliseconds == right.mergeMilliseconds
        case .isEntry: left.isEntry == right.isEntry
        case .isFinal: left.isFinal == right.isFinal
        case .policy: left.policy == right.policy
        case .maximumVisits: left.maximumVisits == right.maximumVisits
        case .timeout: left.timeout.isSame(as: right.timeout) && left.timeoutTarget == right.timeoutTarget
        case .fields: left.fields == right.fields
        case .rules: left.rules.map(\.withoutRevision) == right.rules.map(\.withoutRevision)
        case .persistence:
            left.scope == right.scope && left.timeToLive.isSame(as: right.timeToLive) && left.historyLimit == right.historyLimit
        }
    }

    /// Takes the member over from another draft.
    func copy(from other: StageDraft, to draft: inout StageDraft) {
        switch self {
        case .name: draft.name = other.name
        case .description: draft.description = other.description
        case .style: draft.style = other.style
        case .agent: draft.agent = other.agent
        case .selectionTemplate: draft.templates[.stageSelection] = other.templates[.stageSelection]
        case .extractionTemplate: draft.templates[.dataExtraction] = other.templates[.dataExtraction]
        case .responseTemplate: draft.templates[.responseGeneration] = other.templates[.responseGeneration]
        case .fallbackReply: draft.fallbackReply = other.fallbackReply
        case .busy: draft.busy = other.busy
        case .mergeMilliseconds: draft.mergeMilliseconds = other.mergeMilliseconds
        case .isEntry: draft.isEntry = other.isEntry
        case .isFinal: draft.isFinal = other.isFinal
        case .policy: draft.policy = other.policy
        case .maximumVisits: draft.maximumVisits = other.maximumVisits
        case .timeout: (draft.timeout, draft.timeoutTarget) = (other.timeout, other.timeoutTarget)
        case .fields: draft.fields = other.fields
        case .rules: (draft.rules, draft.knownRules) = (other.rules, other.knownRules)
        case .persistence:
            (draft.scope, draft.timeToLive, draft.historyLimit) = (other.scope, other.timeToLive, other.historyLimit)
        }
    }

    /// The member as people read it.
    func text(of draft: StageDraft, in flow: Flow) -> String {
        let text = words(of: draft, in: flow)
        return text.isEmpty ? "nothing" : text
    }

    private func words(of draft: StageDraft, in flow: Flow) -> String {
        func template(_ purpose: Template.Purpose) -> String {
            let id = draft.templates[purpose] ?? ""
            return Template.ID(id).flatMap { flow.templates[$0] }?.name ?? id
        }
        switch self {
        case .name: return draft.name
        case .description: return draft.description
        case .style: return draft.style
        case .agent:
            return draft.agent.isEmpty ? "shared by all agents" : Agent.ID(draft.agent).flatMap { flow.agents[$0] }?.name ?? draft.agent
        case .selectionTemplate: return template(.stageSelection)
        case .extractionTemplate: return template(.dataExtraction)
        case .responseTemplate: return template(.responseGeneration)
        case .fallbackReply: return draft.fallbackReply
        case .busy: return draft.busy
        case .mergeMilliseconds: return draft.mergeMilliseconds
        case .isEntry: return draft.isEntry ? "yes" : "no"
        case .isFinal: return draft.isFinal ? "yes" : "no"
        case .policy: return draft.policy
        case .maximumVisits: return draft.maximumVisits.isEmpty ? "no limit" : draft.maximumVisits
        case .timeout:
            return draft.timeout.words.map { "\($0), then to \(flow.stageName(draft.timeoutTarget))" } ?? "no limit"
        case .fields: return draft.fields.map(\.words).joined(separator: "\n")
        case .rules: return draft.rules.map { $0.words(in: flow) }.joined(separator: "\n")
        case .persistence:
            let scope = StageConfiguration.Persistence.Scope(rawValue: draft.scope)?.summary ?? draft.scope
            return "\(scope)\nforgotten after: \(draft.timeToLive.words ?? "never")\ntransitions at hand: \(draft.historyLimit)"
        }
    }
}

extension StageDraft.Amount {
    /// `24 hours` is the same as `1 days`; what is no number is compared as it was typed.
    fileprivate func isSame(as other: Self) -> Bool {
        guard let mine = Int64(typed), let others = Int64(other.typed) else { return typed == other.typed }
        return mine.multipliedReportingOverflow(by: unit) == others.multipliedReportingOverflow(by: other.unit)
    }

    /// nil: nothing typed.
    fileprivate var words: String? {
        guard !typed.isEmpty else { return nil }
        return "\(typed) \(Self.units.first { $0.seconds == unit }?.name ?? "seconds")"
    }
}

extension StageDraft.Field {
    fileprivate var words: String {
        let values = values.split(separator: "\n").joined(separator: ", ")
        let parts = [
            kind, isRequired ? "required" : "", isSensitive ? "sensitive" : "", pattern.isEmpty ? "" : "pattern \(pattern)", values,
            description,
        ]
        return "\(name): \(parts.filter { !$0.isEmpty }.joined(separator: " · "))"
    }
}

extension StageDraft.Rule {
    fileprivate func words(in flow: Flow) -> String {
        let way = isFromAny ? "Any stage → here" : "→ \(flow.stageName(target))"
        let parts = [way, condition, selection, "priority \(priority)", description]
        return parts.filter { !$0.isEmpty }.joined(separator: " · ")
    }

    fileprivate var withoutRevision: StageDraft.Rule {
        var rule = self
        rule.ifMatch = ""
        return rule
    }
}

extension Flow {
    /// The name of a stage by an id that was typed.
    func stageName(_ id: String) -> String { Stage.ID(id).flatMap { stages[$0] }?.name ?? (id.isEmpty ? "no stage" : id) }
}
