import CEL

extension FlowMap {
    /// Rules that lead nowhere, whose conditions say nothing, or that never get a turn.
    var ruleFindings: [Finding] {
        let repeated = repeatedRules
        return rules.flatMap { targetFindings(of: $0) + conditionFindings(of: $0) } + repeated.map(repeatedFinding)
            + shadowedRules(except: Set(repeated.keys))
    }
}

// MARK: - Conditions

extension FlowMap {
    private func conditionFindings(of rule: Rule) -> [Finding] {
        switch rule.condition {
        case .failure(let diagnostics):
            guard let first = diagnostics.all.first else { return [] }
            let more = diagnostics.all.count > 1 ? ", and \(diagnostics.all.count - 1) more" : ""
            let fault = "\(first.message) (line \(first.line), column \(first.column))\(more)"
            let remedy = first.suggestion.map { "Write '\($0)', if that is what is meant." }
            return [
                Finding(
                    .invalidCondition, .error, at: rule.saved.place("condition"),
                    "The condition of \(title(of: rule)) is not valid: \(fault).",
                    remedy: remedy ?? "Correct the condition; as it is, the rule never holds.")
            ]
        case .success(let condition):
            guard let (sentence, remedy) = condition.constancy else { return [] }
            let message = "The condition of \(title(of: rule)) \(sentence)."
            return [Finding(.constantCondition, .warning, at: rule.saved.place("condition"), message, remedy: remedy)]
        }
    }
}

extension CheckedCondition {
    /// That the condition does not depend on anything, and what to do about it; nil: it does, or it is a plain `true`.
    fileprivate var constancy: (sentence: String, remedy: String)? {
        if case .literal(.bool(true)) = expression.kind { return nil }
        let always = "Let it test what it is to depend on, or write 'true' if the rule is to hold always."
        let never = "Let it test what it is to depend on, or delete the rule."
        let isFixed = !outcomes.contains(.isMissing)
        if outcomes.contains(.isTrue) {
            guard !outcomes.contains(.isFalse) else { return nil }
            return (isFixed ? "is always true" : "is true whatever the values are that it reads", always)
        }
        guard outcomes.contains(.isFalse) else { return ("never has a value, so that the rule never holds", never) }
        return ("is \(isFixed ? "always false" : "false whatever the values are that it reads"), so that the rule never holds", never)
    }
}

// MARK: - Rules that are the same

extension FlowMap {
    private struct Likeness: Hashable {
        let origin: Stage.ID?
        let target: Stage.ID
        let selection: TransitionRule.Selection
    }

    /// The rules that are the same as an earlier one, each with that one, by their numbers.
    private var repeatedRules: [Int: Int] {
        let alike = Dictionary(grouping: rules.indices) { number in
            let rule = rules[number].saved
            return Likeness(origin: rule.fromStageID, target: rule.toStageID, selection: rule.selection)
        }
        var repeated: [Int: Int] = [:]
        for numbers in alike.values where numbers.count > 1 {
            var first: [String: Int] = [:]
            for number in numbers {
                guard case .success(let condition) = rules[number].condition else { continue }
                let key = condition.expression.key
                if let earlier = first[key] { repeated[number] = earlier } else { first[key] = number }
            }
        }
        return repeated
    }

    private func repeatedFinding(number: Int, earlier: Int) -> Finding {
        let other = "the rule '\(rules[earlier].saved.name.excerpt)' (\(rules[earlier].saved.id))"
        return Finding(
            .repeatedRule, .warning, at: rules[number].saved.place(),
            "\(title(of: rules[number]).asSentence) is the same as \(other), which is tried before it.",
            remedy: "Delete one of the two, or let their conditions differ.")
    }
}

// MARK: - Rules that never get a turn

extension FlowMap {
    /// Rules behind an automatic one that always holds and whose target nothing can close.
    private func shadowedRules(except others: Set<Int>) -> [Finding] {
        let blocking = rules.indices.filter { isBlocking(rules[$0]) }
        guard !blocking.isEmpty else { return [] }
        let byOrigin = Dictionary(grouping: blocking) { rules[$0].saved.fromStageID }
        let hasStrictStage = stages.contains { $0.configuration.transitionPolicy == .strict }
        return rules.indices.compactMap { number -> Finding? in
            let rule = rules[number]
            guard !others.contains(number), rule.mayHold, let blocker = blocker(of: number, among: byOrigin) else { return nil }
            // A strict stage lets the API move conversations to the targets of all rules that hold, also of those that are not tried.
            let isStrict = rule.origin.map { stages[$0].configuration.transitionPolicy == .strict } ?? hasStrictStage
            guard !isStrict || rules[blocker].target == rule.target else { return nil }
            return Finding(
                .shadowedRule, .warning, at: rule.saved.place(),
                "\(title(of: rule).asSentence) is never tried: \(title(of: rules[blocker])) stands before it and always holds.",
                remedy: "Give the rule that stands before it a condition or a lower priority, or delete this one.")
        }
    }

    private func isBlocking(_ rule: Rule) -> Bool {
        guard rule.saved.selection == .automatic, rule.alwaysHolds, let target = rule.target.map({ stages[$0] }) else { return false }
        return target.configuration.maximumVisits == nil && flow.state(of: target.id).status == .active
    }

    /// A rule that stands before another wherever that could be tried; nil: there is none.
    private func blocker(of number: Int, among blocking: [Stage.ID?: [Int]]) -> Int? {
        let rule = rules[number]
        guard let target = rule.target, rule.saved.fromStageID == nil || rule.origin != nil else { return nil }
        let owners = [0, self.owners[target], rule.origin.map { self.owners[$0] } ?? 0]
        func blocks(_ other: Int) -> Bool {
            guard rule.saved.selection == .model || other < number, let otherTarget = rules[other].target else { return false }
            return owners.contains(self.owners[otherTarget])
        }
        let anywhere = blocking[nil, default: []]
        guard let origin = rule.origin else {
            // At its own target a rule from any stage is passed over. There another one has to block, unless this one is passed over too.
            if let same = anywhere.first(where: { blocks($0) && rules[$0].target == target }) { return same }
            guard let first = anywhere.first(where: blocks) else { return nil }
            return anywhere.contains { blocks($0) && rules[$0].target != rules[first].target } ? first : nil
        }
        return blocking[rule.saved.fromStageID, default: []].first(where: blocks)
            ?? anywhere.first { blocks($0) && rules[$0].target != origin }
    }
}
