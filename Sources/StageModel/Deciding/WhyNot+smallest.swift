extension WhyNot {
    /// A clause that has to change, and what it has to come to.
    struct Flip: Hashable {
        let clause: Int
        let wanted: Bool
    }

    /// Finds the smallest sets of clauses that make a condition hold when they come to what is wanted.
    struct SmallestSets {
        /// More of what can be made to hold in several ways than this is not searched for the very smallest set.
        private static let mostBranching = 200
        /// What the change of a clause costs that has no variables.
        private static let prohibitive = 1e9

        private let formula: Formula
        private let truths: [Truth]
        /// The most steps of the search for the very smallest sets, and of the search for any.
        private let mostSteps: Int
        /// What a change of each clause costs wherever it is written: one in all.
        private let prices: [Double]
        /// What it costs at least to make each node hold, or fail.
        private let costs: [(hold: Double, fail: Double)]

        /// - Parameter isFixed: the clauses that can't change; they are taken only when nothing else helps.
        init(_ formula: Formula, _ truths: [Truth], isFixed: [Bool], mostSteps: Int = 16_000) {
            let prices = formula.occurrences.indices.map { isFixed[$0] ? Self.prohibitive : 1 / Double(formula.occurrences[$0]) }
            let costs = Self.costs(formula, truths, prices)
            self.formula = formula
            self.truths = truths
            self.mostSteps = mostSteps
            if (costs.last?.hold ?? 0) < Self.prohibitive {
                self.prices = prices
                self.costs = costs
            } else {
                self.prices = formula.occurrences.map { 1 / Double($0) }
                self.costs = Self.costs(formula, truths, self.prices)
            }
        }

        private static func costs(_ formula: Formula, _ truths: [Truth], _ prices: [Double]) -> [(hold: Double, fail: Double)] {
            var costs: [(hold: Double, fail: Double)] = []
            costs.reserveCapacity(formula.nodes.count)
            for node in formula.nodes {
                switch node {
                case .clause(let clause):
                    costs.append((truths[clause] == .holds ? 0 : prices[clause], truths[clause] == .fails ? 0 : prices[clause]))
                case .not(let operand): costs.append((costs[operand].fail, costs[operand].hold))
                case .all(let operands): costs.append((operands.reduce(0) { $0 + costs[$1].hold }, operands.map { costs[$0].fail }.min() ?? 0))
                case .any(let operands): costs.append((operands.map { costs[$0].hold }.min() ?? 0, operands.reduce(0) { $0 + costs[$1].fail }))
                case .choice(let condition, let first, let second):
                    let (taken, other) = (costs[condition].hold, costs[condition].fail)
                    costs.append(
                        (min(taken + costs[first].hold, other + costs[second].hold), min(taken + costs[first].fail, other + costs[second].fail)))
                }
            }
            return costs
        }

        private func cost(_ goal: Goal) -> Double { goal.holds ? costs[goal.node].hold : costs[goal.node].fail }

        /// A set found without a search: at each choice what costs least. The smallest one if no clause is written twice; else it may contradict itself.
        private func cheapest() -> [Flip] {
            var decided: [Int: Bool] = [:]
            var goals = [Goal(node: formula.nodes.count - 1, holds: true)]
            while let goal = goals.popLast() {
                switch goal.step(in: formula) {
                case .clause(let clause): if decided[clause] == nil { decided[clause] = goal.holds }
                case .oneOf(let ways):
                    let way = ways.indices.min { left, right in
                        let (left, right) = (ways[left], ways[right])
                        return left.reduce(0) { $0 + cost($1) } < right.reduce(0) { $0 + cost($1) }
                    }
                    if let way { goals += ways[way].reversed() }
                }
            }
            return flips(decided)
        }

        /// The decided clauses that are not as wanted, in the order of the source.
        private func flips(_ decided: [Int: Bool]) -> [Flip] {
            decided.filter { !truths[$0.key].isWanted($0.value) }.map { Flip(clause: $0.key, wanted: $0.value) }.sorted { $0.clause < $1.clause }
        }

        /// Whether the condition holds when the clauses of a set come to what is wanted.
        private func suffices(_ set: [Flip]) -> Bool {
            var truths = truths
            for flip in set { truths[flip.clause] = flip.wanted ? .holds : .fails }
            return formula.truth(of: truths) == .holds
        }

        /// The smallest sets, those first that stand first in the source; never none.
        /// - Parameter most: how many of them.
        func smallest(_ most: Int) -> [[Flip]] {
            let cheapest = cheapest()
            let isSufficient = suffices(cheapest)
            if isSufficient, most == 1 || formula.branchingCount > Self.mostBranching { return [cheapest] }
            guard let root = costs.last?.hold, root < Self.prohibitive else { return [cheapest] }
            let least = Int((root - 0.001).rounded(.up))
            var steps = mostSteps
            for size in least...max(least, isSufficient ? cheapest.count : formula.clauses.count) where steps > 0 {
                let sets = sets(notAbove: size, most, &steps)
                if !sets.isEmpty { return sets }
            }
            if isSufficient { return [cheapest] }
            // No clauses make the condition hold, or none were found soon; any that do are better than such as contradict themselves.
            steps = mostSteps
            let sets = sets(notAbove: formula.clauses.count, 1, &steps)
            return [sets.first.map(withoutNeedless) ?? cheapest]
        }

        private func withoutNeedless(_ set: [Flip]) -> [Flip] {
            set.reduce(set) { kept, flip in
                let rest = kept.filter { $0 != flip }
                return suffices(rest) ? rest : kept
            }
        }

        /// The sets that are not above a size.
        func sets(notAbove size: Int, _ most: Int) -> [[Flip]] {
            var steps = mostSteps
            return sets(notAbove: size, most, &steps)
        }

        private func sets(notAbove size: Int, _ most: Int, _ steps: inout Int) -> [[Flip]] {
            guard formula.branchingCount <= Self.mostBranching else { return [] }
            var search = Search(size: size, most: most, steps: steps)
            let root = Goal(node: formula.nodes.count - 1, holds: true)
            extend(&search, [root], decided: [:], flipped: 0, spent: 0, rest: cost(root))
            steps = search.steps
            return search.found
        }

        private struct Search {
            let size: Int
            let most: Int
            var steps: Int
            var found: [[Flip]] = []
        }

        // Recursive, once for each choice on the way.
        private func extend(_ search: inout Search, _ pending: [Goal], decided: [Int: Bool], flipped: Int, spent: Double, rest: Double) {
            var (goals, decided, flipped, spent, rest) = (pending, decided, flipped, spent, rest)
            while let goal = goals.popLast() {
                search.steps -= 1
                guard search.steps > 0, search.found.count < search.most, flipped <= search.size, spent + rest <= Double(search.size) + 0.001 else {
                    return
                }
                switch goal.step(in: formula) {
                case .clause(let clause):
                    rest -= cost(goal)
                    if let other = decided[clause], other != goal.holds { return }
                    if truths[clause].isWanted(goal.holds) == false {
                        if decided[clause] == nil { flipped += 1 }
                        spent += prices[clause]
                    }
                    decided[clause] = goal.holds
                case .oneOf(let ways) where ways.count == 1: goals += ways[0].reversed()
                case .oneOf(let ways):
                    for way in ways {
                        let next = rest - cost(goal) + way.reduce(0) { $0 + cost($1) }
                        extend(&search, goals + way.reversed(), decided: decided, flipped: flipped, spent: spent, rest: next)
                    }
                    return
                }
            }
            guard flipped <= search.size else { return }
            let set = flips(decided)
            if !search.found.contains(set) { search.found.append(set) }
        }
    }

    /// A part of a condition that is to hold, or to fail.
    private struct Goal {
        let node: Int
        let holds: Bool

        enum Step {
            case clause(Int)
            /// The goals that reach this one: all of one of these lists.
            case oneOf([[Goal]])
        }

        func step(in formula: Formula) -> Step {
            switch formula.nodes[node] {
            case .clause(let clause): .clause(clause)
            case .not(let operand): .oneOf([[Goal(node: operand, holds: !holds)]])
            // `&&` holds when all operands do and fails when one does; `||` the other way round.
            case .all(let operands): joined(operands, needsAll: holds)
            case .any(let operands): joined(operands, needsAll: !holds)
            case .choice(let condition, let first, let second):
                .oneOf([
                    [Goal(node: condition, holds: true), Goal(node: first, holds: holds)],
                    [Goal(node: condition, holds: false), Goal(node: second, holds: holds)],
                ])
            }
        }

        private func joined(_ operands: [Int], needsAll: Bool) -> Step {
            let goals = operands.map { Goal(node: $0, holds: holds) }
            return .oneOf(needsAll ? [goals] : goals.map { [$0] })
        }
    }
}
