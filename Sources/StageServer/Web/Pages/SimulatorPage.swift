import HTTPTypes
import StageEngine
import StageModel

/// The simulator: what was said, what came of each message and why, and how it begins.
struct SimulatorPage {
    let draft: SimulatorDraft
    let run: SimulatorRun
    /// As it is saved.
    let flow: Flow
    let hasModel: Bool

    private var faults: SimulatorFaults { run.faults }
    private var form: Form { draft.form }

    var content: PageContent {
        PageContent(
            template: "Simulator", title: "Simulator", part: .simulator,
            model: .object(chat.merging(start) { $1 }), status: faults.isEmpty ? .ok : .unprocessableContent)
    }

    // MARK: - The chat

    private var chat: [String: PageValue] {
        let turns = run.rehearsal?.turns ?? []
        let tried = run.rehearsal?.flow ?? flow
        let messages = draft.messages.enumerated().map { index, text -> PageValue in
            let own: [String: PageValue] = [
                "number": .number(index + 1), "index": .text(String(index)), "words": .text(text),
                "is_newest": .flag(index == draft.messages.count - 1),
            ]
            // One that was changed but not said again, since something is wrong, has no outcome.
            guard let rehearsal = run.rehearsal, turns.indices.contains(index), turns[index].message.message.text == text else { return .object(own) }
            return TurnModel(turn: turns[index], rehearsal: rehearsal).model.merging(own)
        }
        return [
            "has_messages": .flag(!messages.isEmpty), "messages": .list(messages), "message_text": .text(draft.text),
            "message_error": faults.sentence("message.text"), "has_model": .flag(hasModel), "is_with_model": .flag(draft.isWithModel),
            "flow_revision": .number(flow.revision), "now": turns.isEmpty ? .none : now(turns, tried),
            "test_name": .text(form["test_name"] ?? ""), "answers": .optional(answers),
        ]
    }

    /// What the model has said, to be said again when the form comes back; but nothing sensitive.
    private var answers: String? {
        guard let rehearsal = run.rehearsal else { return nil }
        var answers: [String: JSONValue] = [:]
        for turn in rehearsal.turns {
            let secrets = TurnModel(turn: turn, rehearsal: rehearsal).secrets
            for call in turn.work.calls {
                guard case .success(let answer) = call.answer, !secrets.contains(where: answer.text.contains) else { continue }
                answers[call.prompt.fingerprint] = .string(answer.text)
            }
        }
        return answers.isEmpty ? nil : JSONValue.object(answers).jsonText
    }

    /// Where the conversation is.
    private func now(_ turns: [Rehearsal.Turn], _ flow: Flow) -> PageValue {
        guard let outcome = turns.last?.outcome else { return .none }
        let data = outcome.state.data.merged
        return [
            "place": flow.place(outcome.state.stageID), "conversation_status": .text(outcome.state.status.rawValue),
            "agent_name": .optional(outcome.state.agentID.flatMap { flow.agents[$0] }?.name),
            "has_data": .flag(!data.isEmpty),
            "data": .list(data.keys.sorted()) { name in
                let value = data[name] ?? .null
                return ["key": .text(name), "shown": .text(value.string ?? value.jsonText), "is_masked": .flag(flow.sensitive.cover(name, value))]
            },
            "has_missing": .flag(!outcome.missing.isEmpty), "missing": .list(outcome.missing) { .text($0) },
        ]
    }

    // MARK: - How it begins

    private var start: [String: PageValue] {
        [
            "start_is_open": .flag(draft.hasStart || faults.byField.keys.contains { $0 != "message.text" }),
            "stages": .list(flow.stages.all) { .option($0.id.description, $0.name, isSelected: form["stage_id"] == $0.id.description) },
            "agents": .list(flow.agents.all) { .option($0.id.description, $0.name, isSelected: form["agent_id"] == $0.id.description) },
            "stage_error": faults.sentence("stage_id"), "agent_error": faults.sentence("agent_id"),
            "conversation_id": .text(form["conversation_id"] ?? ""), "conversation_error": faults.sentence("conversation_id"),
            "data_text": .text(form["data"] ?? "{}"), "data_is_wrong": .flag(faults.byField["data"] != nil), "data_errors": faults.carets("data"),
            "seconds": .text(form["seconds_in_stage"] ?? ""), "seconds_error": faults.sentence("seconds_in_stage"),
            "user_name": .text(form["user_name"] ?? ""),
            "drafts_text": .text(form["drafts"] ?? ""), "drafts_are_open": .flag(form.filled("drafts") != nil),
            "drafts_are_wrong": .flag(faults.byField["drafts"] != nil), "draft_errors": faults.carets("drafts"),
        ]
    }
}
