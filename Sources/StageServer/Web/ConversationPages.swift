import StageEngine
import StageModel
import StageStore

/// The pages of conversations: the list, and one with its timeline.
struct ConversationPages: Sendable {
    let configuration: ConfigurationService
    let stages: StageService

    private static let everyone = Page.Access.roles([.owner, .editor, .viewer, .runtime])
    private static let runners = Page.Access.roles([.owner, .editor, .runtime])

    var pages: [Page] {
        [
            .get("/conversations", by: Self.everyone, list), .get("/conversations/{conversation_id}", by: Self.everyone, view),
            .post("/conversations/{conversation_id}", by: Self.runners, change),
        ]
    }

    private func list(_ call: PageCall) async throws -> PageAnswer {
        let caller = try call.caller
        let flow = try await configuration.flow(of: caller.business)
        var query = ConversationQuery(business: caller.business, limit: ConversationListPage.pageSize + 1, at: call.now)
        query.stage = call.query["stage_id"].flatMap { Stage.ID($0) }
        query.agent = call.query["agent_id"].flatMap { Agent.ID($0) }
        query.status = call.query["status"].flatMap(ConversationState.Status.init)
        query.after = ConversationListPage.position(call.query["cursor"])
        var fault: String?
        if let prefix = call.query["q"], !prefix.isEmpty {
            query.prefix = prefix
            if ConversationID(prefix) == nil { fault = "No id starts like this: must be \(ConversationID.rule)." }
        }
        let found = fault == nil ? try await stages.conversations(query, by: caller) : []
        return .page(
            ConversationListPage(flow: flow, conversations: found, query: call.query, prefixFault: fault, now: call.now).content)
    }

    private func view(_ call: PageCall) async throws -> PageAnswer { try await view(call, isRevealed: false) }

    private func view(_ call: PageCall, isRevealed: Bool) async throws -> PageAnswer {
        let caller = try call.caller
        let id = try conversation(call)
        let flow = try await configuration.flow(of: caller.business)
        let state = isRevealed ? try await stages.reveal(id, by: caller) : try await stages.state(of: id, by: caller)
        let before = call.query["before"].flatMap { text -> HistoryPosition? in
            let parts = text.split(separator: ".").compactMap { Int64($0) }
            return parts.count == 2 ? HistoryPosition(version: parts[0], sequence: Int(parts[1])) : nil
        }
        let transitions = try await stages.history(of: id, before: before, limit: ConversationPage.pageSize + 1, by: caller)
        return .page(
            ConversationPage(
                state: state, flow: flow, transitions: transitions, rules: try await rules(of: transitions, in: flow),
                role: call.visitor?.key.role ?? .viewer,
                isRevealed: isRevealed, query: call.query, now: call.now
            ).content)
    }

    /// The rules that kept traces name, each as it was when the transition was decided.
    private func rules(of transitions: [Transition], in flow: Flow) async throws -> [ConversationPage.RuleAtRevision: TransitionRule] {
        var rules: [ConversationPage.RuleAtRevision: TransitionRule] = [:]
        for transition in transitions {
            for item in transition.trace["rules"]?.array ?? [] {
                guard let id: TransitionRule.ID = item["rule_id"]?.identifier() else { continue }
                let place = ConversationPage.RuleAtRevision(rule: id, flowRevision: transition.flowRevision)
                guard rules[place] == nil else { continue }
                let revisions = try await configuration.revisions(of: id, in: flow.business.id, before: .max, limit: 200)
                guard let body = revisions.first(where: { $0.flowRevision <= transition.flowRevision })?.body else { continue }
                rules[place] = try TransitionRule(json: body)
            }
        }
        return rules
    }

    // MARK: - Changes

