import CEL

extension WhyNot {
    /// The search for the reason why a condition does not hold.
    final class Inquiry {
        /// How many sets of the same size are tried before the first of them is taken without values.
        private static let mostSets = 12
        /// Of more clauses than this that were not evaluated, the rest is taken to err.
        private static let mostUnknownClauses = 64
        /// How often values may fail with the whole condition that held by its clauses.
        private static let mostDisappointments = 4

        let program: Program
        let bindings: Bindings
        let hints: [String: [CEL.Value]]
        let budget: Budget
        /// How many inquiries this one lies in: those into the elements of lists.
        let level: Int
        /// The only variable that may change; nil: all.
        let variable: String?
        let formula: Formula
        private let recording: Recording
        private(set) var truths: [Truth] = []
        private var trials: [Int: Trial?] = [:]
        /// The variables that clauses are compiled with.
        private lazy var variables: [VariableDeclaration] = {
            let names = formula.clauses.reduce(into: Set(bindings.names)) { $0.formUnion($1.names) }
            return names.sorted().map { VariableDeclaration($0, .dyn) }
        }()
        /// The clauses that read a path, by its first two fields, and by its variable alone.
        private lazy var readers = Readers(formula.clauses)
        /// The clauses that no value changes.
        private(set) lazy var isFixed = readers.fixed
        private(set) lazy var samples = Samples(formula.clauses)
        private var parts: [String: Program] = [:]
        private var disappointments = 0

        init(
            _ program: Program, _ bindings: Bindings, hints: [String: [CEL.Value]], budget: Budget = Budget(6000), level: Int = 0,
            variable: String? = nil
        ) {
            self.program = program
            self.bindings = bindings
            self.hints = hints
            self.budget = budget
            self.level = level
            self.variable = variable
            formula = Formula(program.tree)
            recording = program.evaluateRecording(bindings)
            var unknownCount = 0
            for clause in formula.clauses.indices {
                if let outcome = recording[formula.clauses[clause]] {
                    truths.append(Truth(outcome))
                } else {
                    // It stands in a branch that was not taken, or behind a limit.
                    unknownCount += 1
                    truths.append(unknownCount <= Self.mostUnknownClauses ? unrecordedTruth(clause) : .errs)
                }
            }
        }

        private var isLimited: Bool {
            guard case .failure(let error) = recording.result else { return false }
            return error.code.isLimit
        }

        private func unrecordedTruth(_ clause: Int) -> Truth {
            guard !isLimited else { return .errs }
            let trial = Trial(program.source.text(of: formula.clauses[clause].range), variables: variables, bindings, expected: nil)
            trials[clause] = .some(trial)
            return trial?.truth ?? .errs
        }

        /// A clause with what it came to.
        func clause(_ clause: Int) -> Clause {
            let expression = formula.clauses[clause]
            if recording[expression] == nil, let trial = trial(clause) {
                return Clause(trial.program.tree.root, in: trial.program.source, trial.program.evaluateRecording(bindings))
            }
            return Clause(expression, in: program.source, recording)
        }

        // MARK: Sets

        /// The smallest set of clauses that kept the condition from holding, and values with which it holds, if they are found.
        func find() -> (set: [Flip], values: Change?) {
            let smallest = SmallestSets(formula, truths, isFixed: isFixed)
            let sets = smallest.smallest(Self.mostSets)
            guard let first = sets.first, !first.isEmpty else { return (limitedClauses, nil) }
            for set in sets {
                if let values = values(for: set) { return (set, values) }
            }
            // What the smallest sets want may contradict itself, where clauses are about the same value. Values for a larger set still make the condition hold.
            for extra in 1...2 where sets.count < Self.mostSets {
                for set in smallest.sets(notAbove: first.count + extra, Self.mostSets)
                where !sets.contains(where: { Set($0).isSubset(of: set) }) {
                    if let values = values(for: set) { return (first, values) }
                }
            }
            return (first, nil)
        }

