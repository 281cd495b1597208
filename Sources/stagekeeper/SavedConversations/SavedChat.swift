import StageEngine
import StageModel
import YAML

/// A conversation as a file that 'stagekeeper test' reads, with what came of each message as what is expected.
struct SavedChat {
    let scene: Chat.Scene
    let turns: [Rehearsal.Turn]

    /// - Parameter flow: how the file names its flow; nil: not at all.
    func yaml(flow: String?) -> String {
        var lines = ["format: \(SavedConversations.format)"]
        if let flow { lines.append("flow: \(flow.yaml)") }
        let start = turns.first?.message.message.receivedAt ?? scene.start
        lines.append("now: \(start)")
        lines += ["conversations:", "  - name: \((turns.first?.message.message.text ?? "").title.yaml)"]
        if let agent = scene.agent { lines.append("    agent: \(agent.name.yaml)") }
        if let name = scene.userName { lines.append("    user_name: \(name.yaml)") }
        lines.append("    messages:")
        var last: Timestamp?
        for turn in turns {
            lines += self.lines(of: turn, after: last)
            last = turn.message.message.receivedAt
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(of turn: Rehearsal.Turn, after last: Timestamp?) -> [String] {
        let outcome = turn.outcome
        var lines = ["user: \(turn.message.message.text.yaml)"]
        if let last {
            let pause = Int64(turn.message.message.receivedAt.seconds(since: last))
            if pause != SavedMessage.usualPause { lines.append("after: \(Pause(seconds: pause).text)") }
        }
        if outcome.stages.count > 1 {
            lines.append("stages: [\(outcome.stages.map { name(of: $0).yaml }.joined(separator: ", "))]")
        } else if let stage = outcome.state.stageID {
            lines.append("stage: \(name(of: stage).yaml)")
        }
        let data = changes(of: turn)
        if !data.isEmpty { lines.append("data: {\(data.map { "\($0.yaml): \($1.yaml)" }.joined(separator: ", "))}") }
        if !outcome.missing.isEmpty { lines.append("missing: [\(outcome.missing.map(\.yaml).joined(separator: ", "))]") }
        if let part = outcome.reply?.split(whereSeparator: \.isNewline).last { lines.append("reply_contains: \(String(part).trimmed.yaml)") }
        if outcome.state.status == .completed { lines.append("completed: true") }
        return lines.enumerated().map { ($0 == 0 ? "      - " : "        ") + $1 }
    }

    /// By name, or by id where the name is another's, too.
    private func name(of stage: Stage.ID) -> String {
        let name = scene.flow.name(of: stage)
        return scene.flow.stages.all.count { $0.name == name } == 1 ? name : stage.description
    }

    /// What is known since the turn, and null for what is not known any more.
    private func changes(of turn: Rehearsal.Turn) -> [(String, JSONValue)] {
        let (old, new) = (turn.before.data.merged, turn.outcome.state.data.merged)
        let changed = new.filter { old[$0.key] != $0.value }
        let gone = old.keys.filter { new[$0] == nil }.map { ($0, JSONValue.null) }
        return (changed.map { ($0.key, $0.value) } + gone).sorted { $0.0 < $1.0 }
    }
}

extension JSONValue {
    /// The value on one line of YAML.
    fileprivate var yaml: String {
        switch self {
        case .null, .bool, .integer, .number: jsonText
        case .string(let text): text.yaml
        case .array(let elements): "[\(elements.map(\.yaml).joined(separator: ", "))]"
        case .object(let members):
            "{\(members.sorted { $0.key < $1.key }.map { "\($0.key.yaml): \($0.value.yaml)" }.joined(separator: ", "))}"
        }
    }
}

extension String {
    /// The text as a name: its first characters on one line.
    fileprivate var title: String {
        let line = split(whereSeparator: \.isNewline).joined(separator: " ").trimmed
        return line.isEmpty ? "A conversation" : String(line.prefix(60))
    }
}
