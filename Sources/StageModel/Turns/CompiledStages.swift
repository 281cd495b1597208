import Synchronization

/// What turns need of a flow's stages, made ready when it is first asked for.
final class CompiledStages: Sendable {
    private struct Known {
        var stages: [Stage.ID: CompiledStage] = [:]
        var templates: [Template.ID: CompiledPrompt] = [:]
        var match: LexicalMatch?
        var recallsMessages: Bool?
    }

    private let known = Mutex(Known())

    func stage(_ stage: Saved<Stage>, in flow: Flow) -> CompiledStage {
        known.withLock { known in
            if let compiled = known.stages[stage.id] { return compiled }
            func prompt(_ id: Template.ID) -> CompiledPrompt {
                if let compiled = known.templates[id] { return compiled }
                let compiled = CompiledPrompt(flow.templates[id])
                known.templates[id] = compiled
                return compiled
            }
            let compiled = CompiledStage(
                stage: stage, selection: prompt(stage.selectionTemplateID), extraction: prompt(stage.extractionTemplateID),
                response: prompt(stage.responseTemplateID), reader: FieldReader(fields: stage.configuration.fields))
            known.stages[stage.id] = compiled
            return compiled
        }
    }

    func recallsMessages(in flow: Flow) -> Bool {
        known.withLock { known in
            if let recalls = known.recallsMessages { return recalls }
            let recalls = flow.templates.all.contains { CompiledPrompt($0).uses(.conversationHistory, .last10Messages) }
            known.recallsMessages = recalls
            return recalls
        }
    }

    func lexicalMatch(in flow: Flow) -> LexicalMatch {
        known.withLock { known in
            if let match = known.match { return match }
            let match = LexicalMatch(flow)
            known.match = match
            return match
        }
    }
}

/// A stage with its templates compiled.
struct CompiledStage: Sendable {
    let stage: Saved<Stage>
    let selection: CompiledPrompt
    let extraction: CompiledPrompt
    let response: CompiledPrompt
    let reader: FieldReader

    var fields: [DataField] { stage.configuration.fields }
}

/// A template compiled: the text, and the instructions beforehand.
struct CompiledPrompt: Sendable {
    /// nil when it can't be read, as one that was saved when the language was another.
    let content: CompiledTemplate?
    let system: CompiledTemplate?
    /// What the two texts use.
    private let variables: Set<TemplateVariable>

    init(_ template: Saved<Template>?) {
        var texts: (content: CompiledTemplate?, system: CompiledTemplate?)
        do throws(InvalidInput) {
            texts = (try template?.body.compiledContent(), try template?.body.compiledSystemPrompt())
        } catch {
            texts = (nil, nil)
        }
        (content, system) = texts
        let names = (texts.content?.variablesUsed ?? []) + (texts.system?.variablesUsed ?? [])
        variables = Set(names.compactMap { TemplateVariable(rawValue: String($0.prefix { $0 != "." })) })
    }

    func uses(_ wanted: TemplateVariable...) -> Bool { wanted.contains(where: variables.contains) }
}

extension Flow {
    /// Whether a template says what was said before, so that turns need the conversation's last messages.
    public var recallsMessages: Bool { compiledStages.recallsMessages(in: self) }
}
