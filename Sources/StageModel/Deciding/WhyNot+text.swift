import CEL

extension WhyNot.Solver {
    /// What may make a function give true or false.
    func callTruth(_ name: String, _ target: CEL.Expression?, _ arguments: [CEL.Expression], _ wanted: Bool) -> [WhyNot.Change] {
        if case .identifier("sets", _)? = target?.kind, arguments.count == 2 { return compared(name, arguments[0], arguments[1], wanted) }
        let values = (target.map { $0.isNamespace ? [] : [$0] } ?? []) + arguments
        switch (name, values.count) {
        case ("contains", 2), ("startsWith", 2), ("endsWith", 2): return affixed(name, values[0], values[1], wanted)
        case ("matches", 2): return matching(values[0], values[1], wanted)
        case ("hasValue", 1):
            guard wanted else { return value(values[0], .optional(nil)) }
            return (place(values[0]).map { samples($0) } ?? ["x", 1]).flatMap { value(values[0], .optional($0)) }
        default: return callValue(name, target, arguments, .bool(wanted), now: nil)
        }
    }

    /// A text that another one stands in, at its start or at its end.
    private func affixed(_ name: String, _ subject: CEL.Expression, _ part: CEL.Expression, _ wanted: Bool) -> [WhyNot.Change] {
        var changes: [WhyNot.Change] = []
        var current = WhyNot.Text("")
        if case .string(let text)? = known(subject) { current = WhyNot.Text(text) }
        if case .string(let text)? = known(part) {
            let texts = wanted ? current.texts(having: WhyNot.Text(text), name) : current.texts(lacking: WhyNot.Text(text))
            changes += texts.flatMap { value(subject, .string($0)) }
        } else {
            // A text has itself in it, and nothing that is longer.
            changes += combined([value(part, "x"), value(subject, wanted ? "x" : "other")])
        }
        guard !part.isLiteral, known(subject) != nil else { return changes }
        return changes + value(part, .string(wanted ? current.string : current.string + "x"))
    }

    private func matching(_ subject: CEL.Expression, _ pattern: CEL.Expression, _ wanted: Bool) -> [WhyNot.Change] {
        guard case .string(let source)? = known(pattern) else { return [] }
        let texts = wanted ? WhyNot.PatternSample.texts(matching: source) : ["other", "", "x", "0", "!"]
        return texts.flatMap { value(subject, .string($0)) }
    }

    /// Lists as sets.
    private func compared(_ name: String, _ first: CEL.Expression, _ second: CEL.Expression, _ wanted: Bool) -> [WhyNot.Change] {
        var current: [CEL.Value] = []
        if case .list(let elements)? = known(first) { current = elements }
        guard case .list(let others)? = known(second) else { return known(first) == nil ? [] : value(second, .list(wanted ? current : [])) }
        let lacking = others.filter { !current.contains($0) }
        let lists: [[CEL.Value]] =
            switch (name, wanted) {
            case ("contains", true): [others, current + lacking]
            case ("intersects", true): [Array(others.prefix(1)), current + others.prefix(1)]
            case ("equivalent", true): [others]
            case ("intersects", false): [current.filter { !others.contains($0) }, []]
            default: [[], ["other"]]
            }
        return lists.flatMap { value(first, .list($0)) }
    }

    // MARK: Sizes

    /// What may make a text, list or map have a size.
    func sized(_ subject: CEL.Expression, _ wanted: CEL.Value) -> [WhyNot.Change] {
        guard case .int(let number) = wanted, (0...2000).contains(number) else { return [] }
        let count = Int(number)
        if case .comprehension(let macro) = subject.kind, macro.macro == .filter { return filtered(macro, count) }
        switch known(subject) {
        case .string(let text)?: return WhyNot.Text(text).texts(ofSize: count).flatMap { value(subject, .string($0)) }
        case .list(let elements)?:
            let added = Array(repeating: elements.last ?? "x", count: max(0, count - elements.count))
            return value(subject, .list(Array(elements.prefix(count)) + added))
        case .map(let map)?:
            let added = (0..<max(0, count - map.count)).map { (CEL.Value.string("key\($0 + 1)"), CEL.Value.string("x")) }
            return value(subject, .map(MapValue(Array(map.entries).prefix(count) + added)))
        case .some, nil:
            let text = value(subject, .string(String(repeating: "x", count: count)))
            let list = value(subject, .list(Array(repeating: "x", count: count)))
            // Names in the plural are rather those of lists.
            let name = subject.reads.first?.last ?? ""
            return name.hasSuffix("s") && !name.hasSuffix("ss") ? list + text : text + list
        }
    }
}

extension WhyNot {
    /// A text by its code points, which is how the language counts.
    struct Text {
        private let scalars: [Unicode.Scalar]

        init(_ string: String) { scalars = Array(string.unicodeScalars) }

        var string: String { Self.string(scalars) }

        private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String { String(String.UnicodeScalarView(scalars)) }

        /// Texts that have a part in them, at the start or at the end: the part by itself, and this text with the part added or written over it.
        func texts(having part: Text, _ function: String) -> [String] {
            let alone = part.string
            let new = part.scalars
            guard !scalars.isEmpty else { return [alone] }
            let (added, rest) = (string, scalars.count - new.count)
            switch function {
            case "startsWith": return [alone, alone + added, Self.string(new + scalars.dropFirst(new.count))]
            case "endsWith": return [alone, added + alone, Self.string(scalars.dropLast(new.count) + new)]
            default:
                let inserted = [1, scalars.count / 2, scalars.count - 1].map { Self.string(scalars.prefix($0) + new + scalars.dropFirst($0)) }
                let written = [1, rest / 2, rest - 1].filter { $0 >= 0 && $0 <= rest }.map { start in
                    Self.string(scalars.prefix(start) + new + scalars.dropFirst(start + new.count))
                }
                return [alone, "\(added) \(alone)", added + alone, alone + added] + inserted + written
            }
        }

        /// Texts that do not have a part in them: this one without it, or another.
        func texts(lacking part: Text) -> [String] {
            guard !part.scalars.isEmpty else { return [] }
            var kept: [Unicode.Scalar] = []
            var rest = scalars[...]
            while let first = rest.first {
                if rest.starts(with: part.scalars) {
                    rest = rest.dropFirst(part.scalars.count)
                } else {
                    kept.append(first)
                    rest = rest.dropFirst()
                }
            }
            let shortened = kept.isEmpty || kept.count == scalars.count ? [] : [Self.string(kept)]
            return shortened + ["other", "x", "", "0"]
        }

        /// This text cut or filled up to a number of code points.
        func texts(ofSize count: Int) -> [String] {
            guard scalars.count < count else { return [Self.string(scalars.prefix(count)), Self.string(scalars.suffix(count))] }
            let filling = String(repeating: "x", count: count - scalars.count)
            let repeated = scalars.last.map { Self.string(repeatElement($0, count: count - scalars.count)) } ?? filling
            let inner = Self.string(scalars.prefix(1)) + filling + Self.string(scalars.dropFirst())
            return [string + filling, string + repeated, filling + string, inner]
        }
    }
}
