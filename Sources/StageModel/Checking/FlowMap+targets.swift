extension FlowMap {
    /// Timeouts that lead nowhere, or where conversations can't go.
    var timeoutFindings: [Finding] {
        stages.flatMap { stage -> [Finding] in
            guard let target = stage.configuration.timeout?.toStageID else { return [] }
            return targetFindings(
                target, from: stage, at: stage.place("configuration", "timeout", "to_stage_id"), "The timeout of the stage '\(stage.name)'")
        }
    }

    /// What is wrong with the stages that a rule names.
    func targetFindings(of rule: Rule) -> [Finding] {
        let origin = rule.saved.fromStageID
        let target = targetFindings(
            rule.saved.toStageID, from: rule.origin.map { stages[$0] }, at: rule.saved.place("to_stage_id"), title(of: rule).asSentence)
        guard let origin, rule.origin == nil else { return target }
        let missing = Finding(
            .targetMissing, .error, at: rule.saved.place("from_stage_id"),
            "\(title(of: rule).asSentence) leads away from the stage \(origin), which does not exist.",
            remedy: "Let it lead away from a stage of this flow or from any, or delete it.")
        return [missing] + target
    }

    private func targetFindings(
        _ id: Stage.ID, from origin: Saved<Stage>?, at place: @autoclosure () -> JSONPointer, _ title: @autoclosure () -> String
    ) -> [Finding] {
        guard let target = flow.stages[id] else {
            return [
                Finding(
                    .targetMissing, .error, at: place(), "\(title()) leads to the stage \(id), which does not exist.",
                    remedy: "Let it lead to a stage of this flow, or delete it.")
            ]
        }
        var findings: [Finding] = []
        if let agent = target.agentID, let other = origin?.agentID, agent != other {
            let way = "from a stage of \(self.title(of: other)) to one of \(self.title(of: agent))"
            findings.append(
                Finding(
                    .targetForeign, .error, at: place(), "\(title()) leads \(way), where the conversations there may not go.",
                    remedy: "Let it lead to a shared stage, or to one of the same agent."))
        }
        if flow.state(of: id).status == .disabled {
            findings.append(
                Finding(
                    .targetDisabled, .warning, at: place(), "\(title()) leads to the stage '\(target.name)', which is disabled.",
                    remedy: "Enable the stage, or let it lead to another one."))
        }
        return findings
    }
}
