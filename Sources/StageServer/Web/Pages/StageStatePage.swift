import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// The state of a stage: its status and data, who is here, and what comes and goes.
struct StageStatePage {
    static let mostConversations = 50

    /// What a form of the page had wrong: as it was typed, with what is wrong.
    struct Faults {
        var data: String?
        var dataFault: String?
        var conversation: String?
        var conversationFault: String?
        var agentFault: String?
        var agent: String?
        var bringData: String?
        var bringDataFault: String?
        /// What belongs to no field.
        var message: String?
    }

    let stage: Saved<Stage>
    let flow: Flow
    let statistics: StageStatistics
    let conversations: [ConversationState]
    var faults: Faults?
    let now: Timestamp

    var content: PageContent {
        PageContent(
            template: "StageState", title: "State of \(stage.name)", part: .stages,
            breadcrumbs: [("Stages", "/stages"), (stage.name, "/stages/\(stage.id)"), ("State", nil)], model: model,
            status: faults == nil ? .ok : .unprocessableContent)
    }

    private var model: PageValue {
        let state = flow.state(of: stage.id)
        let data = JSONValue.object(flow.sensitive.masking(state.data)).indentedText
        var members: [String: PageValue] = [
            "stage_id": .text(stage.id.description), "stage_name": .text(stage.name), "status": .text(state.status.rawValue),
            "figures": statistics.figures, "conversations_here": .number(statistics.conversationsHere),
            "has_conversations": .flag(!conversations.isEmpty), "conversations": .list(conversations, row),
            "state_updated_at": .moment(state.updatedAt, now: now), "state_version": .number(state.version),
            "state_if_match": .text("s\(state.version)"), "stage_data_text": .text(faults?.data ?? data),
        ]
        members["data_error"] = faults?.dataFault.map { ["message": .text($0)] } ?? PageValue.none
        members["statuses"] = .list(StageState.Status.allCases) { status in
            PageValue.option(status.rawValue, status == .active ? "Active" : "Disabled", isSelected: status == state.status).merging([
                "meaning": .text(
                    status == .active
                        ? "Conversations may come here." : "Nobody comes here any more, by rules or by the API; who is here stays.")
            ])
        }
        members["bring"] = bring
        members["has_transitions"] = .flag(!statistics.recent.isEmpty)
        members["transitions"] = .list(statistics.recent) { $0.model(in: flow, now: now) }
        if let message = faults?.message {
            members["flash"] = ["tone": "bad", "icon": "warn", "message": .text(message), "is_alert": true]
        }
        return .object(members)
    }

    private func row(_ state: ConversationState) -> PageValue {
        [
            "conversation_id": .text(state.key.conversation.description), "conversation_path": .text(state.key.conversation.path),
            "conversation_status": .text(state.status.rawValue), "is_paused": .flag(state.status == .paused),
            "agent_name": .optional(state.agentID.flatMap { flow.agents[$0] }?.name), "entered_at": .moment(state.enteredAt, now: now),
            "if_match": .text("c\(state.version)"),
        ]
    }

    private var bring: PageValue {
        [
            "conversation_id": .text(faults?.conversation ?? ""), "conversation_error": .optional(faults?.conversationFault),
            "has_agents": .flag(!flow.agents.all.isEmpty),
            "agents": .list(flow.agents.all) { .option($0.id.description, $0.name, isSelected: $0.id.description == faults?.agent) },
            "agent_error": .optional(faults?.agentFault), "data_text": .text(faults?.bringData ?? "{}"),
            "bring_data_error": .optional(faults?.bringDataFault),
        ]
    }
}
