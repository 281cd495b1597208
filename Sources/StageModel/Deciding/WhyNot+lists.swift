import CEL

extension WhyNot.Solver {
    /// The most elements that are looked at one by one.
    private static let mostElements = 200
    /// How deep the conditions on elements may lie in each other.
    private static let deepestLevel = 3

    /// What may make `all`, `exists` or `exists_one` come to true or false: elements that are added, mended or left out.
    func quantified(_ macro: CEL.Expression.Comprehension, _ wanted: Bool) -> [WhyNot.Change] {
        guard let condition = ElementCondition(macro, self), let elements = elements(macro.target), elements.count <= Self.mostElements else { return [] }
        let isMissing = known(macro.target) == nil
        let (holding, failing) = (elements.filter { condition.truth($0) == .holds }, elements.filter { condition.truth($0) == .fails })
        let lists: [[CEL.Value]]
        switch (macro.macro, wanted) {
        case (.all, true):
            let mended = elements.compactMap { condition.mended($0, wanted: true) }
            lists = (isMissing || mended.count < elements.count ? [] : [mended]) + [holding] + condition.made(true).map { [$0] }
        case (.all, false): lists = condition.made(false).map { holding + failing + [$0] }
        case (.exists, true): lists = condition.made(true).map { elements + [$0] } + elements.prefix(1).compactMap { condition.mended($0, wanted: true) }.map { elements + [$0] }
        case (.exists, false): lists = [failing]
        case (.existsOne, true): lists = holding.isEmpty ? condition.made(true).map { failing + [$0] } : [failing + holding.prefix(1), Array(holding.prefix(1))]
        case (.existsOne, false): lists = [failing] + (holding.isEmpty ? [] : [holding + failing + holding.prefix(1)])
        case (.map, _), (.filter, _), (.transformList, _), (.transformMap, _), (.transformMapEntry, _), (.sortBy, _), (.optMap, _), (.optFlatMap, _):
            return []
        }
        return lists.flatMap { replaced(macro.target, $0) }
    }

    /// What may make a filtered list have a number of elements.
    func filtered(_ macro: CEL.Expression.Comprehension, _ count: Int) -> [WhyNot.Change] {
        guard let condition = ElementCondition(macro, self), let elements = elements(macro.target), elements.count <= Self.mostElements else { return [] }
        let holding = elements.filter { condition.truth($0) == .holds }
        let failing = elements.filter { condition.truth($0) == .fails }
        if count <= holding.count { return replaced(macro.target, failing + holding.prefix(count)) }
        return condition.made(true).flatMap { element in
            replaced(macro.target, failing + holding + repeatElement(element, count: count - holding.count))
        }
    }

    /// The elements of a list or the keys of a map; none where there is nothing yet, nil where there is something else.
    private func elements(_ target: CEL.Expression) -> [CEL.Value]? {
        switch known(target) {
        case .list(let elements)?: return elements
        case .map(let map)?: return map.keys
        case .some: return nil
        case nil: return []
        }
    }

    /// What puts other elements into a list; or other keys into a map, with the values that it has for them.
    private func replaced(_ target: CEL.Expression, _ elements: [CEL.Value]) -> [WhyNot.Change] {
        guard case .map(let map)? = known(target) else { return value(target, .list(elements)) }
        return value(target, .map(MapValue(elements.map { ($0, map[key: $0] ?? "x") })))
    }

    /// The body of a macro as a condition on an element.
    private struct ElementCondition {
        private let solver: WhyNot.Solver
        private let variable: String
        private let body: Program
        private let negated: Program

        init?(_ macro: CEL.Expression.Comprehension, _ solver: WhyNot.Solver) {
            let inquiry = solver.inquiry
            let text = solver.program.source.text(of: macro.body.range)
            guard inquiry.level < WhyNot.Solver.deepestLevel, macro.variables.count == 1, let variable = macro.variables.first, macro.filter == nil,
                let body = inquiry.body(text, variable: variable), let negated = inquiry.body("!(\(text))", variable: variable)
            else { return nil }
            (self.solver, self.variable, self.body, self.negated) = (solver, variable, body, negated)
        }

        private func bindings(_ element: CEL.Value?) -> Bindings {
            var bindings = solver.bindings
            bindings[variable] = element
            return bindings
        }

        func truth(_ element: CEL.Value) -> WhyNot.Truth {
            guard let truth = try? body.test(bindings(element)) else { return .errs }
            return truth ? .holds : .fails
        }

        /// An element like another one, or made anew, for which the body comes to what is wanted.
        func mended(_ element: CEL.Value?, wanted: Bool) -> CEL.Value? {
            let condition = wanted ? body : negated
            let bindings = bindings(element)
            if element != nil, let holds = try? condition.test(bindings), holds { return element }
            let inquiry = WhyNot.Inquiry(
                condition, bindings, hints: [:], budget: solver.inquiry.budget, level: solver.inquiry.level + 1, variable: variable)
            return inquiry.find().values?.reduce(bindings) { $0.setting($1) }[variable]
        }

        func made(_ wanted: Bool) -> [CEL.Value] { [mended(nil, wanted: wanted)].compactMap { $0 } }
    }
}
