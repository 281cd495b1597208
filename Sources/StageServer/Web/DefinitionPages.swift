import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// A kind of definition that has a list and an editor of its own in the browser.
protocol PagedDefinition: EditableDefinition {
    static var part: PageContent.Part { get }
    /// The members of the editor's form, with what people call them.
    static var members: [(name: String, label: String)] { get }
    static var listTemplate: String { get }
    static var editorTemplate: String { get }
    /// What actions tell when they are done.
    static var flashes: (created: Flash, saved: Flash, deleted: Flash, restored: Flash) { get }

    /// The list's own members.
    static func list(in flow: Flow, query: [String: String], now: Timestamp) -> [String: PageValue]

    /// The editor's own members, from what was typed and what is wrong with it, each by member.
    static func editor(_ typed: Form, faults: [String: String], in flow: Flow, id: Identifier<Self>?) -> [String: PageValue]
}

/// List, creation, editing, restoring and deleting of one kind of definition.
struct DefinitionPages<Body: PagedDefinition>: Sendable {
    let configuration: ConfigurationService
    /// Makes the members that show the preview of what was typed; nil: the kind has none.
    var preview: (@Sendable (PageCall) async throws -> [String: PageValue])?

    private var base: String { "/\(Body.kind.path)" }
    private var item: String { "\(base)/{\(Body.kind.idName)}" }

    var pages: [Page] {
        [
            .get(base, list), .get("\(base)/new", by: .editors, create), .post("\(base)/new", save), .get(item, edit),
            .post(item, by: .readers, change),
        ]
    }

    private func list(_ call: PageCall) async throws -> PageAnswer {
        let flow = try await configuration.flow(of: try call.caller.business)
        let members = Body.list(in: flow, query: call.query, now: call.now)
        return .page(PageContent(template: Body.listTemplate, title: Body.part.title, part: Body.part, model: .object(members)))
    }

    private func create(_ call: PageCall) async throws -> PageAnswer { .page(try await editor(Form(), of: nil, call)) }

    private func edit(_ call: PageCall) async throws -> PageAnswer {
        let saved = try await found(call)
        return .page(try await editor(Self.form(of: saved), of: saved, call))
    }

    // MARK: - Changes

    private func change(_ call: PageCall) async throws -> PageAnswer {
        guard let role = call.visitor?.key.role, role != .viewer || call.form["action"] == "preview" else {
            throw RequestError.forbidden("This takes the role editor or owner; you are signed in as viewer.")
        }
        let saved = try await found(call)
        let path = "\(base)/\(saved.id)"
        switch call.form["action"] {
        case "restore":
            guard let revision = call.form["revision"].flatMap({ Int64($0) }) else { throw EngineError.invalid("revision", "Must be a number.") }
            let page = ConfirmPage(
                question: "Save revision \(revision) of '\(saved.name)' again as the newest?", label: "Restore", isDangerous: false, path: path,
                part: Body.part)
            return try await call.confirmed(page) {
                _ = try await configuration.restore(saved.id, revision: revision, ifRevision: call.form.version("r"), by: try call.caller) {
                    (_: Saved<Body>) in nil
                }
                return .redirect(to: path, telling: Body.flashes.restored)
            }
        case "delete":
            let page = ConfirmPage(
                question: "Delete the \(Body.kind.noun) '\(saved.name)'?",
                paragraphs: ["Its revisions are kept, and it can be restored from them."], label: "Delete", path: path, part: Body.part)
            return try await call.confirmed(page) {
                try await configuration.delete(saved.id, ifRevision: call.form.version("r"), by: try call.caller) { _ in nil }
                return .redirect(to: base, telling: Body.flashes.deleted)
            }
        default: return try await save(call, over: saved)
        }
    }

    private func save(_ call: PageCall) async throws -> PageAnswer { try await save(call, over: nil) }

    private func save(_ call: PageCall, over saved: Saved<Body>?) async throws -> PageAnswer {
        if call.form["action"] == "preview" { return .page(try await editor(call.form, of: saved, call)) }
        if call.form["action"] == "choose_theirs", let saved { return .redirect(to: "\(base)/\(saved.id)") }
        let form = saved.map { Self.choosing(call.form, over: $0) } ?? call.form
        do throws(EngineError) {
            let body = try Self.body(of: form)
            guard let saved else {
                let created = try await configuration.create(body, by: try call.caller) { _ in nil }
                return .redirect(to: "\(base)/\(created.id)", telling: Body.flashes.created)
            }
            _ = try await configuration.replace(saved.id, ifRevision: form.version("r"), by: try call.caller, answering: { _ in nil }) { _ in body }
            return .redirect(to: "\(base)/\(saved.id)", telling: Body.flashes.saved)
        } catch {
            switch error.code {
            case .invalidInput: return .page(try await editor(form, of: saved, call, faults: error.faults))
            case .preconditionFailed: return .page(try await editor(form, of: saved, call, isConflict: true))
            default: throw error
            }
        }
    }

    // MARK: - The editor

