extension FaultyFlow {
    static let templates = [
        FaultyFlow("a variable that there is not", ground.template("T", "{{bussiness_name}}"), "unknown_variable /templates/T/content"),
        FaultyFlow(
            "two variables that there are not", ground.template("T", "{{colour}} {{size}}"), "unknown_variable /templates/T/content",
            "unknown_variable /templates/T/content"),
        FaultyFlow(
            "a datum that no stage declares, in a template of a stage: it is unknown, not unfilled",
            FlowPlan().stage("A", .entry, .says("{{data.colour}}")).stage("Z", .final).rule("A", "Z"),
            "unknown_variable /templates/Says A/content"),
        FaultyFlow(
            "a variable that there is not in a system prompt", ground.template("T", "", systemPrompt: "{{agent_nam}}"),
            "unknown_variable /templates/T/system_prompt"),
        FaultyFlow("a section that is not closed", ground.template("T", "{{#data}}"), "invalid_definition /templates/T/content"),
        FaultyFlow(
            "a user's words in a system prompt, beside a content with a fault",
            ground.template("T", "{{/data}}", systemPrompt: "{{message_content}}"), "invalid_definition /templates/T/content",
            "invalid_definition /templates/T/system_prompt"),
    ]

    /// A flow that goes from A to B and then to its end at Z.
    private static func line(_ first: [FlowPlan.Trait], _ second: [FlowPlan.Trait]) -> FlowPlan {
        FlowPlan().stage("A", [.entry] + first).stage("B", second).stage("Z", .final, .fields(["order_id"])).rule("A", "B").rule("B", "Z")
    }

    private static let reply = "/response_generation_template_id"

    static let unfilled = [
        FaultyFlow("a datum used at the entry", line([.says("{{data.order_id}}")], []), "unfilled_variable /stages/A\(reply): A"),
        FaultyFlow(
            "a datum used before it is asked for", line([], [.says("{{data.order_id}}")]), "unfilled_variable /stages/B\(reply): A → B"),
        FaultyFlow(
            "by its other names", line([.says("{{extracted_data.order_id}}")], [.says("{{#data}}{{order_id}}{{/data}}")]),
            "unfilled_variable /stages/A\(reply): A", "unfilled_variable /stages/B\(reply): A → B"),
        FaultyFlow("in the older form", line([.says("{data.order_id}")], []), "unfilled_variable /stages/A\(reply): A"),
        FaultyFlow(
            "a datum outside the section that tests it", line([.says("{{#data.order_id}}yes{{/data.order_id}} {{data.order_id}}")], []),
            "unfilled_variable /stages/A\(reply): A"),
        FaultyFlow(
            "a datum inside a section that tests another",
            line([.fields(["name"]), .says("{{#data.name}}{{data.order_id}}{{/data.name}}")], []),
            "unfilled_variable /stages/A\(reply): A"),
        FaultyFlow(
            "in the templates that select and extract", line([.asks("{{data.order_id}}"), .notes("{{data.order_id}}")], []),
            "unfilled_variable /stages/A/data_extraction_template_id: A", "unfilled_variable /stages/A/stage_selection_template_id: A"),
        FaultyFlow(
            "one of two ways goes past the stage that asks",
            line([], []).stage("C", .says("{{data.order_id}}")).stage("Asks", .fields(["order_id"]))
                .rule("A", "Asks").rule("Asks", "C").rule("B", "C").rule("C", "Z"), "unfilled_variable /stages/C\(reply): A → B → C"),
        FaultyFlow(
            "a way by a timeout",
            FlowPlan().stage("A", .entry, .timeout("C")).stage("B", .fields(["order_id"]))
                .stage("C", .final, .says("{{data.order_id}}")).rule("A", "B").rule("B", "C"),
            "unfilled_variable /stages/C\(reply): A → C"),
        FaultyFlow(
            "a way by a rule from any stage",
            line([], [.fields(["order_id"])]).stage("Help", .says("{{data.order_id}}")).rule(nil, "Help")
                .rule("Help", "Z"), "unfilled_variable /stages/Help\(reply): A → Help"),
        FaultyFlow(
            "what an earlier stage learned only for itself", line([.fields(["order_id"]), .stageScope], [.says("{{data.order_id}}")]),
            "unfilled_variable /stages/B\(reply): A → B"),
        FaultyFlow(
            "one condition asks for it, another does not",
            line([], [.says("{{data.order_id}}")]).rule("A", "B", if: "data.order_id != ''"), "unfilled_variable /stages/B\(reply): A → B"),
        FaultyFlow(
            "for one agent only, who starts elsewhere",
            FlowPlan().agent("Ada").stage("A", .entry, .fields(["order_id"])).stage("B", .of("Ada"), .entry).stage(
                "C", .says("{{data.order_id}}")
            )
            .stage("Z", .final).rule("A", "C").rule("B", "C").rule("C", "Z"), "unfilled_variable /stages/C\(reply): B → C"),
        FaultyFlow(
            "a template that two stages share, of which one asks",
            ground.template("T", "{{data.order_id}}").stage("B", .uses("T"), .fields(["order_id"])).stage("C", .uses("T")).rule("A", "B")
                .rule("A", "C").rule("B", "Z").rule("C", "Z"), "unfilled_variable /stages/C\(reply): A → C"),
        FaultyFlow(
            "without rules, what the entry uses",
            FlowPlan().stage("A", .entry, .says("{{data.order_id}}")).stage("B", .fields(["order_id"])),
            "unfilled_variable /stages/A\(reply): A"),
    ]
}
