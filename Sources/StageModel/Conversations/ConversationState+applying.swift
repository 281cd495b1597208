extension ConversationState {
    /// What becomes of the conversation when a command is carried out. Pure: the same input gives the same outcome, but for the
    /// transitions' ids.
    ///
    /// What time has done is recorded first, as a version of its own: a state that has expired is dropped, and a timeout that is over fires.
    /// - Returns: nil when there is nothing to do.
    public func applying(_ command: ConversationCommand, in context: ChangeContext) throws(ConversationFault) -> ConversationChange? {
        var change = StateEdit(state: self, context: context)
        change.expire()
        change.timeOut()
        switch command {
        case .move(let stage, let data, let agent, let message): try change.move(to: stage, data: data, agent: agent, message: message)
        case .clear: change.clear()
        case .pause: try change.pause()
        case .resume: try change.resume()
        case .rewind(let version, let stage): try change.rewind(to: stage, version: version)
        case .elapse: break
        case .evacuate(let from, let to): change.evacuate(from: from, to: to)
        }
        return change.transitions.isEmpty ? nil : ConversationChange(state: change.state, transitions: change.transitions)
    }
}

/// A change in the making.
struct StateEdit {
    var state: ConversationState
    let context: ChangeContext
    var transitions: [Transition] = []

    init(state: ConversationState, context: ChangeContext) {
        self.state = state
        self.context = context
    }

    mutating func expire() {
        guard state.isExpired(at: context.now) else { return }
        record(to: nil, cause: .timer, actor: "timer", trace: ["reason": "expired"]) { $0.clear() }
    }

    /// Takes a conversation on that has been at its stage for too long. It happens once: a target that is closed by then leaves it where it is.
    mutating func timeOut() {
        guard state.hasTimedOut(at: context.now), let id = state.stageID else { return }
        // A process that does not know the stage yet leaves the deadline to one that does.
        guard let stage = context.flow.stages[id] else { return }
        let now = context.now
        var trace: [String: JSONValue] = ["reason": "timeout"]
        let timeout = stage.configuration.timeout
        let rule = timeout.map { TransitionRule(from: id, to: $0.toStageID) }
        let closure = rule.flatMap { context.flow.closure(of: $0, for: state) }
        if let target = timeout.flatMap({ context.flow.stages[$0.toStageID] }), closure == nil {
            return record(to: target.id, cause: .timer, actor: "timer", trace: trace) { $0.reenter(target, at: now) }
        }
        trace["not_taken"] = .string(closure?.rawValue ?? "no_timeout")
        record(to: id, cause: .timer, actor: "timer", trace: trace) { $0.timeoutAt = nil }
    }

    mutating func move(
        to id: Stage.ID, data: [String: JSONValue], agent: Agent.ID?, message: Message?
    ) throws(ConversationFault) {
        guard let stage = context.flow.stages[id] else { throw .unknownStage(id) }
        guard context.flow.state(of: id).status == .active else { throw .stageIsDisabled(id) }
        let agent = try agentOnMove(asked: agent, isNew: state.stageID == nil)
        if let owner = stage.agentID, owner != agent { throw .stageOfAnotherAgent(stage: id, agent: owner) }
        let faults = stage.configuration.faults(ofData: data, sensitive: context.flow.sensitive)
        guard faults.isEmpty else { throw .invalidData(faults) }

        let names = Self.traced(data.keys.sorted())
        let now = context.now
        var trace: [String: JSONValue] = names.isEmpty ? [:] : ["data": .array(names)]
        let allowance = try allowance(of: id, message: message)
        if let allowance { trace["rules"] = allowance.trace.kept(room: 1900 - trace.jsonBytes.count) }
        record(to: id, cause: .api, rule: allowance?.rule, trace: trace) { state in
            state.agentID = agent
            state.enter(stage, at: now)
            state.data.merge(data, scope: stage.configuration.persistence.scope)
        }
        guard state.data.byteCount <= ConversationData.maximumBytes else {
            throw .invalidData([InputFault(.root, "The conversation's data would be over \(ConversationData.maximumBytes / 1024) KiB of JSON.")])
        }
    }

    /// The rule that allows the move out of a strict stage, and why; nil: none is needed.
    private func allowance(
        of target: Stage.ID, message: Message?
    ) throws(ConversationFault) -> (rule: TransitionRule.ID, trace: DecisionTrace)? {
        guard let id = state.stageID, id != target, context.flow.stages[id]?.configuration.transitionPolicy == .strict else { return nil }
        let event = ConversationEvent(message: message)
        let decision = context.flow.allowance(of: target, for: state, on: event, at: context.now)
        guard case .move(_, let rule, _) = decision.outcome else {
            throw .noRuleAllows(from: id, to: target, context.flow.trace(of: decision, state, on: event, at: context.now))
        }
        // What is kept with the transition are values; nobody asks why not of a move that was made.
        return (rule, context.flow.trace(of: decision, state, on: event, at: context.now, explaining: false))
    }

