public import CEL

extension Program {
    /// The clauses of the condition in the order they stand in the source, with what each came to.
    /// - Parameter recording: what `evaluateRecording` of this program gave.
    public func clauses(of recording: Recording) -> [Clause] {
        tree.root.clauses.map { Clause($0, in: source, recording) }
    }
}

extension Program {
    /// The clauses of the condition in the order they stand in the source, with their texts.
    var clauses: [(expression: CEL.Expression, text: String)] {
        tree.root.clauses.map { ($0, source.text(of: $0.range)) }
    }

    /// What clauses came to, without their operands.
    func outcomes(of clauses: [(expression: CEL.Expression, text: String)], in recording: Recording) -> [Clause] {
        clauses.map { clause, text in
            let site = ClauseSite(clause: clause, source: source, recording: recording)
            return Clause(text: text, outcome: site.outcome(of: clause), operands: [])
        }
    }
}

extension CEL.Expression {
    /// The operands of `&&`, `||`, `!` and `? :` that are none of these; the expression itself if it is none.
    var clauses: [CEL.Expression] {
        var found: [CEL.Expression] = []
        collectClauses(&found)
        return found
    }

    private func collectClauses(_ found: inout [CEL.Expression]) {
        switch kind {
        case .and, .or, .not, .conditional: for child in children { child.collectClauses(&found) }
        case .literal, .identifier, .select, .presence, .index, .call, .negate, .binary, .list, .map, .structure, .comprehension, .bind:
            found.append(self)
        }
    }

    /// What a trace shows beside the value of a clause.
    fileprivate var shownOperands: [CEL.Expression] {
        switch kind {
        case .binary(let symbol, let left, let right): symbol.isComparison ? [left, right] : []
        case .call(_, let target, let arguments):
            [target].compactMap { $0 }.filter { !$0.isNamespace } + arguments.filter { !$0.isLiteral }
        case .comprehension(let macro): [macro.target]
        case .literal, .identifier, .select, .presence, .index, .not, .negate, .and, .or, .conditional, .list, .map, .structure, .bind: []
        }
    }

    var isLiteral: Bool {
        if case .literal = kind { return true }
        return false
    }

    /// Whether this stands before the dot of a function's full name, as in `math.greatest`, and is no value.
    var isNamespace: Bool {
        guard case .identifier(let name, _) = kind else { return false }
        return ["base64", "cel", "ip", "lists", "math", "optional", "sets", "strings"].contains(name)
    }
}

extension Clause {
    init(_ expression: CEL.Expression, in source: Source, _ recording: Recording) {
        let site = ClauseSite(clause: expression, source: source, recording: recording)
        text = source.text(of: expression.range)
        outcome = site.outcome(of: expression)
        operands = expression.shownOperands.map { operand in
            Operand(text: source.text(of: operand.range), outcome: site.outcome(of: operand))
        }
    }
}

/// A clause where it stands, and what its parts came to.
private struct ClauseSite {
    let clause: CEL.Expression
    let source: Source
    let recording: Recording

    func outcome(of expression: CEL.Expression) -> Clause.Outcome {
        switch recording[expression] {
        case .success(let value): return .value(value)
        case .failure(let error):
            let message = error.code == .unknownName ? "there is no \(error.subject ?? "such name")" : error.message
            return .error(message: message, missing: missing(error))
        case nil:
            // What stands behind an operand that failed was not evaluated; but what is constant has a value all the same.
            guard recording[clause] != nil, expression.reads.isEmpty,
                let value = try? Environment(limits: Limits(steps: 1000)).compileUnchecked(source.text(of: expression.range)).evaluate(Bindings())
            else { return .notEvaluated }
            return .value(value)
        }
    }

    /// The path of what was not there.
    private func missing(_ error: EvaluationError) -> String? {
        switch error.code {
        case .unknownName: return error.subject
        case .noSuchKey, .indexOutOfRange, .invalidArgument: break
        case .noSuchOverload, .overflow, .divisionByZero, .invalidConversion, .invalidKey, .stepLimit, .sizeLimit, .depthLimit: return nil
        }
        guard let range = error.range, let failed = clause.first(at: range) else { return nil }
        switch failed.kind {
        case .select, .index: return error.code == .invalidArgument ? nil : path(of: failed)
        // The value of an optional that has none.
        case .call("value", .some(let target), _): return path(of: target)
        case .literal, .identifier, .presence, .call, .not, .negate, .binary, .and, .or, .conditional, .list, .map, .structure, .comprehension, .bind:
            return nil
        }
    }

    /// A chain of fields and indices as a path: `data.address.city`, `data.tags[9]`, `data["first name"]`.
    private func path(of expression: CEL.Expression) -> String {
        switch expression.kind {
        case .identifier(let name, _): return name
        case .select(let operand, let field, _): return path(of: operand) + field.pathStep
        case .index(let operand, let index, _):
            guard case .success(let key) = recording[index] else { return "\(path(of: operand))[\(source.text(of: index.range))]" }
            guard case .string(let field) = key else { return "\(path(of: operand))[\(key)]" }
            return path(of: operand) + field.pathStep
        case .literal, .presence, .call, .not, .negate, .binary, .and, .or, .conditional, .list, .map, .structure, .comprehension, .bind:
            return source.text(of: expression.range)
        }
    }
}

extension CEL.Expression {
    /// The outermost select, index or call at a range.
    fileprivate func first(at range: SourceRange) -> CEL.Expression? {
        var rest = [self]
        while let expression = rest.popLast() {
            switch expression.kind {
            case .select, .index, .call: if expression.range == range { return expression }
            case .literal, .identifier, .presence, .not, .negate, .binary, .and, .or, .conditional, .list, .map, .structure, .comprehension, .bind:
                break
            }
            rest += expression.children.reversed()
        }
        return nil
    }
}

extension String {
    /// The text as one more step of a path: `.name`, or `["first name"]` where it is no name.
    var pathStep: String {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let isName = utf8.allSatisfy { letters.contains($0 | 0x20) || digits.contains($0) || $0 == UInt8(ascii: "_") }
        guard isName, let first = utf8.first, !digits.contains(first) else { return "[\(CEL.Value.string(self))]" }
        return ".\(self)"
    }
}
