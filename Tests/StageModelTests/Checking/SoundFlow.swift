import StageModel

/// A flow without a fault, with something in it that looks like one.
struct SoundFlow: CustomStringConvertible {
    let description: String
    let plan: FlowPlan

    init(_ description: String, _ plan: FlowPlan) {
        self.description = description
        self.plan = plan
    }

    static let all = small + shapes + conditions + data

    private static let small = [
        SoundFlow("no stages", FlowPlan()), SoundFlow("no stages, but agents", FlowPlan().agent("Ada").template("T", "Hello")),
        SoundFlow("one final stage", FlowPlan().stage("A", .entry, .final)),
        SoundFlow(
            "a business that moves conversations by the API alone", FlowPlan().stage("A", .entry).stage("B").stage("C").stage("Z", .final)),
        SoundFlow(
            "timeouts only",
            FlowPlan().stage("A", .entry, .timeout("B")).stage("B", .timeout("Z")).stage("Z", .final)),
        SoundFlow(
            "an entry that is also what a stage returns to",
            FlowPlan().stage("A", .entry).stage("B").stage("Z", .final).rule("A", "B").rule("B", "A").rule("B", "Z")),
    ]

    private static let shapes = [
        SoundFlow(
            "agents with their own entries and a shared one",
            FlowPlan().agent("Ada").agent("Bob").agent("Eve").stage("A", .entry).stage("B", .of("Ada"), .entry).stage("C", .of("Bob"))
                .stage(
                    "Z", .final
                )
                .rule("A", "C").rule("B", "Z").rule("C", "Z").rule("A", "Z")),
        SoundFlow(
            "every agent starts alone, and none is shared",
            FlowPlan().agent("Ada").agent("Bob").stage("A", .of("Ada"), .entry).stage("B", .of("Bob"), .entry).stage("Z", .final).rule(
                "A", "Z"
            )
            .rule("B", "Z")),
        SoundFlow(
            "a shared stage that leads each agent on to a stage of its own",
            FlowPlan().agent("Ada").agent("Bob").stage("A", .entry).stage("B", .of("Ada")).stage("C", .of("Bob")).stage("Z", .final)
                .rule("A", "B", if: "true").rule("A", "C", if: "true").rule("B", "Z").rule("C", "Z").rule("A", "Z")),
        SoundFlow(
            "strict stages, with rules that say where the API may go",
            FlowPlan().stage("A", .entry, .strict).stage("B", .strict).stage("C", .strict).stage("Z", .final).rule("A", "B", if: "true")
                .rule("A", "C", if: "true").rule("B", "C", if: "true").rule("C", "Z", if: "true").rule(nil, "Z", if: "true", .model)),
        SoundFlow(
            "stages that reply and go on",
            FlowPlan().stage("A", .entry).stage("B").stage("C").stage("Z", .final).rule("A", "B", if: "true").rule("B", "C", if: "true")
                .rule("C", "Z", if: "true")),
        SoundFlow(
            "help from any stage, and back",
            FlowPlan().stage("A", .entry).stage("B").stage("Help").stage("Z", .final).rule("A", "B").rule("B", "Z")
                .rule(nil, "Help", if: "message.text == 'help'", priority: 10).rule("Help", "A")),
        SoundFlow(
            "rules for the model from any stage",
            FlowPlan().stage("A", .entry).stage("B").stage("C").stage("Z", .final).rule(nil, "A", if: "true", .model)
                .rule(nil, "B", if: "true", .model).rule(nil, "C", if: "true", .model).rule(nil, "Z", if: "true", .model)),
        SoundFlow(
            "a cycle with a way out by a timeout",
            FlowPlan().stage("A", .entry).stage("B", .timeout("Z")).stage("Z", .final).rule("A", "B").rule("B", "A")),
        SoundFlow(
            "a cycle with a final stage in it",
            FlowPlan().stage("A", .entry).stage("B").stage("Z", .final).rule("A", "B").rule("B", "Z").rule("Z", "A")),
        SoundFlow(
            "a stage that times out to itself and has a way on",
            FlowPlan().stage("A", .entry, .timeout("A")).stage("Z", .final).rule("A", "Z").rule("A", "A")),
    ]

