import HTTPTypes
import NIOCore
import StageEngine
import StageModel

/// A trial as a test that `stagekeeper test` reads: YAML, with all that somebody wrote as JSON, which is YAML, too.
struct RehearsalFile {
    let rehearsal: Rehearsal
    let draft: SimulatorDraft

    var reply: Reply {
        var reply = Reply(body: ByteBuffer(string: text), contentType: "application/yaml")
        reply.headers = [
            .contentDisposition: "attachment; filename=\"\(fileName).yaml\"", .cacheControl: "private, no-store", .xContentTypeOptions: "nosniff",
        ]
        return reply
    }

    /// What the test is called: as was typed, else as the conversation begins.
    var name: String {
        let words = draft.form.filled("test_name") ?? rehearsal.turns.first?.message.message.text ?? ""
        return String(words.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(80))
    }

    private var fileName: String {
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "-").prefix(60)
        return words.isEmpty ? "conversation" : String(words)
    }

    var text: String {
        var lines = ["format: stagekeeper-test/1"]
        if let begin { lines.insert("# \(begin)", at: 0) }
        lines += ["conversations:", "  - name: \(Self.quoted(name))"]
        if let agent = rehearsal.state.agentID.flatMap({ rehearsal.flow.agents[$0] }) { lines.append("    agent: \(Self.quoted(agent.name))") }
        if let name = draft.form.filled("user_name") { lines.append("    user_name: \(Self.quoted(name))") }
        let sensitive = rehearsal.flow.sensitive
        let known = known.filter { !sensitive.cover($0.key, $0.value) }
        if !known.isEmpty { lines.append("    data: \(JSONValue.object(known).jsonText)") }
        lines.append("    messages:")
        for turn in rehearsal.turns { lines += self.lines(of: turn) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(of turn: Rehearsal.Turn) -> [String] {
        var lines = ["      - user: \(Self.quoted(turn.message.message.text))"]
        if let stage = turn.outcome.state.stageID.flatMap({ rehearsal.flow.stages[$0] }) { lines.append("        stage: \(Self.quoted(stage.name))") }
        let sensitive = rehearsal.flow.sensitive
        let data = turn.outcome.state.data.merged
        let learned = turn.outcome.learned.mapValues(\.value).filter { !sensitive.cover($0.key, $0.value) && data[$0.key] == $0.value }
        if !learned.isEmpty { lines.append("        data: \(JSONValue.object(learned).jsonText)") }
        if let sentence = turn.outcome.maskedReply?.firstSentence, !sentence.contains(Self.mask) {
            lines.append("        reply_contains: [\(Self.quoted(sentence))]")
        }
        return lines
    }

    private static let mask = SensitiveNames.mask.string ?? ""

    /// What was said to be known beforehand.
    private var known: [String: JSONValue] {
        do throws(FormFault) { return try StagePages.object(draft.form.filled("data") ?? "{}") } catch { return [:] }
    }

    /// What a test can't say of how the trial began.
    private var begin: String? {
        let names = [
            ("stage_id", "a stage"), ("conversation_id", "a conversation"), ("seconds_in_stage", "a time at its stage"), ("drafts", "drafts"),
        ]
        let given = names.filter { draft.form.filled($0.0) != nil }.map(\.1)
        guard !given.isEmpty else { return nil }
        return "The trial began with \(given.joined(separator: ", ")); the test begins without."
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).jsonText }
}

extension String {
    /// The beginning of a text up to the end of its first sentence or line, without blanks around it; nil when there is none.
    var firstSentence: String? {
        guard let line = split(whereSeparator: \.isNewline).first(where: { !String($0).isBlank }) else { return nil }
        let text = line.trimming(while: \.isWhitespace)
        for index in text.indices where ".!?…".contains(text[index]) {
            let next = text.index(after: index)
            if next == text.endIndex || text[next].isWhitespace { return String(text[..<next]) }
        }
        return String(text)
    }
}
