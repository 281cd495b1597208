import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// One conversation: where it is, what is known, and its timeline with the reason of each move.
struct ConversationPage {
    static let pageSize = 50
    /// How much of the chat is shown at a time.
    static let chatSize = 20

    let state: ConversationState
    let flow: Flow
    /// Newest first; one more than the page has when there are more.
    let transitions: [Transition]
    /// The rules that kept traces name, as they were at a flow revision.
    let rules: [RuleAtRevision: TransitionRule]
    /// What was said, the last first; one more than the page has when there are more.
    let messages: [HandledMessage]
    /// What was typed and not sent.
    var unsent = Unsent()
    let role: APIKey.Role
    let isRevealed: Bool
    let query: [String: String]
    let now: Timestamp

    /// A rule at a revision of the flow.
    struct RuleAtRevision: Hashable {
        let rule: TransitionRule.ID
        let flowRevision: Int64
    }

    /// A message on its way, and why it has not gone.
    struct Unsent {
        /// One for each form, so that a form that is sent twice says it once.
        var id = "page-\(Identifier<InboundMessage>())"
        var text = ""
        /// Who the conversation is to be held with, if it begins with the message.
        var agent: Agent.ID?
        var fault: (message: String, status: HTTPResponse.Status)?
    }

    var content: PageContent {
        let id = state.key.conversation.description
        return PageContent(
            template: "Conversation", title: id, part: .conversations, breadcrumbs: [("Conversations", "/conversations"), (id, nil)], model: model,
            status: unsent.fault?.status ?? .ok)
    }

    private var model: PageValue {
        let id = state.key.conversation
        let sensitive = isRevealed ? SensitiveNames() : flow.sensitive
        let data = state.data.merged
        let isMasking = data.contains { flow.sensitive.cover($0.key, $0.value) }
        let shown = transitions.prefix(Self.pageSize)
        var members: [String: PageValue] = [
            "conversation_id": .text(id.description), "conversation_path": .text(id.path), "conversation_query": .text(id.description.percentEncoded),
            "conversation_status": .text(state.status.rawValue), "at_stage": flow.place(state.stageID),
            "entered_at": .moment(state.enteredAt, now: now), "if_match": .text("c\(state.version)"),
            "can_pause": .flag(state.status == .active && state.stageID != nil), "can_resume": .flag(state.status == .paused),
            "can_change": .flag(role != .viewer && state.version > 0), "can_simulate": .flag(role != .runtime && state.version > 0),
            "moments": .list(Array(shown.enumerated())) { moment($0.element, at: $0.offset) },
        ]
        members.merge(chat) { $1 }
        members["pager"] = pager(shown)
        members["can_reveal"] = .flag(isMasking && !isRevealed && (role == .owner || role == .editor))
        members["is_revealed"] = .flag(isRevealed)
        members["has_data"] = .flag(!data.isEmpty)
        members["data"] = .list(data.keys.sorted()) { name in
            let value = data[name] ?? .null
            return [
                "key": .text(name), "shown": .text(value.string ?? value.jsonText), "is_masked": .flag(sensitive.cover(name, value)),
                "is_of_stage": .flag(state.data.stage[name] != nil),
            ]
        }
        let missing = (state.stageID.flatMap { flow.stages[$0] }?.configuration.fields ?? []).filter {
            $0.isRequired && (data[$0.name] ?? .null).isNull
        }
        members["missing"] = missing.isEmpty ? PageValue.none : ["names": .list(missing) { .text($0.name) }]
        let agent = state.agentID.flatMap { flow.agents[$0] }
        members["agent"] = agent.map { ["name": .text($0.name), "path": .text("/agents/\($0.id)")] } ?? PageValue.none
        members["current_version"] = .number(state.version)
        members["created_at"] = .moment(state.createdAt, now: now)
        members["updated_at"] = .moment(state.updatedAt, now: now)
        members["expires_at"] = .moment(state.expiresAt, now: now)
        members["has_visits"] = .flag(!state.visits.isEmpty)
        members["visits"] = .list(state.visits.sorted { ($0.value, $1.key) > ($1.value, $0.key) }) { stage, count in
            flow.place(stage).merging(["count": .number(count)])
        }
        return .object(members)
    }

    // MARK: - The chat

    private var chat: [String: PageValue] {
        let shown = messages.prefix(Self.chatSize)
        let path = state.key.conversation.path
        let hasMore = messages.count > shown.count
        return [
            "messages": .list(shown.reversed(), message), "can_send": .flag(role != .viewer), "is_paused": .flag(state.status == .paused),
            "older_path": .optional(hasMore ? shown.last.map { "\(path)?said_before=\($0.number)" } : nil),
            "newest_path": .optional((query["said_before"] ?? "").isEmpty ? nil : path),
            "message_id": .text(unsent.id), "begins_with": .optional(unsent.agent?.description), "text": .text(unsent.text),
            "text_error": .optional(unsent.fault?.message),
        ]
    }

