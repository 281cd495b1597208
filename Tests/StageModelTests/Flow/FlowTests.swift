@testable import StageModel
import Testing

@Suite("Flows")
struct FlowTests {
    private static func flow(_ stages: [Saved<Stage>]) -> Flow {
        Flow(business: Sample.business, agents: Sample.agents, templates: Sample.templates, stages: stages)
    }

    private static func entry(_ number: Int, _ agent: Agent.ID? = nil, isEntry: Bool = true) -> Saved<Stage> {
        Sample.saved(Sample.id(number), Sample.stage("s\(number)", agent: agent, isEntry: isEntry))
    }

    /// The stages, who the conversation is held with, and the number of the entry.
    static let entries: [([Saved<Stage>], Agent.ID?, Int?)] = [
        ([], nil, nil), ([], Sample.ada, nil), ([entry(1, isEntry: false)], nil, nil), ([entry(1)], nil, 1), ([entry(1)], Sample.ada, 1),
        ([entry(1), entry(2, Sample.ada)], Sample.ada, 2), ([entry(1), entry(2, Sample.ada)], Sample.bob, 1),
        ([entry(1), entry(2, Sample.ada)], nil, 1),
        ([entry(2, Sample.ada)], nil, nil), ([entry(2, Sample.ada)], Sample.bob, nil), ([entry(3), entry(1), entry(2)], nil, 1),
        ([entry(5, Sample.ada), entry(4, Sample.ada), entry(1)], Sample.ada, 4), ([entry(1, isEntry: false), entry(2)], nil, 2),
        ([entry(1, Sample.ada, isEntry: false), entry(2)], Sample.ada, 2),
    ]

    @Test("A conversation starts at its agent's own entry, else at a shared one, at the lowest id of several", arguments: entries)
    func entry(stages: [Saved<Stage>], agent: Agent.ID?, expected: Int?) {
        #expect(Self.flow(stages).entry(for: agent)?.id == expected.map { Sample.id($0) })
    }

    @Test("Definitions are listed by name, byte by byte, then by id")
    func order() {
        let named = ["b", "a", "B", "é", "a"].enumerated().map { Sample.saved(Sample.id(10 - $0), Sample.stage($1)) }
        let flow = Self.flow(named)
        #expect(flow.stages.all.map(\.name) == ["B", "a", "a", "b", "é"])
        #expect(flow.stages.all[1].id < flow.stages.all[2].id)
        #expect(flow.stages[Sample.id(10)]?.name == "b")
        #expect(flow.stages[Sample.absent] == nil)
    }

    @Test("A stage that was never written to is active, with no data, at version 0")
    func states() {
        #expect(Sample.flow.state(of: Sample.greeting) == StageState())
        #expect(Sample.flow.state(of: Sample.closed).status == .disabled)
        #expect(StageState().status == .active && StageState().version == 0)
    }

    /// A datum, and whether it is sensitive when `card` and `iban` are.
    static let data: [(String, JSONValue, Bool)] = [
        ("card", "4111", true), ("card", .null, true), ("name", "card", false), ("payment", ["card": 1], true),
        ("payment", ["a": [["b": ["iban": 1]]]], true),
        ("list", ["card"], false), ("list", [1, ["card": 1]], true), ("Card", 1, false), ("cards", 1, false), ("payment", [:], false),
    ]

    @Test("A datum is sensitive by its own name or by that of a member at any depth", arguments: data)
    func sensitive(name: String, value: JSONValue, expected: Bool) {
        let names = SensitiveNames(["card", "iban"])
        #expect(names.cover(name, value) == expected)
        #expect(names.masking([name: value, "other": 1]) == [name: expected ? SensitiveNames.mask : value, "other": 1])
        #expect(!SensitiveNames().cover(name, value))
    }

    @Test("A name that one stage marks is sensitive throughout the flow")
    func sensitiveEverywhere() { #expect(Sample.flow.sensitive == SensitiveNames(["card"])) }

    @Test("A sentence lists the first twenty of many")
    func lists() {
        #expect(Flow.list(["a", "b"]) == "a, b")
        #expect(Flow.list((1...20).map(String.init)).hasSuffix("18, 19, 20"))
        #expect(Flow.list((1...22).map(String.init)).hasSuffix("18, 19, 20 and 2 more"))
    }
}

@Suite("Definitions in their flow")
struct DefinitionFaultTests {
    private static func changed(_ change: (inout Stage) -> Void) -> Stage {
        var stage = Sample.stage("new")
        change(&stage)
        return stage
    }

