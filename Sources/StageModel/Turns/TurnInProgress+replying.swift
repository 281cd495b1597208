extension TurnInProgress {
    /// Says what a stage has to say: the model's words, else the rendered template, else the stage's fallback. A form asks for what it misses.
    mutating func reply(at stage: Saved<Stage>) throws(Stop) {
        let compiled = flow.compiledStages.stage(stage, in: flow)
        let question = stage.style == .form ? missing(at: stage).first : nil
        let reason = question.flatMap { invalid[$0.name] }
        var values = templateValues(
            at: stage, available: flow.stages(for: edit.state.agentID).filter { $0.id != stage.id }, for: compiled.response)
        if let question { values[TemplateVariable.askedField.name] = TemplateValues.field(question, data: visibleState.data.merged) }
        if let reason { values[TemplateVariable.fieldError.name] = .string(reason) }

        var maker = TurnStep.Maker.template
        var failure: ModelFailure?
        var text: String
        switch render(compiled.response, values) {
        case .failure(let reason):
            failure = reason
            text = stage.configuration.fallbackReply ?? ""
            maker = .fallback
        case .success(let rendered):
            text = Self.asking(rendered.content.trimmed, for: question, reason, at: compiled)
            guard request.hasModel else { break }
            switch try ask(prompt(for: stage, compiled, system: rendered.system, draft: text)) {
            case .success(let answer) where !answer.text.trimmed.isEmpty:
                text = answer.text.trimmed
                maker = .model
            case .success: failure = ModelFailure(.malformed, "The model's answer is empty.")
            case .failure(let reason): failure = reason
            }
            if failure != nil, let fallback = stage.configuration.fallbackReply {
                text = Self.asking(fallback, for: nil, reason, at: compiled)
                maker = .fallback
            }
        }
        if text.isEmpty, let fallback = stage.configuration.fallbackReply {
            text = fallback
            maker = .fallback
        }
        say(text, asking: question?.name)
        note(.replied(at: stage.id, by: maker, asked: question?.name, failure: failure))
    }

    /// What the model makes a reply of: what was said before, the message, and the rendered template. Words of the end user are told apart by
    /// their role, and are not told twice.
    private func prompt(for stage: Saved<Stage>, _ compiled: CompiledStage, system: String?, draft: String) -> ModelPrompt {
        var lines: [ModelPrompt.Line] = []
        if !compiled.response.uses(.conversationHistory, .last10Messages) { lines += request.history.suffix(10) }
        if !compiled.response.uses(.messageContent) { lines.append(.init(.user, text)) }
        lines.append(.init(.user, draft))
        return ModelPrompt(purpose: .response, stage: stage.id, system: system, lines: lines, schema: nil, maximumTokens: 600)
    }

    /// A reply with why an answer was not taken before it, and the question for a field behind it, as far as the template does not say them.
    private static func asking(_ reply: String, for field: DataField?, _ reason: String?, at compiled: CompiledStage) -> String {
        var parts = [reply]
        if let reason, !compiled.response.uses(.fieldError) { parts.insert(reason, at: 0) }
        // A text that is always the same can ask for one thing only.
        let asksForOne = compiled.fields.count(where: \.isRequired) == 1
        if let field, !asksForOne, !compiled.response.asks(for: field) { parts.append(field.question) }
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }

    // MARK: - Templates

    /// The values that a template of a stage sees, as far as it uses them.
    /// - Parameter available: looked for only if the template uses it: a flow may have thousands of stages.
    func templateValues(
        at stage: Saved<Stage>, available: @autoclosure () -> [Saved<Stage>], for prompt: CompiledPrompt
    ) -> [String: JSONValue] {
        let state = visibleState
        let data = state.data.merged
        func history(_ lines: some Sequence<ModelPrompt.Line>) -> JSONValue {
            TemplateValues.history(lines.map { (role: $0.role.rawValue, text: $0.text) })
        }
        var values: [String: JSONValue] = [:]
        for variable in TemplateVariable.allCases where prompt.uses(variable) {
            switch variable {
            case .messageContent: values[variable.name] = .string(text)
            case .conversationHistory: values[variable.name] = history(request.history)
            case .last10Messages: values[variable.name] = history(request.history.suffix(10))
            case .currentStage: values[variable.name] = TemplateValues.stage(stage)
            case .availableStages: values[variable.name] = TemplateValues.stages(available())
            case .agentName: values[variable.name] = state.agentID.flatMap { flow.agents[$0] }.map { .string($0.name) }
            case .businessName: values[variable.name] = .string(flow.business.name)
            case .userName: values[variable.name] = request.messages.last?.userName.map(JSONValue.string)
            case .extractedData, .data: values[variable.name] = .object(data)
            case .fields: values[variable.name] = TemplateValues.fields(stage.configuration.fields, data: data)
            case .currentDate: values[variable.name] = .string(String(request.now.description.prefix(10)))
            case .currentTime: values[variable.name] = .string(String(request.now.description.dropFirst(11).prefix(5)))
            // Of the reply alone.
            case .askedField, .fieldError: break
            }
        }
        return values
    }

    /// A template's two texts.
    func render(
        _ prompt: CompiledPrompt, _ values: [String: JSONValue]
    ) -> Result<(content: String, system: String?), ModelFailure> {
        guard let content = prompt.content else { return .failure(ModelFailure(.malformed, "The template can't be read.")) }
        do throws(TemplateRenderError) {
            return .success((try content.render(values), try prompt.system?.render(values)))
        } catch {
            return .failure(ModelFailure(.malformed, error.description))
        }
    }
}

extension CompiledPrompt {
    /// Whether the template has the question for a field in it.
    fileprivate func asks(for field: DataField) -> Bool {
        uses(.askedField, .fields) || content?.variablesUsed.contains("data.\(field.name)") == true
            || content?.variablesUsed.contains("extracted_data.\(field.name)") == true
    }
}

extension DataField {
    /// The question for the field, from what its declaration says.
    fileprivate var question: String {
        let words = description.isEmpty ? name.replacing("_", with: " ") : description
        let choices = values.isEmpty ? "" : " (\(values.joined(separator: ", ")))"
        return "Please tell me: \(words.trimmed.drop(suffix: "."))\(choices)."
    }
}

extension String {
    fileprivate var trimmed: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    fileprivate func drop(suffix: String) -> Substring { hasSuffix(suffix) ? dropLast(suffix.count) : self[...] }
}