    private func message(_ message: HandledMessage) -> PageValue {
        let outcome: String? =
            switch message.outcome {
            case .replied: nil
            case .paused: "Stored without a reply: the conversation was paused."
            case .merged: "Answered together with the next message."
            case .interrupted: "Not answered: the next message came before there was a reply."
            }
        return [
            "number": .text(String(message.number)), "words": .text(message.maskedText), "user_name": .optional(message.userName),
            "reply": .nonEmpty(message.maskedReply ?? ""), "at_stage": flow.place(message.stage), "outcome_text": .optional(outcome),
            "at": .moment(message.at, now: now),
        ]
    }

    // MARK: - The timeline

    private func moment(_ transition: Transition, at index: Int) -> PageValue {
        let isStay = transition.from == transition.to
        return [
            "version": .text(String(transition.version)), "sequence": .text(String(transition.sequence)), "is_stay": .flag(isStay),
            "stay_text": .text(stayText(transition)), "from": flow.place(transition.from), "to": flow.place(transition.to),
            "cause": .text(transition.cause.rawValue), "actor": .text(transition.actor), "flow_revision": .number(transition.flowRevision),
            "time_there": .optional(isStay ? nil : timeThere(before: index)), "note": .optional(note(transition)),
            "at": .moment(transition.at, now: now), "trace": trace(transition), "can_rewind": .flag(canRewind(transition)),
        ]
    }

    private func stayText(_ transition: Transition) -> String {
        let stage = transition.to.map { flow.stages[$0]?.name ?? "a deleted stage" } ?? "no stage"
        switch transition.trace["action"]?.string {
        case "pause": return "Paused at \(stage)"
        case "resume": return "Goes on at \(stage)"
        case "clear": return "Cleared"
        default: break
        }
        if transition.trace["reason"] == "timeout" { return "The time at \(stage) was up" }
        return transition.trace["data"] == nil ? "Stayed at \(stage)" : "Data was written at \(stage)"
    }

    /// What the trace says besides rules.
    private func note(_ transition: Transition) -> String? {
        let trace = transition.trace
        if let closed = trace["not_taken"]?.string {
            return closed == "no_timeout"
                ? "The stage has no timeout any more." : "The timeout's target was closed (\(closed)), so the conversation stayed."
        }
        if trace["reason"] == "timeout" { return "It had been there for as long as the stage's timeout allows." }
        if trace["reason"] == "expired" { return "Nothing was written for so long that the state expired." }
        if trace["action"] == "rewind", let version = trace["to_version"]?.integer { return "Taken back to where it was at version \(version)." }
        if trace["action"] == "move_to" { return "Its stage was deleted." }
        if trace["action"] == "clear" { return "The stage, the data and the visits were forgotten." }
        guard let names = trace["data"]?.array?.compactMap(\.string), !names.isEmpty else { return nil }
        return "Written: \(names.joined(separator: ", "))."
    }

    /// How long the conversation had been at the stage that it left.
    private func timeThere(before index: Int) -> String? {
        let left = transitions[index]
        guard left.from != nil, let entry = transitions[(index + 1)...].first(where: { $0.isMove && $0.to == left.from }) else { return nil }
        return left.at.seconds(since: entry.at).spokenDuration
    }

    private func trace(_ transition: Transition) -> PageValue {
        guard let kept = transition.trace["rules"]?.array, !kept.isEmpty else { return .none }
        let candidates = kept.compactMap { item -> KeptTrace.Candidate? in
            guard let id: TransitionRule.ID = item["rule_id"]?.identifier(),
                let rule = rules[RuleAtRevision(rule: id, flowRevision: transition.flowRevision)]
            else { return nil }
            return KeptTrace.Candidate(rule: rule, verdict: item["verdict"]?.string ?? "", values: item["values"]?.array ?? [])
        }
        return KeptTrace(candidates: candidates, chosen: transition.rule, flow: flow).model
    }

    private func canRewind(_ transition: Transition) -> Bool {
        guard role != .viewer, let stage = transition.to, flow.stages[stage] != nil else { return false }
        return transition.version < state.version
    }

    private func pager(_ shown: ArraySlice<Transition>) -> PageValue {
        guard let last = shown.last else { return .none }
        let path = state.key.conversation.path
        let isFirst = (query["before"] ?? "").isEmpty
        return [
            "summary": .text("\(shown.count) shown"), "first_path": .optional(isFirst ? nil : path),
            "next_path": .optional(transitions.count > shown.count ? "\(path)?before=\(last.version).\(last.sequence)" : nil),
        ]
    }
}
