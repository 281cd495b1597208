import HTTPTypes
import StageModel

/// The editor of a stage: everything of it, as it was typed, with what is wrong at its place.
struct StageEditorPage {
    /// From so many stages on, their names are looked up by typing.
    static let mostListedStages = 100

    let flow: Flow
    /// nil: it is new.
    let stage: Saved<Stage>?
    var draft: StageDraft
    /// How many conversations are at the stage.
    var here: Int64 = 0
    var faults = EditorFaults()
    var conflict: EditorConflict?
    var consequences: EditorConsequences?
    /// Of templates, as they were asked for.
    var previews: [Template.Purpose: PageValue] = [:]
    /// What became of a rule that was tried, by its row.
    var tried: [Int: PageValue] = [:]
    /// Rows that are shown unfolded: `fields.0`.
    var open: Set<String> = []
    /// What was done besides.
    var flash: Flash?
    let now: Timestamp
    var status = HTTPResponse.Status.ok

    var content: PageContent {
        PageContent(
            template: "StageEditor", title: heading, part: .stages,
            breadcrumbs: [("Stages", "/stages")] + (stage.map { [($0.name, "/stages/\($0.id)"), ("Edit", nil)] } ?? [("New stage", nil)]),
            model: .object(model), status: status)
    }

    private var heading: String { stage.map { "Edit \($0.name)" } ?? "New stage" }

    private var path: String { stage.map { "/stage-editor/\($0.id)" } ?? "/stage-editor/new" }

    private var model: [String: PageValue] {
        var members: [String: PageValue] = [
            "is_new": .flag(stage == nil), "heading": .text(heading), "stage_id": .optional(stage?.id.description),
            "status": .optional(stage.map { flow.state(of: $0.id).status.rawValue }), "form_path": .text(path),
            "cancel_path": .text(stage.map { "/stages/\($0.id)" } ?? "/stages"), "if_match": .text(draft.ifMatch),
            "known_rule_ids": .text(draft.knownRules.map(\.text).joined(separator: ",")), "fault_summary": faults.summary,
            "save_label": .text(consequences != nil ? "Save anyway" : stage == nil ? "Create stage" : "Save changes"),
        ]
        members["conflict"] = conflict?.model(now: now) ?? PageValue.none
        members["consequences"] = consequences?.model ?? PageValue.none
        members["save_hint"] = saveHint
        if let flash { members["flash"] = flash.model }
        for part in [basics, pickers, options, stateConfiguration, timeoutModel, fieldRows, ruleRows, persistence] {
            members.merge(part) { $1 }
        }
        return members
    }

    private var saveHint: PageValue {
        guard stage != nil, here > 0 else { return .none }
        guard here > 1 else {
            return "1 conversation is here now. It stays, keeps what was learned, and follows the new rules from its next message on."
        }
        let rest = "They stay, keep what was learned, and follow the new rules from their next message on."
        return .text("\(here.grouped) conversations are here now. \(rest)")
    }

    // MARK: - Basic information

    private var basics: [String: PageValue] {
        var members: [String: PageValue] = [
            "stage_name": .text(draft.name), "stage_name_error": faults.sentence("stage_name"),
            "stage_description": .text(draft.description),
            "stage_description_error": faults.sentence("stage_description"), "stage_type_error": faults.sentence("stage_type"),
            "agent_id_error": faults.sentence("agent_id"),
        ]
        members["types"] = .list(EditorChoice.types) { $0.model(draft.style) }
        members["agents"] = .list(flow.agents.all) { .option($0.id.description, $0.name, isSelected: $0.id.description == draft.agent) }
        return members
    }

    // MARK: - State

    private var stateConfiguration: [String: PageValue] {
        [
            "is_entry": .flag(draft.isEntry), "is_final": .flag(draft.isFinal),
            "policies": .list(EditorChoice.policies) { $0.model(draft.policy) },
            "max_visits": .text(draft.maximumVisits), "max_visits_error": faults.sentence("configuration.max_visits"),
        ]
    }

    private var timeoutModel: [String: PageValue] {
        [
            "timeout_amount": .text(draft.timeout.typed), "timeout_units": draft.timeout.unitsModel,
            "timeout_error": faults.sentence("configuration.timeout.seconds"), "timeout_target": timeoutTarget,
            "stages_are_many": .flag(areStagesMany), "stage_choices": stageChoices,
        ]
    }

    private var timeoutTarget: PageValue {
        let picker = picker("configuration.timeout.to_stage_id", draft.timeoutTarget, unchosen: "Nowhere")
        guard !draft.timeoutTarget.isEmpty, !areStagesMany, case .list(let choices) = stageChoices else { return picker }
        // The way back to none.
        return picker.merging(["stage_choices": .list([["value": "", "label": "Nowhere"]] + choices)])
    }

    private var persistence: [String: PageValue] {
        let place = "configuration.persistence"
        return [
            "scopes": .list(EditorChoice.scopes) { $0.model(draft.scope) }, "ttl_amount": .text(draft.timeToLive.typed),
            "ttl_units": draft.timeToLive.unitsModel, "ttl_error": faults.sentence("\(place).ttl_seconds"),
            "history_limit": .text(draft.historyLimit), "history_limit_error": faults.sentence("\(place).history_limit"),
        ]
    }

    // MARK: - Choosing a stage

    private var areStagesMany: Bool { flow.stages.all.count > Self.mostListedStages }

    private var stageChoices: PageValue {
        .list(flow.stages.all) { ["value": .text($0.id.description), "label": .text($0.name)] }
    }

    /// A field in which a stage is chosen.
    func picker(_ name: String, _ id: String, unchosen: String) -> PageValue {
        let chosen = Stage.ID(id).flatMap { flow.stages[$0] }
        return [
            "target_name": .text(name), "target_id": .text(id), "target_label": .text(chosen?.name ?? (id.isEmpty ? unchosen : "'\(id)'")),
            "target_error": faults.sentence(name),
        ]
    }
}

extension StageDraft.Amount {
    fileprivate var unitsModel: PageValue {
        .list(Self.units) { .option(String($0.seconds), $0.name, isSelected: $0.seconds == unit) }
    }
}
