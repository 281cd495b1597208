import CEL

extension WhyNot {
    /// Turns a clause around: from what it should come to, to the values that would make it do so. What it gives are good guesses, to be tried out.
    struct Solver {
        /// Terms nested deeper are not turned around.
        private static let deepest = 24
        /// The most terms that are turned around for one clause.
        private static let mostTerms = 500
        /// The most guesses that parts of a clause are combined to.
        static let mostCombined = 16
        private static let mostHints = 48

        let inquiry: Inquiry
        let program: Program
        /// What the clause and its parts come to now.
        let recording: Recording
        let bindings: Bindings
        /// What the variables of `cel.bind` stand for.
        private var aliases: [String: CEL.Expression] = [:]
        private var depth = 0
        private let effort = Budget(Self.mostTerms)

        init(inquiry: Inquiry, program: Program, recording: Recording, bindings: Bindings) {
            self.inquiry = inquiry
            self.program = program
            self.recording = recording
            self.bindings = bindings
        }

        /// What may make a clause come to what is wanted, best first.
        func changes(making clause: CEL.Expression, hold wanted: Bool) -> [Change] {
            let guesses = truth(clause, wanted).filter { !$0.isEmpty }.map { ($0, $0.count * 10 + ($0.map(\.reluctance).max() ?? 0)) }
            // The sort of the standard library keeps the order of equals.
            let ordered = hinted(clause) + guesses.sorted { $0.1 < $1.1 }.map(\.0)
            var known: Set<String> = []
            return ordered.filter { known.insert($0.signature).inserted }
        }

        private func hinted(_ clause: CEL.Expression) -> [Change] {
            guard !inquiry.hints.isEmpty else { return [] }
            let paths = clause.reads.reduce(into: [[String]]()) { if !$0.contains($1) { $0.append($1) } }
            let changes = paths.flatMap { path in
                let place = Place(root: path[0], steps: path.dropFirst().map { Step.field($0) })
                return (inquiry.hints[place.text ?? ""] ?? []).flatMap { set(place, $0) }
            }
            return Array(changes.prefix(Self.mostHints))
        }

        // MARK: What is known

        /// What a part of the clause comes to now; nil when it errs.
        func known(_ expression: CEL.Expression) -> CEL.Value? {
            switch recording[expression] {
            case .success(let value)?: return value
            case .failure?: return nil
            // It was not evaluated, since what stands before it failed.
            case nil:
                if case .identifier(let name, isRooted: false) = expression.kind, let alias = aliases[name] { return known(alias) }
                return inquiry.value(of: program.source.text(of: expression.range), bindings)
            }
        }

        /// The place that an expression reads; nil when it does something else.
        func place(_ expression: CEL.Expression) -> Place? {
            switch expression.kind {
            case .identifier(let name, let isRooted):
                if !isRooted, let alias = aliases[name] { return place(alias) }
                return expression.isNamespace || CEL.Expression.typeNames.contains(name) ? nil : Place(root: name, steps: [])
            case .select(let operand, let field, _): return place(operand)?.appending(.field(field))
            case .index(let operand, let index, _):
                guard let key = known(index) else { return nil }
                if case .string(let field) = key { return place(operand)?.appending(.field(field)) }
                return place(operand)?.appending(.key(key))
            case .literal, .presence, .call, .not, .negate, .binary, .and, .or, .conditional, .list, .map, .structure, .comprehension, .bind:
                return nil
            }
        }

        /// Whether a place is read as an optional.
        func isOptional(_ expression: CEL.Expression) -> Bool {
            switch expression.kind {
            case .select(let operand, _, let isOptional), .index(let operand, _, let isOptional): isOptional || self.isOptional(operand)
            case .identifier, .literal, .presence, .call, .not, .negate, .binary, .and, .or, .conditional, .list, .map, .structure, .comprehension,
                .bind:
                false
            }
        }

        /// A solver for what is inside; nil when that is too deep, or has taken too long.
        var deeper: Solver? {
            guard depth < Self.deepest, effort.spend() else { return nil }
            var copy = self
            copy.depth += 1
            return copy
        }

        func binding(_ name: String, to value: CEL.Expression) -> Solver {
            var copy = self
            copy.aliases[name] = value
            return copy
        }

        func alias(_ name: String) -> CEL.Expression? { aliases[name] }

        // MARK: Changes

        /// What puts a value at a place, if that can be.
        func set(_ place: Place, _ value: CEL.Value?) -> [Change] {
            if let variable = inquiry.variable, place.root != variable { return [] }
            for value in [value, value?.asInt] {
                guard let assignment = place.setting(value, in: bindings) else { continue }
                let current = Place(root: place.root, steps: assignment.path.dropFirst().map { .field($0) }).value(in: bindings)
                if assignment.isPossible(over: current) { return [[assignment]] }
            }
            return []
        }

        /// Values that a place may have when any will do: those that the condition compares it with, or of some simple type.
        func samples(_ place: Place) -> [CEL.Value] {
            let compared = place.isPath ? inquiry.samples.values(place.path) : []
            return compared + ["x", 1, .timestamp(time), .map(.empty)]
        }

        /// The time that a timestamp is taken from when there is none.
        var time: CEL.Timestamp {
            if case .timestamp(let now)? = bindings["now"] { return now }
            return CEL.Timestamp("2000-01-01T00:00:00Z") ?? .zero
        }

        /// One change for each way to take one of each of the lists together.
        func combined(_ lists: [[Change]]) -> [Change] {
            lists.reduce([[]]) { combined, list in
                Array(combined.lazy.flatMap { first in list.prefix(Self.mostCombined).lazy.map { first.then($0) } }.prefix(Self.mostCombined))
            }
        }
    }
}

extension CEL.Value {
    /// An unsigned number as the int that JSON has for it.
    fileprivate var asInt: CEL.Value? {
        guard case .uint(let number) = self else { return nil }
        return Int64(exactly: number).map { .int($0) }
    }
}
