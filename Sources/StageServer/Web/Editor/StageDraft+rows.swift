import StageModel

// Rows of fields and rules: added, taken away and put in order. A row that is not there is left alone: the form is an old one.
extension StageDraft {
    mutating func removeField(_ row: Int) {
        if fields.indices.contains(row) { fields.remove(at: row) }
    }

    mutating func moveField(_ row: Int, _ direction: EditorAction.Direction) {
        guard fields.indices.contains(row) else { return }
        let other = direction == .up ? row - 1 : row + 1
        if fields.indices.contains(other) { fields.swapAt(row, other) }
    }

    /// - Returns: the row of the new rule: the last of its kind.
    mutating func addRule(isFromAny: Bool) -> Int {
        let row = isFromAny ? rules.count : rules.count { !$0.isFromAny }
        rules.insert(Rule(isFromAny: isFromAny), at: row)
        return row
    }

    mutating func removeRule(_ row: Int) {
        if rules.indices.contains(row) { rules.remove(at: row) }
    }

    /// Exchanges a rule with its neighbour of the same kind, and their priorities, so that they are tried in the order in which they stand.
    mutating func moveRule(_ row: Int, _ direction: EditorAction.Direction) {
        guard rules.indices.contains(row) else { return }
        let other = direction == .up ? row - 1 : row + 1
        guard rules.indices.contains(other), rules[row].isFromAny == rules[other].isFromAny else { return }
        rules.swapAt(row, other)
        if let one = Int64(rules[row].priority), let two = Int64(rules[other].priority) {
            rules[min(row, other)].priority = String(max(one, two))
            rules[max(row, other)].priority = String(min(one, two))
        }
        setApart(min(row, other))
    }

    /// Raises the rule of a row above the next one of the same priority, and those above it where that reaches them.
    private mutating func setApart(_ row: Int) {
        var row = row
        var isFirst = true
        while row >= 0, rules[row].isFromAny == rules[row + 1].isFromAny, let upper = Int64(rules[row].priority),
            let lower = Int64(rules[row + 1].priority), upper == lower || (!isFirst && upper < lower),
            lower < TransitionRule.priorities.upperBound
        {
            rules[row].priority = String(lower + 1)
            row -= 1
            isFirst = false
        }
    }
}
