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
    let flow: Flow

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
            let moves = change.transitions.map { "v\($0.version) \(Sample.name($0.from))>\(Sample.name($0.to)) \($0.cause)\(Self.stay($0))" }
            return "\(state.status) at \(Sample.name(state.stageID)): \(moves.joined(separator: ", "))"
        } catch {
            return "refused: \(error.summary)"
        }
    }

    private static func stay(_ transition: Transition) -> String { transition.secondsInStage.map { " after \(Int($0))s" } ?? "" }
}

extension ConversationFault {
    /// The fault in a few words.
    var summary: String {
        switch self {
        case .unknownStage(let id): "unknown stage \(Sample.name(id))"
        case .unknownAgent: "unknown agent"
        case .agentIsFixed(let agent): "agent is \(agent.map { Sample.flow.agents[$0]?.name ?? "?" } ?? "none")"
        case .stageOfAnotherAgent(let stage, let agent): "\(Sample.name(stage)) is \(Sample.flow.agents[agent]?.name ?? "?")'s"
        case .stageIsDisabled(let id): "\(Sample.name(id)) is disabled"
        case .invalidData(let faults): faults.map(\.line).joined(separator: "; ")
        case .notStarted: "not started"
        case .alreadyCompleted: "already completed"
        }
    }
}

extension ConversationCommand {
    static func go(_ stage: Stage.ID, _ data: [String: JSONValue] = [:], agent: Agent.ID? = nil) -> ConversationCommand {
        .move(to: stage, data: data, agent: agent)
    }
}
