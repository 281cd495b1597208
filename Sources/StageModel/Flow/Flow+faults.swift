extension Agent {
    public func faults(in flow: Flow, id: ID?) -> [InputFault] { [] }

    public static func catalogue(of flow: Flow) -> Catalogue<Agent> { flow.agents }

    public static func users(of id: ID, in flow: Flow) -> [String] {
        flow.stages.all.filter { $0.agentID == id }.map { "the stage '\($0.name)'" }
    }

    public static func saving(_ saved: Saved<Agent>, in flow: Flow) -> Flow { flow.saving(agents: [saved]) }
}

extension Template {
    public func faults(in flow: Flow, id: ID?) -> [InputFault] {
        guard let id, let saved = flow.templates[id], saved.purpose != purpose else { return faults }
        let users = Self.users(of: id, in: flow)
        guard !users.isEmpty else { return faults }
        let message = "Must stay '\(saved.purpose.rawValue)' while it is in use by \(Flow.list(users))."
        return faults + [InputFault(.root.appending("template_type"), message)]
    }

    public static func catalogue(of flow: Flow) -> Catalogue<Template> { flow.templates }

    public static func users(of id: ID, in flow: Flow) -> [String] {
        flow.stages.all.filter { stage in stage.templates.contains { $0.id == id } }.map { "the stage '\($0.name)'" }
    }

    public static func saving(_ saved: Saved<Template>, in flow: Flow) -> Flow { flow.saving(templates: [saved]) }
}

extension Stage {
    public func faults(in flow: Flow, id: ID?) -> [InputFault] {
        let place = JSONPointer.root.appending("configuration")
        return agentFaults(in: flow) + templateFaults(in: flow) + configuration.faults(at: place)
            + timeoutFaults(in: flow, id: id, at: place.appending("timeout"))
    }

    public static func catalogue(of flow: Flow) -> Catalogue<Stage> { flow.stages }

    /// The stages whose timeout leads to a stage, and the rules that do. Those that lead away from it alone go with it.
    public static func users(of id: ID, in flow: Flow) -> [String] {
        flow.stages.all.filter { $0.id != id && $0.configuration.timeout?.toStageID == id }.map { "the stage '\($0.name)'" }
            + flow.rules.all.filter { $0.toStageID == id && $0.fromStageID != id }.map { "the transition rule '\($0.name)' (\($0.id))" }
    }

    public static func saving(_ saved: Saved<Stage>, in flow: Flow) -> Flow { flow.saving(stages: [saved]) }

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

extension TransitionRule {
    /// Stages that are not there, and whatever is wrong with the condition.
    public func faults(in flow: Flow, id: ID?) -> [InputFault] {
        let stages = [("from_stage_id", fromStageID), ("to_stage_id", toStageID)].compactMap { field, stage -> InputFault? in
            guard let stage, flow.stages[stage] == nil else { return nil }
            return InputFault(.root.appending(field), "There is no stage \(stage) in this business.")
        }
        return stages + Condition.faults(of: condition, at: .root.appending("condition"))
    }

    public static func catalogue(of flow: Flow) -> Catalogue<TransitionRule> { flow.rules }

    public static func users(of id: ID, in flow: Flow) -> [String] { [] }

    public static func saving(_ saved: Saved<TransitionRule>, in flow: Flow) -> Flow { flow.saving(rules: [saved]) }
}

extension Flow {
    /// What a sentence lists, the first twenty of many.
    public static func list(_ items: [String]) -> String {
        items.prefix(20).joined(separator: ", ") + (items.count > 20 ? " and \(items.count - 20) more" : "")
    }
}
