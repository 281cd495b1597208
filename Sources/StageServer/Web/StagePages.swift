import StageEngine
import StageModel
import StageStore

/// The pages of stages: list, view and state.
struct StagePages: Sendable {
    let configuration: ConfigurationService
    let stages: StageService

    var pages: [Page] {
        [
            .get("/stages", list), .get("/stages/{stage_id}", view), .post("/stages/{stage_id}", change),
            .get("/stages/{stage_id}/state", state), .post("/stages/{stage_id}/state", by: .roles([.owner, .editor, .runtime]), changeState),
        ]
    }

    // MARK: - List and view

    private func list(_ call: PageCall) async throws -> PageAnswer {
        let caller = try call.caller
        let flow = try await configuration.flow(of: caller.business)
        let totals = try await stages.totals(by: caller)
        return .page(StageListPage(flow: flow, totals: totals, query: call.query, now: call.now).content)
    }

    private func view(_ call: PageCall) async throws -> PageAnswer {
        let caller = try call.caller
        let (stage, flow) = try await found(call)
        let showsAll = call.query["revisions"] == "all"
        let page = StageViewPage(
            stage: stage, flow: flow, statistics: try await stages.statistics(of: stage.id, by: caller),
            revisions: try await configuration.revisions(of: stage.id, in: caller.business, before: nil, limit: showsAll ? 200 : 21),
            role: call.visitor?.key.role ?? .viewer, showsAll: showsAll, now: call.now)
        return .page(page.content)
    }

    /// Restores a revision, or deletes the stage.
    private func change(_ call: PageCall) async throws -> PageAnswer {
        let (stage, flow) = try await found(call)
        let path = "/stages/\(stage.id)"
        switch call.form["action"] {
        case "restore":
            guard let revision = call.form["revision"].flatMap({ Int64($0) }) else { throw EngineError.invalid("revision", "Must be a number.") }
            let page = ConfirmPage(
                question: "Save revision \(revision) of '\(stage.name)' again as the newest?", label: "Restore", isDangerous: false, path: path,
                part: .stages)
            return try await call.confirmed(page) {
                _ = try await configuration.restore(
                    stage.id, revision: revision, ifRevision: call.form.version("r"), by: try call.caller
                ) { (_: Saved<Stage>) in nil }
                return .redirect(to: path, telling: .stageRestored)
            }
        case "delete":
            return try await delete(stage, flow, call)
        default: throw EngineError.invalid("action", "There is no such action.")
        }
    }

    /// Deletes the stage once that was confirmed, and once it was said where the conversations go that are there.
    private func delete(_ stage: Saved<Stage>, _ flow: Flow, _ call: PageCall) async throws -> PageAnswer {
        let caller = try call.caller
        let here = try await stages.statistics(of: stage.id, by: caller).conversationsHere
        let target = call.form.filled("move_to").flatMap { Stage.ID($0) }
        var page = ConfirmPage(
            question: "Delete the stage '\(stage.name)'?",
            paragraphs: ["The rules that lead away from it go with it. Its revisions are kept, and it can be restored from them."],
            label: "Delete stage", path: "/stages/\(stage.id)", part: .stages)
        if here > 0, target == nil {
            let choices = flow.stages(for: stage.agentID).filter { $0.id != stage.id }
            let label = "\(here.grouped) \(here == 1 ? "conversation is" : "conversations are") here. Where shall they go?"
            let fault = call.form.isOn("confirmed") ? "Choose a stage." : nil
            page.choice = ("move_to", label, choices.map { ($0.id.description, $0.name) }, fault)
            return .page(page.content(for: call.form))
        }
        return try await call.confirmed(page) {
            try await configuration.delete(stage.id, ifRevision: call.form.version("r"), movingTo: target, by: caller) { _ in nil }
            return .redirect(to: "/stages", telling: .stageDeleted)
        }
    }

    // MARK: - State

    private func state(_ call: PageCall) async throws -> PageAnswer { .page(try await statePage(call).content) }

    private func statePage(_ call: PageCall, faults: StageStatePage.Faults? = nil) async throws -> StageStatePage {
        let caller = try call.caller
        let (stage, flow) = try await found(call)
        var query = ConversationQuery(business: caller.business, limit: StageStatePage.mostConversations, at: call.now)
        query.stage = stage.id
        return StageStatePage(
            stage: stage, flow: flow, statistics: try await stages.statistics(of: stage.id, by: caller),
            conversations: try await stages.conversations(query, by: caller), faults: faults, now: call.now)
    }

