extension FaultyFlow {
    static let entries = [
        FaultyFlow("no entry at all", FlowPlan().stage("A").stage("Z", .final).rule("A", "Z"), "no_entry /stages"),
        FaultyFlow("no entry, with agents, is one finding", FlowPlan().agent("Ada").agent("Bob").stage("A", .final), "no_entry /stages"),
        FaultyFlow(
            "an agent with stages but without an entry",
            FlowPlan().agent("Ada").agent("Bob").stage("A", .of("Ada"), .entry).stage("B", .of("Bob")).stage("Z", .final).rule("A", "Z")
                .rule("B", "Z"), "no_entry /agents/Bob"),
        FaultyFlow(
            "an agent without stages and without a shared entry",
            FlowPlan().agent("Ada").agent("Bob").agent("Eve").stage("A", .of("Ada"), .entry, .final), "no_entry /agents/Bob",
            "no_entry /agents/Eve"),
        FaultyFlow("two shared entries", ground.stage("B", .entry).rule("B", "Z"), "several_entries /stages/B/is_entry"),
        FaultyFlow(
            "three shared entries: the last two are not taken", ground.stage("B", .entry).stage("C", .entry).rule("B", "C").rule("C", "Z"),
            "several_entries /stages/B/is_entry", "several_entries /stages/C/is_entry"),
        FaultyFlow(
            "two entries of one agent",
            ground.agent("Ada").stage("B", .of("Ada"), .entry).stage("C", .of("Ada"), .entry).rule("B", "Z").rule("C", "Z"),
            "several_entries /stages/C/is_entry"),
        FaultyFlow(
            "a disabled entry", FlowPlan().stage("A", .entry, .disabled).stage("Z", .final).rule("A", "Z"),
            "entry_disabled /stages/A/is_entry"),
        FaultyFlow(
            "an agent's disabled entry", ground.agent("Ada").stage("B", .of("Ada"), .entry, .disabled).rule("B", "Z"),
            "entry_disabled /stages/B/is_entry"),
    ]

    static let stages = [
        FaultyFlow("a stage that nothing leads to", ground.stage("B").rule("B", "Z"), "unreachable_stage /stages/B"),
        FaultyFlow("a stage that only itself leads to", ground.stage("B").rule("B", "B").rule("B", "Z"), "unreachable_stage /stages/B"),
        FaultyFlow(
            "two stages that only lead to each other: neither dead ends nor a cycle, as no one gets there",
            ground.stage("B").stage("C").rule("B", "C").rule("C", "B"), "unreachable_stage /stages/B", "unreachable_stage /stages/C"),
        FaultyFlow(
            "a stage behind a condition that never holds", ground.stage("B").rule("A", "B", if: "false").rule("B", "Z"),
            "unreachable_stage /stages/B", "constant_condition /transition_rules/r2/condition"),
        FaultyFlow(
            "a stage behind a condition that can't be read", ground.stage("B").rule("A", "B", if: "datum.x == 1").rule("B", "Z"),
            "invalid_condition /transition_rules/r2/condition", "unreachable_stage /stages/B"),
        FaultyFlow(
            "an agent's stage that only a stage of another leads to",
            ground.agent("Ada").agent("Bob").stage("B", .of("Ada")).stage("C", .of("Bob")).rule("A", "B").rule("B", "C").rule("B", "Z")
                .rule(
                    "C", "Z"),
            "target_foreign /transition_rules/r3/to_stage_id", "unreachable_stage /stages/C"),
        FaultyFlow(
            "a shared stage behind one of an agent who starts elsewhere",
            ground.agent("Ada").stage("B", .of("Ada"), .entry).stage("C", .of("Ada")).stage("D").rule("A", "C").rule("C", "D").rule(
                "D", "Z"
            )
            .rule("B", "Z"), "unreachable_stage /stages/C", "unreachable_stage /stages/D"),
        FaultyFlow(
            "a shared stage that nothing leads to, where every agent starts alone",
            FlowPlan().agent("Ada").stage("A", .of("Ada"), .entry).stage("B").stage("Z", .final).rule("A", "Z").rule("B", "Z"),
            "unreachable_stage /stages/B"),
        FaultyFlow("a dead end", ground.stage("B").rule("A", "B"), "dead_end /stages/B"),
        FaultyFlow("a dead end that leads to itself", ground.stage("B").rule("A", "B").rule("B", "B"), "dead_end /stages/B"),
        FaultyFlow("a dead end that times out to itself", ground.stage("B", .timeout("B")).rule("A", "B"), "dead_end /stages/B"),
        FaultyFlow("a dead end at the entry", FlowPlan().stage("A", .entry).rule("A", "A"), "dead_end /stages/A"),
        FaultyFlow("the only stage that rules from any stage lead to", ground.stage("Help").rule(nil, "Help"), "dead_end /stages/Help"),
        FaultyFlow(
            "a shared stage that leads only to an agent's, where that agent does not get",
            ground.agent("Ada").stage("B", .of("Ada"), .entry).stage("C").stage("D", .of("Ada")).rule("A", "C").rule("C", "D").rule(
                "B", "D"
            )
            .rule("D", "Z"), "dead_end /stages/C"),
    ]

