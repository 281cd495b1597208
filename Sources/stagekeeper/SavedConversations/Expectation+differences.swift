import StageModel

/// Something that came otherwise than was expected.
struct Difference {
    /// The member of the file that is not met.
    let pointer: JSONPointer
    /// What differs: `stage`, `data.email`, `reply`.
    let what: String
    let expected: String
    let actual: String
}

extension SavedMessage {
    /// How the outcome of a turn differs from what is expected.
    func differences(from outcome: TurnOutcome, in flow: Flow) -> [Difference] {
        var found: [Difference] = []
        func expect(_ isMet: Bool, _ member: String, what: String? = nil, _ expected: String, _ actual: @autoclosure () -> String) {
            guard !isMet else { return }
            found.append(Difference(pointer: pointer.appending(member), what: what ?? member, expected: expected, actual: actual()))
        }
        func isAt(_ stage: Stage.ID?, _ name: String) -> Bool { stage.flatMap { flow.stages[$0] }?.isCalled(name) ?? false }

        if let stage = expected.stage {
            expect(isAt(outcome.state.stageID, stage), "stage", stage, outcome.state.stageID.map(flow.name) ?? "none")
        }
        if let stages = expected.stages {
            let isMet = stages.count == outcome.stages.count && zip(outcome.stages, stages).allSatisfy(isAt)
            expect(isMet, "stages", stages.joined(separator: " → "), flow.way(outcome.stages))
        }
        let data = outcome.state.data.merged
        for (name, value) in expected.data.sorted(by: { $0.key < $1.key }) {
            expect(
                value.isMet(by: data[name]), "data", what: "data.\(name)", value.isNull ? "not there" : value.jsonText,
                data[name]?.jsonText ?? "not there")
        }
        if let missing = expected.missing {
            let isMet = missing.sorted() == outcome.missing.sorted()
            expect(isMet, "missing", missing.listed, outcome.missing.listed)
        }
        let reply = outcome.reply ?? ""
        if let text = expected.reply { expect(text.trimmed == reply.trimmed, "reply", text.trimmed, reply) }
        for text in expected.replyContains where !reply.contains(text) { expect(false, "reply_contains", text, reply) }
        for text in expected.replyLacks where reply.contains(text) { expect(false, "reply_lacks", "not: \(text)", reply) }
        let isCompleted = outcome.state.status == .completed
        if let wanted = expected.isCompleted { expect(wanted == isCompleted, "completed", "\(wanted)", "\(isCompleted)") }
        return found
    }
}

extension JSONValue {
    /// Whether a value is this one, or has all that this object has; null: it must not be there.
    fileprivate func isMet(by value: JSONValue?) -> Bool {
        if isNull { return value?.isNull ?? true }
        guard let value else { return false }
        if let members = object, let others = value.object { return members.allSatisfy { $1.isMet(by: others[$0]) } }
        return self == value || (double != nil && double == value.double)
    }
}

extension [String] {
    fileprivate var listed: String { isEmpty ? "none" : joined(separator: ", ") }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String { String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) }
}
