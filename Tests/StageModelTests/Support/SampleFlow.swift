import StageModel

/// A small flow with a stage of every sort.
enum Sample {
    /// An id that is the same in every run.
    static func id<Entity>(_ number: Int) -> Identifier<Entity> {
        let digits = String(number)
        return Identifier("00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits) ?? Identifier()
    }

    static let start = Timestamp(microseconds: 1_800_000_000_000_000)
    static let business = Business(id: id(9), name: "Acme", flowRevision: 7, createdAt: start, updatedAt: start)

    static let ada: Agent.ID = id(101)
    static let bob: Agent.ID = id(102)

    static let greeting: Stage.ID = id(1)
    static let order: Stage.ID = id(2)
    static let scratch: Stage.ID = id(3)
    static let ghost: Stage.ID = id(4)
    static let done: Stage.ID = id(5)
    static let ofAda: Stage.ID = id(6)
    static let ofBob: Stage.ID = id(7)
    static let closed: Stage.ID = id(8)
    static let absent: Stage.ID = id(99)

    static let selection: Template.ID = id(201)
    static let extraction: Template.ID = id(202)
    static let response: Template.ID = id(203)

    static func saved<Body: Definition>(_ id: Identifier<Body>, _ body: Body, revision: Int64 = 1) -> Saved<Body> {
        Saved(id: id, businessID: business.id, body: body, createdAt: start, updatedAt: start, revision: revision)
    }

    static func stage(
        _ name: String, agent: Agent.ID? = nil, isEntry: Bool = false, _ configure: (inout StageConfiguration) -> Void = { _ in }
    ) -> Stage {
        var configuration = StageConfiguration()
        configure(&configuration)
        return Stage(
            agentID: agent, name: name, description: "", style: .conversation, selectionTemplateID: selection, extractionTemplateID: extraction,
            responseTemplateID: response, isEntry: isEntry, configuration: configuration)
    }

    static let agents = [
        saved(ada, Agent(name: "Ada", description: "Sells")), saved(bob, Agent(name: "Bob", description: "Repairs")),
    ]

    static let templates = [
        saved(selection, Template(name: "Select", purpose: .stageSelection, content: "{{message_content}}")),
        saved(extraction, Template(name: "Extract", purpose: .dataExtraction, content: "{{message_content}}")),
        saved(response, Template(name: "Respond", purpose: .responseGeneration, content: "Hello {{user_name}}", systemPrompt: "Be kind.")),
    ]

    static let stages = [
        saved(greeting, stage("greeting", isEntry: true)),
        saved(
            order,
            stage("order") { configuration in
                configuration.fields = [
                    DataField(name: "order_id", pattern: #"[A-Z]{2}-\d{4,}"#), DataField(name: "quantity", kind: .number),
                    DataField(name: "card", isSensitive: true),
                ]
                configuration.persistence.timeToLive = 3600
            }),
        saved(scratch, stage("scratch") { $0.persistence.scope = .stage }), saved(ghost, stage("ghost") { $0.persistence.scope = .none }),
        saved(done, stage("done") { $0.isFinal = true }), saved(ofAda, stage("ofAda", agent: ada, isEntry: true)),
        saved(ofBob, stage("ofBob", agent: bob)), saved(closed, stage("closed")),
    ]

    static let flow = Flow(
        business: business, agents: agents, templates: templates, stages: stages,
        states: [closed: StageState(status: .disabled, data: [:], version: 1, updatedAt: start)])

    static func name(_ stage: Stage.ID?) -> String { stage.map { flow.stages[$0]?.name ?? "?" } ?? "none" }
}

extension InputFault {
    /// The fault on one line: where, and what.
    var line: String { "\(pointer): \(message)" }
}