    private func change(_ call: PageCall) async throws -> PageAnswer {
        let id = try conversation(call)
        let caller = try call.caller
        let version = call.form.version("c")
        switch call.form["action"] {
        case "pause":
            _ = try await stages.perform(.pause, on: id, ifVersion: version, by: caller)
            return .redirect(to: id.path, telling: .conversationPaused)
        case "resume":
            _ = try await stages.perform(.resume, on: id, ifVersion: version, by: caller)
            return .redirect(to: id.path, telling: .conversationResumed)
        case "clear":
            return try await confirmed(
                call, "Clear the conversation \(id)?", ["Its stage, data and visits are forgotten. Its history stays."], label: "Clear"
            ) {
                _ = try await stages.perform(.clear, on: id, ifVersion: version, by: caller)
                return .redirect(to: id.path, telling: .conversationCleared)
            }
        case "rewind":
            guard let wanted = call.form["version"].flatMap({ Int64($0) }) else { throw EngineError.invalid("version", "Must be a number.") }
            return try await confirmed(
                call, "Take the conversation back to where it was after version \(wanted)?",
                ["That is a new transition; nothing is erased. What was learned stays."], label: "Rewind", isDangerous: false
            ) {
                _ = try await stages.rewind(id, toVersion: wanted, ifVersion: version, by: caller) { _ in nil }
                return .redirect(to: id.path, telling: .conversationRewound)
            }
        case "erase":
            try mustEdit(call)
            return try await confirmed(
                call, "Erase the conversation \(id)?",
                ["All that is known of it goes, its history too. This can't be undone."], label: "Erase"
            ) {
                try await stages.erase(id, by: caller)
                return .redirect(to: "/conversations", telling: .conversationErased)
            }
        case "reveal":
            try mustEdit(call)
            return try await view(call, isRevealed: true)
        case "move": return try await move(id, call)
        default: throw EngineError.invalid("action", "There is no such action.")
        }
    }

    private func move(_ id: ConversationID, _ call: PageCall) async throws -> PageAnswer {
        let caller = try call.caller
        let flow = try await configuration.flow(of: caller.business)
        let state = try await stages.state(of: id, by: caller)
        let targets = flow.stages.all.filter {
            $0.id != state.stageID && ($0.agentID == nil || $0.agentID == state.agentID) && flow.state(of: $0.id).status == .active
        }
        var fault: String?
        if call.form.isOn("confirmed") {
            if let target = call.form.filled("to_stage_id").flatMap({ Stage.ID($0) }) {
                do throws(EngineError) {
                    _ = try await stages.setCurrentStage(target, of: id, ifVersion: call.form.version("c"), by: caller)
                    return .redirect(to: id.path, telling: .conversationMoved)
                } catch {
                    fault = error.faults.first?.message ?? error.message
                }
            } else {
                fault = "Choose a stage."
            }
        }
        return .page(
            ConfirmPage(
                question: "Move the conversation \(id)?", formPath: id.path, cancelPath: id.path, confirmLabel: "Move", isDangerous: false,
                form: call.form, choice: ("to_stage_id", "To which stage?", targets.map { ($0.id.description, $0.name) }, fault),
                part: .conversations
            ).content)
    }

    /// Does something that was confirmed, or asks for that.
    private func confirmed(
        _ call: PageCall, _ question: String, _ paragraphs: [String], label: String, isDangerous: Bool = true,
        _ act: () async throws -> PageAnswer
    ) async throws -> PageAnswer {
        if call.form.isOn("confirmed") { return try await act() }
        let path = try conversation(call).path
        return .page(
            ConfirmPage(
                question: question, paragraphs: paragraphs, formPath: path, cancelPath: path, confirmLabel: label, isDangerous: isDangerous,
                form: call.form, part: .conversations
            ).content)
    }

    private func mustEdit(_ call: PageCall) throws {
        guard call.visitor?.key.role != .runtime else { throw RequestError.forbidden("This takes the role editor or owner.") }
    }

    private func conversation(_ call: PageCall) throws(EngineError) -> ConversationID {
        guard let id = call.pathParameters["conversation_id"].flatMap({ ConversationID($0) }) else {
            throw EngineError(.notFound, "There is no such conversation.")
        }
        return id
    }
}
