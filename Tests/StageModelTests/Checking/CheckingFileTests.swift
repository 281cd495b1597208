@testable import StageModel
import Testing

@Suite("Checking: flow files")
struct CheckingFileTests {
    private static func lines(_ plan: FlowPlan, _ change: (inout FlowFile) -> Void = { _ in }) -> [String] {
        var file = FlowFile(plan.flow())
        change(&file)
        return file.findings().map(plan.line)
    }

    @Test("A file without faults has no findings, and its flow is the one that it was made from", arguments: SoundFlow.all)
    func sound(flow: SoundFlow) {
        let file = FlowFile(flow.plan.flow())
        #expect(file.findings() == [])
        #expect(FlowFile(file.flow()) == file)
    }

    @Test("What the flow check says of a file's flow is told of the file", arguments: FaultyFlow.all)
    func faulty(flow: FaultyFlow) {
        let file = FlowFile(flow.plan.flow())
        // A file does not say which stages are disabled.
        #expect(file.findings() == file.flow().findings)
    }

    private static let plan = FlowPlan().agent("Ada").agent("Bob").stage("A", .entry).stage("B", .of("Ada"), .timeout("Z")).stage(
        "Z", .final
    )
    .rule("A", "B").rule("B", "Z").rule("A", "Z")

    static let changes: [(String, @Sendable (inout FlowFile) -> Void, [String])] = [
        ("nothing", { _ in }, []),
        (
            "an agent that is not there", { $0.stages[0].body.agentID = Sample.id(77) },
            ["no_entry /stages", "invalid_definition /stages/A/agent_id", "target_foreign /transition_rules/r1/to_stage_id"]
        ),
        (
            "a template that is not there", { $0.stages[1].body.responseTemplateID = Sample.id(77) },
            ["invalid_definition /stages/B/response_generation_template_id"]
        ),
        (
            "a template of another type", { $0.stages[1].body.responseTemplateID = $0.stages[1].body.selectionTemplateID },
            ["invalid_definition /stages/B/response_generation_template_id"]
        ),
        (
            "fields that do not fit",
            { $0.stages[2].body.configuration.fields = [DataField(name: "a", pattern: "["), DataField(name: "a")] },
            ["invalid_definition /stages/Z/configuration/fields/0/pattern", "invalid_definition /stages/Z/configuration/fields/1/name"]
        ),
        (
            "a timeout to a stage that is not there", { $0.stages[1].body.configuration.timeout?.toStageID = Sample.id(77) },
            ["target_missing /stages/B/configuration/timeout/to_stage_id"]
        ),
        (
            "a timeout of a shared stage to one of an agent",
            { $0.stages[0].body.configuration.timeout = StageConfiguration.Timeout(seconds: 1, toStageID: $0.stages[1].id) },
            ["invalid_definition /stages/A/configuration/timeout/to_stage_id"]
        ),
        (
            "a rule to a stage that is not there", { $0.rules[2].body.toStageID = Sample.id(77) },
            ["target_missing /transition_rules/r3/to_stage_id"]
        ),
        (
            "a condition with two faults", { $0.rules[2].body.condition = "datum.x == 1 && foo" },
            ["invalid_condition /transition_rules/r3/condition"]
        ),
        (
            "a template with two faults", { $0.templates[0].body.content = "{{#data}}{{/fields}}" },
            ["invalid_definition /templates/Extract/content", "invalid_definition /templates/Extract/content"]
        ),
    ]

    @Test("For what importing a file would be refused is an error, told once", arguments: changes)
    func invalid(fault: String, change: @Sendable (inout FlowFile) -> Void, expected: [String]) {
        #expect(Self.lines(Self.plan, change) == expected, "\(fault)")
    }
}