    /// The names of what was written, as far as they have room in a trace.
    private static func traced(_ names: [String]) -> [JSONValue] {
        var room = 1500
        return names.prefix { name in
            room -= name.jsonBytes.count + 1
            return room >= 0
        }.map(JSONValue.string)
    }

    /// A conversation that has not started takes the agent that is asked for; one that has keeps its own.
    func agentOnMove(asked: Agent.ID?, isNew: Bool) throws(ConversationFault) -> Agent.ID? {
        guard let asked else { return state.agentID }
        guard context.flow.agents[asked] != nil else { throw .unknownAgent(asked) }
        guard isNew || state.agentID == asked else { throw .agentIsFixed(state.agentID) }
        return asked
    }

    mutating func clear() {
        guard state.stageID != nil || !state.data.merged.isEmpty else { return }
        record(to: nil, cause: .api, trace: ["action": "clear"]) { $0.clear() }
    }

    mutating func pause() throws(ConversationFault) {
        switch state.status {
        case .paused: return
        case .completed: throw .alreadyCompleted
        case .active:
            guard state.stageID != nil else { throw .notStarted }
            record(to: state.stageID, cause: .api, trace: ["action": "pause"]) { $0.status = .paused }
        }
    }

    mutating func resume() throws(ConversationFault) {
        switch state.status {
        case .active: return
        case .completed: throw .alreadyCompleted
        case .paused: record(to: state.stageID, cause: .api, trace: ["action": "resume"]) { $0.status = .active }
        }
    }

    mutating func rewind(to id: Stage.ID, version: Int64) throws(ConversationFault) {
        guard let stage = context.flow.stages[id] else { throw .unknownStage(id) }
        if let owner = stage.agentID, owner != state.agentID { throw .stageOfAnotherAgent(stage: id, agent: owner) }
        let now = context.now
        record(to: id, cause: .repair, trace: ["action": "rewind", "to_version": .integer(version)]) { state in
            state.reenter(stage, at: now)
        }
    }

    mutating func evacuate(from: Stage.ID, to: Stage.ID) {
        guard state.stageID == from, let stage = context.flow.stages[to] else { return }
        let now = context.now
        record(to: to, cause: .repair, trace: ["action": "move_to", "reason": "the stage was deleted"]) { $0.enter(stage, at: now) }
    }

    /// Makes the next version: applies a mutation and records it.
    mutating func record(
        to stage: Stage.ID?, cause: Transition.Cause, rule: TransitionRule.ID? = nil, actor: String? = nil, trace: [String: JSONValue],
        _ mutate: (inout ConversationState) -> Void
    ) {
        let from = state.stageID
        let entered = state.enteredAt
        mutate(&state)
        state.version += 1
        state.updatedAt = context.now
        extendLife()
        let left = from != stage && from != nil
        transitions.append(
            Transition(
                id: Transition.ID(), version: state.version, sequence: 0, from: from, to: stage, cause: cause, rule: rule,
                actor: actor ?? context.actor, flowRevision: context.flow.revision, trace: trace, at: context.now,
                secondsInStage: left ? entered.map { context.now.seconds(since: $0) } : nil))
    }

    /// Puts the expiry off, as every commit does.
    mutating func extendLife() {
        let stay = state.stageID.flatMap { context.flow.stages[$0] }?.configuration.persistence.timeToLive
        state.expiresAt = stay.map { context.now.adding(seconds: $0) }
    }
}

extension ConversationState {
    /// Goes to a stage; at it already, nothing changes.
    fileprivate mutating func enter(_ stage: Saved<Stage>, at now: Timestamp) {
        guard stageID != stage.id else { return }
        reenter(stage, at: now)
    }

    /// Goes to a stage, counting a visit even when the conversation is at it already.
    mutating func reenter(_ stage: Saved<Stage>, at now: Timestamp) {
        data.stage = [:]
        stageID = stage.id
        visits[stage.id, default: 0] += 1
        enteredAt = now
        askedField = nil
        timeoutAt = stage.configuration.isFinal ? nil : stage.configuration.timeout.map { now.adding(seconds: $0.seconds) }
        if stage.configuration.isFinal {
            status = .completed
        } else if status == .completed {
            status = .active
        }
    }
}

extension StageConfiguration {
    /// Every fault of data that is written at the stage, at its place in the data.
    public func faults(ofData data: [String: JSONValue], sensitive: SensitiveNames) -> [InputFault] {
        let declared = Dictionary(fields.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return data.keys.sorted().compactMap { name in
            guard let value = data[name], !value.isNull else { return nil }
            let place = JSONPointer.root.appending(name)
            if !sensitive.names.isEmpty, value.holds(SensitiveNames.mask) {
                return InputFault(place, "Is the mask of a sensitive value, not a value; leave it out to keep what is there.")
            }
            return declared[name]?.fault(of: value, at: place)
        }
    }
}

extension JSONValue {
    /// Whether a value is another, or has it at any depth.
    fileprivate func holds(_ wanted: JSONValue) -> Bool {
        switch self {
        case .object(let members): members.values.contains { $0.holds(wanted) }
        case .array(let elements): elements.contains { $0.holds(wanted) }
        case .null, .bool, .integer, .number, .string: self == wanted
        }
    }
}
