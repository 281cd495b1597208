import StageModel

/// The stages that tables of decisions are about: one of every sort that a rule may lead to.
enum DecisionFlow {
    static let greeting: Stage.ID = Sample.id(1)
    static let order: Stage.ID = Sample.id(2)
    static let refund: Stage.ID = Sample.id(3)
    static let shipping: Stage.ID = Sample.id(4)
    static let done: Stage.ID = Sample.id(5)
    static let ofAda: Stage.ID = Sample.id(6)
    static let ofBob: Stage.ID = Sample.id(7)
    static let closed: Stage.ID = Sample.id(8)
    static let once: Stage.ID = Sample.id(9)
    static let thrice: Stage.ID = Sample.id(10)
    static let survey: Stage.ID = Sample.id(11)

    static let stages: [Saved<Stage>] = [
        stage(greeting, "greeting", "About hellos"), stage(order, "order", "About goods that are to be bought"),
        stage(refund, "refund", "About money that goes back after a payment"), stage(shipping, "shipping", "About a parcel on its way"),
        stage(done, "done", "About nothing more") { $0.isFinal = true }, stage(ofAda, "ofAda", "About sales", agent: Sample.ada),
        stage(ofBob, "ofBob", "About repairs", agent: Sample.bob), stage(closed, "closed"), stage(once, "once") { $0.maximumVisits = 1 },
        stage(thrice, "thrice") { $0.maximumVisits = 3 },
        stage(survey, "survey", style: .form) { $0.fields = [DataField(name: "card", isSensitive: true)] },
    ]

    private static func stage(
        _ id: Stage.ID, _ name: String, _ description: String = "", agent: Agent.ID? = nil, style: Stage.Style = .conversation,
        _ configure: (inout StageConfiguration) -> Void = { _ in }
    ) -> Saved<Stage> {
        var stage = Sample.stage(name, agent: agent, configure)
        stage.description = description
        stage.style = style
        return Sample.saved(id, stage)
    }

    private static let byName = Dictionary(uniqueKeysWithValues: stages.map { ($0.name, $0.id) })

    /// The stage of a name; any other name is that of a stage which is not there.
    static func id(_ name: some StringProtocol) -> Stage.ID { byName[String(name)] ?? Sample.absent }

    static func name(_ id: Stage.ID) -> String { stages.first { $0.id == id }?.name ?? "absent" }

    static func agent(_ name: some StringProtocol) -> Agent.ID {
        switch name {
        case "ada": Sample.ada
        case "bob": Sample.bob
        default: Sample.id(199)
        }
    }

    static func flow(_ rules: [Saved<TransitionRule>]) -> Flow {
        Flow(
            business: Sample.business, agents: Sample.agents, templates: Sample.templates, stages: stages, rules: rules,
            states: [closed: StageState(status: .disabled, data: [:], version: 1, updatedAt: Sample.start)])
    }
}
