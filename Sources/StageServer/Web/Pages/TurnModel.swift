import StageEngine
import StageModel

/// A message of a trial with what came of it, and why.
struct TurnModel {
    let turn: Rehearsal.Turn
    let rehearsal: Rehearsal

    private var flow: Flow { rehearsal.flow }
    private var outcome: TurnOutcome { turn.outcome }

    var model: PageValue {
        let steps = outcome.steps
        let notes = steps.flatMap(notes)
        let learned = outcome.learned.sorted { $0.key < $1.key }
        let invalid = steps.flatMap(invalid)
        return [
            "is_answered": true, "reply": .nonEmpty(outcome.maskedReply ?? ""), "makers": .list(steps.compactMap(maker)),
            "is_move": .flag(outcome.stages.count > 1),
            "path_stages": .list(Array(outcome.stages.enumerated())) { flow.place($0.element).merging(["is_onward": .flag($0.offset > 0)]) },
            "has_learned": .flag(!learned.isEmpty),
            "learned": .list(learned) { name, learned in
                [
                    "key": .text(name), "shown": .text(learned.value.string ?? learned.value.jsonText),
                    "is_masked": .flag(flow.sensitive.cover(name, learned.value)),
                    "confidence": .text("\(Int((learned.confidence * 100).rounded())) %"), "source": .text(learned.source.rawValue),
                ]
            },
            "has_invalid": .flag(!invalid.isEmpty), "invalid": .list(invalid),
            "has_missing": .flag(!outcome.missing.isEmpty), "missing": .list(outcome.missing) { .text($0) },
            "has_notes": .flag(!notes.isEmpty), "notes": .list(notes) { .text($0) },
            "rounds": .list(steps.compactMap(round)), "has_prompts": .flag(!outcome.prompts.isEmpty),
            "prompts_count": .number(outcome.prompts.count), "prompts": .list(outcome.prompts, prompt),
        ]
    }

    private func name(_ stage: Stage.ID) -> String { flow.stages[stage]?.name ?? "a deleted stage" }

    /// What a part of the reply was made by.
    private func maker(_ step: TurnStep) -> PageValue? {
        guard case .replied(let stage, let maker, let asked, _) = step else { return nil }
        return ["maker_stage": .text(name(stage)), "maker_words": .text(maker.words), "asked_field": .optional(asked)]
    }

    private func round(_ step: TurnStep) -> PageValue? {
        guard case .decided(let stage, let trace, _) = step else { return nil }
        return TraceModel(trace: trace, flow: flow).model.merging(["round_title": .text("At \(name(stage))")])
    }

    /// The answers that could not be taken.
    private func invalid(_ step: TurnStep) -> [PageValue] {
        guard case .extracted(_, _, let invalid, _) = step else { return [] }
        return invalid.sorted { $0.key < $1.key }.map { ["key": .text($0.key), "reason": .text($0.value)] }
    }

    /// What is to be said of steps besides.
    private func notes(_ step: TurnStep) -> [String] {
        switch step {
        case .started: ["The conversation begins with this message."]
        case .decided(_, _, let failure): failure.map { ["The model did not choose: \($0.reason)"] } ?? []
        case .extracted(_, _, _, let failure): failure.map { ["The model read no data: \($0.reason)"] } ?? []
        case .replied(_, let maker, _, let failure):
            failure.map { [(maker == .fallback ? "The fallback reply was said: " : "The model wrote no reply: ") + $0.reason] } ?? []
        }
    }

    private func prompt(_ prompt: ModelPrompt) -> PageValue {
        let lines = prompt.lines.map { line in prompt.lines.count == 1 ? line.text : "\(line.role.rawValue): \(line.text)" }
        let purpose = Template.Purpose(rawValue: prompt.purpose.rawValue)?.title ?? prompt.purpose.rawValue
        return [
            "prompt_title": .text("\(purpose) · \(name(prompt.stage))"), "system": .optional(prompt.system.map(masking)),
            "prompt_text": .text(masking(lines.joined(separator: "\n\n"))),
        ]
    }

    /// The sensitive values that were known before the turn or are after it, as texts; the longest first.
    var secrets: [String] {
        let known = [turn.before.data.merged, outcome.state.data.merged, outcome.learned.mapValues(\.value)]
        let values = known.flatMap { data in data.filter { flow.sensitive.cover($0.key, $0.value) }.map { $0.value.string ?? $0.value.jsonText } }
        return Set(values).filter { !$0.isEmpty }.sorted { ($0.count, $0) > ($1.count, $1) }
    }

    private func masking(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: SensitiveNames.mask.string ?? "") }
    }
}

extension TurnStep.Maker {
    fileprivate var words: String {
        switch self {
        case .template: "by the template"
        case .model: "by the model"
        case .fallback: "its fallback reply"
        }
    }
}
