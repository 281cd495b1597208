import StageEngine
import StageModel

extension Agent: PagedDefinition {
    static let part = PageContent.Part.agents
    static let listTemplate = "Agents"
    static let editorTemplate = "AgentEditor"
    static let flashes = (created: Flash.agentCreated, saved: Flash.agentSaved, deleted: Flash.agentDeleted, restored: Flash.agentRestored)
    static let members = [(name: "agent_name", label: "Name"), (name: "agent_description", label: "Description")]

    static func list(in flow: Flow, query: [String: String], now: Timestamp) -> [String: PageValue] {
        [
            "total": .number(flow.agents.all.count), "has_agents": .flag(!flow.agents.all.isEmpty), "pager": .none,
            "agents": .list(flow.agents.all) { agent in
                [
                    "agent_id": .text(agent.id.description), "agent_name": .text(agent.name), "agent_description": .nonEmpty(agent.description),
                    "stages_total": .number(flow.stages.all.count { $0.agentID == agent.id }), "entry": flow.place(flow.entry(for: agent.id)?.id),
                    "updated_at": .moment(agent.updatedAt, now: now),
                ]
            },
        ]
    }

    static func editor(_ typed: Form, faults: [String: String], in flow: Flow, id: ID?) -> [String: PageValue] {
        [
            "agent_name": .text(typed["agent_name"] ?? ""), "name_error": .optional(faults["agent_name"]),
            "agent_description": .text(typed["agent_description"] ?? ""), "description_error": .optional(faults["agent_description"]),
        ]
    }
}
