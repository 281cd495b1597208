import StageModel
import StageStore

/// A business with a small flow, under ids of its own.
struct Blueprint: Sendable {
    let business: Business
    let ada = Agent.ID()
    let selection = Template.ID()
    let extraction = Template.ID()
    let response = Template.ID()
    let greeting = Stage.ID()
    /// Expires after an hour.
    let order = Stage.ID()
    let done = Stage.ID()
    let ofAda = Stage.ID()

    static let start = Timestamp(microseconds: 1_800_000_000_000_000)

    init(name: String = "Acme") {
        business = Business(id: Business.ID(), name: name, flowRevision: 1, createdAt: Self.start, updatedAt: Self.start)
    }

    func saved<Body: Definition>(_ id: Identifier<Body>, _ body: Body, revision: Int64 = 1) -> Saved<Body> {
        Saved(id: id, businessID: business.id, body: body, createdAt: Self.start, updatedAt: Self.start, revision: revision)
    }

    func stage(_ name: String, agent: Agent.ID? = nil, _ configure: (inout StageConfiguration) -> Void = { _ in }) -> Stage {
        var configuration = StageConfiguration()
        configure(&configuration)
        return Stage(
            agentID: agent, name: name, description: "", style: .conversation, selectionTemplateID: selection, extractionTemplateID: extraction,
            responseTemplateID: response, isEntry: name == "greeting", configuration: configuration)
    }

    var templates: [Saved<Template>] {
        [
            saved(selection, Template(name: "Select", purpose: .stageSelection, content: "{{message_content}}")),
            saved(extraction, Template(name: "Extract", purpose: .dataExtraction, content: "{{fields}}", systemPrompt: "Be brief.")),
            saved(response, Template(name: "Respond", purpose: .responseGeneration, content: "Hello é 👍🏽 {{user_name}}")),
        ]
    }

    var stages: [Saved<Stage>] {
        [
            saved(greeting, stage("greeting")), saved(done, stage("done") { $0.isFinal = true }), saved(ofAda, stage("ofAda", agent: ada)),
            saved(
                order,
                stage("order") { configuration in
                    configuration.persistence.timeToLive = 3600
                    configuration.fields = [DataField(name: "order_id", pattern: "[A-Z]+")]
                }),
        ]
    }

    /// What makes the flow.
    var changes: [ConfigurationCommit.Change] {
        [.saveAgent(saved(ada, Agent(name: "Ada", description: "Sells")))] + templates.map(ConfigurationCommit.Change.saveTemplate)
            + stages.map(ConfigurationCommit.Change.saveStage)
    }

    func audit(_ action: String, _ subject: String = "x", at seconds: Int64 = 0) -> AuditEntry {
        AuditEntry(business: business.id, actor: "sk_test", action: action, subject: subject, at: Self.start.adding(seconds: seconds))
    }

    func apiKey(_ prefix: String, role: APIKey.Role = .owner, at seconds: Int64 = 0, expiresAt: Timestamp? = nil) -> APIKey {
        APIKey(
            id: APIKey.ID(), business: business.id, name: "key \(prefix)", prefix: prefix, hash: Array(prefix.utf8) + [0, 255], role: role,
            createdAt: Self.start.adding(seconds: seconds), expiresAt: expiresAt, revokedAt: nil)
    }
}
