import StageModel
import Testing

/// A conversation that goes through commands, each with what is expected of it in one line.
struct Transcript: Sendable, CustomStringConvertible {
    struct Step: Sendable {
        /// Seconds since the start.
        let at: Int64
        let command: ConversationCommand
        let expected: String
    }

    let description: String
    let steps: [Step]

    init(_ description: String, _ steps: [(Int64, ConversationCommand, String)]) {
        self.description = description
        self.steps = steps.map { Step(at: $0.0, command: $0.1, expected: $0.2) }
    }
}

/// A conversation in memory, with all that happened in it.
struct Rehearsal {
    private(set) var state: ConversationState
    private(set) var history: [Transition] = []
    var flow: Flow

    init(flow: Flow = Sample.flow) throws {
        let id = try #require(ConversationID("c-1"))
        self.flow = flow
        state = ConversationState(key: ConversationKey(business: Sample.business.id, conversation: id), at: Sample.start)
    }

    /// Carries a command out.
    /// - Returns: what came of it, in one line.
    mutating func perform(_ command: ConversationCommand, at seconds: Int64) -> String {
        let context = ChangeContext(flow: flow, actor: "sk_test", now: Sample.start.adding(seconds: seconds))
        do throws(ConversationFault) {
            guard let change = try state.applying(command, in: context) else { return "nothing" }
            state = change.state
            history += change.transitions
            return "\(state.status) at \(flow.name(state.stageID)): \(change.transitions.map { $0.line(in: flow) }.joined(separator: ", "))"
        } catch {
            return "refused: \(error.summary(in: flow))"
        }
    }
}

extension Flow {
    fileprivate func name(_ stage: Stage.ID?) -> String { stage.map { stages[$0]?.name ?? "?" } ?? "none" }
}

extension Transition {
    /// The transition in a few words: the rule that allowed it, how long the conversation had been there, why a timeout led nowhere.
    fileprivate func line(in flow: Flow) -> String {
        let rule = rule.map { " by \($0.number)" } ?? ""
        let stay = secondsInStage.map { " after \(Int($0))s" } ?? ""
        let closure = trace["not_taken"]?.string.map { ", not taken: \($0)" } ?? ""
        return "v\(version) \(flow.name(from))>\(flow.name(to)) \(cause)\(rule)\(stay)\(closure)"
    }
}

extension ConversationFault {
    /// The fault in a few words.
    fileprivate func summary(in flow: Flow) -> String {
        switch self {
        case .unknownStage(let id): "unknown stage \(flow.name(id))"
        case .unknownAgent: "unknown agent"
        case .agentIsFixed(let agent): "agent is \(agent.map { flow.agents[$0]?.name ?? "?" } ?? "none")"
        case .stageOfAnotherAgent(let stage, let agent): "\(flow.name(stage)) is \(flow.agents[agent]?.name ?? "?")'s"
        case .stageIsDisabled(let id): "\(flow.name(id)) is disabled"
        case .noRuleAllows(let from, let to, let trace):
            "no rule allows \(flow.name(from))>\(flow.name(to)): \(trace.candidates.map(\.line).joined(separator: " | "))"
        case .invalidData(let faults): faults.map(\.line).joined(separator: "; ")
        case .noEntry: "no entry"
        case .notStarted: "not started"
        case .alreadyCompleted: "already completed"
        }
    }
}

extension ConversationCommand {
    static func go(_ stage: Stage.ID, _ data: [String: JSONValue] = [:], agent: Agent.ID? = nil, saying text: String? = nil) -> ConversationCommand {
        .move(to: stage, data: data, agent: agent, message: text.map { Message(text: $0, receivedAt: Sample.start) })
    }
}
