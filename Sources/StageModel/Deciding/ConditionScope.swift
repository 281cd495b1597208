import CEL

/// What conditions see of a conversation, made when the first of them asks for it.
final class ConditionScope: Activation {
    private let state: ConversationState
    private let flow: Flow
    let event: ConversationEvent
    private let now: Timestamp
    private var values: [Value?] = Array(repeating: nil, count: Condition.Variable.allCases.count)

    init(_ state: ConversationState, in flow: Flow, on event: ConversationEvent, at now: Timestamp) {
        self.state = state
        self.flow = flow
        self.event = event
        self.now = now
    }

    func value(of variable: CEL.Variable) -> Value? {
        if let known = values[variable.index] { return known }
        guard let variable = Condition.Variable(rawValue: variable.index) else { return nil }
        let value = make(variable)
        values[variable.rawValue] = value
        return value
    }

    /// All variables that have a value.
    var bindings: Bindings {
        Bindings(Condition.Variable.allCases.compactMap { variable in make(variable).map { (variable.name, $0) } })
    }

    private func make(_ variable: Condition.Variable) -> Value? {
        switch variable {
        case .message:
            event.message.map { message in
                [
                    "text": .string(message.text), "type": .string(message.type), "metadata": Value(.object(message.metadata)),
                    "received_at": Value(message.receivedAt),
                ]
            }
        case .data: Value(.object(state.data.merged))
        case .stage: state.stageID.flatMap { flow.stages[$0] }.map(value)
        case .conversation:
            [
                "id": .string(state.key.conversation.description), "turns": .int(state.turns), "created_at": Value(state.createdAt),
            ]
        case .agent:
            [
                "id": .string(state.agentID?.description ?? ""),
                "name": .string(state.agentID.flatMap { flow.agents[$0] }?.name ?? ""),
            ]
        case .now: Value(now)
        }
    }

    private func value(of stage: Saved<Stage>) -> Value {
        [
            "name": .string(stage.name), "type": .string(stage.style.rawValue), "visits": .int(Int64(state.visits[stage.id] ?? 0)),
            "seconds": .int(state.enteredAt.map { Int64(max(0, now.seconds(since: $0))) } ?? 0),
        ]
    }
}

extension Value {
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .int(value)
        case .number(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let elements): self = .list(elements.map { Value($0) })
        // Sorted, so that what goes over them gives the same every time.
        case .object(let members): self = .map(MapValue(fields: members.sorted { $0.key < $1.key }.map { (key: $0.key, value: Value($0.value)) }))
        }
    }

    /// CEL's times begin with the year 1; what is earlier becomes that.
    init(_ time: Timestamp) {
        let seconds = time.microseconds.flooredQuotient(1_000_000)
        let nanoseconds = Int32(truncatingIfNeeded: (time.microseconds - seconds * 1_000_000) * 1000)
        self = .timestamp(CEL.Timestamp(seconds: max(seconds, -62_135_596_800), nanoseconds: nanoseconds) ?? .zero)
    }
}