        /// The clauses that reached a limit, which fails the condition whatever the others come to; or whatever else erred.
        private var limitedClauses: [Flip] {
            let erring = formula.clauses.indices.filter { truths[$0] == .errs }
            let limited = erring.filter { clause in
                guard case .failure(let error)? = recording[formula.clauses[clause]] else { return false }
                return error.code.isLimit
            }
            return (limited.isEmpty ? Array((erring + [0]).prefix(1)) : limited).map { Flip(clause: $0, wanted: true) }
        }

        // MARK: Values

        /// Values that make the clauses of a set come to what is wanted, and the condition hold.
        private func values(for set: [Flip]) -> Change? {
            var search = ValueSearch(self, set)
            return search.run(from: Attempt(bindings: bindings, truths: truths)).map(minimal)
        }

        /// Without what the condition holds without.
        private func minimal(_ change: Change) -> Change {
            var change = change
            guard (2...16).contains(change.count) else { return change }
            for assignment in change.reversed() {
                let rest = change.filter { $0 != assignment }
                if budget.spend(), holds(rest) { change = rest }
            }
            return change
        }

        /// Whether the condition as a whole holds with values put in.
        func confirms(_ change: Change) -> Bool {
            guard disappointments < Self.mostDisappointments, !change.isEmpty else { return false }
            if holds(change) { return true }
            disappointments += 1
            return false
        }

        private func holds(_ change: Change) -> Bool {
            (try? program.test(change.reduce(bindings) { $0.setting($1) })) ?? false
        }

        /// The clause by itself; nil if it can't be tried out.
        func trial(_ clause: Int) -> Trial? {
            if let known = trials[clause] { return known }
            let text = program.source.text(of: formula.clauses[clause].range)
            let trial = budget.spend(5) ? Trial(text, variables: variables, bindings, expected: truths[clause]) : nil
            trials[clause] = .some(trial)
            return trial
        }

        /// The attempt with more values put in, and the clauses that read them evaluated again; nil when that takes too much, or changes nothing.
        func apply(_ change: Change, to attempt: Attempt) -> Attempt? {
            var next = attempt
            next.change = attempt.change.then(change)
            for assignment in change { next.bindings = next.bindings.setting(assignment) }
            guard budget.spend(1 + (next.bindings["data"]?.size ?? 0) / 50) else { return nil }
            for clause in readers.clauses(reading: change) {
                guard let trial = trial(clause) else {
                    next.truths[clause] = .errs
                    continue
                }
                guard budget.spend(trial.cost) else { return nil }
                next.truths[clause] = trial.truth(next.bindings)
            }
            return next
        }

        /// What makes a clause come to what is wanted, best first; not yet tried out.
        func changes(_ flip: Flip, in attempt: Attempt) -> [Change] {
            guard let trial = trial(flip.clause), budget.spend(trial.cost + 5) else { return [] }
            let recording = trial.program.evaluateRecording(attempt.bindings)
            let solver = Solver(inquiry: self, program: trial.program, recording: recording, bindings: attempt.bindings)
            return solver.changes(making: trial.program.tree.root, hold: flip.wanted)
        }

        /// A part of the condition by itself: the body of a macro with its variable, or what was not evaluated.
        func part(_ text: String, variable: String? = nil) -> Program? {
            let name = "\(variable ?? "") \(text)"
            if let known = parts[name] { return known }
            guard budget.spend(5) else { return nil }
            let own = variable.map { [VariableDeclaration($0, .dyn)] } ?? []
            let program = try? Environment(variables: variables + own, limits: Limits(steps: 2000)).compileUnchecked(text)
            parts[name] = program
            return program
        }

        /// An inquiry into a condition on an element.
        func inner(_ program: Program, _ bindings: Bindings, only variable: String?) -> Inquiry {
            Inquiry(program, bindings, hints: hints, budget: budget, level: level + 1, variable: variable ?? self.variable)
        }

        /// What a part of the condition comes to by itself; nil when it errs.
        func value(of text: String, _ bindings: Bindings) -> CEL.Value? {
            guard budget.spend() else { return nil }
            return try? part(text)?.evaluate(bindings)
        }
    }
}
