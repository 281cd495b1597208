import Synchronization

extension Flow {
    /// What will go wrong in the flow, or is probably not meant: the errors first, then by place. Pure: the same definitions give the same
    /// findings, in whatever order they come.
    public var findings: [Finding] {
        if let known = checked.withLock({ $0 }) { return known }
        // Not under the lock: a large flow takes long, and two who ask at once find the same.
        let found = check()
        checked.withLock { $0 = found }
        return found
    }

    private func check() -> [Finding] {
        guard !stages.all.isEmpty else { return [] }
        let map = FlowMap(self)
        return Finding.ordered(map.entryFindings + map.stageFindings + map.ruleFindings + map.timeoutFindings + map.templateFindings)
    }
}

extension Finding {
    /// The errors first, then by place.
    static func ordered(_ findings: [Finding]) -> [Finding] {
        let keyed = findings.map { finding in
            (key: [finding.place.description, finding.code.rawValue, finding.message, finding.example ?? ""], finding: finding)
        }
        return keyed.sorted { left, right in
            if left.finding.severity != right.finding.severity { return left.finding.severity == .error }
            return left.key.lexicographicallyPrecedes(right.key) { $0 == $1 ? false : $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }.map(\.finding)
    }
}

// MARK: - Places and names

extension Saved {
    /// The place of a member of the definition: `/stages/ID/is_entry`.
    func place(_ members: String...) -> JSONPointer {
        let definition = JSONPointer.root.appending(Body.kind.collection).appending(id.description)
        return members.reduce(definition) { $0.appending($1) }
    }
}

extension FlowMap {
    /// A rule in a sentence: `the rule 'Asks for the order' from 'Welcome' to 'Order status'`.
    func title(of rule: Rule) -> String {
        let origin = rule.saved.fromStageID == nil ? " from any stage" : rule.origin.map { " from '\(stages[$0].name)'" }
        let target = rule.target.map { " to '\(stages[$0].name)'" }
        return "the rule '\(rule.saved.name.excerpt)'\(origin ?? "")\(target ?? "")"
    }

    /// An agent in a sentence.
    func title(of agent: Agent.ID) -> String { flow.agents[agent].map { "the agent '\($0.name)'" } ?? "an agent that there is not" }

    /// A path as it is shown: `Welcome → Order status`; the middle of a long one is left out.
    func path(_ numbers: [Int]) -> String {
        let names = numbers.map { stages[$0].name }
        guard names.count > 12 else { return names.joined(separator: " → ") }
        return (names.prefix(6) + ["… \(names.count - 11) more …"] + names.suffix(5)).joined(separator: " → ")
    }
}

extension String {
    /// The text on one line, the beginning of a long one.
    var excerpt: String {
        let line = split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > 60 ? line.prefix(59) + "…" : line
    }

    /// The text with its first letter as a capital.
    var asSentence: String { prefix(1).uppercased() + dropFirst() }
}
