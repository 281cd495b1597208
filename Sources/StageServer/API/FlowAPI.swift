import HTTPTypes
import NIOCore
import StageEngine
import StageModel
import StageStore

/// The flow as a whole: checked, drawn, and tried.
struct FlowAPI: Sendable {
    let configuration: ConfigurationService
    let stages: StageService

    var operations: [Operation] {
        [
            Operation(
                id: "checkFlow", method: .post, path: "/flow/check",
                summary: "Answers what will go wrong in the flow, or is probably not meant. With a flow in the body, that one is checked.",
                access: .readers, body: Self.checkBody, isBodyOptional: true, bodyBytes: Limits.flowBytes,
                answer: .named("FlowCheck", .object([.required("findings", .array(of: Finding.schema, count: 0...1_000_000), "What was found.")])),
                handler: check),
            Operation(
                id: "getFlowGraph", method: .get, path: "/flow/graph",
                summary: "Answers the flow as a graph of stages, with the conversations that are at each.", access: .readers,
                query: [
                    QueryParameter(
                        "format", .choice(FlowGraph.Format.allCases.map(\.rawValue)), "json (default), mermaid, dot (Graphviz) or svg (a picture).")
                ], answer: FlowGraph.schema, otherTypes: FlowGraph.Format.allCases.map(\.mediaType).filter { $0 != "application/json" },
                handler: graph),
            Operation(
                id: "simulateFlow", method: .post, path: "/flow/simulate",
                summary: "Decides what a message would lead to, says why, and changes nothing. Drafts are tried without being saved.",
                access: .readers, body: Self.simulationBody, answer: Self.simulationAnswer, handler: simulate),
        ]
    }

    // MARK: - Handlers

    private func check(_ call: Call) async throws -> Reply {
        let findings: [Finding]
        if let document = call.body["flow"] {
            findings = try Self.reading(inside: "flow") { () throws(InvalidInput) in try FlowFile(json: document) }.findings()
        } else {
            findings = try await configuration.flow(of: try call.caller.business).findings
        }
        return .json { $0.field("findings", array: findings) }
    }

    /// Reads a part of the body, and tells its faults at their places in the whole.
    fileprivate static func reading<Part>(inside members: String..., part: () throws(InvalidInput) -> Part) throws(InvalidInput) -> Part {
        do throws(InvalidInput) { return try part() } catch {
            throw InvalidInput(
                error.faults.map { fault in InputFault(members.reversed().reduce(fault.pointer) { $0.inside($1) }, fault.message) })
        }
    }

    private func graph(_ call: Call) async throws -> Reply {
        let caller = try call.caller
        let flow = try await configuration.flow(of: caller.business)
        let graph = FlowGraph(flow, conversationsHere: try await stages.conversationsHere(by: caller))
        let format = call.query["format"].flatMap(FlowGraph.Format.init) ?? .json
        return Reply(body: ByteBuffer(bytes: graph.document(as: format)), contentType: format.mediaType)
    }

    private func simulate(_ call: Call) async throws -> Reply {
        let simulation = try Simulation(json: call.body, at: call.now)
        try Self.checkDrafts(of: simulation, by: call)
        return .json(SimulationView(outcome: try await stages.simulate(simulation, by: try call.caller)))
    }

    /// Whether a drafted condition holds tells of the data that it is tried on, masked or not: on a conversation's own data it takes a role that
    /// may reveal them.
    private static func checkDrafts(of simulation: Simulation, by call: Call) throws(RequestError) {
        let hasDrafts = !simulation.rules.isEmpty || !simulation.stages.isEmpty
        guard simulation.conversation != nil, hasDrafts, case .key(let key) = call.principal, key.role == .viewer else { return }
        throw .forbidden(
            "The role viewer can't try drafts on a real conversation. Leave out 'conversation_id' or the drafts, or use an editor's key.")
    }

    // MARK: - Bodies

    private static let checkBody = Schema.named(
        "FlowCheckRequest",
        .object([
            .optional("flow", FlowFile.schema, "A flow as 'stagekeeper export' writes it; left out: the business's own."),
            .optional("business_id", .identifier, "Must be the key's own."),
        ]))

