import StageModel

extension SavedConversations {
    /// The names in the file that the flow does not have.
    func faults(in flow: Flow) -> [InputFault] {
        conversations.flatMap { conversation in
            Self.faults(ofAgent: conversation, in: flow) + conversation.messages.flatMap { Self.faults(ofStages: $0, in: flow) }
        }
    }

    private static func faults(ofAgent conversation: SavedConversation, in flow: Flow) -> [InputFault] {
        guard let agent = conversation.agent else { return [] }
        let place = conversation.pointer.appending("agent")
        switch flow.agents(called: agent).count {
        case 1: return []
        case 0: return [InputFault(place, "There is no agent '\(agent)'. \(flow.agents.all.map(\.name).offer)")]
        default: return [InputFault(place, "Several agents are called '\(agent)'; write the id.")]
        }
    }

    private static func faults(ofStages message: SavedMessage, in flow: Flow) -> [InputFault] {
        let one = message.expected.stage.map { [($0, message.pointer.appending("stage"))] } ?? []
        let way = (message.expected.stages ?? []).enumerated().map { ($1, message.pointer.appending("stages").appending($0)) }
        return (one + way).compactMap { name, place in
            guard !flow.stages.all.contains(where: { $0.isCalled(name) }) else { return nil }
            return InputFault(place, "There is no stage '\(name)'. \(flow.stages.all.map(\.name).offer)")
        }
    }
}

extension [String] {
    /// What there is instead, in a sentence.
    fileprivate var offer: String {
        isEmpty ? "There are none." : "There are: \(prefix(30).joined(separator: ", "))\(count > 30 ? " and \(count - 30) more" : "")."
    }
}

extension Flow {
    /// The agents of a name or an id.
    func agents(called name: String) -> [Saved<Agent>] { agents.all.filter { $0.name == name || $0.id.description == name } }

    /// What people call a stage.
    func name(of stage: Stage.ID) -> String { stages[stage]?.name ?? stage.description }

    /// Stages in their order, as a way.
    func way(_ stages: [Stage.ID]) -> String { stages.map(name).joined(separator: " → ") }
}

extension Saved<Stage> {
    /// Whether a name or an id is this stage's.
    func isCalled(_ name: String) -> Bool { self.name == name || id.description == name }
}