    private func editor(
        _ typed: Form, of saved: Saved<Body>?, _ call: PageCall, faults: [InputFault] = [], isConflict: Bool = false
    ) async throws -> PageContent {
        let caller = try call.caller
        let flow = try await configuration.flow(of: caller.business)
        var byMember: [String: String] = [:]
        for fault in faults {
            let member = String(fault.pointer.description.dropFirst().prefix { $0 != "/" })
            byMember[member] = (byMember[member].map { $0 + "\n" } ?? "") + fault.message
        }
        var members = Body.editor(typed, faults: byMember, in: flow, id: saved?.id)
        members[Body.kind.idName] = .optional(saved?.id.description)
        members["heading"] = .text(saved?.name ?? "New \(Body.kind.noun)")
        members["form_path"] = .text(saved.map { "\(base)/\($0.id)" } ?? "\(base)/new")
        members["save_label"] = saved == nil ? .text("Create \(Body.kind.noun)") : "Save changes"
        members["fault_summary"] = faults.isEmpty ? .none : Self.summary(byMember)
        // A form that is sent again after a conflict is meant for the newest revision.
        members["if_match"] = saved.map { .text(isConflict || typed["if_match"] == nil ? "r\($0.revision)" : typed["if_match"] ?? "") } ?? .text("")
        if let saved {
            let revisions = try await configuration.revisions(of: saved.id, in: caller.business, before: nil, limit: 21)
            members["saved"] = savedModel(saved, revisions, in: flow, call)
            if isConflict { members["conflict"] = conflict(typed, saved, revisions.first, call) }
        }
        if call.form["action"] == "preview", let preview { members.merge(try await preview(call)) { $1 } }
        return PageContent(
            template: Body.editorTemplate, title: saved?.name ?? "New \(Body.kind.noun)", part: Body.part,
            breadcrumbs: [(Body.part.title, Body.part.path), (saved?.name ?? "New", nil)], model: .object(members),
            status: isConflict ? .preconditionFailed : faults.isEmpty ? .ok : .unprocessableContent)
    }

    private static func summary(_ faults: [String: String]) -> PageValue {
        let known = members.filter { faults[$0.name] != nil }
        return [
            "headline": .text(faults.count == 1 ? "One value is not acceptable." : "\(faults.count) values are not acceptable."),
            "faults": .list(known) { member in
                let first = (faults[member.name] ?? "").split(separator: "\n").first.map(String.init) ?? ""
                return ["href": .text("#\(member.name)"), "label": .text(member.label), "message": .text(first)]
            },
        ]
    }

    private static var members: [(name: String, label: String)] { Body.members }

    private func savedModel(_ saved: Saved<Body>, _ revisions: [Revision], in flow: Flow, _ call: PageCall) -> PageValue {
        let users = flow.stages.all.filter { stage in
            switch Body.kind {
            case .agent: stage.agentID?.description == saved.id.description
            case .template: stage.templates.contains { $0.id.description == saved.id.description }
            case .stage, .rule: false
            }
        }
        let blockers = Body.users(of: saved.id, in: flow)
        let path = "\(base)/\(saved.id)"
        return [
            "value": .text(saved.id.description), "what": .text("the \(Body.kind.noun) id"),
            "created_at": ["iso": .text(saved.createdAt.description), "text": .text(saved.createdAt.spokenInFull)],
            "updated_at": ["iso": .text(saved.updatedAt.description), "text": .text(saved.updatedAt.spokenInFull)],
            "users_total": .number(users.count), "has_users": .flag(!users.isEmpty),
            "users": .list(users) { ["name": .text($0.name), "path": .text("/stages/\($0.id)")] }, "revision": .number(saved.revision),
            "revisions": RevisionsModel(
                revisions: revisions, current: saved.revision, path: path, role: call.visitor?.key.role ?? .viewer, now: call.now
            ).model(limit: 20),
            "delete_summary": .text("Delete this \(Body.kind.noun)…"), "delete_path": .text(path), "is_blocked": .flag(!blockers.isEmpty),
            "blockers": blockers.isEmpty ? [] : [.text("It is in use by \(Flow.list(blockers)); change that first.")],
        ]
    }

    /// Both versions side by side, of each member that differs.
    private func conflict(_ typed: Form, _ saved: Saved<Body>, _ newest: Revision?, _ call: PageCall) -> PageValue {
        let theirs = Self.form(of: saved)
        let differing = Self.members.filter { (typed[$0.name] ?? "") != (theirs[$0.name] ?? "") }
        return [
            "author": .text(newest?.author ?? "Somebody"), "revision_name": .text("revision \(saved.revision)"),
            "saved_at": .moment(saved.updatedAt, now: call.now), "reload_path": .text("\(base)/\(saved.id)"),
            "differences": .list(differing) { member in
                [
                    "member": .text(member.name), "label": .text(member.label), "yours": .text(typed[member.name] ?? ""),
                    "theirs": .text(theirs[member.name] ?? ""), "keeps_yours": true,
                ]
            },
        ]
    }

    // MARK: - From and to forms

    /// The form of a saved definition, as the editor first shows it.
    private static func form(of saved: Saved<Body>) -> Form {
        var form = Form()
        guard let json = try? saved.body.json else { return form }
        for member in members { form.set(json[member.name]?.string ?? "", for: member.name) }
        form.set("r\(saved.revision)", for: "if_match")
        return form
    }

    /// The form with the saved value of each member of which that was chosen after a conflict.
    private static func choosing(_ form: Form, over saved: Saved<Body>) -> Form {
        guard form["action"] != "choose_yours" else { return form }
        let theirs = Self.form(of: saved)
        var chosen = form
        for member in members where form["choose.\(member.name)"] == "theirs" { chosen.set(theirs[member.name] ?? "", for: member.name) }
        return chosen
    }

    /// The body that a form describes.
    private static func body(of form: Form) throws(EngineError) -> Body {
        var document: [String: JSONValue] = [:]
        for property in Body.properties {
            guard let text = form[property.name] else { continue }
            document[property.name] = .string(text)
        }
        let faults = Body.draftSchema.faults(of: .object(document), at: .root)
        guard faults.isEmpty else { throw .invalid(faults) }
        do throws(InvalidInput) { return try Body(json: .object(document)) } catch { throw .invalid(error.faults) }
    }

    private func found(_ call: PageCall) async throws -> Saved<Body> {
        try await configuration.definition(try call.id(Body.kind.idName), of: try call.caller.business)
    }
}
