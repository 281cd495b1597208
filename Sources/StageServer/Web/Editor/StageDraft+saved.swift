import StageModel

extension StageDraft {
    /// A stage as it is saved, with the rules that are edited with it.
    init(_ stage: Saved<Stage>, rules: [Saved<TransitionRule>]) {
        self.init(stage.body)
        ifMatch = "r\(stage.revision)"
        knownRules = rules.map { KnownRule($0) }
        self.rules = rules.map { Rule($0) }
    }

    init(_ stage: Stage) {
        let configuration = stage.configuration
        name = stage.name
        description = stage.description
        style = stage.style.rawValue
        agent = stage.agentID?.description ?? ""
        for (_, id, purpose) in stage.templates { templates[purpose] = id.description }
        fallbackReply = configuration.fallbackReply ?? ""
        busy = configuration.busy.rawValue
        mergeMilliseconds = configuration.mergeMilliseconds.map(String.init) ?? ""
        isEntry = stage.isEntry
        isFinal = configuration.isFinal
        policy = configuration.transitionPolicy.rawValue
        maximumVisits = configuration.maximumVisits.map(String.init) ?? ""
        timeout = Amount(configuration.timeout?.seconds)
        timeoutTarget = configuration.timeout?.toStageID.description ?? ""
        fields = configuration.fields.map { Field($0) }
        scope = configuration.persistence.scope.rawValue
        timeToLive = Amount(configuration.persistence.timeToLive)
        historyLimit = String(configuration.persistence.historyLimit)
    }
}

extension StageDraft.Amount {
    /// The units on offer, in seconds, with their names.
    static let units: [(seconds: Int64, name: String)] = [(1, "seconds"), (60, "minutes"), (3600, "hours"), (86_400, "days")]

    /// So many seconds in the largest unit that divides them; nil: nothing typed.
    init(_ seconds: Int64?) {
        guard let seconds else { return }
        unit = Self.units.last { seconds.isMultiple(of: $0.seconds) }?.seconds ?? 1
        typed = String(seconds / unit)
    }
}

extension StageDraft.Field {
    init(_ field: DataField) {
        name = field.name
        kind = field.kind.rawValue
        description = field.description
        pattern = field.pattern ?? ""
        values = field.values.joined(separator: "\n")
        isRequired = field.isRequired
        isSensitive = field.isSensitive
    }
}

extension StageDraft.Rule {
    init(_ rule: Saved<TransitionRule>) {
        id = rule.id.description
        ifMatch = "r\(rule.revision)"
        isFromAny = rule.fromStageID == nil
        target = isFromAny ? "" : rule.toStageID.description
        selection = rule.selection.rawValue
        priority = String(rule.priority)
        condition = rule.condition
        description = rule.body.description
    }
}
