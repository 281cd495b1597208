import CEL
@testable import StageModel
import Testing

extension DecisionCase {
    /// Decides, and compares what is decided and why with what is expected.
    func verify(location: Testing.SourceLocation = #_sourceLocation) throws {
        #expect(mistakes.isEmpty, "These lines can't be read.", sourceLocation: location)
        let flow = DecisionFlow.flow(rules)
        let event = ConversationEvent(message: message)
        let decision = decide(in: flow, on: event)
        let trace = flow.trace(of: decision, state, on: event, at: now)
        let actual = ["-> \(decision.outcome.line)"] + trace.candidates.map(\.line)
        #expect(actual == expected, "\(title)\n\(actual.joined(separator: "\n"))\n", sourceLocation: location)
        #expect(trace.outcome == decision.outcome && trace.candidates.map(\.rule) == decision.candidates.map(\.rule), sourceLocation: location)
        for candidate in trace.candidates { try candidate.verify(location) }

        let again = DecisionFlow.flow(rules.reversed())
        #expect(decide(in: again, on: event) == decision, sourceLocation: location)
        #expect(again.trace(of: decision, state, on: event, at: now) == trace, sourceLocation: location)
    }

    private func decide(in flow: Flow, on event: ConversationEvent) -> Decision {
        let decision = flow.decide(state, on: event, at: now)
        switch choice {
        case nil: return decision
        case (_, .lexical)?: return flow.choosingByWords(decision, state, on: event)
        case (let rule, let chooser)?: return decision.choosing(rule, by: chooser)
        }
    }
}

extension DecisionTrace.Candidate {
    /// What is so for every candidate of every trace.
    fileprivate func verify(_ location: Testing.SourceLocation) throws {
        let document = try JSONValue(parsing: jsonBytes)
        #expect(throws: Never.self, sourceLocation: location) { try DecisionTrace.candidateSchema.check(document) }
        #expect(document["clauses"]?.array?.count == clauses.count, sourceLocation: location)
        #expect(document["error"]?.string == error, sourceLocation: location)
        #expect(document["target"]?["reason"]?.string == closure?.rawValue, sourceLocation: location)
        let isCompiled = (try? Condition.compile(rule.condition)) != nil
        #expect((whyNot != nil) == (!held && isCompiled), sourceLocation: location)
        #expect((document["why_not"] != nil) == (!held || closure != nil), sourceLocation: location)
        switch verdict {
        case .won, .eligible: #expect(held && closure == nil && error == nil, sourceLocation: location)
        case .notHeld: #expect(!held && closure == nil && error == nil, sourceLocation: location)
        case .failed(let reason): #expect(!held && closure == nil && (error == reason || !isCompiled), sourceLocation: location)
        case .closed(let reason): #expect(closure == reason, sourceLocation: location)
        case .notTried: break
        }
    }

    /// The candidate on one line.
    var line: String {
        let head = "\(held ? "+" : "-")\(rule.id.number) \(verdict.name)"
        let reason: String? =
            switch verdict {
            case .failed(let reason): reason.split(separator: "\n").first.map(String.init) ?? ""
            case .closed(let reason): reason.rawValue
            case .won, .eligible, .notHeld, .notTried: closure.map(\.rawValue)
            }
        return "\(head)\(reason.map { "(\($0))" } ?? "")" + (clauses.isEmpty ? "" : ": \(clauses.map(\.line).joined(separator: " ; "))")
    }
}

extension Decision.Outcome {
    fileprivate var line: String {
        switch self {
        case .stay: "stays"
        case .move(let target, let rule, .condition): "\(DecisionFlow.name(target)) by \(rule.number)"
        case .move(let target, let rule, let choice): "\(DecisionFlow.name(target)) by \(rule.number), \(choice)"
        case .choose(let rules): "one of \(rules.map { "\($0.number)" }.joined(separator: ", "))"
        }
    }
}

extension Clause {
    /// The clause with what it came to, and its operands that are not literals; a mere `!` is the same error as the clause's.
    var line: String {
        let operands = operands.filter { !$0.isLiteral }.map { operand in
            let isSameError = operand.outcome == outcome && operand.outcome.line.hasPrefix("!")
            return isSameError ? "\(operand.text) !" : "\(operand.text) \(operand.outcome.line)"
        }
        if outcome == .notEvaluated { return "\(text) was not evaluated" }
        return "\(text) \(outcome.line)\(operands.isEmpty ? "" : " [\(operands.joined(separator: ", "))]")"
    }
}

extension Clause.Operand {
    fileprivate var isLiteral: Bool {
        guard let tree = try? Condition.environment.parse(text) else { return false }
        return tree.root.isLiteral
    }
}

extension Clause.Outcome {
    /// `= value`, cut after 40 characters; `! error ? what is missing`; or that it was not evaluated.
    fileprivate var line: String {
        switch self {
        case .value(let value): "= \(value.description.prefix(40))\(value.description.count > 40 ? "…" : "")"
        case .error(let message, let missing): "! \(message)\(missing.map { " ? \($0)" } ?? "")"
        case .notEvaluated: "was not evaluated"
        }
    }
}

extension Identifier {
    /// The number that a sample id was made of.
    var number: Int { Int(description.suffix(12)) ?? -1 }
}
