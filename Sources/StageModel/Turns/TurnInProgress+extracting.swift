extension TurnInProgress {
    /// Learns what the message tells about the fields of a stage: what their types and patterns settle, then what the model reads besides.
    mutating func extract(at stage: Saved<Stage>) throws(Stop) {
        let compiled = flow.compiledStages.stage(stage, in: flow)
        guard !compiled.fields.isEmpty, text.contains(where: { !$0.isWhitespace }) else { return }
        // A question is answered at the stage that asked it.
        let asked = edit.state.askedField
        var learned: [String: TurnOutcome.Learned] = [:]
        var refused: [String: String] = [:]
        for (name, reading) in compiled.reader.read(text, asked: asked, at: request.now) {
            switch reading {
            case .value(let value, let confidence, let source):
                learned[name] = .init(value: value, confidence: confidence, source: .patterns)
                if flow.sensitive.cover(name, value) { conceal(source) }
            case .invalid(let reason): refused[name] = reason
            }
        }
        var failure: ModelFailure?
        let unsettled = compiled.fields.filter { (learned[$0.name]?.confidence ?? 0) < Self.settled }
        if request.hasModel, !unsettled.isEmpty {
            switch try answer(about: unsettled, at: compiled) {
            case .failure(let reason): failure = reason
            case .success(let values):
                for (name, value) in values {
                    learned[name] = value
                    refused[name] = nil
                    if flow.sensitive.cover(name, value.value) { concealText(value.value) }
                }
            }
        }
        // What was meant for a sensitive field is sensitive, though it can't be taken.
        if let asked, refused[asked] != nil, flow.sensitive.names.contains(asked) { conceal(text.startIndex..<text.endIndex) }
        learn(learned, at: stage)
        refuse(refused)
        if !learned.isEmpty || !refused.isEmpty || failure != nil {
            note(.extracted(at: stage.id, learned, invalid: refused, failure: failure))
        }
    }

    /// What patterns read with at least this confidence is not asked of the model.
    private static var settled: Double { 0.9 }

    private mutating func concealText(_ value: JSONValue) {
        let words = value.promptText
        guard !words.isEmpty else { return }
        for range in text.ranges(of: words) { conceal(range) }
    }

    /// What the model reads in the message, as far as it can be the fields' values.
    private mutating func answer(
        about fields: [DataField], at compiled: CompiledStage
    ) throws(Stop) -> Result<[String: TurnOutcome.Learned], ModelFailure> {
        let prompt: ModelPrompt
        switch render(compiled.extraction, templateValues(at: compiled.stage, available: [], for: compiled.extraction)) {
        case .failure(let failure): return .failure(failure)
        case .success(let text):
            prompt = ModelPrompt(
                purpose: .extraction, stage: compiled.stage.id, system: text.system, lines: [.init(.user, text.content)],
                schema: ExtractionAnswer.schema(of: compiled.fields), maximumTokens: 500)
        }
        switch try ask(prompt) {
        case .failure(let failure): return .failure(failure)
        case .success(let answer):
            guard let values = JSONValue.object(in: answer.text)?.object else {
                return .failure(ModelFailure(.malformed, "The model's answer holds no JSON object."))
            }
            return .success(ExtractionAnswer(values: values, text: text, now: request.now).learned(for: fields))
        }
    }
}

/// What a model says that a message tells, which is believed as far as the message and the fields bear it out.
struct ExtractionAnswer {
    let values: [String: JSONValue]
    let text: String
    let now: Timestamp

    static func schema(of fields: [DataField]) -> JSONValue {
        let properties = fields.map { field in
            var property: [String: JSONValue] = ["type": [.string(field.kind.jsonType), "null"]]
            if !field.description.isEmpty { property["description"] = .string(field.description) }
            if !field.values.isEmpty { property["enum"] = .array(field.values.map(JSONValue.string) + [.null]) }
            return (field.name, JSONValue.object(property))
        }
        return [
            "type": "object", "properties": .object(Dictionary(properties) { first, _ in first }),
            "required": .array(fields.map { .string($0.name) }), "additionalProperties": false,
        ]
    }

    /// The values that can be believed; null means that the message tells nothing.
    func learned(for fields: [DataField]) -> [String: TurnOutcome.Learned] {
        var learned: [String: TurnOutcome.Learned] = [:]
        for field in fields {
            guard let given = values[field.name], let value = value(given, of: field), let confidence = confidence(in: value, of: field) else {
                continue
            }
            learned[field.name] = .init(value: value, confidence: confidence, source: .model)
        }
        return learned
    }

    /// The value as the field wants it: of its type, in its form.
    private func value(_ given: JSONValue, of field: DataField) -> JSONValue? {
        guard !given.isNull, given != .string("") else { return nil }
        if field.fault(of: given, at: .root) == nil { return given }
        let words = given.promptText
        if case .value(let read, _, _)? = FieldReader(fields: [field]).read(words, asked: field.name, at: now)[field.name] { return read }
        return nil
    }

    /// How far a value is to be believed; nil: not at all, since the message says nothing like it.
    private func confidence(in value: JSONValue, of field: DataField) -> Double? {
        switch field.kind {
        case .choice, .boolean, .date: return 0.8
        case .email, .number: return text.bare.contains(value.promptText.bare) ? 0.9 : nil
        case .string:
            if text.bare.contains(value.promptText.bare) { return 0.9 }
            guard field.pattern == nil else { return nil }
            // In the model's own words: most of them must be the message's.
            let words = value.promptText.lowercased().split { !$0.isLetter && !$0.isNumber }.filter { $0.count > 3 }
            let known = words.filter { text.lowercased().contains($0) }
            return !words.isEmpty && known.count * 2 >= words.count ? 0.6 : nil
        }
    }
}

extension DataField.Kind {
    fileprivate var jsonType: String {
        switch self {
        case .string, .date, .email, .choice: "string"
        case .number: "number"
        case .boolean: "boolean"
        }
    }
}

extension String {
    /// The letters and digits in lower case.
    fileprivate var bare: String { String(lowercased().filter { $0.isLetter || $0.isNumber }) }
}