    private func changeState(_ call: PageCall) async throws -> PageAnswer {
        let (stage, _) = try await found(call)
        switch call.form["action"] {
        case "set_status", "set_data":
            guard call.visitor?.key.role != .runtime else { throw RequestError.forbidden("The role runtime may move conversations only.") }
            return try await changeOwnState(stage, call)
        case "bring": return try await bring(to: stage, call)
        default:
            guard let action = call.form["action"].flatMap(ConversationActions.Action.init) else {
                throw EngineError.invalid("action", "There is no such action.")
            }
            return try await ConversationActions(configuration: configuration, stages: stages)
                .answer(action, on: try conversation(call), call, at: "/stages/\(stage.id)/state", in: .stages)
        }
    }

    private func changeOwnState(_ stage: Saved<Stage>, _ call: PageCall) async throws -> PageAnswer {
        var data: [String: JSONValue]?
        if call.form["action"] == "set_data" {
            let text = call.form["data"] ?? ""
            do throws(FormFault) {
                data = try Self.object(text)
            } catch {
                return .page(try await statePage(call, faults: .init(data: text, dataFault: error.sentence)).content)
            }
        }
        do throws(EngineError) {
            _ = try await configuration.changeState(of: stage.id, ifVersion: call.form.version("s"), by: try call.caller, answering: { _ in nil }) {
                state in
                var state = state
                if let data { state.data = data }
                if data == nil, let status = call.form["status"].flatMap(StageState.Status.init) { state.status = status }
                return state
            }
        } catch {
            guard data != nil || error.code == .preconditionFailed else { throw error }
            let message = error.faults.first?.message ?? error.message
            return .page(
                try await statePage(call, faults: .init(data: call.form["data"], dataFault: data == nil ? nil : message, message: message)).content)
        }
        return .redirect(to: "/stages/\(stage.id)/state", telling: .stateSaved)
    }

    /// Moves a conversation to this stage, starting it if need be.
    private func bring(to stage: Saved<Stage>, _ call: PageCall) async throws -> PageAnswer {
        let (typed, dataText) = (call.form["conversation_id"] ?? "", call.form["data"] ?? "{}")
        var faults = StageStatePage.Faults(conversation: typed, agent: call.form["agent_id"], bringData: dataText)
        guard let id = ConversationID(typed) else {
            faults.conversationFault = "Must be \(ConversationID.rule)."
            return .page(try await statePage(call, faults: faults).content)
        }
        let data: [String: JSONValue]
        do throws(FormFault) { data = try Self.object(dataText) } catch {
            faults.bringDataFault = error.sentence
            return .page(try await statePage(call, faults: faults).content)
        }
        do throws(EngineError) {
            _ = try await stages.setCurrentStage(
                stage.id, of: id, data: data, agent: call.form.filled("agent_id").flatMap { Agent.ID($0) }, by: try call.caller)
        } catch {
            let fault = error.faults.first
            switch fault?.pointer.description {
            case "/agent_id": faults.agentFault = fault?.message
            case let place? where place.hasPrefix("/data"): faults.bringDataFault = "\(place.dropFirst(6)): \(fault?.message ?? "")"
            default: faults.message = error.message
            }
            return .page(try await statePage(call, faults: faults).content)
        }
        return .redirect(to: "/stages/\(stage.id)/state", telling: .conversationMoved)
    }

    private func conversation(_ call: PageCall) throws(EngineError) -> ConversationID {
        guard let id = call.form["conversation_id"].flatMap({ ConversationID($0) }) else {
            throw .invalid("conversation_id", "Must be \(ConversationID.rule).")
        }
        return id
    }

    private func found(_ call: PageCall) async throws -> (stage: Saved<Stage>, flow: Flow) {
        let flow = try await configuration.flow(of: try call.caller.business)
        let id: Stage.ID = try call.id("stage_id")
        guard let stage = flow.stages[id] else { throw EngineError.notFound("stage", id) }
        return (stage, flow)
    }

    /// Reads a text that must be a JSON object.
    static func object(_ text: String) throws(FormFault) -> [String: JSONValue] {
        let value: JSONValue
        do throws(JSONSyntaxError) { value = try JSONValue(parsing: Array(text.utf8)) } catch {
            throw FormFault(sentence: "Is no JSON: \(error.message) (line \(error.line), column \(error.column)).")
        }
        guard let object = value.object else { throw FormFault(sentence: "Must be a JSON object such as {\"name\": \"value\"}, not \(value.kind).") }
        return object
    }
}

/// What is wrong with a field of a form.
struct FormFault: Error {
    let sentence: String
}

extension Form {
    /// The version that a form was made for: of `if_match`, such as `r3`; any when it has none of that kind.
    func version(_ kind: Character) -> VersionCondition {
        guard let text = self["if_match"], text.first == kind, let number = Int64(text.dropFirst()) else { return .any }
        return .oneOf([number])
    }
}
