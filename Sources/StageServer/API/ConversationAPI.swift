import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// Conversations: where they are, what happened in them, and what an operator may do about it.
struct ConversationAPI: Sendable {
    let configuration: ConfigurationService
    let stages: StageService

    private static let item = "/conversations/{conversation_id}"

    var operations: [Operation] {
        [
            Operation(
                id: "listConversations", method: .get, path: "/conversations",
                summary: "Lists the conversations of a business, the last changed first.", access: .everyone,
                query: [
                    QueryParameter("stage_id", .identifier, "Only conversations that are at this stage."),
                    QueryParameter("agent_id", .identifier, "Only conversations that are held with this agent."),
                    QueryParameter("status", .choice(ConversationState.Status.allCases.map(\.rawValue)), "Only conversations of this status."),
                    QueryParameter("q", .conversationID, "What the conversation's id starts with."),
                ] + Operation.pageParameters, answer: .page(of: ConversationView.schema), handler: list),
            Operation(
                id: "getConversation", method: .get, path: Self.item, summary: "Answers a conversation's state.", access: .everyone,
                answersETag: true, answer: ConversationView.schema, handler: get),
            Operation(
                id: "eraseConversation", method: .delete, path: Self.item,
                summary: "Erases all that is known of a conversation. One of the same id goes on from its last version.", access: .editors,
                success: .noContent, handler: erase),
            Operation(
                id: "getConversationHistory", method: .get, path: "\(Self.item)/history",
                summary: "Lists what happened in a conversation, newest first.", access: .everyone, query: Operation.pageParameters,
                answer: .page(of: Transition.schema), handler: history),
            control("pause", "Makes a conversation handle no messages until it is resumed.", handler: pause),
            control("resume", "Makes a paused conversation handle messages again.", handler: resume),
            control(
                "rewind", "Takes a conversation back to the stage at which it was after a version; that is a new transition.",
                body: .object([.required("version", .integer(1...Int64.max), "The version to go back to.")]), handler: rewind),
            Operation(
                id: "revealConversation", method: .post, path: "\(Self.item)/reveal",
                summary: "Answers a conversation with its sensitive values. That it was asked for is audited.", access: .editors,
                answer: ConversationView.schema, handler: reveal),
        ]
    }

    private func control(
        _ name: String, _ summary: String, body: Schema? = nil, handler: @escaping @Sendable (Call) async throws -> Reply
    ) -> Operation {
        Operation(
            id: "\(name)Conversation", method: .post, path: "\(Self.item)/\(name)", summary: summary, access: .runners, body: body,
            takesIfMatch: true, answersETag: true,
            answer: ConversationView.schema, handler: handler)
    }

    // MARK: - Handlers

    private func list(_ call: Call) async throws -> Reply {
        let caller = try call.caller
        var query = ConversationQuery(business: caller.business, limit: call.limit + 1, at: call.now)
        query.stage = call.queryID("stage_id")
        query.agent = call.queryID("agent_id")
        query.status = call.query["status"].flatMap(ConversationState.Status.init)
        query.prefix = call.query["q"]
        if let keys = try call.cursor(keys: 2)?.keys, let time = Timestamp(keys[0]), let id = ConversationID(keys[1]) {
            query.after = (time, id)
        }
        let flow = try await configuration.flow(of: caller.business)
        let found = try await stages.conversations(query, by: caller)
        return call.page(found, keys: { [$0.updatedAt.description, $0.key.conversation.description] }) { state, json in
            json.value(ConversationView(state: state, stage: state.stageID, sensitive: flow.sensitive))
        }
    }

    private func get(_ call: Call) async throws -> Reply {
        let caller = try call.caller
        let state = try await stages.state(of: try call.pathConversation(), fresh: call.wantsFresh, by: caller)
        let flow = try await configuration.flow(of: caller.business)
        return call.reply(.json(view(of: state, flow)), of: state)
    }

    private func history(_ call: Call) async throws -> Reply {
        var before: HistoryPosition?
        if let keys = try call.cursor(keys: 2)?.keys, let version = Int64(keys[0]), let sequence = Int(keys[1]) {
            before = HistoryPosition(version: version, sequence: sequence)
        }
        let found = try await stages.history(of: try call.pathConversation(), before: before, limit: call.limit + 1, by: try call.caller)
        return call.page(found, keys: { [String($0.version), String($0.sequence)] }) { $1.value($0) }
    }

    private func erase(_ call: Call) async throws -> Reply {
        try await stages.erase(try call.pathConversation(), by: try call.caller, answering: call.answering { _ in .noContent })
        return .noContent
    }

    private func pause(_ call: Call) async throws -> Reply { try await perform(.pause, call) }

    private func resume(_ call: Call) async throws -> Reply { try await perform(.resume, call) }

    private func rewind(_ call: Call) async throws -> Reply {
        let id = try call.pathConversation()
        let flow = try await configuration.flow(of: try call.caller.business)
        let state = try await stages.rewind(
            id, toVersion: try call.body.member("version", \.integer), ifVersion: try call.ifMatch(.conversation), by: try call.caller,
            answering: call.answering(id) { answer($0, flow) })
        return answer(state, flow)
    }

    private func reveal(_ call: Call) async throws -> Reply {
        let state = try await stages.reveal(try call.pathConversation(), by: try call.caller)
        return .json(ConversationView(state: state, stage: state.stageID, sensitive: SensitiveNames()))
    }

    private func perform(_ command: ConversationCommand, _ call: Call) async throws -> Reply {
        let id = try call.pathConversation()
        let flow = try await configuration.flow(of: try call.caller.business)
        let state = try await stages.perform(
            command, on: id, ifVersion: try call.ifMatch(.conversation), by: try call.caller, answering: call.answering(id) { answer($0, flow) })
        return answer(state, flow)
    }

    private func answer(_ state: ConversationState, _ flow: Flow) -> Reply {
        .json(view(of: state, flow), etag: ETag(.conversation, state.version))
    }

    private func view(of state: ConversationState, _ flow: Flow) -> ConversationView {
        ConversationView(state: state, stage: state.stageID, sensitive: flow.sensitive)
    }
}
