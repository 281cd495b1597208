import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// Stages, and the state of each: its own, and that of the conversations which are at it.
struct StageAPI: Sendable {
    let configuration: ConfigurationService
    let stages: StageService

    var operations: [Operation] {
        let filters = [
            QueryParameter("agent_id", .identifier, "Only stages of exactly this agent."),
            QueryParameter("type", .choice(Stage.Style.allCases.map(\.rawValue)), "Only stages of this type."),
        ]
        var definitions = DefinitionAPI<Stage>(configuration: configuration, filters: filters)
        definitions.business = .required
        definitions.accepts = { stage, call in
            let agent: Agent.ID? = call.queryID("agent_id")
            return (agent == nil || stage.agentID == agent) && (call.query["type"].map { $0 == stage.style.rawValue } ?? true)
        }
        let path = "/stages/{stage_id}/state"
        let conversation = QueryParameter("conversation_id", .conversationID, "The conversation whose state is meant.")
        return definitions.operations + [
            Operation(
                id: "getStageState", method: .get, path: path,
                summary: "With conversation_id: that conversation's state, and whether it is at this stage. Without: the stage's own state.",
                access: .everyone, query: [conversation], answersETag: true, answer: Self.eitherState, handler: getState),
            Operation(
                id: "putStageState", method: .put, path: path,
                summary: """
                    With conversation_id: moves the conversation here, starting it if need be, and merges data (RFC 7396). Without: sets the \
                    stage's status and data.
                    """, access: .runners, body: Self.putBody, takesIfMatch: true, answersETag: true, answer: Self.eitherState, handler: putState),
            Operation(
                id: "clearStageState", method: .delete, path: path,
                summary: "Clears a conversation's stage, data and visits; its history stays.", access: .runners,
                query: [QueryParameter("conversation_id", .conversationID, required: true, "the conversation whose state is to be cleared.")],
                takesIfMatch: true, answersETag: true, answer: ConversationView.schema, handler: clearState),
        ]
    }

    // MARK: - Handlers

    private func getState(_ call: Call) async throws -> Reply {
        let caller = try call.caller
        let id: Stage.ID = try call.pathID("stage_id")
        let flow = try await configuration.flow(of: caller.business)
        guard flow.stages[id] != nil else { throw EngineError.notFound("stage", id) }
        guard let conversation = call.query["conversation_id"].flatMap({ ConversationID($0) }) else {
            return answer(flow.state(of: id), of: id, flow, try await stages.statistics(of: id, by: caller))
        }
        let state = try await stages.state(of: conversation, fresh: call.wantsFresh, by: caller)
        return call.reply(.json(ConversationView(state: state, stage: id, sensitive: flow.sensitive)), of: state)
    }

    private func putState(_ call: Call) async throws -> Reply {
        let id: Stage.ID = try call.pathID("stage_id")
        guard let conversation = try call.body.optional("conversation_id", { $0.string.flatMap { ConversationID($0) } }) else {
            return try await putOwnState(id, call)
        }
        let faults = ["status"].filter { call.body[$0] != nil }.map {
            InputFault(.root.appending($0), "Belongs to the stage's own state; leave out conversation_id to set that.")
        }
        guard faults.isEmpty else { throw EngineError.invalid(faults) }
        let flow = try await configuration.flow(of: try call.caller.business)
        let message = try call.body.optional("message") { $0 }.map { Message(text: try $0.member("text", \.string), receivedAt: call.now) }
        let state = try await stages.setCurrentStage(
            id, of: conversation, data: try call.body.optional("data", \.object) ?? [:],
            agent: try call.body.optional("agent_id") { $0.identifier() }, message: message, ifVersion: try call.ifMatch(.conversation),
            by: try call.caller,
            answering: call.answering(conversation) { answer($0, at: id, flow) })
        return answer(state, at: id, flow)
    }

    private func putOwnState(_ id: Stage.ID, _ call: Call) async throws -> Reply {
        guard case .key(let key) = call.principal, key.role != .runtime else {
            throw RequestError.forbidden("A key of the role runtime may move conversations, not change a stage's own state; give conversation_id.")
        }
        let faults = ["agent_id", "message"].filter { call.body[$0] != nil }.map {
            InputFault(.root.appending($0), "Belongs to a conversation's state; give conversation_id with it.")
        }
        guard faults.isEmpty else { throw EngineError.invalid(faults) }
        let status = try call.body.optional("status") { $0.string.flatMap(StageState.Status.init) }
        let data = try call.body.optional("data", \.object)
        let flow = try await configuration.flow(of: try call.caller.business)
        let statistics = try await stages.statistics(of: id, by: try call.caller)
        let state = try await configuration.changeState(
            of: id, ifVersion: try call.ifMatch(.stageState), by: try call.caller,
            answering: call.answering { answer($0, of: id, flow, statistics) }
        ) { state in
            var state = state
            if let status { state.status = status }
            if let data { state.data = data }
            return state
        }
        return answer(state, of: id, flow, statistics)
    }

    private func clearState(_ call: Call) async throws -> Reply {
        let caller = try call.caller
        let id: Stage.ID = try call.pathID("stage_id")
        let flow = try await configuration.flow(of: caller.business)
        guard flow.stages[id] != nil else { throw EngineError.notFound("stage", id) }
        guard let conversation = call.query["conversation_id"].flatMap({ ConversationID($0) }) else {
            throw RequestError.parameters([QueryParameters.fault("conversation_id", "Is missing.")])
        }
        let state = try await stages.clearStageState(
            of: conversation, ifVersion: try call.ifMatch(.conversation), by: caller,
            answering: call.answering(conversation) { answer($0, at: id, flow) })
        return answer(state, at: id, flow)
    }

    private func answer(_ state: ConversationState, at stage: Stage.ID, _ flow: Flow) -> Reply {
        .json(ConversationView(state: state, stage: stage, sensitive: flow.sensitive), etag: ETag(.conversation, state.version))
    }

    private func answer(_ state: StageState, of stage: Stage.ID, _ flow: Flow, _ statistics: StageStatistics) -> Reply {
        .json(StageStateView(stage: stage, flow: flow, state: state, statistics: statistics), etag: ETag(.stageState, state.version))
    }

    // MARK: - Bodies

    private static let putBody = Schema.named(
        "PutStageState",
        .object([
            .optional("conversation_id", .conversationID, "The conversation to move here; left out: the stage's own state is set."),
            .optional("business_id", .identifier, "Must be the key's own."),
            .optional("data", .map(of: .anything), "For a conversation: merged into its data (null deletes). For the stage: replaces its data."),
            .optional("agent_id", .optionalIdentifier, "The agent that a conversation is held with; taken when it starts."),
            .optional(
                "message", .object([.required("text", .text(0...20_000), "What the end user said.")]),
                "For the rules that a strict stage's conversation may leave it by."),
            .optional("status", .choice(StageState.Status.allCases.map(\.rawValue)), "The stage's own status."),
        ]))

    private static let eitherState = Schema.anyOf([StageStateView.schema, ConversationView.schema])
}

extension Call {
    /// Whether the caller wants what the leading store says, past every cache.
    var wantsFresh: Bool { head.headerFields[.cacheControl]?.lowercased().contains("no-cache") ?? false }
}
