import StageModel

extension FaultyFlow {
    /// A flow with one more rule, which leads to a stage that can be got to anyway.
    private static func condition(_ text: String) -> FlowPlan {
        FlowPlan().stage("A", .entry).stage("Y", .final).stage("Z", .final).rule("A", "Z").rule("A", "Y").rule(
            "A", "Y", if: text, priority: -1)
    }

    private static func constant(_ text: String) -> FaultyFlow {
        FaultyFlow("the condition \(text)", condition(text), "constant_condition /transition_rules/r3/condition")
    }

    private static func invalid(_ text: String) -> FaultyFlow {
        FaultyFlow("the condition \(text)", condition(text), "invalid_condition /transition_rules/r3/condition")
    }

    static let conditions =
        [
            "false", "1 == 1", "!false", "true && true", "true || data.x == 1", "data.a == 1 && false", "size(\"\") > 0", "1 / 0 == 1",
            "\"a\" in [\"a\", \"b\"]", "true ? false : data.x == 1", "data.x == 1 ? false : false", "data.x == data.x", "data.x < data.x",
            "data.x == 'a' && data.x == 'b'", "data.x != 'a' || data.x != 'b'", "has(data.x) && !has(data.x)",
            "(data.x == 1 && data.y) && data.x == 2",
            "!(data.x == 1) && 1 == data.x", "data.x == 1 || !(data.x == 1)",
        ].map(constant) + ["", "data.x ==", "datum.x == 1", "message.txt == 'a'", "1 + 1", "data.x == 1 && unknown"].map(invalid)

    static let repetitions = [
        FaultyFlow("a rule twice", ground.rule("A", "Z", if: "message.text == \"0\""), "repeated_rule /transition_rules/r2"),
        FaultyFlow(
            "a rule twice, written differently",
            ground.rule("A", "Z", if: "data.x == 'a' && data.y > 1").rule("A", "Z", if: "( data.x==\"a\" )&&(data.y>1) // again"),
            "repeated_rule /transition_rules/r3"),
        FaultyFlow(
            "a rule three times, with other priorities",
            ground.rule("A", "Z", if: "data.x").rule("A", "Z", if: "data.x", priority: 9).rule("A", "Z", if: "data.x", priority: -9),
            "repeated_rule /transition_rules/r2", "repeated_rule /transition_rules/r4"),
        FaultyFlow(
            "a rule from any stage twice", ground.rule(nil, "Z", if: "data.x").rule(nil, "Z", if: "data.x"),
            "repeated_rule /transition_rules/r3"),
        FaultyFlow(
            "a rule for the model twice", ground.rule("A", "Z", if: "true", .model).rule("A", "Z", if: "true", .model),
            "repeated_rule /transition_rules/r3"),
        FaultyFlow(
            "a rule that always holds twice is repeated, not shadowed",
            FlowPlan().stage("A", .entry).stage("Z", .final).rule("A", "Z", if: "true").rule("A", "Z", if: "true"),
            "repeated_rule /transition_rules/r2"),
    ]

    static let shadows = [
        FaultyFlow(
            "a rule behind one that always holds",
            FlowPlan().stage("A", .entry).stage("Z", .final).rule("A", "Z", if: "true").rule("A", "Z"),
            "shadowed_rule /transition_rules/r2"),
        FaultyFlow(
            "a rule before one that always holds, but of a lower priority", ground.rule("A", "Z", if: "true", priority: 1),
            "shadowed_rule /transition_rules/r1"),
        FaultyFlow(
            "a rule behind a condition that is constant", ground.rule("A", "Z", if: "1 < 2", priority: 1),
            "shadowed_rule /transition_rules/r1", "constant_condition /transition_rules/r2/condition"),
        FaultyFlow(
            "rules for the model beside an automatic one that always holds",
            FlowPlan().stage("A", .entry).stage("B", .final).stage("Z", .final).rule("A", "Z", if: "true").rule(
                "A", "B", .model, priority: 5),
            "shadowed_rule /transition_rules/r2"),
        FaultyFlow(
            "a stage's rule behind one from any stage that always holds", ground.rule(nil, "Z", if: "true", priority: 1),
            "shadowed_rule /transition_rules/r1"),
        FaultyFlow(
            "a rule from any stage behind another that leads to the same stage", ground.rule(nil, "Z", if: "true").rule(nil, "Z"),
            "shadowed_rule /transition_rules/r3"),
        FaultyFlow(
            "a rule from any stage behind two that always hold: at the target of one there is the other",
            ground.stage("Y", .final).stage("X", .final).rule(nil, "Z", if: "true").rule(nil, "Y", if: "true").rule(nil, "X"),
            "shadowed_rule /transition_rules/r4"),
        FaultyFlow(
            "a rule behind one to a stage of the same agent",
            ground.agent("Ada").stage("B", .of("Ada"), .entry).stage("C", .of("Ada")).rule("B", "C", if: "true").rule("B", "Z").rule(
                "C", "Z"),
            "shadowed_rule /transition_rules/r3"),
        FaultyFlow(
            "a rule behind one to the same stage, at a strict stage",
            FlowPlan().stage("A", .entry, .strict).stage("Z", .final).rule("A", "Z", if: "true").rule("A", "Z"),
            "shadowed_rule /transition_rules/r2"),
    ]
}
