import CEL

extension WhyNot {
    /// How much may still be tried out, counted in evaluations of a clause. Shared by an inquiry and those inside of it.
    final class Budget {
        private(set) var left: Int

        init(_ left: Int) { self.left = left }

        /// Spends; false when there is not enough left.
        func spend(_ count: Int = 1) -> Bool {
            guard left >= count else {
                left = 0
                return false
            }
            left -= count
            return true
        }
    }

    /// A clause by itself, to be tried out with other values.
    struct Trial {
        /// What clauses cost to evaluate that end within a number of steps. Most do within the first.
        private static let costs = [(steps: 100, cost: 1), (1000, 5), (20_000, 50), (Limits.standard.steps, 1000)]

        let program: Program
        /// What an evaluation costs.
        let cost: Int
        let truth: Truth

        /// - Parameter expected: what the clause came to in the whole condition; nil when that is not known. One that comes to something else by
        ///   itself can't be tried out.
        init?(_ text: String, variables: [VariableDeclaration], _ bindings: Bindings, expected: Truth?) {
            for (steps, cost) in Self.costs {
                let environment = Environment(variables: variables, limits: Limits(steps: steps))
                guard let program = try? environment.compileUnchecked(text) else { return nil }
                let outcome = Self.outcome(program, bindings)
                if case .failure(let error) = outcome, error.code == .stepLimit { continue }
                (self.program, self.cost, truth) = (program, cost, Truth(outcome))
                if let expected, expected != truth { return nil }
                return
            }
            return nil
        }

        private static func outcome(_ program: Program, _ bindings: Bindings) -> Result<CEL.Value, EvaluationError> {
            do throws(EvaluationError) { return .success(try program.evaluate(bindings)) } catch { return .failure(error) }
        }

        func truth(_ bindings: Bindings) -> Truth { Truth(Self.outcome(program, bindings)) }
    }

    /// Values that were put in, and what the clauses come to with them.
    struct Attempt {
        var bindings: Bindings
        var change: Change = []
        var truths: [Truth]
    }
}

extension CEL.Expression {
    /// The names that are not those of a macro's variables or of `cel.bind`.
    var names: Set<String> { Set(reads.compactMap(\.first)) }

    /// The paths that the expression reads, each as far as its fields are known beforehand.
    var reads: [[String]] {
        var paths: [[String]] = []
        collectReads(&paths, bound: [])
        return paths
    }

    private func collectReads(_ paths: inout [[String]], bound: Set<String>) {
        switch kind {
        case .identifier, .select, .index, .presence:
            if let path = path(bound: bound) {
                if !path.isEmpty { paths.append(path) }
                return
            }
            for child in children { child.collectReads(&paths, bound: bound) }
        case .comprehension(let macro):
            macro.target.collectReads(&paths, bound: bound)
            let inner = bound.union(macro.variables)
            macro.filter?.collectReads(&paths, bound: inner)
            macro.body.collectReads(&paths, bound: inner)
        case .bind(let name, let value, let body):
            value.collectReads(&paths, bound: bound)
            body.collectReads(&paths, bound: bound.union([name]))
        case .call(_, let target, let arguments):
            if let target, !target.isNamespace { target.collectReads(&paths, bound: bound) }
            for argument in arguments { argument.collectReads(&paths, bound: bound) }
        case .literal, .not, .negate, .binary, .and, .or, .conditional, .list, .map, .structure:
            for child in children { child.collectReads(&paths, bound: bound) }
        }
    }

    /// The path that this is; empty when it belongs to a macro's variable or to a type, nil when it is no path.
    private func path(bound: Set<String>) -> [String]? {
        switch kind {
        case .identifier(let name, let isRooted): return !isRooted && bound.contains(name) || Self.typeNames.contains(name) ? [] : [name]
        case .select(let operand, let field, _), .presence(let operand, let field, _):
            return operand.path(bound: bound).map { $0.isEmpty ? [] : $0 + [field] }
        case .index(let operand, let index, _):
            guard case .literal(let key) = index.kind, let path = operand.path(bound: bound) else { return nil }
            guard case .string(let field) = key else { return path }
            return path.isEmpty ? [] : path + [field]
        case .literal, .call, .not, .negate, .binary, .and, .or, .conditional, .list, .map, .structure, .comprehension, .bind: return nil
        }
    }

    /// The simple names that stand for types.
    static let typeNames: Set<String> = ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"]
}
