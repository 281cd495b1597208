import StageEngine
import StageModel

extension StageDraft {
    /// What the draft means. Where something can't be read, a value that fits stands in for it, so that the rest can be checked, too.
    /// - Returns: the edit, and what is wrong with what was typed.
    func read(as id: Stage.ID, isNew: Bool) -> (edit: StageEdit, faults: [EditorFault]) {
        var reader = DraftReader()
        let body = stage(&reader)
        let read = rules.enumerated().map { $1.read(row: $0, of: id, &reader) }
        let kept = Set(read.compactMap(\.id))
        let removed = knownRules.filter { !kept.contains($0.id) }.map { known in
            StageEdit.Removal(id: known.id, ifRevision: known.revision.map { .exactly($0) } ?? .any)
        }
        let edit = StageEdit(id: id, isNew: isNew, ifRevision: Self.revision(ifMatch), body: body, rules: read, removed: removed)
        return (edit, reader.faults)
    }

    /// The version that a text such as `r3` names.
    static func revision(_ text: String) -> VersionCondition {
        guard text.first == "r", let number = Int64(text.dropFirst()) else { return .any }
        return .exactly(number)
    }

    /// The stage by itself.
    func stage(_ reader: inout DraftReader) -> Stage {
        let schema = Stage.draftSchema
        let name = reader.text(name, schema.member("stage_name"), at: "stage_name")
        let description = reader.text(description, schema.member("stage_description"), at: "stage_description")
        let style: Stage.Style = reader.choice(style, at: "stage_type") ?? .conversation
        let agent: Agent.ID? = agent.isEmpty ? nil : reader.id(agent, "agent", at: "agent_id")
        func template(_ purpose: Template.Purpose, _ reader: inout DraftReader) -> Template.ID {
            reader.id(templates[purpose] ?? "", "template", at: purpose.column) ?? Template.ID()
        }
        return Stage(
            agentID: agent, name: name, description: description, style: style, selectionTemplateID: template(.stageSelection, &reader),
            extractionTemplateID: template(.dataExtraction, &reader), responseTemplateID: template(.responseGeneration, &reader),
            isEntry: isEntry, configuration: configuration(&reader))
    }

    private func configuration(_ reader: inout DraftReader) -> StageConfiguration {
        let schema = StageConfiguration.schema
        var configuration = StageConfiguration()
        let reply = reader.text(fallbackReply, schema.member("fallback_reply"), at: "configuration.fallback_reply")
        configuration.fallbackReply = reply.isEmpty ? nil : reply
        configuration.busy = reader.choice(busy, at: "configuration.busy") ?? .queue
        configuration.mergeMilliseconds = reader.number(mergeMilliseconds, schema.member("merge_ms"), at: "configuration.merge_ms").map {
            Int($0)
        }
        configuration.isFinal = isFinal
        configuration.transitionPolicy = reader.choice(policy, at: "configuration.transition_policy") ?? .open
        configuration.maximumVisits = reader.number(maximumVisits, schema.member("max_visits"), at: "configuration.max_visits").map {
            Int($0)
        }
        configuration.timeout = readTimeout(&reader)
        if fields.count > 100 { reader.note("fields", "There may be at most 100 fields, not \(fields.count).") }
        configuration.fields = fields.enumerated().map { $1.read(row: $0, &reader) }
        let place = "configuration.persistence"
        configuration.persistence.scope = reader.choice(scope, at: "\(place).scope") ?? .conversation
        configuration.persistence.timeToLive = reader.seconds(
            timeToLive, schema.member("persistence", "ttl_seconds"), at: "\(place).ttl_seconds")
        let limit = reader.number(
            historyLimit, schema.member("persistence", "history_limit"), at: "\(place).history_limit", isRequired: true)
        configuration.persistence.historyLimit = limit.map { Int($0) } ?? 100
        return configuration
    }

    /// Both the time and the target, or neither.
    private func readTimeout(_ reader: inout DraftReader) -> StageConfiguration.Timeout? {
        let place = "configuration.timeout"
        let hasTime = !timeout.typed.allSatisfy(\.isWhitespace)
        let hasTarget = !timeoutTarget.allSatisfy(\.isWhitespace)
        guard hasTime || hasTarget else { return nil }
        let seconds = reader.seconds(timeout, StageConfiguration.schema.member("timeout", "seconds"), at: "\(place).seconds")
        if !hasTime { reader.note("\(place).seconds", "Give the time after which the conversation goes on, or let it go nowhere.") }
        let target: Stage.ID? = reader.id(timeoutTarget, "stage", at: "\(place).to_stage_id")
        guard let seconds, let target else { return nil }
        return StageConfiguration.Timeout(seconds: seconds, toStageID: target)
    }
}

extension StageDraft.Field {
    fileprivate func read(row: Int, _ reader: inout DraftReader) -> DataField {
        let (schema, place) = (DataField.schema, "fields.\(row)")
        let values = values.split(separator: "\n").map { String($0.trimming(while: \.isWhitespace)) }.filter { !$0.isEmpty }
        if values.count > 200 {
            reader.note("\(place).values", "There may be at most 200 values, not \(values.count).")
        } else if let long = values.first(where: { $0.unicodeScalars.count > 200 }) {
            reader.note("\(place).values", "A value must have at most 200 characters; '\(long.prefix(30))…' is longer.")
        }
        return DataField(
            name: reader.text(name, schema.member("name"), at: "\(place).name"),
            kind: reader.choice(kind, at: "\(place).type") ?? .string, isRequired: isRequired,
            pattern: pattern.isEmpty ? nil : reader.text(pattern, schema.member("pattern"), at: "\(place).pattern"), values: values,
            description: reader.text(description, schema.member("description"), at: "\(place).description"), isSensitive: isSensitive)
    }
}

extension StageDraft.Rule {
    /// - Parameter stage: that the rule leads away from, or from any stage to.
    func read(row: Int, of stage: Stage.ID, _ reader: inout DraftReader) -> StageEdit.Rule {
        let (schema, place) = (TransitionRule.draftSchema, "rules.\(row)")
        let target: Stage.ID? = isFromAny ? stage : reader.id(target, "stage", at: "\(place).to_stage_id")
        let before = reader.faults.count
        let text = reader.text(condition, schema.member("condition"), at: "\(place).condition")
        let isReadable = reader.faults.count == before
        let body = TransitionRule(
            from: isFromAny ? nil : stage, to: target ?? stage, condition: isReadable ? text : "true",
            selection: reader.choice(selection, at: "\(place).selection") ?? .automatic,
            priority: reader.number(priority, schema.member("priority"), at: "\(place).priority", isRequired: true) ?? 0,
            description: reader.text(description, schema.member("description"), at: "\(place).description"))
        return StageEdit.Rule(id: TransitionRule.ID(id), ifRevision: StageDraft.revision(ifMatch), body: body)
    }
}
