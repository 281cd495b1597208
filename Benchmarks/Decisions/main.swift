import Glibc
import StageModel

// Measures what decisions take in the process, without a server: prints a table, with a ✗ where an aim is missed.

/// The least time that one of several rounds took for a piece of work, in seconds.
func least(rounds: Int, repetitions: Int, _ work: () -> Void) -> Double {
    let clock = ContinuousClock()
    let times = (0..<rounds).map { _ in
        let time = clock.measure { for _ in 0..<repetitions { work() } }
        let (seconds, attoseconds) = time.components
        return (Double(seconds) + Double(attoseconds) / 1e18) / Double(repetitions)
    }
    return times.min() ?? 0
}

/// A flow with so many rules at one stage, of which the last holds.
func routing(ruleCount: Int) -> (flow: Flow, state: ConversationState) {
    let (business, now) = (Business.ID(), Timestamp(microseconds: 1_700_000_000_000_000))
    func saved<Body>(_ body: Body) -> Saved<Body> {
        Saved(id: Identifier(), businessID: business, body: body, createdAt: now, updatedAt: now, revision: 1)
    }
    let templates = Template.Purpose.allCases.map { saved(Template(name: $0.rawValue, purpose: $0, content: "")) }
    let stages = (0..<ruleCount + 1).map { index in
        saved(
            Stage(
                name: "Stage \(index)", description: "", style: .conversation, selectionTemplateID: templates[0].id,
                extractionTemplateID: templates[1].id, responseTemplateID: templates[2].id, isEntry: index == 0))
    }
    let conditions = [
        #"data.topic == "return" && has(data.order_id)"#, #"message.text.contains("refund") || data.amount > 100"#,
        #"stage.visits > 3 && !has(data.email)"#, #"data.topic in ["exchange", "complaint"] && conversation.turns < 20"#,
    ]
    let rules = (0..<ruleCount).map { index in
        saved(
            TransitionRule(
                from: stages[0].id, to: stages[index + 1].id,
                condition: index == ruleCount - 1 ? #"data.topic == "order" && data.amount < 50"# : conditions[index % conditions.count],
                priority: Int64(ruleCount - index)))
    }
    let flow = Flow(
        business: Business(id: business, name: "Measured", flowRevision: 1, createdAt: now, updatedAt: now), templates: templates, stages: stages,
        rules: rules)
    let key = ConversationKey(business: business, conversation: .simulated)
    var state = ConversationState(key: key, at: now)
    state.stageID = stages[0].id
    state.enteredAt = now
    state.visits = [stages[0].id: 1]
    state.data.conversation = ["topic": "order", "amount": 20, "order_id": "AB-1234", "email": "alex@example.com"]
    return (flow, state)
}

let count = 20
let (flow, state) = routing(ruleCount: count)
let event = ConversationEvent(message: Message(text: "Where is my order AB-1234?", receivedAt: state.createdAt))
let decision = flow.decide(state, on: event, at: state.createdAt)
guard case .move = decision.outcome else {
    print("The last rule did not win: what follows would measure something else.")
    exit(1)
}

let deciding = least(rounds: 20, repetitions: 2000) { _ = flow.decide(state, on: event, at: state.createdAt) } * 1e6 / Double(count)
let explaining = least(rounds: 10, repetitions: 200) { _ = flow.trace(of: decision, state, on: event, at: state.createdAt) } * 1e6 / Double(count)
let (large, _) = routing(ruleCount: 199)
let drawing = least(rounds: 5, repetitions: 1) { _ = FlowGraph(large).svg() } * 1e3
let aim = 2.0

/// A stage with ten fields and so many rules, none of which holds, and a message for it.
func turn(ruleCount: Int) -> TurnRequest {
    let (flow, state) = routing(ruleCount: ruleCount)
    let names: [(String, DataField.Kind)] = [
        ("email", .email), ("phone", .string), ("price", .number), ("day", .date), ("gift", .boolean), ("city", .string), ("name", .string),
        ("quantity", .number),
    ]
    let fields =
        [DataField(name: "order_id", pattern: #"[A-Z]{2}-\d{4,}"#), DataField(name: "kind", kind: .choice, values: ["status", "refund"])]
        + names.map { DataField(name: $0.0, kind: $0.1) }
    let reply = "Thank you{{#user_name}}, {{user_name}}{{/user_name}}. {{#data.order_id}}I have {{data.order_id}}.{{/data.order_id}} What else?"
    let template = Saved(
        id: Template.ID(), businessID: flow.business.id, body: Template(name: "Reply", purpose: .responseGeneration, content: reply),
        createdAt: state.createdAt, updatedAt: state.createdAt, revision: 1)
    let stages = flow.stages.all.filter { $0.id == state.stageID }.map { stage in
        var stage = stage
        stage.body.configuration.fields = fields
        stage.body.responseTemplateID = template.id
        return stage
    }
    var asked = state
    asked.data.conversation["topic"] = "other"
    let message = Message(text: "Where is my order AB-1234? Please write to anna@example.com.", receivedAt: state.createdAt)
    return TurnRequest(
        flow: flow.saving(templates: [template], stages: stages), state: asked, messages: [InboundMessage(id: "m1", message: message)],
        actor: "benchmark", now: state.createdAt)
}

let request = turn(ruleCount: count)
guard case .done(let outcome) = try request.proceed(with: [:]), outcome.learned["email"] != nil, outcome.transitions.isEmpty else {
    print("The turn did not come to what is measured.")
    exit(1)
}
let turning = least(rounds: 20, repetitions: 500) { _ = try? request.proceed(with: [:]) } * 1e6
let turnAim = 100.0

print(
    """
    | in the process | measured | at most |
    |---|---:|---:|
    | one decision over \(count) rules, the last of which holds | \((deciding * 100).rounded() / 100) µs a rule\(deciding < aim ? "" : " ✗") | \(aim) µs |
    | its full trace, with why not for each | \((explaining * 100).rounded() / 100) µs a rule | |
    | one turn without a model, \(count) rules, 10 fields, of which 2 are learned | \(turning.rounded()) µs\(turning < turnAim ? "" : " ✗") | \(turnAim) µs |
    | check and picture of 200 stages | \((drawing * 10).rounded() / 10) ms\(drawing < 100 ? "" : " ✗") | 100 ms |
    """)
