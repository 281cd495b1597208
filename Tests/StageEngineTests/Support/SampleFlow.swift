import StageEngine
import StageModel

/// What most tests need of a flow.
struct SampleFlow: Sendable {
    let ada: Agent.ID
    let bob: Agent.ID
    let selection: Template.ID
    let extraction: Template.ID
    let response: Template.ID
    let greeting: Stage.ID
    /// Expires after an hour.
    let order: Stage.ID
    let done: Stage.ID
    let ofAda: Stage.ID

    /// Creates the definitions one by one, as a caller would.
    init(in bench: EngineBench) async throws {
        ada = try await bench.create(Agent(name: "Ada", description: "Sells")).id
        bob = try await bench.create(Agent(name: "Bob", description: "Repairs")).id
        let selection = try await bench.create(Template(name: "Select", purpose: .stageSelection, content: "{{message_content}}")).id
        let extraction = try await bench.create(Template(name: "Extract", purpose: .dataExtraction, content: "{{message_content}}")).id
        let response = try await bench.create(Template(name: "Respond", purpose: .responseGeneration, content: "Hello")).id
        (self.selection, self.extraction, self.response) = (selection, extraction, response)
        func stage(_ name: String, agent: Agent.ID? = nil, _ configure: (inout StageConfiguration) -> Void = { _ in }) async throws -> Stage.ID {
            var configuration = StageConfiguration()
            configure(&configuration)
            let stage = Stage(
                agentID: agent, name: name, description: "", style: .conversation, selectionTemplateID: selection,
                extractionTemplateID: extraction, responseTemplateID: response, isEntry: name == "greeting", configuration: configuration)
            return try await bench.create(stage).id
        }
        greeting = try await stage("greeting")
        order = try await stage("order") { configuration in
            configuration.persistence.timeToLive = 3600
            configuration.fields = [DataField(name: "order_id", pattern: "[A-Z]+"), DataField(name: "card", isSensitive: true)]
        }
        done = try await stage("done") { $0.isFinal = true }
        ofAda = try await stage("ofAda", agent: ada)
    }

    /// A stage that is not saved yet.
    func draft(_ name: String, agent: Agent.ID? = nil) -> Stage {
        Stage(
            agentID: agent, name: name, description: "", style: .form, selectionTemplateID: selection, extractionTemplateID: extraction,
            responseTemplateID: response)
    }

    /// Creates another stage.
    func stage(
        _ name: String, agent: Agent.ID? = nil, in bench: EngineBench, _ configure: (inout StageConfiguration) -> Void = { _ in }
    ) async throws -> Stage.ID {
        var stage = draft(name, agent: agent)
        configure(&stage.configuration)
        return try await bench.create(stage).id
    }
}

extension EngineBench {
    /// Creates a rule.
    @discardableResult
    func rule(
        from origin: Stage.ID?, to target: Stage.ID, _ condition: String = "true", _ selection: TransitionRule.Selection = .automatic,
        priority: Int64 = 0, description: String = ""
    ) async throws -> TransitionRule.ID {
        let rule = TransitionRule(
            from: origin, to: target, condition: condition, selection: selection, priority: priority, description: description)
        return try await create(rule).id
    }

    /// Replaces a definition by a changed one.
    @discardableResult
    func replace<Body: EditableDefinition>(
        _ id: Identifier<Body>, ifRevision: VersionCondition = .any, _ change: (inout Body) -> Void
    ) async throws -> Saved<Body> {
        try await configuration.replace(id, ifRevision: ifRevision, by: caller, answering: { _ in nil }) { old throws(EngineError) in
            var body = old.body
            change(&body)
            return body
        }
    }

    func delete<Body: EditableDefinition>(_ id: Identifier<Body>, movingTo target: Stage.ID? = nil) async throws {
        try await configuration.delete(id, ifRevision: .any, movingTo: target, by: caller) { _ in nil }
    }

    func restore<Body: EditableDefinition>(_ id: Identifier<Body>, revision: Int64) async throws -> Saved<Body> {
        try await configuration.restore(id, revision: revision, ifRevision: .any, by: caller) { _ in nil }
    }

    /// Disables a stage.
    func disable(_ stage: Stage.ID) async throws {
        _ = try await configuration.changeState(of: stage, ifVersion: .any, by: caller, answering: { _ in nil }) { old in
            StageState(status: .disabled, data: [:], version: old.version, updatedAt: clock.now)
        }
    }

    func history(_ text: String) async throws -> [Transition] {
        try await stages.history(of: id(text), before: nil, limit: 99, by: caller)
    }

    func state(_ text: String) async throws -> ConversationState { try await stages.state(of: id(text), fresh: true, by: caller) }
}