    static let cycles = [
        FaultyFlow(
            "two stages in a cycle", FlowPlan().stage("B").stage("A", .entry).rule("A", "B").rule("B", "A"),
            "endless_cycle /stages/A: A → B → A"),
        FaultyFlow(
            "three stages in a cycle behind the entry, found at the first by name",
            FlowPlan().stage("X", .entry).stage("C").stage("B").stage("A").rule("X", "B").rule("B", "C").rule("C", "A").rule("A", "B"),
            "endless_cycle /stages/A: A → B → C → A"),
        FaultyFlow(
            "a cycle by a timeout", ground.stage("B", .timeout("C")).stage("C").rule("A", "B").rule("C", "B"),
            "endless_cycle /stages/B: B → C → B"),
        FaultyFlow(
            "two cycles",
            ground.stage("B").stage("C").stage("D").stage("E").rule("A", "B").rule("B", "C").rule("C", "B").rule("A", "D").rule("D", "E")
                .rule("E", "D"), "endless_cycle /stages/B: B → C → B", "endless_cycle /stages/D: D → E → D"),
        FaultyFlow(
            "a cycle whose only way out never opens",
            FlowPlan().stage("A", .entry).stage("B").stage("Z", .final).rule("A", "B").rule("B", "A").rule("B", "Z", if: "1 == 2"),
            "endless_cycle /stages/A: A → B → A", "unreachable_stage /stages/Z", "constant_condition /transition_rules/r3/condition"),
        FaultyFlow(
            "a cycle that rules from any stage close",
            FlowPlan().stage("A", .entry).stage("Help").stage("More").rule(nil, "Help").rule(nil, "More"),
            "endless_cycle /stages/Help: Help → More → Help"),
        FaultyFlow(
            "the shortest way round is shown",
            FlowPlan().stage("A", .entry).stage("B").stage("C").stage("D").rule("A", "B").rule("B", "C").rule("C", "D").rule("D", "A").rule(
                "C", "A"),
            "endless_cycle /stages/A: A → B → C → A"),
        FaultyFlow(
            "a cycle of an agent's stages",
            ground.agent("Ada").stage("B", .of("Ada"), .entry).stage("C", .of("Ada")).rule("B", "C").rule("C", "B"),
            "endless_cycle /stages/B: B → C → B"),
    ]

    static let targets = [
        FaultyFlow("a rule to a stage that is not there", ground.rule("A", "Nowhere"), "target_missing /transition_rules/r2/to_stage_id"),
        FaultyFlow(
            "a rule from a stage that is not there", ground.rule("Nowhere", "Z"), "target_missing /transition_rules/r2/from_stage_id"),
        FaultyFlow(
            "a rule from and to stages that are not there", ground.rule("Nowhere", "Nowhere"),
            "target_missing /transition_rules/r2/from_stage_id", "target_missing /transition_rules/r2/to_stage_id"),
        FaultyFlow(
            "a timeout to a stage that is not there", ground.stage("B", .timeout("Nowhere")).rule("A", "B").rule("B", "Z"),
            "target_missing /stages/B/configuration/timeout/to_stage_id"),
        FaultyFlow(
            "a rule to the stage of another agent",
            ground.agent("Ada").agent("Bob").stage("B", .of("Ada")).stage("C", .of("Bob")).rule("A", "B").rule("A", "C").rule("B", "C")
                .rule("B", "Z").rule("C", "Z"), "target_foreign /transition_rules/r4/to_stage_id"),
        FaultyFlow(
            "a timeout to the stage of another agent",
            ground.agent("Ada").agent("Bob").stage("B", .of("Ada"), .timeout("C")).stage("C", .of("Bob")).rule("A", "B").rule("A", "C")
                .rule("B", "Z").rule("C", "Z"), "target_foreign /stages/B/configuration/timeout/to_stage_id"),
        FaultyFlow(
            "a rule to a disabled stage", ground.stage("B", .disabled).rule("A", "B").rule("B", "Z"),
            "target_disabled /transition_rules/r2/to_stage_id"),
        FaultyFlow(
            "a timeout to a disabled stage", FlowPlan().stage("A", .entry, .timeout("B")).stage("B", .disabled, .final),
            "target_disabled /stages/A/configuration/timeout/to_stage_id"),
        FaultyFlow(
            "rules from any stage to one that is not there and to one that is disabled",
            ground.stage("B", .disabled).rule(nil, "Nowhere").rule(nil, "B").rule("B", "Z"),
            "target_missing /transition_rules/r2/to_stage_id",
            "target_disabled /transition_rules/r3/to_stage_id"),
    ]
}
