import StageEngine
import StageModel
import StageStore

/// What can be done with a conversation from its own page as well as from that of its stage: pause, resume, clear and move.
struct ConversationActions: Sendable {
    let configuration: ConfigurationService
    let stages: StageService

    enum Action: String {
        case pause, resume, clear, move
    }

    /// Does what a button asks for, after asking back where that is due.
    /// - Parameters:
    ///   - path: the page that the form stands on, where it goes on.
    ///   - part: the page's place in the navigation.
    func answer(
        _ action: Action, on id: ConversationID, _ call: PageCall, at path: String, in part: PageContent.Part
    ) async throws -> PageAnswer {
        switch action {
        case .pause: return try await perform(.pause, on: id, call, then: .redirect(to: path, telling: .conversationPaused))
        case .resume: return try await perform(.resume, on: id, call, then: .redirect(to: path, telling: .conversationResumed))
        case .clear:
            let page = ConfirmPage(
                question: "Clear the conversation \(id)?", paragraphs: ["Its stage, data and visits are forgotten. Its history stays."],
                label: "Clear", path: path, part: part)
            return try await call.confirmed(page) {
                try await perform(.clear, on: id, call, then: .redirect(to: path, telling: .conversationCleared))
            }
        case .move: return try await move(id, call, at: path, in: part)
        }
    }

    private func perform(
        _ command: ConversationCommand, on id: ConversationID, _ call: PageCall, then answer: PageAnswer
    ) async throws -> PageAnswer {
        _ = try await stages.perform(command, on: id, ifVersion: call.form.version("c"), by: try call.caller)
        return answer
    }

    /// Moves it to the stage that was chosen; asks for one as long as none was, or the choice is refused.
    private func move(_ id: ConversationID, _ call: PageCall, at path: String, in part: PageContent.Part) async throws -> PageAnswer {
        let caller = try call.caller
        var fault: String?
        if call.form.isOn("confirmed") {
            if let target = call.form.filled("to_stage_id").flatMap({ Stage.ID($0) }) {
                do throws(EngineError) {
                    _ = try await stages.setCurrentStage(target, of: id, ifVersion: call.form.version("c"), by: caller)
                    return .redirect(to: path, telling: .conversationMoved)
                } catch {
                    fault = error.faults.first?.message ?? error.message
                }
            } else {
                fault = "Choose a stage."
            }
        }
        let targets = try await targets(for: try await stages.state(of: id, by: caller), caller)
        let page = ConfirmPage(
            question: "Move the conversation \(id)?", label: "Move", isDangerous: false, path: path,
            choice: ("to_stage_id", "To which stage?", targets.map { ($0.id.description, $0.name) }, fault), part: part)
        return .page(page.content(for: call.form))
    }

    /// The stages that a conversation can be moved to.
    private func targets(for state: ConversationState, _ caller: Caller) async throws(EngineError) -> [Saved<Stage>] {
        let flow = try await configuration.flow(of: caller.business)
        return flow.stages(for: state.agentID).filter { $0.id != state.stageID && flow.state(of: $0.id).status == .active }
    }
}
