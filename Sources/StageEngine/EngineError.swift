public import StageModel
public import StageStore

/// Why the engine did not do what it was asked. Nothing of it was done.
public struct EngineError: Error, Equatable, Sendable {
    /// Stable, for programs.
    public enum Code: String, CaseIterable, Sendable {
        case invalidInput = "invalid_input"
        case notFound = "not_found"
        case unauthorized
        case forbidden
        case inUse = "in_use"
        case conversationsHere = "conversations_here"
        case stageDisabled = "stage_disabled"
        case moveNotAllowed = "move_not_allowed"
        case notStarted = "not_started"
        case alreadyCompleted = "already_completed"
        case preconditionFailed = "precondition_failed"
        case stateConflict = "state_conflict"
        case idempotencyKeyReused = "idempotency_key_reused"
        case idempotencyKeyInProgress = "idempotency_key_in_progress"
        case tooManyAttempts = "too_many_attempts"
        case conversationBusy = "conversation_busy"
        case tooManyMessages = "too_many_messages"
        case databaseUnavailable = "database_unavailable"
        case internalError = "internal_error"
    }

    public let code: Code
    /// What is wrong and what would be right, for people; safe to show to any caller.
    public let message: String
    public var faults: [InputFault] = []
    /// The version or revision that is current, when another was asked for.
    public var current: Int64?
    /// Why no rule allows a move.
    public var trace: DecisionTrace?
    /// What the log should know and callers should not.
    public var debug: String?

    public init(_ code: Code, _ message: String, faults: [InputFault] = [], current: Int64? = nil, debug: String? = nil) {
        self.code = code
        self.message = message
        self.faults = faults
        self.current = current
        self.debug = debug
    }
}

extension EngineError {
    public static func invalid(_ faults: [InputFault]) -> EngineError {
        let message = faults.count == 1 ? "One value is not acceptable." : "\(faults.count) values are not acceptable."
        return EngineError(.invalidInput, message, faults: faults)
    }

    public static func invalid(_ member: String, _ message: String) -> EngineError {
        invalid([InputFault(.root.appending(member), message)])
    }

    /// The same for what never was, what is deleted, and what is another business's.
    public static func notFound(_ what: String, _ id: some CustomStringConvertible) -> EngineError {
        EngineError(.notFound, "There is no \(what) \(id) in this business.")
    }

    public init(_ error: StoreError) {
        switch error {
        case .unavailable(let reason):
            self.init(.databaseUnavailable, "The database can't be used at the moment; nothing was changed. Try again later.", debug: reason)
        case .outcomeUnknown(let reason):
            self.init(
                .databaseUnavailable,
                """
                The database was lost while the change was being committed, and it is not known whether it was done. Read again before you repeat \
                it, or repeat it with its Idempotency-Key.
                """, debug: reason)
        case .versionConflict(let current):
            self.init(.stateConflict, "Others were changing the conversation at the same time; nothing was changed. Try again.", current: current)
        case .flowChanged:
            self.init(.stateConflict, "Others were changing the configuration at the same time; nothing was changed. Try again.")
        case .unknownBusiness: self.init(.notFound, "The business is gone.")
        case .alreadyAnswered:
            self.init(.idempotencyKeyInProgress, "A request with this Idempotency-Key was being carried out; send it again for its answer.")
        case .alreadyHandled, .placeLost:
            self.init(.stateConflict, "The message was being handled by another server at the same time. Send it again for its reply.")
        case .taken: self.init(.stateConflict, "An id in the request is in use elsewhere.")
        case .danglingReference:
            self.init(.stateConflict, "Something that the request refers to was deleted at the same time; nothing was changed.")
        case .unreadable(let reason):
            self.init(.internalError, "What is stored can't be read; an operator finds the reason in the log.", debug: reason)
        }
    }

    /// Whether a commit failed because something refers, or would refer, to what is not there.
    var refersToNothing: Bool { self == EngineError(.danglingReference) }

    init(_ fault: ConversationFault, in flow: Flow) {
        func name(_ stage: Stage.ID) -> String { flow.stages[stage].map { "'\($0.name)'" } ?? stage.description }
        func name(_ agent: Agent.ID?) -> String { agent.map { id in flow.agents[id].map { "'\($0.name)'" } ?? id.description } ?? "none" }
        switch fault {
        case .unknownStage(let id): self = .notFound("stage", id)
        case .unknownAgent(let id): self = .invalid("agent_id", "There is no agent \(id) in this business.")
        case .agentIsFixed(let agent):
            self = .invalid("agent_id", "The conversation is held with the agent \(name(agent)); an agent can't be changed once it has started.")
        case .stageOfAnotherAgent(let stage, let agent):
            let message = "The stage \(name(stage)) belongs to the agent \(name(agent)); the conversation is held with another or none."
            self = .invalid("agent_id", "\(message) Give agent_id when the conversation starts.")
        case .stageIsDisabled(let stage):
            self.init(.stageDisabled, "The stage \(name(stage)) is disabled; activate it first, or choose another.")
        case .noRuleAllows(let from, let to, let trace):
            let reason: String
            if trace.candidates.isEmpty {
                reason = "it has no rule that leads there."
            } else if let closure = trace.candidates.first(where: \.held)?.closure {
                reason = "one that leads there holds, but \(closure.sentence)"
            } else {
                reason = "none of its rules that lead there holds (see trace); change the data or give the message."
            }
            self.init(.moveNotAllowed, "The stage \(name(from)) is strict and the move to \(name(to)) is not allowed by any rule: \(reason)")
            self.trace = trace
        case .invalidData(let faults): self = .invalid(faults.map { $0.inside("data") })
        case .noEntry(let agent):
            let stage = agent == nil ? "a stage" : "a stage of the agent \(name(agent)), or one without an agent,"
            self.init(.notStarted, "The flow has no entry stage for this conversation; mark \(stage) as its entry (is_entry).")
        case .notStarted: self.init(.notStarted, "The conversation is at no stage; move it to one first.")
        case .alreadyCompleted: self.init(.alreadyCompleted, "The conversation is completed; move it to a stage to take it up again.")
        }
    }
}

extension InputFault {
    /// The fault as it stands in a document that has the faulty one as a member.
    func inside(_ member: String) -> InputFault { InputFault(pointer.inside(member), message) }
}

/// Runs what asks a store, and tells its errors in the engine's words.
func engine<Value>(_ body: () async throws -> Value) async throws(EngineError) -> Value {
    do {
        return try await body()
    } catch let error as EngineError {
        throw error
    } catch let error as StoreError {
        throw EngineError(error)
    } catch let error as InvalidInput {
        throw EngineError.invalid(error.faults)
    } catch is CancellationError {
        throw EngineError(.databaseUnavailable, "The request was cancelled; nothing was changed.")
    } catch {
        throw EngineError(.internalError, "Something unexpected happened; an operator finds it in the log.", debug: String(describing: error))
    }
}
