public import StageModel
public import StageStore

/// Keeps track of the stage that each conversation is at: gets, sets and clears it, and tells what happened.
public struct StageService: Sendable {
    let store: any ConversationStore
    let configuration: ConfigurationService

    public init(store: any ConversationStore, configuration: ConfigurationService) {
        self.store = store
        self.configuration = configuration
    }

    // MARK: - The current stage

    /// The stage that a conversation is at; nil: none.
    public func currentStage(of conversation: ConversationID, by caller: Caller) async throws(EngineError) -> Stage.ID? {
        try await state(of: conversation, by: caller).stageID
    }

    /// Moves a conversation to a stage, starting it if need be, and merges data.
    public func setCurrentStage(
        _ stage: Stage.ID, of conversation: ConversationID, data: [String: JSONValue] = [:], agent: Agent.ID? = nil, message: Message? = nil,
        ifVersion: VersionCondition = .any, by caller: Caller, answering: @escaping Answering<ConversationState> = { _ in nil }
    ) async throws(EngineError) -> ConversationState {
        try await perform(
            .move(to: stage, data: data, agent: agent, message: message), on: conversation, ifVersion: ifVersion, by: caller, answering: answering)
    }

    /// Forgets the stage, the data and the visits of a conversation; its history stays.
    public func clearStageState(
        of conversation: ConversationID, ifVersion: VersionCondition = .any, by caller: Caller,
        answering: @escaping Answering<ConversationState> = { _ in nil }
    ) async throws(EngineError) -> ConversationState {
        try await perform(.clear, on: conversation, ifVersion: ifVersion, by: caller, answering: answering)
    }

    // MARK: - Commands

    /// Carries out a command in one atomic commit.
    /// - Parameter ifVersion: the version that the conversation must have; nil: any.
    /// - Throws: `not_found` for a conversation that does not exist (a move starts it), `precondition_failed`, and why it can't be done.
    public func perform(
        _ command: ConversationCommand, on conversation: ConversationID, ifVersion: VersionCondition = .any, by caller: Caller,
        answering: @escaping Answering<ConversationState> = { _ in nil }
    ) async throws(EngineError) -> ConversationState {
        let flow = try await configuration.flow(of: caller.business)
        do throws(EngineError) {
            return try await perform(command, on: conversation, ifVersion: ifVersion, in: flow, by: caller, answering)
        } catch {
            guard error.refersToNothing else { throw error }
            // The flow has changed under us: decide once more, by the new one.
            configuration.flows.drop(caller.business)
            let flow = try await configuration.flow(of: caller.business)
            return try await perform(command, on: conversation, ifVersion: ifVersion, in: flow, by: caller, answering)
        }
    }

    private func perform(
        _ command: ConversationCommand, on conversation: ConversationID, ifVersion: VersionCondition, in flow: Flow, by caller: Caller,
        _ answering: @escaping Answering<ConversationState>
    ) async throws(EngineError) -> ConversationState {
        let context = ChangeContext(flow: flow, actor: caller.actor, now: caller.now)
        return try await engine {
            try await store.update(key(conversation, caller), at: caller.now) { state, exists throws(EngineError) in
                guard exists || command.mayStart else { throw .notFound("conversation", conversation) }
                guard ifVersion.holds(for: exists ? state.version : nil) else {
                    let message = "The conversation has version \(state.version) now; read it again and repeat the change on that."
                    throw EngineError(.preconditionFailed, message, current: state.version)
                }
                do throws(ConversationFault) {
                    let change = try state.applying(command, in: context)
                    let answer = answering(change?.state ?? state)
                    guard change != nil || answer != nil else { return nil }
                    return ConversationCommit(change: change, sensitive: flow.sensitive, answer: answer)
                } catch {
                    throw EngineError(error, in: flow)
                }
            }
        }
    }

