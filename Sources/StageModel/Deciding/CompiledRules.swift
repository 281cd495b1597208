import CEL
import Synchronization

/// The rules of a flow made ready for decisions, each stage's when it is first asked for.
final class CompiledRules: Sendable {
    private struct Known {
        /// The places of the rules in their order, by the stage that they lead away from; nil: from any.
        var places: [Stage.ID?: [Int]]?
        var rules: [TransitionRule.ID: CompiledRule] = [:]
        var candidates: [Stage.ID: [CompiledRule]] = [:]

        mutating func rule(_ rule: Saved<TransitionRule>) -> CompiledRule {
            if let compiled = rules[rule.id] { return compiled }
            let compiled = CompiledRule(rule)
            rules[rule.id] = compiled
            return compiled
        }
    }

    private let known = Mutex(Known())

    /// The candidates at a stage: its own rules and those from any stage, in the order in which they are tried, the automatic ones first.
    func candidates(at stage: Stage.ID, in flow: Flow) -> [CompiledRule] {
        known.withLock { known in
            if let candidates = known.candidates[stage] { return candidates }
            let all = flow.rules.all
            let places = known.places ?? Dictionary(grouping: all.indices) { all[$0].fromStageID }
            known.places = places
            let rules = ((places[stage] ?? []) + (places[nil] ?? [])).sorted().map { all[$0] }
            let ordered = rules.filter { $0.selection == .automatic } + rules.filter { $0.selection == .model }
            let candidates = ordered.map { known.rule($0) }
            known.candidates[stage] = candidates
            return candidates
        }
    }

    func rule(_ rule: Saved<TransitionRule>) -> CompiledRule { known.withLock { $0.rule(rule) } }
}

/// A rule with its condition compiled.
final class CompiledRule: Sendable {
    let rule: Saved<TransitionRule>
    /// The condition; the diagnostics of one that was saved when the language was another.
    let condition: Result<Program, Diagnostics>
    /// The clauses of the condition, with their texts; none when it can't be read.
    let clauses: [(expression: CEL.Expression, text: String)]

    init(_ rule: Saved<TransitionRule>) {
        self.rule = rule
        do throws(Diagnostics) {
            let program = try Condition.compile(rule.condition)
            condition = .success(program)
            clauses = program.clauses
        } catch {
            condition = .failure(error)
            clauses = []
        }
    }
}