    private static func timeout(to target: Stage.ID) -> StageConfiguration.Timeout { StageConfiguration.Timeout(seconds: 1, toStageID: target) }

    static let stages: [(Stage, [String])] = [
        (changed { _ in }, []), (changed { $0.agentID = Sample.ada }, []), (changed { $0.agentID = Sample.id(77) }, ["/agent_id: There is no agent"]),
        (changed { $0.responseTemplateID = Sample.id(77) }, ["/response_generation_template_id: There is no template"]),
        (
            changed { ($0.responseTemplateID, $0.selectionTemplateID) = (Sample.selection, Sample.response) },
            [
                "/stage_selection_template_id: The template 'Respond' is of type 'response_generation'; must be of type 'stage_selection'.",
                "/response_generation_template_id: The template 'Select' is of type 'stage_selection'",
            ]
        ),
        (changed { $0.configuration.timeout = timeout(to: Sample.done) }, []),
        (changed { $0.configuration.timeout = timeout(to: Sample.absent) }, ["/configuration/timeout/to_stage_id: There is no stage"]),
        (
            changed { $0.configuration.timeout = timeout(to: Sample.ofAda) },
            ["/configuration/timeout/to_stage_id: The stage 'ofAda' belongs to another"]
        ),
        (
            changed {
                $0.agentID = Sample.ada
                $0.configuration.timeout = timeout(to: Sample.ofAda)
            }, []
        ),
        (
            changed {
                $0.agentID = Sample.id(77)
                $0.extractionTemplateID = Sample.id(77)
                $0.configuration.fields = [DataField(name: "a", pattern: "[")]
                $0.configuration.timeout = timeout(to: Sample.absent)
            }, ["/agent_id", "/data_extraction_template_id", "/configuration/fields/0/pattern", "/configuration/timeout/to_stage_id"]
        ),
    ]

    @Test("What does not fit the rest of the flow is told field by field", arguments: stages)
    func stage(stage: Stage, expected: [String]) {
        let lines = stage.faults(in: Sample.flow, id: nil).map(\.line)
        #expect(lines.count == expected.count, "\(lines)")
        for (line, fragment) in zip(lines, expected) { #expect(line.hasPrefix(fragment), "\(line)") }
    }

    @Test("A stage may time out to itself, also before it is in the flow")
    func ownTimeout() {
        let stage = Self.changed { $0.configuration.timeout = Self.timeout(to: Sample.absent) }
        #expect(stage.faults(in: Sample.flow, id: Sample.absent).isEmpty)
    }

    @Test("A template keeps its type while stages use it")
    func templateType() throws {
        var template = try #require(Sample.flow.templates[Sample.response]).body
        template.purpose = .dataExtraction
        let faults = template.faults(in: Sample.flow, id: Sample.response)
        #expect(faults.map(\.pointer.description) == ["/template_type"])
        #expect(try #require(faults.first).message.hasPrefix("Must stay 'response_generation' while it is in use by the stage 'closed', the stage "))
        #expect(template.faults(in: Sample.flow, id: nil).isEmpty)
    }

    @Test("The users of a definition are told in words: stages that name it, and rules that lead to it")
    func users() {
        #expect(Template.users(of: Sample.response, in: Sample.flow).count == Sample.stages.count)
        #expect(Agent.users(of: Sample.ada, in: Sample.flow) == ["the stage 'ofAda'"])
        #expect(Stage.users(of: Sample.done, in: Sample.flow).isEmpty)
        let waiting = Sample.saved(Sample.absent, Self.changed { $0.configuration.timeout = Self.timeout(to: Sample.done) })
        let rules = [
            TransitionRule(from: Sample.greeting, to: Sample.done, condition: "data.n > 1"),
            TransitionRule(from: nil, to: Sample.done, description: "To the end"), TransitionRule(from: Sample.done, to: Sample.done),
            TransitionRule(from: Sample.done, to: Sample.order),
        ]
        let saved = rules.enumerated().map { Sample.saved(Sample.id($0 + 1), $1) }
        let flow = Sample.flow.saving(stages: [waiting], rules: saved)
        #expect(
            Stage.users(of: Sample.done, in: flow) == [
                "the stage 'new'", "the transition rule 'data.n > 1' (00000000-0000-4000-8000-000000000001)",
                "the transition rule 'To the end' (00000000-0000-4000-8000-000000000002)",
            ])
        #expect(Stage.users(of: Sample.absent, in: flow).isEmpty, "A stage is no user of itself.")
        #expect(TransitionRule.users(of: Sample.id(1), in: flow).isEmpty)
    }
}