    /// Goes back to the stage at which a conversation was after a version. What was learned at no stage but that is kept.
    public func rewind(
        _ conversation: ConversationID, toVersion version: Int64, ifVersion: VersionCondition, by caller: Caller,
        answering: @escaping Answering<ConversationState>
    ) async throws(EngineError) -> ConversationState {
        let current = try await state(of: conversation, by: caller)
        guard version >= 1, version <= current.version else {
            throw .invalid("version", "Must be a version of the conversation, 1 to \(current.version).")
        }
        let found = try await engine {
            try await store.history(of: key(conversation, caller), before: HistoryPosition(version: version + 1, sequence: 0), limit: 1)
        }
        guard let stage = found.first?.to else {
            throw .invalid("version", "The conversation was at no stage at version \(version); choose another, or clear its state.")
        }
        guard try await configuration.flow(of: caller.business).stages[stage] != nil else {
            throw .invalid("version", "The stage of version \(version) has been deleted; choose another version.")
        }
        return try await perform(
            .rewind(toVersion: version, stage: stage), on: conversation, ifVersion: ifVersion, by: caller, answering: answering)
    }

    /// Erases all that is known of a conversation.
    public func erase(
        _ conversation: ConversationID, by caller: Caller, answering: Answering<Void> = { _ in nil }
    ) async throws(EngineError) {
        // The audit log must not keep the id of what is erased.
        let audit = caller.audit("conversation.erase", "a conversation")
        let answer = answering(())
        let erased = try await engine { try await store.erase(key(conversation, caller), audit: audit, answer: answer, at: caller.now) }
        guard erased else { throw .notFound("conversation", conversation) }
    }

    // MARK: - Reading

    /// The state of a conversation as it reads now.
    /// - Parameter fresh: read the leading store, not a cache.
    public func state(of conversation: ConversationID, fresh: Bool = false, by caller: Caller) async throws(EngineError) -> ConversationState {
        let found = try await engine { try await store.state(of: key(conversation, caller), fresh: fresh) }
        guard let found else { throw .notFound("conversation", conversation) }
        return found.reading(at: caller.now)
    }

    /// What happened in a conversation, newest first.
    public func history(
        of conversation: ConversationID, before: HistoryPosition?, limit: Int, by caller: Caller
    ) async throws(EngineError) -> [Transition] {
        let state = try await state(of: conversation, by: caller)
        let flow = try await configuration.flow(of: caller.business)
        let kept = state.stageID.flatMap { flow.stages[$0] }?.configuration.persistence.historyLimit ?? RecentHistory.usualLimit
        return try await engine { try await store.history(of: key(conversation, caller), before: before, limit: limit, kept: kept) }
    }

    /// Conversations of a business, the last changed first.
    public func conversations(_ query: ConversationQuery, by caller: Caller) async throws(EngineError) -> [ConversationState] {
        try await engine { try await store.conversations(query) }.map { $0.reading(at: caller.now) }
    }

    /// The data of a conversation with what is sensitive in it; that it was looked at is audited.
    public func reveal(_ conversation: ConversationID, by caller: Caller) async throws(EngineError) -> ConversationState {
        let state = try await state(of: conversation, by: caller)
        let audit = caller.audit("conversation.reveal", conversation)
        try await engine { try await configuration.store.record(audit) }
        return state
    }

    /// The numbers of a stage; a second old, or up to a minute where thousands of stages are in use.
    public func statistics(of stage: Stage.ID, by caller: Caller) async throws(EngineError) -> StageStatistics {
        try await engine { try await store.statistics(of: stage, in: caller.business) }
    }

    /// The numbers of all stages of a business where anything has happened, without what was seen last, as old as those of one.
    public func totals(by caller: Caller) async throws(EngineError) -> [Stage.ID: StageStatistics] {
        try await engine { try await store.totals(in: caller.business) }
    }

    /// How many conversations are at each stage of a business that has any, as old as the numbers of a stage.
    public func conversationsHere(by caller: Caller) async throws(EngineError) -> [Stage.ID: Int64] {
        try await engine { try await store.conversationsHere(in: caller.business) }
    }

    private func key(_ conversation: ConversationID, _ caller: Caller) -> ConversationKey {
        ConversationKey(business: caller.business, conversation: conversation)
    }
}

extension ConversationCommand {
    /// Whether it may be the first thing that happens in a conversation.
    fileprivate var mayStart: Bool {
        switch self {
        case .move: true
        case .clear, .pause, .resume, .rewind, .elapse, .evacuate: false
        }
    }
}
