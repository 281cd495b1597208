import Synchronization

/// All that a business has defined, as one immutable snapshot.
public final class Flow: Sendable {
    public let business: Business
    public let agents: Catalogue<Agent>
    public let templates: Catalogue<Template>
    public let stages: Catalogue<Stage>
    /// In the order in which they are tried.
    public let rules: Catalogue<TransitionRule>
    public let sensitive: SensitiveNames
    private let states: [Stage.ID: StageState]
    let compiled = CompiledRules()
    let compiledStages = CompiledStages()
    /// What the flow check has found, once it was asked.
    let checked = Mutex<[Finding]?>(nil)

    public init(
        business: Business, agents: [Saved<Agent>] = [], templates: [Saved<Template>] = [], stages: [Saved<Stage>] = [],
        rules: [Saved<TransitionRule>] = [], states: [Stage.ID: StageState] = [:]
    ) {
        self.business = business
        self.agents = Catalogue(agents)
        self.templates = Catalogue(templates)
        self.stages = Catalogue(stages)
        self.rules = Catalogue(rules)
        self.states = states
        sensitive = SensitiveNames(stages.flatMap { $0.configuration.fields }.filter(\.isSensitive).map(\.name))
    }

    /// The flow with some definitions saved, each in place of the one of its id, and everything else as it is.
    public func saving(
        agents: [Saved<Agent>] = [], templates: [Saved<Template>] = [], stages: [Saved<Stage>] = [], rules: [Saved<TransitionRule>] = []
    ) -> Flow {
        Flow(
            business: business, agents: self.agents.saving(agents), templates: self.templates.saving(templates),
            stages: self.stages.saving(stages), rules: self.rules.saving(rules), states: states)
    }

    /// Counts the changes of the business's configuration.
    public var revision: Int64 { business.flowRevision }

    public func state(of stage: Stage.ID) -> StageState { states[stage] ?? StageState() }

    /// The stages that a conversation of an agent can be at: the agent's own and the shared ones.
    public func stages(for agent: Agent.ID?) -> [Saved<Stage>] { stages.all.filter { $0.agentID == nil || $0.agentID == agent } }

    /// Where a conversation of an agent starts: the agent's own entry stage, else a shared one; of several, that of the lowest id.
    public func entry(for agent: Agent.ID?) -> Saved<Stage>? {
        let entries = stages.all.filter(\.body.isEntry)
        let own = agent.flatMap { agent in entries.filter { $0.agentID == agent }.min { $0.id < $1.id } }
        return own ?? entries.filter { $0.agentID == nil }.min { $0.id < $1.id }
    }
}

/// The definitions of one kind, by id and in order.
public struct Catalogue<Body: Definition>: Sendable {
    /// In the order of sort key (their name, for most kinds) and id, compared byte by byte.
    public let all: [Saved<Body>]
    private let byID: [Identifier<Body>: Saved<Body>]

    init(_ definitions: [Saved<Body>]) {
        all = definitions.map { ($0.body.sortKey, $0) }.sorted { Self.precedes(($0.0, $0.1.id), ($1.0, $1.1.id)) }.map(\.1)
        byID = Dictionary(definitions.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    }

    public subscript(id: Identifier<Body>) -> Saved<Body>? { byID[id] }

    /// The definitions with some in place of those of their ids.
    func saving(_ saved: [Saved<Body>]) -> [Saved<Body>] {
        guard !saved.isEmpty else { return all }
        let ids = Set(saved.map(\.id))
        return all.filter { !ids.contains($0.id) } + saved
    }

    /// Whether one definition stands before another in the order of sort key and id.
    public static func precedes(_ left: (String, Identifier<Body>), _ right: (String, Identifier<Body>)) -> Bool {
        left.0 == right.0 ? left.1 < right.1 : left.0.utf8.lexicographicallyPrecedes(right.0.utf8)
    }
}

/// The names of data that are sealed in the store and masked wherever data is shown.
public struct SensitiveNames: Sendable, Equatable {
    /// What stands in place of a sensitive value.
    public static let mask = JSONValue.string("«masked»")

    public let names: Set<String>

    public init(_ names: some Sequence<String> = []) { self.names = Set(names) }

    /// Whether a datum is sensitive: by its own name or by that of a member at any depth.
    public func cover(_ name: String, _ value: JSONValue) -> Bool {
        !names.isEmpty && (names.contains(name) || isHeld(in: value))
    }

    public func masking(_ data: [String: JSONValue]) -> [String: JSONValue] {
        guard !names.isEmpty else { return data }
        var masked = data
        for (name, value) in data where cover(name, value) { masked[name] = Self.mask }
        return masked
    }

    private func isHeld(in value: JSONValue) -> Bool {
        switch value {
        case .object(let members): members.contains { cover($0.key, $0.value) }
        case .array(let elements): elements.contains(where: isHeld)
        case .null, .bool, .integer, .number, .string: false
        }
    }
}
