@testable import StageModel

/// A message at a stage, with what can be chosen for it.
struct Choosing {
    let flow: Flow
    let stage: Saved<Stage>
    let request: TurnRequest
    let event: ConversationEvent
    let decision: Decision
    let eligible: [TransitionRule.ID]
    let offer: StageOffer

    /// - Returns: nil when nothing is to be chosen.
    init?(_ message: LabelledMessage, in flow: Flow) throws {
        guard let stage = flow.stage(named: message.stage) else { throw UnknownStage(name: message.stage) }
        self.flow = flow
        self.stage = stage
        request = message.request(in: flow, at: stage, hasModel: true)
        event = ConversationEvent(message: request.messages.last?.message)
        decision = flow.decide(request.state, on: event, at: request.now)
        guard case .choose(let eligible) = decision.outcome else { return nil }
        self.eligible = eligible
        offer = StageOffer(eligible.compactMap { flow.rules[$0] }, at: stage, in: flow)
    }

    /// What the lexical match chooses.
    var byWords: String { name(of: flow.choosingByWords(decision, request.state, on: event)) }

    func name(of decision: Decision) -> String {
        if case .move(_, let rule, _) = decision.outcome { name(of: rule) } else { stage.name }
    }

    /// Where a rule leads; nil: it stays.
    func name(of rule: TransitionRule.ID?) -> String {
        rule.flatMap { flow.rules[$0] }.flatMap { flow.stages[$0.toStageID] }?.name ?? stage.name
    }
}

/// The labels name a stage that the flow does not have.
struct UnknownStage: Error { let name: String }
