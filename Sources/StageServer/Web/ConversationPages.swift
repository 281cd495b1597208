import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// The pages of conversations: the list, and one with its timeline.
struct ConversationPages: Sendable {
    let configuration: ConfigurationService
    let stages: StageService
    let turns: TurnService

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
        var startFault: String?
        if let typed = call.query["start_id"].map({ $0[...].trimming(while: \.isWhitespace) }), call.visitor?.key.role != .viewer {
            if let id = ConversationID(String(typed)) {
                let agent = call.query["start_agent_id"].flatMap { Agent.ID($0) }.map { "&agent_id=\($0)" } ?? ""
                return .redirect(to: "\(id.path)?start=yes\(agent)")
            }
            startFault = "Must be \(ConversationID.rule)."
        }
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
            ConversationListPage(
                flow: flow, conversations: found, query: call.query, prefixFault: fault, startFault: startFault, now: call.now
            ).content)
    }

    private func view(_ call: PageCall) async throws -> PageAnswer { try await view(call, isRevealed: false) }

    private func view(
        _ call: PageCall, isRevealed: Bool = false, unsent: ConversationPage.Unsent? = nil
    ) async throws -> PageAnswer {
        let caller = try call.caller
        let id = try conversation(call)
        let flow = try await configuration.flow(of: caller.business)
        var unsent = unsent ?? ConversationPage.Unsent()
        if call.query["start"] != nil { unsent.agent = unsent.agent ?? call.query["agent_id"].flatMap { Agent.ID($0) } }
        let mayStart = call.visitor?.key.role != .viewer && (call.query["start"] != nil || unsent.fault != nil)
        let found = try await state(of: id, isRevealed: isRevealed, mayBeAbsent: mayStart, by: caller)
        var transitions: [Transition] = []
        var said: [HandledMessage] = []
        var state = found ?? ConversationState(key: ConversationKey(business: caller.business, conversation: id), at: call.now)
        if found == nil {
            // One that begins with the message that is about to be written.
            state.agentID = unsent.agent
        } else {
            let before = call.query["before"].flatMap { text -> HistoryPosition? in
                let parts = text.split(separator: ".").compactMap { Int64($0) }
                return parts.count == 2 ? HistoryPosition(version: parts[0], sequence: Int(parts[1])) : nil
            }
            transitions = try await stages.history(of: id, before: before, limit: ConversationPage.pageSize + 1, by: caller)
            said = try await turns.messages(
                of: id, before: call.query["said_before"].flatMap { Int64($0) }, limit: ConversationPage.chatSize + 1, by: caller)
        }
        if state.stageID != nil { unsent.agent = nil }
        return .page(
            ConversationPage(
                state: state, flow: flow, transitions: transitions, rules: try await rules(of: transitions, in: flow), messages: said,
                unsent: unsent, role: call.visitor?.key.role ?? .viewer, isRevealed: isRevealed, query: call.query, now: call.now
            ).content)
    }

    private func state(
        of id: ConversationID, isRevealed: Bool, mayBeAbsent: Bool, by caller: Caller
    ) async throws(EngineError) -> ConversationState? {
        do throws(EngineError) {
            return isRevealed ? try await stages.reveal(id, by: caller) : try await stages.state(of: id, by: caller)
        } catch {
            guard error.code == .notFound, mayBeAbsent else { throw error }
            return nil
        }
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
        switch call.form["action"] {
        case "send": return try await send(call, to: id)
        case "rewind":
            guard let wanted = call.form["version"].flatMap({ Int64($0) }) else { throw EngineError.invalid("version", "Must be a number.") }
            let page = ConfirmPage(
                question: "Take the conversation back to where it was after version \(wanted)?",
                paragraphs: ["That is a new transition; nothing is erased. What was learned stays."], label: "Rewind", isDangerous: false,
                path: id.path, part: .conversations)
            return try await call.confirmed(page) {
                _ = try await stages.rewind(id, toVersion: wanted, ifVersion: call.form.version("c"), by: try call.caller) { _ in nil }
                return .redirect(to: id.path, telling: .conversationRewound)
            }
        case "erase":
            try mustEdit(call)
            let page = ConfirmPage(
                question: "Erase the conversation \(id)?",
                paragraphs: ["All that is known of it goes, its history too. This can't be undone."], label: "Erase", path: id.path,
                part: .conversations)
            return try await call.confirmed(page) {
                try await stages.erase(id, by: try call.caller)
                return .redirect(to: "/conversations", telling: .conversationErased)
            }
        case "reveal":
            try mustEdit(call)
            return try await view(call, isRevealed: true)
        default:
            guard let action = call.form["action"].flatMap(ConversationActions.Action.init) else {
                throw EngineError.invalid("action", "There is no such action.")
            }
            return try await ConversationActions(configuration: configuration, stages: stages)
                .answer(action, on: id, call, at: id.path, in: .conversations)
        }
    }

    /// Sends a message as the end user. The form has the message's id: sent twice, it is handled once.
    private func send(_ call: PageCall, to id: ConversationID) async throws -> PageAnswer {
        var unsent = ConversationPage.Unsent()
        unsent.text = call.form["text"] ?? ""
        unsent.agent = call.form.filled("agent_id").flatMap { Agent.ID($0) }
        if let named = call.form["message_id"], (1...InboundMessage.longestID).contains(named.count) { unsent.id = named }
        if unsent.text.isBlank {
            unsent.fault = ("Write a message first.", .unprocessableContent)
        } else if unsent.text.utf8.count > InboundMessage.maximumBytes {
            unsent.fault = ("A message has at most \(InboundMessage.maximumBytes / 1024) KiB.", .unprocessableContent)
        }
        guard unsent.fault == nil else { return try await view(call, unsent: unsent) }
        let message = InboundMessage(id: unsent.id, message: Message(text: unsent.text, receivedAt: call.now))
        do throws(EngineError) {
            _ = try await turns.handle(message, in: id, agent: unsent.agent, by: try call.caller)
        } catch {
            let status = Problem(error).status
            guard status.code < 500 else { throw error }
            unsent.fault = (error.faults.first?.message ?? error.message, status)
            return try await view(call, unsent: unsent)
        }
        return .redirect(to: "\(id.path)#write")
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
