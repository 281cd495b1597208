import StageModel

/// A condition, with what it comes to said a second time, without CEL.
struct Probe: Sendable {
    let text: String
    /// nil: it has no value.
    let truth: @Sendable (Situation) -> Bool?

    static let atoms: [Probe] = [
        Probe(text: "true") { _ in true }, Probe(text: "false") { _ in false },
        Probe(text: "data.n > 3") { situation in
            switch situation.state.data.merged["n"] {
            case .integer(let value): value > 3
            case .number(let value): value > 3
            case nil, .null, .bool, .string, .array, .object: nil
            }
        },
        Probe(text: "has(data.n)") { $0.state.data.merged["n"] != nil }, Probe(text: "data.flag") { $0.state.data.merged["flag"]?.bool },
        Probe(text: "data.n == 'x'") { situation in situation.state.data.merged["n"].map { $0 == "x" } },
        Probe(text: "message.text == 'go'") { situation in situation.event.message.map { $0.text == "go" } },
        Probe(text: "message.metadata.n == 1") { situation in situation.event.message?.metadata["n"].map { $0 == 1 } },
        Probe(text: "stage.visits > 1") { $0.state.visits[$0.stage] ?? 0 > 1 },
        Probe(text: "stage.seconds >= 60") { situation in
            situation.state.enteredAt.map { situation.now.seconds(since: $0) } ?? 0 >= 60
        },
        Probe(text: "stage.name == 's1'") { $0.flow.stages[$0.stage]?.name == "s1" }, Probe(text: "conversation.turns < 2") { $0.state.turns < 2 },
        Probe(text: "agent.name == 'Ada'") { $0.state.agentID == Sample.ada }, Probe(text: "agent.id == ''") { $0.state.agentID == nil },
    ]

    static func && (left: Probe, right: Probe) -> Probe {
        Probe(text: "(\(left.text) && \(right.text))") { situation in
            let (left, right) = (left.truth(situation), right.truth(situation))
            if left == false || right == false { return false }
            return left == nil || right == nil ? nil : true
        }
    }

    static func || (left: Probe, right: Probe) -> Probe {
        Probe(text: "(\(left.text) || \(right.text))") { situation in
            let (left, right) = (left.truth(situation), right.truth(situation))
            if left == true || right == true { return true }
            return left == nil || right == nil ? nil : false
        }
    }

    static prefix func ! (probe: Probe) -> Probe { Probe(text: "!(\(probe.text))") { probe.truth($0).map { !$0 } } }
}

/// Something to decide on.
struct Situation: Sendable {
    var flow: Flow
    var state: ConversationState
    var event: ConversationEvent
    var now: Timestamp
    /// What the conditions of the rules come to.
    var probes: [TransitionRule.ID: Probe]

    var stage: Stage.ID { state.stageID ?? Sample.absent }
}

extension SeededGenerator {
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func pick<Element>(_ elements: [Element], else other: Element) -> Element { elements.randomElement(using: &self) ?? other }

    mutating func probe(depth: Int = 2) -> Probe {
        let atom = pick(Probe.atoms, else: Probe.atoms[0])
        guard depth > 0 else { return atom }
        switch Int.random(in: 0..<6, using: &self) {
        case 0: return probe(depth: depth - 1) && probe(depth: depth - 1)
        case 1: return probe(depth: depth - 1) || probe(depth: depth - 1)
        case 2: return !probe(depth: depth - 1)
        default: return atom
        }
    }

    mutating func situation() -> Situation {
        let ids: [Stage.ID] = (1...Int.random(in: 1...6, using: &self)).map { Sample.id($0) }
        let stages = ids.enumerated().map { index, id in
            Sample.saved(
                id,
                Sample.stage("s\(index + 1)", agent: pick([nil, nil, nil, Sample.ada, Sample.bob], else: nil)) { configuration in
                    configuration.maximumVisits = pick([nil, nil, 1, 2, 3], else: nil)
                    configuration.isFinal = chance(10)
                    if chance(20) { configuration.fields = [DataField(name: "n", kind: .number, isSensitive: true)] }
                })
        }
        let disabled = ids.filter { _ in chance(15) }
        var probes: [TransitionRule.ID: Probe] = [:]
        let rules = (0..<Int.random(in: 0...12, using: &self)).map { number -> Saved<TransitionRule> in
            let id: TransitionRule.ID = Sample.id(number + 1)
            let condition = probe()
            probes[id] = condition
            return Sample.saved(
                id,
                TransitionRule(
                    from: chance(35) ? nil : pick(ids, else: Sample.absent), to: chance(8) ? Sample.absent : pick(ids, else: Sample.absent),
                    condition: condition.text, selection: chance(35) ? .model : .automatic,
                    priority: pick([0, 0, 0, 1, 2, -1, 10, 1_000_000, -1_000_000], else: 0)))
        }
        let flow = Flow(
            business: Sample.business, agents: Sample.agents, stages: stages.shuffled(using: &self), rules: rules.shuffled(using: &self),
            states: Dictionary(
                disabled.map { ($0, StageState(status: .disabled, data: [:], version: 1, updatedAt: Sample.start)) },
                uniquingKeysWith: { first, _ in first }))
        return Situation(
            flow: flow, state: state(at: ids), event: event(), now: Sample.start.adding(seconds: pick([0, 59, 60, 3600], else: 0)), probes: probes)
    }

    private mutating func state(at stages: [Stage.ID]) -> ConversationState {
        var state = ConversationState(key: ConversationKey(business: Sample.business.id, conversation: .simulated), at: Sample.start)
        state.stageID = chance(3) ? nil : chance(3) ? Sample.absent : stages.randomElement(using: &self)
        state.agentID = pick([nil, Sample.ada, Sample.bob], else: nil)
        state.enteredAt = Sample.start
        state.turns = Int64.random(in: 0...3, using: &self)
        for stage in stages where chance(60) { state.visits[stage] = Int.random(in: 0...4, using: &self) }
        let values: [JSONValue] = [3, 4, .number(3.5), "x", true, .null, [], [:]]
        if chance(60) { state.data.conversation["n"] = pick(values, else: 3) }
        if chance(20) { state.data.stage["n"] = pick(values, else: 3) }
        if chance(50) { state.data.conversation["flag"] = pick([true, false, 1, "true", .null], else: true) }
        return state
    }

    private mutating func event() -> ConversationEvent {
        guard chance(75) else { return ConversationEvent() }
        return ConversationEvent(
            message: Message(
                text: pick(["go", "stop", ""], else: ""), metadata: chance(30) ? ["n": pick([1, 2], else: 1)] : [:], receivedAt: Sample.start))
    }
}
