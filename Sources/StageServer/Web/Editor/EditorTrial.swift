import StageEngine
import StageModel
import StageStore

/// Tries a rule as it stands in the form, saved or not, on a conversation and a message.
struct EditorTrial: Sendable {
    let stages: StageService

    /// What became of the rule; with what is wrong with it or with the conversation, if anything is.
    func run(
        _ row: Int, of draft: StageDraft, _ stage: Saved<Stage>?, in flow: Flow, by caller: Caller
    ) async throws(EngineError) -> (model: PageValue, faults: [EditorFault]) {
        guard draft.rules.indices.contains(row) else { return (.none, []) }
        var reader = DraftReader()
        let id = stage?.id ?? Stage.ID()
        let rule = draft.rules[row].read(row: row, of: id, &reader)
        var simulation = Simulation()
        let typed = String(draft.tryConversation[...].trimming(while: \.isWhitespace))
        simulation.conversation = ConversationID(typed)
        if simulation.conversation == nil, !typed.isEmpty { reader.note("try.conversation_id", "Must be \(ConversationID.rule).") }
        guard reader.faults.isEmpty else { return (.none, reader.faults) }
        if stage == nil {
            guard let unsaved = draft.stageToTry(in: flow) else {
                return (
                    .none, [EditorFault("try.conversation_id", "Choose the stage's templates first; without them there is nothing to try.")]
                )
            }
            simulation.stages = [Simulation.Draft(id: id, body: unsaved)]
        }
        if rule.body.fromStageID != nil {
            simulation.stage = id
            if simulation.conversation == nil { simulation.agent = stage?.agentID ?? Agent.ID(draft.agent).flatMap { flow.agents[$0]?.id } }
        }
        if !draft.tryMessage.isEmpty { simulation.message = Message(text: draft.tryMessage, receivedAt: caller.now) }
        let tried = rule.id ?? TransitionRule.ID()
        simulation.rules = [Simulation.Draft(id: tried, body: rule.body)]
        do throws(EngineError) {
            let outcome = try await stages.simulate(simulation, by: caller)
            return (outcome.trace.candidates.first { $0.rule.id == tried }?.model(on: draft) ?? Self.notAsked(draft), [])
        } catch {
            switch error.code {
            case .notFound: return (.none, [EditorFault("try.conversation_id", error.message)])
            case .invalidInput: return (.none, error.faults.map { Self.placed($0, row) })
            default: throw error
            }
        }
    }

    /// Faults of the rule at its row, any others at the conversation.
    private static func placed(_ fault: InputFault, _ row: Int) -> EditorFault {
        let parts = fault.pointer.description.split(separator: "/")
        guard parts.count == 3, parts[0] == "rules" else { return EditorFault("try.conversation_id", fault.message) }
        return EditorFault("rules.\(row).\(parts[2])", fault.message)
    }

    private static func notAsked(_ draft: StageDraft) -> PageValue {
        ["tone": "none", "verdict": "not tried", "tried_on": .text(draft.triedOn), "has_clauses": false]
    }
}

extension StageDraft {
    /// On what rules are tried, in words.
    fileprivate var triedOn: String {
        let conversation = String(tryConversation[...].trimming(while: \.isWhitespace))
        return "\(conversation.isEmpty ? "a new conversation" : conversation), \(tryMessage.isEmpty ? "no message" : "“\(tryMessage)”")"
    }

    /// The unsaved stage as far as rules see it; nil when it lacks a template and the business has none that could stand in.
    fileprivate func stageToTry(in flow: Flow) -> Stage? {
        func template(_ purpose: Template.Purpose) -> Template.ID? {
            self.template(purpose, in: flow)?.id ?? flow.templates.all.first { $0.purpose == purpose }?.id
        }
        guard let selection = template(.stageSelection), let extraction = template(.dataExtraction),
            let response = template(.responseGeneration)
        else { return nil }
        return Stage(
            agentID: Agent.ID(agent).flatMap { flow.agents[$0]?.id }, name: name, description: description,
            style: Stage.Style(rawValue: style) ?? .conversation, selectionTemplateID: selection, extractionTemplateID: extraction,
            responseTemplateID: response)
    }
}

extension DecisionTrace.Candidate {
    fileprivate func model(on draft: StageDraft) -> PageValue {
        let (verdict, tone) = words
        let reason = whyNotSentence.map { " · \($0.filter { $0 != "`" })" } ?? ""
        return [
            "tone": .text(tone), "verdict": .text(verdict), "tried_on": .text(draft.triedOn + reason),
            "has_clauses": .flag(!clauses.isEmpty),
            "clauses": .list(clauses) { $0.model },
        ]
    }

    private var words: (verdict: String, tone: String) {
        switch verdict {
        case .won: ("chosen", "active")
        case .eligible: ("held", "active")
        case .notHeld: ("did not hold", "none")
        case .failed: ("error", "error")
        case .closed: ("closed", "warning")
        case .notTried: held ? ("held, but another rule comes first", "active") : ("did not hold", "none")
        }
    }
}