    private static let simulationBody = Schema.named(
        "Simulation",
        .object([
            .optional("conversation_id", .conversationID, "A conversation whose state is taken; left out: one that has just begun."),
            .optional("stage_id", .identifier, "The stage at which it is taken to be; left out: where it is, or its entry."),
            .optional("agent_id", .optionalIdentifier, "The agent that it is taken to be held with."),
            .optional("data", .map(of: .anything), "Merged over the conversation's data (null deletes)."),
            .optional("visits", .map(of: .integer(0...1_000_000)), "How often each stage was entered, by its id."),
            .optional("turns", .integer(0...Int64.max), "How many messages were handled before."),
            .optional("seconds_in_stage", .integer(0...Int64(1) << 40), "How long it has been at the stage."),
            .optional("message", messageSchema, "What the end user said; left out: there is no message."),
            .optional(
                "rules", .array(of: TransitionRule.draftSchema, count: 0...200), "Rules that are tried; one with a rule_id replaces the saved one."),
            .optional("stages", .array(of: Stage.draftSchema, count: 0...200), "Stages that are tried; one with a stage_id replaces the saved one."),
            .optional("business_id", .identifier, "Must be the key's own."),
        ]))

    private static let messageSchema = Schema.object([
        .required("text", .text(0...20_000), "The words."),
        .optional("type", .text(1...100), "What kind of message it is. Default: text."),
        .optional("metadata", .map(of: .anything), "What else is known about it."),
    ])

    private static let simulationAnswer = Schema.named(
        "SimulationOutcome",
        .object([
            .required("stage_id", .optionalIdentifier, "Where the conversation would be."),
            .optional(
                "transition",
                .object([
                    .required("from_stage_id", .optionalIdentifier, "Where it was."), .required("to_stage_id", .identifier, "Where it would go."),
                    .required("cause", .choice(["rule", "model"]), "What would lead to it."), .required("rule_id", .identifier, "The rule that won."),
                    .required("chosen_by", .choice(Decision.Choice.allCases.map(\.rawValue)), "What chose it."),
                ]), "The move; left out: it would stay."),
            .required("flow_revision", .integer(0...Int64.max), "The flow that the drafts were added to."),
            .required(
                "trace", .array(of: DecisionTrace.candidateSchema, count: 0...1_000_000), "Every candidate in the order in which it was tried."),
        ]))
}

extension Simulation {
    /// Reads a body that its schema has accepted.
    fileprivate init(json: JSONValue, at now: Timestamp) throws {
        self.init()
        conversation = try json.optional("conversation_id") { $0.string.flatMap { ConversationID($0) } }
        stage = try json.optional("stage_id") { $0.identifier() }
        agent = try json.optional("agent_id") { $0.identifier() }
        data = try json.optional("data", \.object) ?? [:]
        turns = try json.optional("turns", \.integer)
        secondsInStage = try json.optional("seconds_in_stage", \.integer)
        if let counts = try json.optional("visits", \.object) {
            visits = [:]
            for (id, count) in counts {
                guard let stage = Stage.ID(id) else { throw EngineError.invalid("visits", "'\(id)' is not the id of a stage.") }
                visits?[stage] = count.int
            }
        }
        if let message = try json.optional("message", { $0 }) {
            self.message = Message(
                text: try message.member("text", \.string), type: try message.optional("type", \.string) ?? "text",
                metadata: try message.optional("metadata", \.object) ?? [:], receivedAt: now)
        }
        rules = try Self.drafts(json, "rules")
        stages = try Self.drafts(json, "stages")
    }

    private static func drafts<Body: Definition>(_ json: JSONValue, _ member: String) throws(InvalidInput) -> [Draft<Body>] {
        var drafts: [Draft<Body>] = []
        for (index, draft) in (try json.optional(member, \.array) ?? []).enumerated() {
            let body = try FlowAPI.reading(inside: member, "\(index)") { () throws(InvalidInput) in try Body(json: draft) }
            drafts.append(Draft(id: try draft.optional(Body.kind.idName) { $0.identifier() }, body: body))
        }
        return drafts
    }
}

/// What a simulation came to, as it is answered.
private struct SimulationView: JSONEncodable {
    let outcome: SimulationOutcome

    func encode(into json: inout JSONWriter) {
        json.object { json in
            json.field("stage_id", outcome.stage)
            if case .move(let target, let rule, let choice) = outcome.decision.outcome {
                json.field("transition") { json in
                    json.field("from_stage_id", outcome.from)
                    json.field("to_stage_id", target)
                    json.field("cause", (choice == .condition ? Transition.Cause.rule : .model).rawValue)
                    json.field("rule_id", rule)
                    json.field("chosen_by", choice.rawValue)
                }
            }
            json.field("flow_revision", outcome.revision)
            json.field("trace", array: outcome.trace.candidates)
        }
    }
}
