import StageEngine
import StageModel

/// A saved conversation that was held again.
struct ConversationRun {
    /// A message with what came of it.
    struct Step {
        let message: SavedMessage
        /// nil: it could not be handled.
        let turn: Rehearsal.Turn?
        let differences: [Difference]
    }

    let conversation: SavedConversation
    private(set) var steps: [Step] = []

    var hasPassed: Bool { steps.allSatisfy(\.differences.isEmpty) }

    /// Holds the conversation. After a message that can't be handled it ends.
    init(_ conversation: SavedConversation, in flow: Flow, model: (any LanguageModel)?, from start: Timestamp) async {
        self.conversation = conversation
        let agent = conversation.agent.flatMap { flow.agents(called: $0).first?.id }
        var rehearsal = Rehearsal(flow: flow, model: model, agent: agent, data: conversation.data, at: start)
        var now = start
        for (number, message) in conversation.messages.enumerated() {
            now = now.adding(seconds: message.pause ?? (number == 0 ? 0 : SavedMessage.usualPause))
            let inbound = InboundMessage(
                id: "message-\(number + 1)",
                message: Message(text: message.text, type: message.type, metadata: message.metadata, receivedAt: now),
                userName: conversation.userName)
            do throws(EngineError) {
                let turn = try await rehearsal.send(inbound, at: now)
                steps.append(Step(message: message, turn: turn, differences: message.differences(from: turn.outcome, in: flow)))
            } catch {
                let failure = Difference(
                    pointer: message.pointer.appending("user"), what: "user", expected: "a message that can be handled", actual: error.message)
                steps.append(Step(message: message, turn: nil, differences: [failure]))
                return
            }
        }
    }
}

/// The stages and rules of a flow that conversations have come through.
struct Coverage {
    private(set) var stages: Set<Stage.ID> = []
    private(set) var rules: Set<TransitionRule.ID> = []

    mutating func add(_ run: ConversationRun) {
        for outcome in run.steps.compactMap(\.turn?.outcome) {
            stages.formUnion(outcome.stages)
            // Where time had taken it before.
            stages.formUnion(outcome.transitions.compactMap(\.to))
            rules.formUnion(outcome.transitions.compactMap(\.rule))
        }
    }

    func untouchedStages(of flow: Flow) -> [Saved<Stage>] { flow.stages.all.filter { !stages.contains($0.id) } }

    func untouchedRules(of flow: Flow) -> [Saved<TransitionRule>] { flow.rules.all.filter { !rules.contains($0.id) } }

    /// How much of a flow's stages and rules together was touched, in whole percent, rounded down.
    func percent(of flow: Flow) -> Int {
        let all = flow.stages.all.count + flow.rules.all.count
        let untouched = untouchedStages(of: flow).count + untouchedRules(of: flow).count
        return Self.percent(all - untouched, of: all)
    }

    static func percent(_ count: Int, of all: Int) -> Int { all == 0 ? 100 : count * 100 / all }
}
