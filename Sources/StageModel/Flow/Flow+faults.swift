extension Agent {
    public func faults(in flow: Flow, id: ID?) -> [InputFault] { [] }

    public static func catalogue(of flow: Flow) -> Catalogue<Agent> { flow.agents }

    public static func users(of id: ID, in flow: Flow) -> [Saved<Stage>] { flow.stages.all.filter { $0.agentID == id } }
}

extension Template {
    public func faults(in flow: Flow, id: ID?) -> [InputFault] {
        guard let id, let saved = flow.templates[id], saved.purpose != purpose else { return faults }
        let users = Self.users(of: id, in: flow)
        guard !users.isEmpty else { return faults }
        let message = "Must stay '\(saved.purpose.rawValue)' while stages use it: \(Flow.list(users.map(\.name)))."
        return faults + [InputFault(.root.appending("template_type"), message)]
    }

    public static func catalogue(of flow: Flow) -> Catalogue<Template> { flow.templates }

    public static func users(of id: ID, in flow: Flow) -> [Saved<Stage>] {
        flow.stages.all.filter { stage in stage.templates.contains { $0.id == id } }
    }
}

extension Stage {
    public func faults(in flow: Flow, id: ID?) -> [InputFault] {
        let place = JSONPointer.root.appending("configuration")
        return agentFaults(in: flow) + templateFaults(in: flow) + configuration.faults(at: place)
            + timeoutFaults(in: flow, id: id, at: place.appending("timeout"))
    }

    public static func catalogue(of flow: Flow) -> Catalogue<Stage> { flow.stages }

    public static func users(of id: ID, in flow: Flow) -> [Saved<Stage>] {
        flow.stages.all.filter { $0.id != id && $0.configuration.timeout?.toStageID == id }
    }

    private func agentFaults(in flow: Flow) -> [InputFault] {
        guard let agentID, flow.agents[agentID] == nil else { return [] }
        return [InputFault(.root.appending("agent_id"), "There is no agent \(agentID) in this business.")]
    }

    private func templateFaults(in flow: Flow) -> [InputFault] {
        templates.compactMap { field, id, purpose in
            guard let template = flow.templates[id] else {
                return InputFault(.root.appending(field), "There is no template \(id) in this business.")
            }
            guard template.purpose != purpose else { return nil }
            let message = "The template '\(template.name)' is of type '\(template.purpose.rawValue)'; must be of type '\(purpose.rawValue)'."
            return InputFault(.root.appending(field), message)
        }
    }

    private func timeoutFaults(in flow: Flow, id: ID?, at place: JSONPointer) -> [InputFault] {
        guard let target = configuration.timeout?.toStageID, target != id else { return [] }
        let place = place.appending("to_stage_id")
        guard let stage = flow.stages[target] else { return [InputFault(place, "There is no stage \(target) in this business.")] }
        guard let agent = stage.agentID, agent != agentID else { return [] }
        return [InputFault(place, "The stage '\(stage.name)' belongs to another agent; must be a shared one or one of the same agent.")]
    }
}

extension Flow {
    /// Names as a sentence lists them, the first twenty of many.
    public static func list(_ names: [String]) -> String {
        names.prefix(20).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 20 ? " and \(names.count - 20) more" : "")
    }
}
