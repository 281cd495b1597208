import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// The simulator: what a message would lead to, and why.
struct SimulatorPages: Sendable {
    let configuration: ConfigurationService
    let stages: StageService

    var pages: [Page] { [.get("/simulator", form), .post("/simulator", by: .readers, simulate)] }

    private func form(_ call: PageCall) async throws -> PageAnswer {
        var typed = Form()
        for name in ["stage_id", "conversation_id", "agent_id"] {
            if let value = call.query[name] { typed.set(value, for: name) }
        }
        return .page(try await page(typed, call))
    }

    private func simulate(_ call: PageCall) async throws -> PageAnswer {
        var faults: [String: String] = [:]
        var simulation = Simulation()
        simulation.stage = call.form.filled("stage_id").flatMap { Stage.ID($0) }
        simulation.agent = call.form.filled("agent_id").flatMap { Agent.ID($0) }
        if let typed = call.form.filled("conversation_id") {
            simulation.conversation = ConversationID(typed)
            if simulation.conversation == nil { faults["conversation_id"] = "Must be \(ConversationID.rule)." }
        }
        do throws(FormFault) { simulation.data = try StagePages.object(call.form.filled("data") ?? "{}") } catch { faults["data"] = error.sentence }
        let text = call.form["message.text"] ?? ""
        if !text.isEmpty { simulation.message = Message(text: text, receivedAt: call.now) }
        guard faults.isEmpty else { return .page(try await page(call.form, call, faults: faults)) }
        let outcome: SimulationOutcome
        do throws(EngineError) {
            outcome = try await stages.simulate(simulation, by: try call.caller)
        } catch {
            switch error.code {
            case .invalidInput: for fault in error.faults { faults[String(fault.pointer.description.dropFirst())] = fault.message }
            case .notFound: faults["conversation_id"] = error.message
            default: throw error
            }
            return .page(try await page(call.form, call, faults: faults))
        }
        return .page(try await page(call.form, call, outcome: outcome))
    }

    private func page(
        _ typed: Form, _ call: PageCall, faults: [String: String] = [:], outcome: SimulationOutcome? = nil
    ) async throws -> PageContent {
        let flow = try await configuration.flow(of: try call.caller.business)
        return PageContent(
            template: "Simulator", title: "Simulator", part: .simulator,
            model: [
                "fault_summary": .none,
                "stages": .list(flow.stages.all) { .option($0.id.description, $0.name, isSelected: typed["stage_id"] == $0.id.description) },
                "agents": .list(flow.agents.all) { .option($0.id.description, $0.name, isSelected: typed["agent_id"] == $0.id.description) },
                "stage_error": .optional(faults["stage_id"]), "agent_error": .optional(faults["agent_id"]),
                "conversation_id": .text(typed["conversation_id"] ?? ""), "conversation_error": .optional(faults["conversation_id"]),
                "message_text": .text(typed["message.text"] ?? ""), "data_text": .text(typed["data"] ?? "{}"),
                "data_error": faults["data"].map { ["message": .text($0)] } ?? .none,
                "result": outcome.map { result($0, flow) } ?? .none,
            ], status: faults.isEmpty ? .ok : .unprocessableContent)
    }

    private func result(_ outcome: SimulationOutcome, _ flow: Flow) -> PageValue {
        let from = outcome.from.flatMap { flow.stages[$0] }?.name ?? "no stage"
        var headline = "Stays at \(from)"
        var path = [outcome.from]
        if case .move(let target, _, _) = outcome.decision.outcome {
            headline = target == outcome.from ? "Enters \(from) again" : "Moves to \(flow.stages[target]?.name ?? "a stage that is not saved")"
            path.append(target)
        }
        let trace = TraceModel(trace: outcome.trace, flow: flow).model
        return [
            "flow_revision": .number(outcome.revision), "headline": .text(headline), "has_path": .flag(path.count > 1),
            "path_stages": .list(Array(path.enumerated())) { flow.place($0.element).merging(["is_onward": .flag($0.offset > 0)]) },
            "rounds": [trace.merging(["round_title": .text("At \(from)")])],
        ]
    }
}
