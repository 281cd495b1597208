import CEL

extension WhyNot {
    /// What a clause, or a condition of clauses, comes to.
    enum Truth: Sendable {
        case holds, fails
        /// Neither: an error, or no truth value.
        case errs

        init(_ outcome: Result<CEL.Value, EvaluationError>) {
            switch outcome {
            case .success(.bool(let truth)): self = truth ? .holds : .fails
            case .success, .failure: self = .errs
            }
        }

        /// Whether this is what is wanted.
        func isWanted(_ wanted: Bool) -> Bool { self == (wanted ? .holds : .fails) }
    }

    /// A condition as its clauses and what joins them. A clause that is written twice is one clause.
    struct Formula {
        enum Node {
            case clause(Int)
            case not(Int)
            /// `&&`
            case all([Int])
            /// `||`
            case any([Int])
            /// `? :`
            case choice(Int, Int, Int)
        }

        /// Children stand before their parents, the whole condition last, so that one pass over the nodes needs no recursion.
        private(set) var nodes: [Node] = []
        /// The clauses, each where it is first written.
        private(set) var clauses: [CEL.Expression] = []
        /// How often each clause is written.
        private(set) var occurrences: [Int] = []
        private var numbers: [String: Int] = [:]

        init(_ tree: SyntaxTree) { _ = add(tree.root, tree.source) }

        /// Whether no clause is written twice.
        var isReadOnce: Bool { occurrences.allSatisfy { $0 == 1 } }

        /// How many nodes can be made to hold, or to fail, in several ways.
        var branchingCount: Int {
            nodes.count { node in
                switch node {
                case .clause, .not: false
                case .all, .any, .choice: true
                }
            }
        }

        // Recursive like the reader of expressions, and no deeper.
        private mutating func add(_ expression: CEL.Expression, _ source: Source) -> Int {
            let node: Node
            switch expression.kind {
            case .not(let operand): node = .not(add(operand, source))
            case .and(let operands): node = .all(operands.map { add($0, source) })
            case .or(let operands): node = .any(operands.map { add($0, source) })
            case .conditional(let condition, let first, let second):
                node = .choice(add(condition, source), add(first, source), add(second, source))
            case .literal, .identifier, .select, .presence, .index, .call, .negate, .binary, .list, .map, .structure, .comprehension, .bind:
                node = .clause(number(of: expression, source))
            }
            nodes.append(node)
            return nodes.count - 1
        }

        private mutating func number(of expression: CEL.Expression, _ source: Source) -> Int {
            let text = source.text(of: expression.range)
            if let number = numbers[text] {
                occurrences[number] += 1
                return number
            }
            numbers[text] = clauses.count
            clauses.append(expression)
            occurrences.append(1)
            return clauses.count - 1
        }

        /// What the condition comes to when its clauses come to these, by the rules of the language: what decides does so whatever else errs.
        func truth(of clauses: [Truth]) -> Truth {
            var truths: [Truth] = []
            truths.reserveCapacity(nodes.count)
            for node in nodes {
                switch node {
                case .clause(let clause): truths.append(clauses[clause])
                case .not(let operand):
                    switch truths[operand] {
                    case .holds: truths.append(.fails)
                    case .fails: truths.append(.holds)
                    case .errs: truths.append(.errs)
                    }
                case .all(let operands): truths.append(Self.joined(operands, truths, deciding: .fails, otherwise: .holds))
                case .any(let operands): truths.append(Self.joined(operands, truths, deciding: .holds, otherwise: .fails))
                case .choice(let condition, let first, let second):
                    switch truths[condition] {
                    case .holds: truths.append(truths[first])
                    case .fails: truths.append(truths[second])
                    case .errs: truths.append(.errs)
                    }
                }
            }
            return truths.last ?? .errs
        }

        private static func joined(_ operands: [Int], _ truths: [Truth], deciding: Truth, otherwise: Truth) -> Truth {
            var hasError = false
            for operand in operands {
                if truths[operand] == deciding { return deciding }
                if truths[operand] == .errs { hasError = true }
            }
            return hasError ? .errs : otherwise
        }
    }
}
