import HTTPTypes
import NIOCore
import StageEngine
import StageModel
import StageStore

/// The simulator: a conversation with the flow that is kept nowhere. What was said travels with the page, and is said again with every form.
struct SimulatorPages: Sendable {
    let configuration: ConfigurationService
    let turns: TurnService

    /// Seconds between a message and the next, as in tests of `stagekeeper test`.
    private static let pause: Int64 = 10

    var pages: [Page] { [.get("/simulator", begin), .post("/simulator", by: .readers, act)] }

    private func begin(_ call: PageCall) async throws -> PageAnswer {
        var typed = Form()
        for name in ["stage_id", "conversation_id", "agent_id"] {
            if let value = call.query[name] { typed.set(value, for: name) }
        }
        return .page(try await page(SimulatorDraft(typed), SimulatorRun(), call))
    }

    private func act(_ call: PageCall) async throws -> PageAnswer {
        let typed = SimulatorDraft(call.form)
        var draft = typed
        let action = call.form["action"] ?? "send"
        let parts = action.split(separator: ":", maxSplits: 1)
        switch parts.first {
        case "send": draft.say()
        case "run", "save": break
        case "restart": draft.goBack(before: 0)
        case "back":
            guard parts.count == 2, let index = Int(parts[1]) else { throw EngineError.invalid("action", "There is no such message.") }
            draft.goBack(before: index)
        default: throw EngineError.invalid("action", "There is no such action.")
        }
        let run = try await run(draft, call)
        // What could not be said stays where it was typed.
        guard run.faults.isEmpty else { return .page(try await page(typed, run, call)) }
        if action == "save", let rehearsal = run.rehearsal, !rehearsal.turns.isEmpty {
            return .reply(RehearsalFile(rehearsal: rehearsal, draft: draft).reply)
        }
        return .page(try await page(draft, run, call))
    }

    /// Says everything anew.
    private func run(_ draft: SimulatorDraft, _ call: PageCall) async throws -> SimulatorRun {
        var run = SimulatorRun()
        let (start, faults) = draft.start(by: call.visitor?.key.role ?? .viewer)
        run.faults = faults
        guard faults.isEmpty else { return run }
        let caller = try call.caller
        do throws(EngineError) {
            var rehearsal = try await turns.rehearsal(from: start, withModel: draft.isWithModel, recalling: draft.answers, by: caller)
            run.rehearsal = rehearsal
            for (index, text) in draft.messages.enumerated() {
                let now = caller.now.adding(seconds: Int64(index) * Self.pause)
                let message = InboundMessage(
                    id: String(index + 1), message: Message(text: text, receivedAt: now), userName: draft.form.filled("user_name"))
                try await rehearsal.send(message, at: now)
                run.rehearsal = rehearsal
            }
        } catch {
            switch error.code {
            case .invalidInput: run.faults.add(error.faults)
            case .notFound: run.faults.add("conversation_id", error.message)
            case .notStarted, .stageDisabled, .alreadyCompleted: run.faults.add("message.text", error.message)
            default: throw error
            }
        }
        return run
    }

    private func page(_ draft: SimulatorDraft, _ run: SimulatorRun, _ call: PageCall) async throws -> PageContent {
        let flow = try await configuration.flow(of: try call.caller.business)
        return SimulatorPage(draft: draft, run: run, flow: flow, hasModel: turns.hasModel).content
    }
}

/// What came of saying it all: as far as it went, and what went wrong.
struct SimulatorRun: Sendable {
    var rehearsal: Rehearsal?
    var faults = SimulatorFaults()
}
