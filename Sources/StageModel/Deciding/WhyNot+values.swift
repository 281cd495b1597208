import CEL

extension WhyNot {
    /// The search for values: makes one clause after the other come to what is wanted, and mends what that breaks, until the condition holds.
    struct ValueSearch {
        /// What the search for one set may cost.
        private static let allowance = 2000
        /// Larger sets are not searched back and forth.
        private static let mostSearched = 24
        /// How many clauses more than those of the set may have to be mended.
        private static let detours = [0, 1, 3, 6]
        /// The most steps of finding what is to be mended.
        private static let mostSteps = 500
        /// The most changes that are tried for a clause.
        private static let mostChanges = 24

        private let inquiry: Inquiry
        private let set: [Flip]
        /// What the budget must not fall below.
        private let reserve: Int
        /// The changes that were tried, with the number of clauses that could be mended after each.
        private var visited: [String: Int] = [:]

        init(_ inquiry: Inquiry, _ set: [Flip]) {
            self.inquiry = inquiry
            self.set = set
            reserve = set.count > Self.mostSearched ? 0 : max(0, inquiry.budget.left - Self.allowance)
        }

        mutating func run(from start: Attempt) -> Change? {
            guard set.count <= Self.mostSearched else { return straight(from: start) }
            for detour in Self.detours {
                visited = [:]
                if let change = descend(start, depth: set.count + detour) { return change }
            }
            return nil
        }

        /// What is to be mended: clauses of the set, or else what the condition needs besides. Empty when it holds; nil when there is
        /// no budget left to tell.
        private func broken(_ attempt: Attempt) -> [Flip]? {
            let missing = set.filter { !attempt.truths[$0.clause].isWanted($0.wanted) }
            if !missing.isEmpty { return missing }
            if inquiry.formula.truth(of: attempt.truths) == .holds { return [] }
            guard inquiry.budget.spend(20) else { return nil }
            return SmallestSets(inquiry.formula, attempt.truths, isFixed: inquiry.isFixed, mostSteps: Self.mostSteps).smallest(1)[0]
        }

        /// The attempt with a change; nil when the clause that it is for does not come to what is wanted.
        private func mend(_ flip: Flip, by change: Change, _ attempt: Attempt) -> Attempt? {
            guard inquiry.budget.left > reserve, let next = inquiry.apply(change, to: attempt) else { return nil }
            return next.truths[flip.clause].isWanted(flip.wanted) ? next : nil
        }

        // Recursive, no deeper than a set and its detours are large.
        private mutating func descend(_ attempt: Attempt, depth: Int) -> Change? {
            guard let flips = broken(attempt) else { return nil }
            if flips.isEmpty { return inquiry.confirms(attempt.change) ? attempt.change : nil }
            guard depth >= flips.count else { return nil }
            for flip in flips {
                var isMended = false
                for change in inquiry.changes(flip, in: attempt).prefix(Self.mostChanges) {
                    guard let next = mend(flip, by: change, attempt) else { continue }
                    isMended = true
                    let signature = next.change.signature
                    guard visited[signature].map({ $0 < depth }) ?? true else { continue }
                    visited[signature] = depth
                    if let change = descend(next, depth: depth - 1) { return change }
                }
                // A clause that no change is known for may come right with another.
                if isMended { return nil }
            }
            return nil
        }

        /// Takes the first change for each clause that leaves those before it as they are.
        private func straight(from start: Attempt) -> Change? {
            var attempt = start
            for (index, flip) in set.enumerated() where !attempt.truths[flip.clause].isWanted(flip.wanted) {
                let next = inquiry.changes(flip, in: attempt).prefix(Self.mostChanges).lazy.compactMap { mend(flip, by: $0, attempt) }
                    .first { next in set.prefix(index).allSatisfy { next.truths[$0.clause].isWanted($0.wanted) } }
                guard let next else { return nil }
                attempt = next
            }
            for _ in 0..<Self.mostSearched {
                guard let flips = broken(attempt) else { return nil }
                guard let flip = flips.first else { return inquiry.confirms(attempt.change) ? attempt.change : nil }
                let next = inquiry.changes(flip, in: attempt).prefix(Self.mostChanges).lazy.compactMap { mend(flip, by: $0, attempt) }.first
                guard let next else { return nil }
                attempt = next
            }
            return nil
        }
    }

    /// Which clauses read a place.
    struct Readers {
        private let reads: [[[String]]]
        /// By a variable and its field, and by a variable whose field is not known beforehand.
        private var byField: [[String]: [Int]] = [:]
        private var byVariable: [String: [Int]] = [:]

        init(_ clauses: [CEL.Expression]) {
            reads = clauses.map(\.reads)
            for (clause, reads) in reads.enumerated() {
                for key in Set(reads.map { Array($0.prefix(2)) }) { byField[key, default: []].append(clause) }
                for variable in Set(reads.compactMap(\.first)) { byVariable[variable, default: []].append(clause) }
            }
        }

        /// The clauses that no variable changes.
        var fixed: [Bool] { reads.map(\.isEmpty) }

        func clauses(reading change: Change) -> [Int] {
            var found: Set<Int> = []
            for assignment in change {
                guard let variable = assignment.path.first else { continue }
                let candidates =
                    assignment.path.count == 1
                    ? byVariable[variable] : (byField[[variable]] ?? []) + (byField[Array(assignment.path.prefix(2))] ?? [])
                for clause in candidates ?? []
                where reads[clause].contains(where: { assignment.path.starts(with: $0) || $0.starts(with: assignment.path) }) {
                    found.insert(clause)
                }
            }
            return found.sorted()
        }
    }

    /// The values that the clauses of a condition compare a place with, by the text of its path.
    struct Samples {
        private var values: [[String]: [CEL.Value]] = [:]

        init(_ clauses: [CEL.Expression]) {
            for clause in clauses {
                switch clause.kind {
                case .binary(let symbol, let left, let right) where symbol.isComparison:
                    add(right.constants, for: left)
                    add(left.constants, for: right)
                case .call(_, .some(let target), let arguments): add(arguments.flatMap(\.constants), for: target)
                case .call, .literal, .identifier, .select, .presence, .index, .not, .negate, .binary, .and, .or, .conditional, .list, .map,
                    .structure,
                    .comprehension, .bind:
                    break
                }
            }
        }

        private mutating func add(_ constants: [CEL.Value], for place: CEL.Expression) {
            let reads = place.reads
            guard !constants.isEmpty, reads.count == 1 else { return }
            values[reads[0], default: []] += constants
        }

        func values(_ path: [String]) -> [CEL.Value] { values[path] ?? [] }
    }
}

extension CEL.Expression {
    /// The literals that this is, or that a list of literals holds.
    fileprivate var constants: [CEL.Value] {
        switch kind {
        case .literal(let value): [value]
        case .list(let elements): elements.prefix(8).flatMap(\.value.constants)
        case .identifier, .select, .presence, .index, .call, .not, .negate, .binary, .and, .or, .conditional, .map, .structure, .comprehension, .bind:
            []
        }
    }
}
