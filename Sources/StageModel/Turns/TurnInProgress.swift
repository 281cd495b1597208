/// A turn on its way: what was decided, learned and said so far.
struct TurnInProgress {
    /// Why it does not go on.
    enum Stop: Error {
        case question(ModelPrompt)
        case fault(ConversationFault)
    }

    let request: TurnRequest
    let answers: ModelAnswers
    var edit: StateEdit
    private(set) var learned: [String: TurnOutcome.Learned] = [:]
    /// Why the answer to a question could not be taken, by the field.
    private(set) var invalid: [String: String] = [:]
    private var stages: [Stage.ID] = []
    private var steps: [TurnStep] = []
    private var prompts: [ModelPrompt] = []
    /// What stages on the way had to say, the last one's at the end.
    private var replies: [String] = []
    private var asked: String?
    private var isPaused = false
    /// Learned at a stage that keeps nothing.
    private var passing: [String: JSONValue] = [:]
    /// The parts of the text that hold what is sensitive.
    private var secrets: [Range<String.Index>] = []
    private var passed: Set<Stage.ID> = []
    private var version: Int64 = 0
    private var sequence = 0
    private var moves = 0
    let text: String

    init(_ request: TurnRequest, _ answers: ModelAnswers) {
        self.request = request
        self.answers = answers
        text = request.messages.map(\.message.text).joined(separator: "\n")
        edit = StateEdit(
            state: request.state, context: ChangeContext(flow: request.flow, actor: request.actor, now: request.now))
    }

    var flow: Flow { request.flow }

    // MARK: - The way of a turn

    mutating func run() throws(Stop) {
        edit.expire()
        edit.timeOut()
        openVersion()
        guard edit.state.status != .paused else {
            isPaused = true
            edit.extendLife()
            return
        }
        try start()
        try moveOn(isFirst: true)
        repeat {
            guard let stage else { break }
            try extract(at: stage)
            // It does not wait: what it has to say is said, wherever the conversation goes then.
            if isPassing(stage) { try reply(at: stage) }
        } while try moveOn(isFirst: false)
        if let stage, !isPassing(stage) { try reply(at: stage) }
        edit.state.askedField = asked
        edit.extendLife()
    }

    /// The stage that the conversation is at.
    var stage: Saved<Stage>? { edit.state.stageID.flatMap { flow.stages[$0] } }

    /// Whether it is a stage that replies on entry, whatever comes next.
    private func isPassing(_ stage: Saved<Stage>) -> Bool { stage.style == .response && passed.contains(stage.id) }

    /// One version for all that the turn does.
    private mutating func openVersion() {
        edit.state.version += 1
        edit.state.turns += Int64(request.messages.count + request.interrupted.count)
        edit.state.updatedAt = request.now
        version = edit.state.version
    }

    /// A conversation that is at no stage, or has come to its end, begins at its entry.
    private mutating func start() throws(Stop) {
        let isCompleted = edit.state.status == .completed
        do throws(ConversationFault) {
            edit.state.agentID = try edit.agentOnMove(asked: request.agent, isNew: isCompleted || edit.state.stageID == nil)
        } catch {
            throw .fault(error)
        }
        if let stage = edit.state.stageID, !isCompleted {
            stages.append(stage)
            return
        }
        guard let entry = flow.entry(for: edit.state.agentID) else { throw .fault(.noEntry(edit.state.agentID)) }
        if isCompleted {
            edit.state.data = ConversationData()
            edit.state.visits = [:]
        }
        move(to: entry, cause: .start, trace: isCompleted ? ["reason": "completed"] : [:])
        // Not the stage at which it had ended.
        passed = [entry.id]
        moves = 0
        steps.append(.started(entry.id))
    }

    /// Decides, and moves where the decision leads.
    /// - Parameter isFirst: whether rules for the model are tried, too; on what was learned since, only automatic ones are.
    @discardableResult
    private mutating func moveOn(isFirst: Bool) throws(Stop) -> Bool {
        guard let stage, edit.state.status == .active, moves < TurnRequest.mostMoves else { return false }
        let state = visibleState
        let event = ConversationEvent(message: request.messages.last.map { Message($0.message, text: text) }, passed: passed)
        var decision = flow.decide(state, on: event, at: request.now)
        var failure: ModelFailure?
        if case .choose(let eligible) = decision.outcome {
            if isFirst {
                (decision, failure) = try choose(among: eligible, decision, at: stage, state, event)
            } else {
                decision = decision.choosing(nil, by: .condition)
            }
        }
        let isStaying = if case .move = decision.outcome { false } else { true }
        // That nothing more happens on what was learned says nothing new.
        guard isFirst || !isStaying else { return false }
        let trace = flow.trace(of: decision, state, on: event, at: request.now, explaining: request.explains)
        steps.append(.decided(at: stage.id, trace, failure: failure))
        guard case .move(let target, let rule, let choice) = decision.outcome, let next = flow.stages[target] else { return false }
        let kept: [String: JSONValue] = ["rules": trace.kept(room: 1900), "by": .string(choice.rawValue)]
        move(to: next, cause: choice == .condition ? .rule : .model, rule: rule, trace: kept)
        return true
    }