    private static let conditions = [
        SoundFlow(
            "a rule that always holds as the last resort",
            FaultyFlow.ground.stage("B").rule("A", "B", if: "true", priority: -5).rule("B", "Z")),
        SoundFlow(
            "a rule behind one whose target has a number of visits",
            FlowPlan().stage("A", .entry).stage("B", .visits(2)).stage("Z", .final).rule("A", "B", if: "true").rule(
                "A", "Z", if: "true", priority: -1
            )
            .rule("B", "A")),
        SoundFlow(
            "a rule at the target of one from any stage that always holds",
            FlowPlan().stage("A", .entry).stage("B").stage("Z", .final).rule(nil, "B", if: "true").rule("B", "Z", if: "true")),
        SoundFlow(
            "a rule from any stage that applies at the target of another",
            FlowPlan().stage("A", .entry).stage("B").stage("Z", .final).rule(nil, "B", if: "true", priority: 1).rule(
                nil, "Z", if: "data.done == true")),
        SoundFlow(
            "rules that differ in their target, their selection or their condition alone",
            FlowPlan().stage("A", .entry).stage("B").stage("Z", .final).rule("A", "B", if: "data.x == 1").rule("A", "Z", if: "data.x == 1")
                .rule("A", "B", if: "data.x == 1", .model).rule("A", "B", if: "data.x == 1.0").rule("A", "B", if: "data.x == '1'")
                .rule("A", "B", if: "data.y == 1").rule("B", "Z", if: "data.x == 1").rule(nil, "Z", if: "data.x == 1")),
        SoundFlow(
            "conditions that look constant",
            [
                "data.x == 'a' || data.x == 'b'", "data.x != 'a' && data.x != 'b'", "has(data.x) && data.x > 1",
                "has(data.x) || has(data.y)",
                "data.x == 1 && data.y == 2", "data.x == 1 && data.x == 1.0 && data.z", "data.x in ['a', 'b']", "'x' in data",
                "size(data) > 0",
                "message.text.size() > 0", "conversation.turns >= 0", "data.?x.orValue(true)", "data.x ? true : false", "false || data.x",
                "true && data.y", "[1, 2].exists(n, n == data.n)", "agent.name != ''", "now > timestamp('2020-01-01T00:00:00Z')",
                "!has(data.x)",
                "data.x != data.y", "data.a.b == data.b.a", "data.list[0] == data.list[1]",
            ].reduce(FaultyFlow.ground) { $0.rule("A", "Z", if: $1) }),
    ]

    /// A flow that goes from A to B and then to its end at Z.
    private static func line(_ first: [FlowPlan.Trait], _ second: [FlowPlan.Trait]) -> FlowPlan {
        FlowPlan().stage("A", [.entry] + first).stage("B", second).stage("Z", .final, .fields(["order_id"])).rule("A", "B").rule("B", "Z")
    }

    private static let data = [
        SoundFlow(
            "a form that uses what it asks for", line([.fields(["order_id"]), .says("{{data.order_id}}"), .asks("{{data.order_id}}")], [])),
        SoundFlow(
            "what an earlier stage asks for", line([.fields(["order_id"])], [.says("{{data.order_id}} {{extracted_data.order_id}}")])),
        SoundFlow(
            "forms in a line, each with what those before it learned",
            FlowPlan().stage("A", .entry, .fields(["name"]), .says("{{data.name}}")).stage(
                "B", .fields(["street"]), .says("{{data.name}} {{data.street}}")
            )
            .stage("C", .fields(["city"]), .says("{{data.name}} {{data.street}} {{data.city}}"))
            .stage("Z", .final, .says("{{data.name}}: {{data.street}}, {{data.city}}")).rule("A", "B", if: "has(data.name)")
            .rule("B", "C", if: "has(data.street)").rule("C", "Z", if: "has(data.city)")),
        SoundFlow(
            "a datum in a section that tests it, or that stands for its absence",
            line(
                [.says("{{#data.order_id}}Order {{data.order_id}}{{/data.order_id}}{{^data.order_id}}Which order?{{/data.order_id}}")],
                [.says("{{#data}}{{#order_id}}{{order_id}} {{data.order_id}}{{/order_id}}{{/data}}")])),
        SoundFlow(
            "a datum deep inside a section that tests it",
            line([.says("{{#data.order_id}}{{#user_name}}{{#fields}}{{data.order_id}}{{/fields}}{{/user_name}}{{/data.order_id}}")], [])),
        SoundFlow(
            "a datum behind a section inside one that tests the same",
            line([.says("{{#data.order_id}}{{#data.order_id}}Order{{/data.order_id}} {{data.order_id}}{{/data.order_id}}")], [])),
        SoundFlow(
            "a condition that asks for it on the only way",
            FlowPlan().stage("A", .entry).stage("B", .says("{{data.order_id}}")).stage("Z", .final, .fields(["order_id"]))
                .rule("A", "B", if: "has(data.order_id) && data.order_id != ''").rule("B", "Z")),
        SoundFlow(
            "conditions that may ask for it",
            FlowPlan().stage("A", .entry).stage("B", .says("{{data.order_id}}")).stage("Z", .final, .fields(["order_id"]))
                .rule("A", "B", if: "data[message.text] == 1").rule("A", "B", if: "'order_id' in data")
                .rule("A", "B", if: "data['order_id'] > 1").rule("A", "B", if: "data.exists(name, name == message.text)").rule("B", "Z")),
        SoundFlow(
            "two ways, on both of which it is asked for",
            FlowPlan().stage("A", .entry).stage("B", .fields(["order_id"])).stage("C", .fields(["order_id"]))
                .stage("Z", .final, .says("{{data.order_id}}")).rule("A", "B").rule("A", "C").rule("B", "Z").rule("C", "Z")),
        SoundFlow(
            "names that only look like data",
            line(
                [.says("{{#fields}}{{name}} {{value}}{{/fields}} {order_id}")],
                [.asks("{{#available_stages}}{{name}}{{/available_stages}}")])),
        SoundFlow(
            "a member of a datum that has the name of a field",
            line(
                [
                    .fields(["order"]),
                    .says("{{#data.order}}{{order_id}}{{/data.order}}{{#data}}{{#order}}{{order_id}}{{/order}}{{/data}}"),
                ], [])),
    ]
}
