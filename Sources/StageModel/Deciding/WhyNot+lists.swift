import CEL

extension WhyNot.Solver {
    /// The most elements that are looked at one by one.
    fileprivate static let mostElements = 200
    /// How deep the conditions on elements may lie in each other.
    private static let deepestLevel = 3

    /// What may make `all`, `exists` or `exists_one` come to true or false: elements that are added, mended or left out.
    func quantified(_ macro: CEL.Expression.Comprehension, _ wanted: Bool) -> [WhyNot.Change] {
        guard let condition = ElementCondition(macro, self) else { return [] }
        return replacing(macro.target) { elements in lists(macro.macro, wanted, elements, condition) } + besides(macro, wanted, condition)
    }

    /// The most elements for which something else than they themselves is changed.
    private static let mostBesides = 12

    /// What may make the body come to what is wanted for the elements as they are, such as the text in `["a", "b"].exists(w, text.contains(w))`.
    private func besides(_ macro: CEL.Expression.Comprehension, _ wanted: Bool, _ condition: ElementCondition) -> [WhyNot.Change] {
        guard case .list(let elements)? = known(macro.target), condition.readsMore else { return [] }
        switch (macro.macro, wanted) {
        case (.exists, true), (.all, false): return condition.besides(elements.prefix(Self.mostBesides), wanted, isAll: false)
        case (.exists, false), (.all, true): return condition.besides(elements.prefix(Self.mostBesides), wanted, isAll: true)
        default: return []
        }
    }

    private func lists(
        _ macro: CEL.Expression.Comprehension.Macro, _ wanted: Bool, _ elements: [CEL.Value]?, _ condition: ElementCondition
    ) -> [[CEL.Value]] {
        let sorted = SortedElements(elements ?? [], condition)
        switch (macro, wanted) {
        case (.all, true):
            let mended = sorted.isComplete ? sorted.all.compactMap { condition.mended($0, wanted: true) } : []
            let isMended = elements != nil && mended.count == sorted.all.count
            return (isMended ? [mended] : []) + [sorted.kept(holding: .max, failing: false)] + condition.made(true).map { [$0] }
        case (.all, false): return condition.made(false).map { sorted.kept(holding: .max, failing: true) + [$0] }
        case (.exists, true):
            let like = sorted.all.prefix(1).compactMap { condition.mended($0, wanted: true) }
            return (condition.made(true) + like).map { sorted.all + [$0] }
        case (.existsOne, true):
            let kept = sorted.kept(holding: 1, failing: true)
            return sorted.holdingCount > 0 ? [kept] : condition.made(true).map { kept + [$0] }
        case (.exists, false), (.existsOne, false): return [sorted.kept(holding: 0, failing: true)]
        case (.map, _), (.filter, _), (.transformList, _), (.transformMap, _), (.transformMapEntry, _), (.sortBy, _), (.optMap, _), (.optFlatMap, _):
            return []
        }
    }

    /// What may make a filtered list have a number of elements.
    func filtered(_ macro: CEL.Expression.Comprehension, _ count: Int) -> [WhyNot.Change] {
        guard let condition = ElementCondition(macro, self) else { return [] }
        return replacing(macro.target) { elements in
            let sorted = SortedElements(elements ?? [], condition)
            let kept = sorted.kept(holding: count, failing: true)
            guard count > sorted.holdingCount else { return [kept] }
            return condition.made(true).map { kept + Array(repeating: $0, count: count - sorted.holdingCount) }
        }
    }

    /// What puts other elements into a list, or other keys into a map, with the values that it has for them.
    /// - Parameter lists: the elements that there may be instead of those that there are; nil: there are none yet.
    private func replacing(_ target: CEL.Expression, _ lists: ([CEL.Value]?) -> [[CEL.Value]]) -> [WhyNot.Change] {
        var changes: [WhyNot.Change] = []
        switch known(target) {
        case .list(let elements)?: return lists(elements).flatMap { value(target, .list($0)) }
        case .map(let map)?: changes = lists(map.keys).flatMap { value(target, .map(MapValue($0.map { ($0, map[key: $0] ?? "x") }))) }
        case .some, nil: break
        }
        return changes + lists(nil).flatMap { value(target, .list($0)) }
    }

    /// Elements with what the body of the macro comes to for them.
    private struct SortedElements {
        let all: [CEL.Value]
        /// Whether they are so few that they were looked at one by one.
        let isComplete: Bool
        private let truths: [WhyNot.Truth]

        init(_ elements: [CEL.Value], _ condition: ElementCondition) {
            all = elements
            isComplete = elements.count <= WhyNot.Solver.mostElements
            truths = isComplete ? elements.map { condition.truth($0) } : []
        }

        var holdingCount: Int { truths.count { $0 == .holds } }

        /// The first so many for which the body holds, and those for which it fails if these are wanted too, in their order. Without those for which
        /// it errs.
        func kept(holding most: Int, failing: Bool) -> [CEL.Value] {
            var count = 0
            return zip(all, truths).compactMap { element, truth in
                switch truth {
                case .holds:
                    count += 1
                    return count <= most ? element : nil
                case .fails: return failing ? element : nil
                case .errs: return nil
                }
            }
        }
    }

    /// The body of a macro as a condition on an element.
    private struct ElementCondition {
        private let solver: WhyNot.Solver
        private let variable: String
        private let body: Program
        private let negated: Program
        /// Whether the body reads more than the element.
        let readsMore: Bool

        init?(_ macro: CEL.Expression.Comprehension, _ solver: WhyNot.Solver) {
            let inquiry = solver.inquiry
            let text = solver.program.source.text(of: macro.body.range)
            guard inquiry.level < WhyNot.Solver.deepestLevel, macro.variables.count == 1, let variable = macro.variables.first, macro.filter == nil,
                let body = inquiry.part(text, variable: variable), let negated = inquiry.part("!(\(text))", variable: variable)
            else { return nil }
            (self.solver, self.variable, self.body, self.negated) = (solver, variable, body, negated)
            readsMore = macro.body.reads.contains { $0.first != variable }
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
            let (condition, bindings) = (wanted ? body : negated, bindings(element))
            if element != nil, let holds = try? condition.test(bindings), holds { return element }
            return solver.inquiry.inner(condition, bindings, only: variable).find().values?.reduce(bindings) { $0.setting($1) }[variable]
        }

        func made(_ wanted: Bool) -> [CEL.Value] { [mended(nil, wanted: wanted)].compactMap { $0 } }

        /// What makes the body come to what is wanted for all or any of some elements, which stay as they are.
        func besides(_ elements: ArraySlice<CEL.Value>, _ wanted: Bool, isAll: Bool) -> [WhyNot.Change] {
            // The elements are written into the condition.
            let bodies = elements.map { "cel.bind(\(variable), \($0), \((wanted ? body : negated).source.text))" }
            let text = bodies.joined(separator: isAll ? " && " : " || ")
            guard let condition = solver.inquiry.part(text), (try? condition.test(solver.bindings)) != true else { return [] }
            return [solver.inquiry.inner(condition, solver.bindings, only: nil).find().values].compactMap { $0 }
        }
    }
}
