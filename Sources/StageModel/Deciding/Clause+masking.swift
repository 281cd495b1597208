import CEL

extension Clause {
    /// The clause without what sensitive data came to; whether it holds stays.
    func masking(_ sensitive: SensitiveNames) -> Clause {
        guard !sensitive.names.isEmpty else { return self }
        return Clause(
            text: text, outcome: outcome.isTruth ? outcome : outcome.masking(sensitive, of: text),
            operands: operands.map { Operand(text: $0.text, outcome: $0.outcome.masking(sensitive, of: $0.text)) })
    }
}

extension WhyNot {
    /// The answer without values for, or from, sensitive data.
    func masking(_ sensitive: SensitiveNames) -> WhyNot {
        guard !sensitive.names.isEmpty else { return self }
        let readers = clauses.map(\.text).filter(sensitive.areRead(by:))
        let values = values?.map { assignment in
            let isSensitive =
                assignment.path.contains(where: sensitive.names.contains) || assignment.value.map(sensitive.cover) ?? false
                || !readers.isEmpty && (readers.contains { $0.contains(assignment.path.last ?? "") } || !isWritten(assignment.value))
            return isSensitive ? Assignment(path: assignment.path, value: assignment.value.map { _ in SensitiveNames.maskValue }) : assignment
        }
        return WhyNot(
            clauses: clauses.map { $0.masking(sensitive) }, wanted: wanted, values: areNamesWritten || readers.isEmpty ? values : nil)
    }

    /// Whether a value stands in the clauses as it is; where one of them reads a sensitive datum, any other may come from there.
    private func isWritten(_ value: CEL.Value?) -> Bool {
        guard let json = value.map({ JSONValue(abridging: $0) }) else { return true }
        return clauses.contains { $0.text.contains(json.string ?? json.jsonText) }
    }

    /// Whether the clauses name each place that is to be set; the name of another may be the value of a sensitive datum.
    private var areNamesWritten: Bool {
        (values ?? []).allSatisfy { $0.path.allSatisfy { name in clauses.contains { $0.text.contains(name) } } }
    }
}

extension DecisionTrace {
    /// Why a condition has no value, without what sensitive data came to: what its clauses, which are masked, do not tell, is not told.
    static func masking(_ reason: String, of condition: String, _ clauses: [Clause], _ sensitive: SensitiveNames) -> String {
        guard !sensitive.names.isEmpty, sensitive.areRead(by: condition) else { return reason }
        let isTold = clauses.contains { clause in
            if case .error(reason, _) = clause.outcome { true } else { false }
        }
        return isTold ? reason : Clause.Outcome.untold
    }
}

extension Clause.Outcome {
    fileprivate var isTruth: Bool {
        switch self {
        case .value(.bool), .notEvaluated: true
        case .value, .error: false
        }
    }

    /// The outcome, masked when its expression reads sensitive data or when it holds some.
    fileprivate func masking(_ sensitive: SensitiveNames, of text: String) -> Clause.Outcome {
        switch self {
        case .notEvaluated: self
        case .value(let value): sensitive.areRead(by: text) || sensitive.cover(value) ? .value(SensitiveNames.maskValue) : self
        case .error(_, let missing):
            sensitive.areRead(by: text, asKeys: missing != nil) ? .error(message: Self.untold, missing: nil) : self
        }
    }

    fileprivate static let untold = "it has no value"
}

extension SensitiveNames {
    fileprivate static let maskValue = CEL.Value.string(mask.string ?? "")

    /// Whether a value has a member of a sensitive name, at any depth.
    fileprivate func cover(_ value: CEL.Value) -> Bool {
        switch value {
        case .list(let elements): elements.contains(where: cover)
        case .optional(let wrapped): wrapped.map(cover) ?? false
        case .map(let map):
            map.entries.contains { key, member in
                if case .string(let name) = key, names.contains(name) { true } else { cover(member) }
            }
        case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .type, .ip, .cidr: false
        }
    }

    /// Whether an expression reads a sensitive datum, or the data as a whole. One that can't be read counts as if it did.
    fileprivate func areRead(by text: String) -> Bool { areRead(by: text, asKeys: false) }

    /// - Parameter asKeys: only where it looks something up by what it reads, so that the key stands in the path of what is missing.
    fileprivate func areRead(by text: String, asKeys: Bool) -> Bool {
        do throws(Diagnostics) {
            let root = try Condition.environment.parse(text).root
            return asKeys ? isReadAsKey(by: root) : isRead(by: root)
        } catch {
            return true
        }
    }

    private func isReadAsKey(by expression: CEL.Expression) -> Bool {
        if case .index(_, let index, _) = expression.kind, isRead(by: index) { return true }
        return expression.children.contains(where: isReadAsKey)
    }

    private func isRead(by expression: CEL.Expression) -> Bool {
        switch expression.kind {
        case .select(let operand, let field, _), .presence(let operand, let field, _):
            names.contains(field) || (!operand.isData && isRead(by: operand))
        case .index(let operand, let index, _):
            if case .literal(.string(let name)) = index.kind {
                names.contains(name) || (!operand.isData && isRead(by: operand))
            } else {
                isRead(by: operand) || isRead(by: index)
            }
        case .identifier: expression.isData
        case .literal, .call, .not, .negate, .binary, .and, .or, .conditional, .list, .map, .structure, .comprehension, .bind:
            expression.children.contains(where: isRead)
        }
    }
}

extension CEL.Expression {
    fileprivate var isData: Bool {
        if case .identifier("data", _) = kind { true } else { false }
    }
}
