import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// The conversations of a business, the last changed first.
struct ConversationListPage {
    static let pageSize = 50

    let flow: Flow
    /// One more than the page has when there are more.
    let conversations: [ConversationState]
    let query: [String: String]
    var prefixFault: String?
    /// What is wrong with the id of one to begin.
    var startFault: String?
    let now: Timestamp

    var content: PageContent {
        PageContent(
            template: "Conversations", title: "Conversations", part: .conversations, model: model,
            status: prefixFault == nil && startFault == nil ? .ok : .unprocessableContent)
    }

    private var model: PageValue {
        let shown = conversations.prefix(Self.pageSize)
        let isFiltered = ["q", "stage_id", "agent_id", "status"].contains { !(query[$0] ?? "").isEmpty }
        return [
            "filters": [
                "is_shown": .flag(isFiltered || !shown.isEmpty), "q": .text(query["q"] ?? ""), "q_error": .optional(prefixFault),
                "is_filtered": .flag(isFiltered), "stages": options("stage_id", flow.stages.all.map { ($0.id.description, $0.name) }),
                "agents": options("agent_id", flow.agents.all.map { ($0.id.description, $0.name) }),
                "statuses": options("status", ConversationState.Status.allCases.map { ($0.rawValue, $0.rawValue) }),
            ],
            "start": [
                "is_open": .flag(startFault != nil), "id": .text(query["start_id"] ?? ""), "error": .optional(startFault),
                "agents": .list(flow.agents.all) { .option($0.id.description, $0.name, isSelected: query["start_agent_id"] == $0.id.description) },
            ],
            "has_conversations": .flag(!shown.isEmpty), "conversations": .list(shown, row), "pager": pager(shown),
        ]
    }

    private func options(_ filter: String, _ values: [(String, String)]) -> PageValue {
        .list(values) { .option($0.0, $0.1, isSelected: query[filter] == $0.0) }
    }

    private func row(_ state: ConversationState) -> PageValue {
        [
            "conversation_id": .text(state.key.conversation.description), "conversation_path": .text(state.key.conversation.path),
            "at_stage": flow.place(state.stageID), "conversation_status": .text(state.status.rawValue),
            "agent_name": .optional(state.agentID.flatMap { flow.agents[$0] }?.name), "version": .number(state.version),
            "updated_at": .moment(state.updatedAt, now: now), "expires_at": .moment(state.expiresAt, now: now),
        ]
    }

    private func pager(_ shown: ArraySlice<ConversationState>) -> PageValue {
        guard let last = shown.last else { return .none }
        let cursor = "\(last.updatedAt.description)~\(last.key.conversation)"
        return [
            "summary": .text("\(shown.count) shown"), "first_path": .optional((query["cursor"] ?? "").isEmpty ? nil : path(cursor: nil)),
            "next_path": .optional(conversations.count > shown.count ? path(cursor: cursor) : nil),
        ]
    }

    private func path(cursor: String?) -> String {
        var values = query.filter { ["q", "stage_id", "agent_id", "status"].contains($0.key) && !$0.value.isEmpty }
        values["cursor"] = cursor
        let text = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.percentEncoded)" }.joined(separator: "&")
        return text.isEmpty ? "/conversations" : "/conversations?\(text)"
    }

    /// Where a page begins, from what a link says.
    static func position(_ cursor: String?) -> (updatedAt: Timestamp, conversation: ConversationID)? {
        guard let cursor, let mark = cursor.firstIndex(of: "~"), let time = Timestamp(String(cursor[..<mark])),
            let id = ConversationID(String(cursor[cursor.index(after: mark)...]))
        else { return nil }
        return (time, id)
    }
}
