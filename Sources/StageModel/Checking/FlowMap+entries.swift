extension FlowMap {
    /// Entries that are missing, too many, or disabled.
    var entryFindings: [Finding] {
        guard hasEntry else {
            return [
                Finding(
                    .noEntry, .error, at: .root.appending(Stage.kind.collection),
                    "No stage is an entry, so that conversations can start nowhere.",
                    remedy: "Set 'is_entry' on the stage that conversations are to start at.")
            ]
        }
        return agentsWithoutEntry + entriesNotTaken + disabledEntries
    }

    private var agentsWithoutEntry: [Finding] {
        let entries = stages.filter(\.isEntry)
        guard !entries.contains(where: { $0.agentID == nil }) else { return [] }
        let served = Set(entries.compactMap(\.agentID))
        return flow.agents.all.filter { !served.contains($0.id) }.map { agent in
            Finding(
                .noEntry, .error, at: agent.place(),
                "Conversations with the agent '\(agent.name)' can start nowhere: no stage of the agent and no shared one is an entry.",
                remedy: "Set 'is_entry' on a stage of the agent, or on a shared one.")
        }
    }

    private var entriesNotTaken: [Finding] {
        let entries = stages.filter { stage in stage.isEntry && stage.agentID.map { flow.agents[$0] != nil } ?? true }
        return Dictionary(grouping: entries, by: \.agentID).values.flatMap { entries -> [Finding] in
            guard let taken = entries.min(by: { $0.id < $1.id }) else { return [] }
            let whose = taken.agentID.map { "of the entries of \(title(of: $0))" } ?? "of the shared entries"
            return entries.filter { $0.id != taken.id }.map { entry in
                Finding(
                    .severalEntries, .warning, at: entry.place("is_entry"),
                    "Conversations never start at the stage '\(entry.name)': \(whose), '\(taken.name)' has the lowest id.",
                    remedy: "Set 'is_entry' on one of them only: the one at which conversations are to start.")
            }
        }
    }

    private var disabledEntries: [Finding] {
        Set(contexts.compactMap(\.entry)).map { stages[$0] }.filter { flow.state(of: $0.id).status == .disabled }.map { stage in
            Finding(
                .entryDisabled, .warning, at: stage.place("is_entry"),
                "The stage '\(stage.name)', at which conversations start, is disabled.",
                remedy: "Enable the stage, or make another one the entry.")
        }
    }
}
