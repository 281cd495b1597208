import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// Who may use the business, who is signed in, and who did what.
struct SettingsPage {
    static let pageSize = 50

    /// What was typed for a new key, and what was wrong with it.
    struct Draft {
        var name = ""
        var nameFault: String?
        var expiresOn = ""
        var expiryFault: String?
        var role = APIKey.Role.editor
    }

    let visitor: Visitor
    /// nil: the role may not see them.
    let keys: [APIKey]?
    let sessions: [Session]
    /// nil: the role may not see it; one more than the page has when there are more.
    let audit: [AuditRecord]?
    var draft: Draft?
    /// A key that was just made: shown this once.
    var newKey: (key: APIKey, secret: String)?
    let flow: Flow
    let isFirstPage: Bool
    let now: Timestamp

    var content: PageContent {
        PageContent(
            template: "Settings", title: "Settings", part: .settings, model: model,
            status: draft?.nameFault == nil && draft?.expiryFault == nil ? .ok : .unprocessableContent)
    }

    private var model: PageValue {
        [
            "new_key": newKey.map { ["key_name": .text($0.key.name), "secret": .text($0.secret)] } ?? .none,
            "keys": keys.map { keys in
                ["keys_total": .number(keys.count), "items": .list(keys, item), "draft": draftModel]
            } ?? .none,
            "sessions_total": .number(sessions.count), "sessions": .list(sessions, session), "audit": auditModel, "pager": pager,
        ]
    }

    private func item(_ key: APIKey) -> PageValue {
        let status = key.revokedAt != nil ? "revoked" : key.isUsable(at: now) ? "active" : "expired"
        return [
            "key_id": .text(key.id.description), "name": .text(key.name), "prefix": .text(key.prefix), "role": .text(key.role.rawValue),
            "key_status": .text(status), "is_own": .flag(key.id == visitor.key.id), "created_at": .moment(key.createdAt, now: now),
            "expires_at": .moment(key.expiresAt, now: now), "can_revoke": .flag(key.revokedAt == nil && key.id != visitor.key.id),
        ]
    }

    private var draftModel: PageValue {
        let draft = draft ?? Draft()
        return [
            "is_open": .flag(self.draft != nil), "key_name": .text(draft.name), "name_error": .optional(draft.nameFault),
            "expires_on": .text(draft.expiresOn), "expires_error": .optional(draft.expiryFault),
            "roles": .list(APIKey.Role.allCases) { role in
                PageValue.option(role.rawValue, role.rawValue.prefix(1).uppercased() + role.rawValue.dropFirst(), isSelected: role == draft.role)
                    .merging(["meaning": .text(role.meaning)])
            },
        ]
    }

    private func session(_ session: Session) -> PageValue {
        [
            "session_id": .text(session.id.description), "signed_in_name": .text(session.key.name),
            "signed_in_role": .text(session.key.role.rawValue),
            "is_own": .flag(session.id == visitor.session.id), "client": .nonEmpty(session.userAgent),
            "since": .moment(session.createdAt, now: now), "last_used": .moment(session.usedAt, now: now),
            "ends": .moment(session.expiresAt, now: now),
        ]
    }

    private var auditModel: PageValue {
        guard let audit else { return .none }
        return [
            "has_entries": .flag(!audit.isEmpty),
            "entries": .list(audit.prefix(Self.pageSize)) { record in
                let (subject, path) = subject(of: record.entry)
                return [
                    "action_text": .text(record.entry.action.split { $0 == "." || $0 == "_" }.joined(separator: " ")), "subject": .text(subject),
                    "path": .optional(path), "actor": .text(record.entry.actor), "at": .moment(record.entry.at, now: now),
                ]
            },
        ]
    }

    /// What an entry is about, by its name where that is known, and its page.
    private func subject(of entry: AuditEntry) -> (String, String?) {
        if let stage = Stage.ID(entry.subject).flatMap({ flow.stages[$0] }) { return (stage.name, "/stages/\(stage.id)") }
        if let template = Template.ID(entry.subject).flatMap({ flow.templates[$0] }) { return (template.name, "/templates/\(template.id)") }
        if let agent = Agent.ID(entry.subject).flatMap({ flow.agents[$0] }) { return (agent.name, "/agents/\(agent.id)") }
        if let rule = TransitionRule.ID(entry.subject).flatMap({ flow.rules[$0] }) {
            return (rule.name, "/stages/\(rule.fromStageID ?? rule.toStageID)#transition-rules")
        }
        if entry.action.hasPrefix("conversation."), let id = ConversationID(entry.subject) { return (entry.subject, id.path) }
        return (entry.subject, nil)
    }

    private var pager: PageValue {
        guard let audit, let last = audit.prefix(Self.pageSize).last else { return .none }
        return [
            "summary": .text("\(min(audit.count, Self.pageSize)) shown"), "first_path": .optional(isFirstPage ? nil : "/settings#audit"),
            "next_path": .optional(audit.count > Self.pageSize ? "/settings?before=\(last.position)#audit" : nil),
        ]
    }
}

extension APIKey.Role {
    fileprivate var meaning: String {
        switch self {
        case .owner: "Everything, keys and audit log too."
        case .editor: "Define and edit, run conversations, see sensitive data."
        case .viewer: "Read."
        case .runtime: "Run conversations; for programs, not for browsers."
        }
    }
}
