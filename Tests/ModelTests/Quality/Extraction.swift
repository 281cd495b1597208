@testable import StageModel

/// What a message tells by each way of reading.
struct Extraction {
    let message: LabelledMessage
    let fields: [DataField]
    /// As the model said it, nothing checked.
    let byModelUnchecked: [String: JSONValue]
    /// As far as the message and the fields bear it out.
    let byModel: [String: JSONValue]
    let byPatterns: [String: JSONValue]
    let asServer: [String: JSONValue]
    /// What the model said, or why it did not.
    let answer: String
    /// Whether the server asks the model at all.
    let asksModel: Bool

    /// Reads a message at the stage that it leads to, as if that had been chosen.
    static func make(_ message: LabelledMessage, in flow: Flow, asking: Asking) async throws -> Extraction {
        guard let stage = flow.stage(named: message.target) else { throw UnknownStage(name: message.target) }
        let request = message.request(in: flow, at: stage, hasModel: true)
        let compiled = flow.compiledStages.stage(stage, in: flow)
        var answers: ModelAnswers = [:]
        while true {
            var turn = TurnInProgress(request, answers)
            do throws(TurnInProgress.Stop) {
                try turn.extract(at: stage)
                let asksModel = !answers.isEmpty
                // As it is asked before anything was learned: what patterns know must not stand in it.
                let said = await asking.answer(try prompt(for: compiled, TurnInProgress(request, [:])))
                let values = (try? said.get().text).flatMap(JSONValue.object(in:))?.object ?? [:]
                let answer = ExtractionAnswer(values: values, text: message.text, now: request.now)
                var patterns: [String: JSONValue] = [:]
                for case (let name, .value(let value, _, _)) in compiled.reader.read(message.text, asked: request.state.askedField, at: request.now) {
                    patterns[name] = value
                }
                return Extraction(
                    message: message, fields: compiled.fields, byModelUnchecked: values.filter { !$0.value.isNull && $0.value != "" },
                    byModel: answer.learned(for: compiled.fields).mapValues(\.value), byPatterns: patterns,
                    asServer: turn.learned.mapValues(\.value), answer: said.words, asksModel: asksModel)
            } catch {
                guard case .question(let prompt) = error else { throw UnfinishedTurn(message: message.text) }
                answers[prompt] = await asking.answer(prompt)
            }
        }
    }

    /// What the server asks the model when patterns alone do not settle every field.
    private static func prompt(for compiled: CompiledStage, _ turn: TurnInProgress) throws(TurnInProgress.Stop) -> ModelPrompt {
        let values = turn.templateValues(at: compiled.stage, available: [], for: compiled.extraction)
        guard case .success(let text) = turn.render(compiled.extraction, values) else {
            throw .fault(.noEntry(turn.edit.state.agentID))
        }
        return ModelPrompt(
            purpose: .extraction, stage: compiled.stage.id, system: text.system, lines: [.init(.user, text.content)],
            schema: ExtractionAnswer.schema(of: compiled.fields), maximumTokens: 500)
    }
}
