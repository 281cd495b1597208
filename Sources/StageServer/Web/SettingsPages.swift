import StageEngine
import StageModel
import StageStore

/// Keys, sessions and the audit log.
struct SettingsPages: Sendable {
    let configuration: ConfigurationService
    let access: AccessService

    var pages: [Page] { [.get("/settings", view), .post("/settings", by: .readers, change)] }

    private func view(_ call: PageCall) async throws -> PageAnswer { .page(try await page(call)) }

    private func page(
        _ call: PageCall, draft: SettingsPage.Draft? = nil, newKey: (key: APIKey, secret: String)? = nil
    ) async throws -> PageContent {
        guard let visitor = call.visitor else { throw PageError.signInFirst }
        let business = visitor.key.business
        let isOwner = visitor.key.role == .owner
        let before = call.query["before"].flatMap { Int64($0) }
        let sessions = try await access.sessions(of: business, at: call.now, limit: 200)
        return SettingsPage(
            visitor: visitor, keys: isOwner ? try await access.keys(of: business) : nil,
            sessions: isOwner ? sessions : sessions.filter { $0.key.id == visitor.key.id },
            audit: isOwner ? try await configuration.auditLog(of: business, before: before, limit: SettingsPage.pageSize + 1) : nil, draft: draft,
            newKey: newKey, flow: try await configuration.flow(of: business), isFirstPage: before == nil, now: call.now
        ).content
    }

    private func change(_ call: PageCall) async throws -> PageAnswer {
        guard let visitor = call.visitor else { throw PageError.signInFirst }
        let caller = try call.caller
        switch call.form["action"] {
        case "create_key":
            try mustOwn(visitor)
            return try await create(call)
        case "revoke_key":
            try mustOwn(visitor)
            guard let id = call.form["key_id"].flatMap({ APIKey.ID($0) }) else { throw EngineError.invalid("key_id", "Must be the id of a key.") }
            let name = try await access.keys(of: caller.business).first { $0.id == id }?.name ?? ""
            let page = ConfirmPage(
                question: "Revoke the key '\(name)'?", paragraphs: ["Whoever uses it is refused at once, and its sessions end."], label: "Revoke",
                path: "/settings", part: .settings)
            return try await call.confirmed(page) {
                _ = try await access.revokeKey(id, by: caller) { _ in nil }
                return .redirect(to: "/settings", telling: .keyRevoked)
            }
        case "end_session":
            guard let id = call.form["session_id"].flatMap({ Session.ID($0) }) else {
                throw EngineError.invalid("session_id", "Must be the id of a session.")
            }
            let isOwn = try await access.sessions(of: caller.business, at: call.now, limit: 200).contains {
                $0.id == id && $0.key.id == visitor.key.id
            }
            if !isOwn { try mustOwn(visitor) }
            try await access.revokeSession(id, by: caller)
            return .redirect(to: "/settings", telling: .sessionRevoked)
        default: throw EngineError.invalid("action", "There is no such action.")
        }
    }

    private func create(_ call: PageCall) async throws -> PageAnswer {
        var draft = SettingsPage.Draft(name: call.form["name"] ?? "", expiresOn: call.form["expires_at"] ?? "")
        draft.role = call.form["role"].flatMap(APIKey.Role.init) ?? .editor
        let name = call.form.filled("name") ?? ""
        if name.isEmpty || name.unicodeScalars.count > 200 { draft.nameFault = "Must be 1 to 200 characters that say what the key is for." }
        var expiry: Timestamp?
        if let date = call.form.filled("expires_at") {
            expiry = Timestamp("\(date)T23:59:59Z")
            if expiry == nil { draft.expiryFault = "Must be a date such as 2027-01-31." }
            if let expiry, expiry <= call.now { draft.expiryFault = "Must be in the future." }
        }
        guard draft.nameFault == nil, draft.expiryFault == nil else { return .page(try await page(call, draft: draft)) }
        let created = try await access.createKey(named: name, role: draft.role, expiresAt: expiry, by: try call.caller) { _ in nil }
        return .page(try await page(call, newKey: (created.key, created.secret)))
    }

    private func mustOwn(_ visitor: Visitor) throws {
        guard visitor.key.role == .owner else { throw RequestError.forbidden("This takes the role owner.") }
    }
}
