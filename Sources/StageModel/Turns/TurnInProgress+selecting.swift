extension TurnInProgress {
    /// Chooses among eligible rules or staying: the model, else the words of the message.
    /// - Returns: the decision, and why the model did not make it.
    mutating func choose(
        among eligible: [TransitionRule.ID], _ decision: Decision, at stage: Saved<Stage>, _ state: ConversationState, _ event: ConversationEvent
    ) throws(Stop) -> (Decision, ModelFailure?) {
        var failure: ModelFailure?
        if request.hasModel {
            let offer = StageOffer(eligible.compactMap { flow.rules[$0] }, at: stage, in: flow)
            switch try selection(from: offer, at: stage) {
            case .success(let rule): return (decision.choosing(rule, by: .model), nil)
            case .failure(let reason): failure = reason
            }
        }
        return (flow.choosingByWords(decision, state, on: event), failure)
    }

    /// The rule that the model chooses; nil: it stays.
    private mutating func selection(from offer: StageOffer, at stage: Saved<Stage>) throws(Stop) -> Result<TransitionRule.ID?, ModelFailure> {
        let compiled = flow.compiledStages.stage(stage, in: flow)
        let values = templateValues(at: stage, available: offer.targets, for: compiled.selection)
        let prompt: ModelPrompt
        switch render(compiled.selection, values) {
        case .failure(let failure): return .failure(failure)
        case .success(let text):
            prompt = ModelPrompt(
                purpose: .selection, stage: stage.id, system: text.system, lines: [.init(.user, text.content)], schema: offer.schema,
                maximumTokens: 100)
        }
        switch try ask(prompt) {
        case .failure(let failure): return .failure(failure)
        case .success(let answer): return offer.choice(in: answer.text)
        }
    }
}

/// The stages that a model may choose from, by the names that it knows them by.
struct StageOffer {
    let targets: [Saved<Stage>]
    private let current: String
    private let rules: [(name: String, rule: TransitionRule.ID)]

    /// - Parameter rules: in the order in which they are tried; of several that lead to one stage the first counts.
    init(_ rules: [Saved<TransitionRule>], at stage: Saved<Stage>, in flow: Flow) {
        var targets: [Saved<Stage>] = []
        var firsts: [TransitionRule.ID] = []
        for rule in rules where rule.toStageID != stage.id && !targets.contains(where: { $0.id == rule.toStageID }) {
            guard let target = flow.stages[rule.toStageID] else { continue }
            targets.append(target)
            firsts.append(rule.id)
        }
        let names = targets.map(\.name) + [stage.name]
        func name(_ stage: Saved<Stage>) -> String {
            names.count { $0.isSameName(as: stage.name) } > 1 ? "\(stage.name) (\(stage.id))" : stage.name
        }
        self.targets = targets
        current = name(stage)
        self.rules = zip(targets.map(name), firsts).map { ($0, $1) }
    }

    var schema: JSONValue {
        let names = ([current] + rules.map(\.name)).map(JSONValue.string)
        return [
            "type": "object", "properties": ["stage": ["type": "string", "enum": .array(names)]], "required": ["stage"],
            "additionalProperties": false,
        ]
    }

    /// What an answer chooses: a JSON object as the schema has it, or a name by itself. Nothing but what was offered counts.
    func choice(in answer: String) -> Result<TransitionRule.ID?, ModelFailure> {
        let named = JSONValue.object(in: answer)?["stage"]?.string ?? answer
        if named.isSameName(as: current) { return .success(nil) }
        if let rule = rules.first(where: { $0.name.isSameName(as: named) }) { return .success(rule.rule) }
        // A sentence around one name, and one only.
        let mentioned = rules.filter { named.names($0.name) }
        if mentioned.count == 1, !named.names(current) { return .success(mentioned[0].rule) }
        if mentioned.isEmpty, named.names(current) { return .success(nil) }
        guard named.contains(where: { !$0.isWhitespace }) else {
            return .failure(ModelFailure(.malformed, "The model named no stage."))
        }
        return .failure(ModelFailure(.notOffered, "The model named a stage that was not offered."))
    }
}

extension String {
    /// The letters and digits in lower case, with one blank between words.
    private var bareName: String {
        lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
    }

    fileprivate func isSameName(as other: String) -> Bool { bareName == other.bareName }

    /// Whether the text has a name in it, as whole words.
    fileprivate func names(_ name: String) -> Bool {
        !name.bareName.isEmpty && " \(bareName) ".contains(" \(name.bareName) ")
    }
}

extension JSONValue {
    /// The JSON object that an answer consists of or holds: alone, in a code fence, or with words around.
    static func object(in text: String) -> JSONValue? {
        guard let start = text.firstIndex(of: "{"), let end = text.lastIndex(of: "}"), start < end else { return nil }
        do throws(JSONSyntaxError) {
            let value = try JSONValue(parsing: text[start...end].utf8)
            return value.object == nil ? nil : value
        } catch {
            return nil
        }
    }
}