    private mutating func move(to next: Saved<Stage>, cause: Transition.Cause, rule: TransitionRule.ID? = nil, trace: [String: JSONValue]) {
        let from = edit.state.stageID
        let entered = edit.state.enteredAt
        if let from { passed.insert(from) }
        passed.insert(next.id)
        edit.state.reenter(next, at: request.now)
        edit.transitions.append(
            Transition(
                id: Transition.ID(), version: version, sequence: sequence, from: from, to: next.id, cause: cause, rule: rule,
                actor: request.actor, flowRevision: flow.revision, trace: trace, at: request.now,
                secondsInStage: from == next.id ? nil : entered.map { request.now.seconds(since: $0) }))
        sequence += 1
        moves += 1
        stages.append(next.id)
    }

    // MARK: - What the steps note

    mutating func note(_ step: TurnStep) { steps.append(step) }

    /// Asks the model, or finds what it has answered.
    mutating func ask(_ prompt: ModelPrompt) throws(Stop) -> Result<ModelAnswer, ModelFailure> {
        if prompts.last != prompt { prompts.append(prompt) }
        guard let answer = answers[prompt] else { throw .question(prompt) }
        return answer
    }

    mutating func learn(_ data: [String: TurnOutcome.Learned], at stage: Saved<Stage>) {
        let values = data.mapValues(\.value)
        learned.merge(data) { $1 }
        for name in data.keys { invalid[name] = nil }
        let scope = stage.configuration.persistence.scope
        var changed = edit.state.data
        changed.merge(values, scope: scope)
        guard changed.byteCount <= ConversationData.maximumBytes else { return }
        edit.state.data = changed
        if scope == .none { passing.merge(values) { $1 } }
    }

    mutating func refuse(_ reasons: [String: String]) { invalid.merge(reasons) { $1 } }

    mutating func conceal(_ part: Range<String.Index>) { secrets.append(part) }

    mutating func say(_ reply: String, asking field: String?) {
        if !reply.isEmpty { replies.append(reply) }
        asked = field
    }

    /// The state as conditions and templates see it: with what is gone after the turn.
    var visibleState: ConversationState {
        guard !passing.isEmpty else { return edit.state }
        var state = edit.state
        state.data.stage.merge(passing) { $1 }
        return state
    }

    // MARK: - The outcome

    var outcome: TurnOutcome {
        var outcome = TurnOutcome(state: edit.state)
        outcome.transitions = edit.transitions
        outcome.stages = stages
        outcome.learned = learned
        outcome.missing = isPaused ? [] : stage.map { missing(at: $0) }.map { $0.map(\.name) } ?? []
        outcome.reply = isPaused ? nil : replies.joined(separator: "\n\n")
        outcome.steps = steps
        outcome.prompts = prompts
        outcome.maskedTexts = maskedTexts
        outcome.maskedReply = outcome.reply.map(withoutSecrets)
        return outcome
    }

    /// The required fields of a stage that are not known.
    func missing(at stage: Saved<Stage>) -> [DataField] {
        let data = visibleState.data.merged
        return stage.configuration.fields.filter { $0.isRequired && (data[$0.name] ?? .null).isNull }
    }

    private var maskedTexts: [String: String] {
        var texts: [String: String] = [:]
        var start = text.startIndex
        for message in request.messages {
            let end = text.utf8.index(start, offsetBy: message.message.text.utf8.count, limitedBy: text.endIndex) ?? text.endIndex
            texts[message.id] = withoutSecrets(text.masking(secrets, in: start..<end))
            start = end < text.endIndex ? text.index(after: end) : end
        }
        // Nobody has looked for what is sensitive in those.
        let unread = request.interrupted + (isPaused ? request.messages : [])
        if !flow.sensitive.names.isEmpty { for message in unread { texts[message.id] = SensitiveNames.maskText } }
        return texts
    }

    /// A text in which nothing stands that is known and sensitive.
    private func withoutSecrets(_ text: String) -> String {
        guard !flow.sensitive.names.isEmpty else { return text }
        let values = visibleState.data.merged.filter { flow.sensitive.cover($0.key, $0.value) }.map(\.value.promptText)
        return values.filter { $0.count > 2 }.sorted { $0.count > $1.count }.reduce(text) { text, value in
            text.replacing(value, with: SensitiveNames.maskText)
        }
    }
}

extension Message {
    /// The last of several messages, with the text of all.
    fileprivate init(_ last: Message, text: String) {
        self = last
        self.text = text
    }
}

extension SensitiveNames {
    static let maskText = "«masked»"
}

extension String {
    /// A part of the text, with parts of that masked.
    fileprivate func masking(_ secrets: [Range<String.Index>], in whole: Range<String.Index>) -> String {
        var result = ""
        var position = whole.lowerBound
        for secret in secrets.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let part = secret.clamped(to: position..<whole.upperBound)
            guard !part.isEmpty else { continue }
            result += self[position..<part.lowerBound] + SensitiveNames.maskText
            position = part.upperBound
        }
        return result + self[position..<whole.upperBound]
    }
}
