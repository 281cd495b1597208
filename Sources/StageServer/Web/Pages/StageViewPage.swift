import StageEngine
import StageModel
import StageStore

/// A stage: basic information, templates, rules in and out, creation, revisions, and its state.
struct StageViewPage {
    private static let mostRevisions = 20

    let stage: Saved<Stage>
    let flow: Flow
    let statistics: StageStatistics
    let revisions: [Revision]
    let role: APIKey.Role
    /// Whether all revisions are shown that were read.
    let showsAll: Bool
    let now: Timestamp

    var content: PageContent {
        PageContent(
            template: "StageView", title: stage.name, part: .stages, breadcrumbs: [("Stages", "/stages"), (stage.name, nil)], model: model)
    }

    private var model: PageValue {
        let state = flow.state(of: stage.id)
        let (out, into) = (flow.rules.all.filter { $0.fromStageID == stage.id }, flow.rules.all.filter { $0.toStageID == stage.id })
        var members: [String: PageValue] = [
            "stage_id": .text(stage.id.description), "stage_name": .text(stage.name), "stage_description": .text(stage.description),
            "stage_type": .text(stage.style.rawValue), "stage_type_summary": .text(stage.style.summary), "status": .text(state.status.rawValue),
            "is_entry": .flag(stage.isEntry), "is_final": .flag(stage.configuration.isFinal), "if_match": .text("r\(stage.revision)"),
            "ids": ids, "templates": templates, "options": stage.body.optionsModel(in: flow),
            "has_fields": .flag(!stage.configuration.fields.isEmpty), "fields": .list(stage.configuration.fields) { $0.model },
        ]
        members["rules_out"] = .list(out) { $0.model(in: flow) }
        members["rules_in"] = .list(into) { $0.model(in: flow) }
        members["has_rules_out"] = .flag(!out.isEmpty)
        members["has_rules_in"] = .flag(!into.isEmpty)
        members["rules_out_total"] = .number(out.count)
        members["rules_in_total"] = .number(into.count)
        members["created_at"] = ["iso": .text(stage.createdAt.description), "text": .text(stage.createdAt.spokenInFull)]
        members["updated_at"] = ["iso": .text(stage.updatedAt.description), "text": .text(stage.updatedAt.spokenInFull)]
        members["updated_by"] = .optional(revisions.first?.author)
        members["revision"] = .number(stage.revision)
        members["figures"] = statistics.figures
        let data = flow.sensitive.masking(state.data)
        members["stage_data"] = data.isEmpty ? PageValue.none : .text(JSONValue.object(data).indentedText)
        members["has_transitions"] = .flag(!statistics.recent.isEmpty)
        members["transitions"] = .list(statistics.recent) { $0.model(in: flow, now: now) }
        members["revisions"] = RevisionsModel(revisions: revisions, current: stage.revision, path: "/stages/\(stage.id)", role: role, now: now)
            .model(limit: showsAll ? .max : Self.mostRevisions)
        members["revisions_more_path"] =
            !showsAll && revisions.count > Self.mostRevisions ? .text("/stages/\(stage.id)?revisions=all#revisions-card") : PageValue.none
        members["deletion"] = deletion
        return .object(members)
    }

    private var ids: PageValue {
        let agent = stage.agentID.flatMap { flow.agents[$0] }
        return [
            ["label": "Stage ID", "what": "the stage id", "value": .text(stage.id.description)],
            ["label": "Business ID", "what": "the business id", "value": .text(stage.businessID.description)],
            [
                "label": "Agent ID", "what": "the agent id", "value": .optional(agent?.id.description), "name": .optional(agent?.name),
                "path": .optional(agent.map { "/agents/\($0.id)" }),
            ],
        ]
    }

    private var templates: PageValue {
        .list(stage.body.templates) { _, id, purpose in
            let template = flow.templates[id]
            return [
                "template_type": .text(purpose.rawValue), "title": .text(purpose.title), "template_id": .text(id.description),
                "template_name": .text(template?.name ?? "missing"), "template_revision": .number(template?.revision ?? 0),
                "excerpt": .text(String((template?.content ?? "").prefix(300))),
            ]
        }
    }

    private var deletion: PageValue {
        let users = Stage.users(of: stage.id, in: flow)
        let blockers = users.isEmpty ? [] : ["It is in use by \(Flow.list(users)); change that first."]
        return ["is_blocked": .flag(!users.isEmpty), "blockers": .list(blockers) { .text($0) }]
    }
}
