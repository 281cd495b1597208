import CEL
import StageModel
import Testing

@Suite("Why not: any condition")
struct WhyNotPropertyTests {
    /// Conditions on one datum, § for its path. Each can hold and can fail.
    private static let forms: [String] = [
        "§ == 7", "§ == 'seven'", "§ != 'seven'", "§ > 100", "§ >= 100", "§ < -3", "§ <= 0", "100 < §", "§ > 0.75", "§ <= 2.5", "§ == true", "§",
        "!§",
        "§ in ['a', 'b', 'c']", "§ in [1, 2, 3]", "!(§ in ['a', 'b'])", "'x' in §", "!('x' in §)", "§ == null", "§ != null", "has(§)", "!has(§)",
        "§.contains('refund')", "§.startsWith('DE-')", "§.endsWith('.de')", "§.lowerAscii().contains('money back')", "§.upperAscii() == 'YES'",
        "§.trim() == 'ok'", "§.matches('^[A-Z]{2}-[0-9]{4,}$')", "§.matches('(red|green) wine')", "§.matches('^\\\\w+@\\\\w+[.]com$')",
        "§.size() > 3",
        "size(§) == 2", "size(§) < 1", "§ + 5 > 20", "§ * 3 == 21", "10 - § < 4", "§ % 5 == 2", "§ / 2 >= 8", "-§ > 4", "§ * 1.5 > 10.0",
        "int(§) >= 18", "double(§) > 2.5", "string(§) == '12'", "bool(§)", "timestamp(§) < timestamp('2026-01-01T00:00:00Z')",
        "timestamp(§).getFullYear() == 2030", "duration(§) > duration('90m')", "§.exists(i, i == 'x')", "§.exists(i, i.price > 10)",
        "§.all(i, i > 3)",
        "!§.all(i, i.kind == 'a' && i.count > 2)", "§.exists_one(i, i == 1)", "§.filter(i, i > 5).size() >= 2", "§ > 5 && § < 7",
        "§ >= 'b' && § < 'c'",
        "§.startsWith('a') && §.endsWith('z') && size(§) == 9", "§ > 10 && § % 7 == 3", "has(§) && § > 10", "!has(§) || § == 'done'",
        "type(§) == string",
        "§[0] == 'first'", "§['first name'] == 'Ann'", "§.city == 'Berlin'", "§.address.city.startsWith('B')", "§ == [1, 2]",
        "cel.bind(v, §, v > 3 && v < 9)", "(§ > 3) == true", "(§ == 'x' ? 1 : 2) == 1", "§ != 'a' && § != 'other' && § != 'b'",
        "§.all(i, i in ['a', 'b']) && size(§) > 1",
    ]

    /// Values that a datum may have, whatever the condition expects; nil: there is none.
    private static let values: [CEL.Value?] = [
        nil, .null, true, false, 0, 7, 101, -5, 0.8, 99.5, "", "x", "seven", "DE-1", "12", ["x"], [], [1, 8], [["price": 3], ["price": 12]],
        ["city": "Bonn"], ["first name": "Bob"],
    ]

    private static let environment = Environment(variables: [VariableDeclaration("data", .map(.string, .dyn))])

    private static func holds(_ program: Program, _ bindings: Bindings) -> Bool { (try? program.test(bindings)) ?? false }

    @Test("Values are found for every form of a condition on one datum, whatever the datum is", arguments: forms)
    func valuesOfForms(form: String) throws {
        for condition in [form, "!(\(form))"] {
            let program = try Self.environment.compile(condition.putting("data.order.a"))
            for value in Self.values {
                let bindings: Bindings = ["data": ["b": 1, "order": value.map { ["c": 2, "a": $0] } ?? ["c": 2]]]
                let whyNot = program.whyNot(bindings)
                #expect((whyNot == nil) == Self.holds(program, bindings))
                guard let whyNot else { continue }
                let message: Comment = "\(program.source.text) with \(value?.description ?? "nothing")"
                guard let values = whyNot.values else {
                    Issue.record(message)
                    continue
                }
                #expect(Self.holds(program, values.reduce(bindings) { $0.setting($1) }), message)
                #expect(values.count == 1 && values[0].path.starts(with: ["data", "order"]), message)
            }
        }
    }

    /// A tree of `&&`, `||`, `!` and `? :` over clauses, as a text and as what it comes to when the clauses come to true, false or an error (nil).
    private indirect enum Tree {
        case clause(Int)
        case not(Tree)
        case and([Tree])
        case or([Tree])
        case choice(Tree, Tree, Tree)

        static func random(_ clauses: Range<Int>, depth: Int, _ generator: inout SeededGenerator) -> Tree {
            let clause = Tree.clause(Int.random(in: clauses, using: &generator))
            guard depth > 0 else { return clause }
            func inner() -> Tree { random(clauses, depth: depth - 1, &generator) }
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: return clause
            case 1: return .not(inner())
            case 2...4: return .and((0..<Int.random(in: 2...3, using: &generator)).map { _ in inner() })
            case 5, 6: return .or((0..<Int.random(in: 2...3, using: &generator)).map { _ in inner() })
            default: return .choice(inner(), inner(), inner())
            }
        }

        func text(_ clauses: [String]) -> String {
            switch self {
            case .clause(let clause): clauses[clause]
            case .not(let operand): "!(\(operand.text(clauses)))"
            case .and(let operands): operands.map { "(\($0.text(clauses)))" }.joined(separator: " && ")
            case .or(let operands): operands.map { "(\($0.text(clauses)))" }.joined(separator: " || ")
            case .choice(let condition, let first, let second):
                "(\(condition.text(clauses))) ? (\(first.text(clauses))) : (\(second.text(clauses)))"
            }
        }

        func truth(_ clauses: [Bool?]) -> Bool? {
            switch self {
            case .clause(let clause): return clauses[clause]
            case .not(let operand): return operand.truth(clauses).map { !$0 }
            case .and(let operands):
                let truths = operands.map { $0.truth(clauses) }
                return truths.contains(false) ? false : truths.contains(nil) ? nil : true
            case .or(let operands):
                let truths = operands.map { $0.truth(clauses) }
                return truths.contains(true) ? true : truths.contains(nil) ? nil : false
            case .choice(let condition, let first, let second):
                return condition.truth(clauses).flatMap { ($0 ? first : second).truth(clauses) }
            }
        }
    }

    /// The least number of clauses that have to come to something else, found by trying all; nil when no others make the tree hold.
    private static func least(_ tree: Tree, _ truths: [Bool?]) -> Int? {
        var least: Int?
        // Each clause stays, comes to true, or comes to false.
        for code in 0..<Int(pow3(truths.count)) {
            var (rest, changed, count) = (code, truths, 0)
            for clause in truths.indices {
                if rest % 3 > 0 {
                    changed[clause] = rest % 3 == 1
                    count += 1
                }
                rest /= 3
            }
            if count < least ?? .max, tree.truth(changed) == true { least = count }
        }
        return least
    }

    private static func pow3(_ exponent: Int) -> Int { (0..<exponent).reduce(1) { power, _ in power * 3 } }

    @Test("The clauses are the fewest, come to what they say, and the values make the condition hold", arguments: 0..<20)
    func fewestClauses(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<80 {
            let count = Int.random(in: 1...5, using: &generator)
            // Each clause is about a datum of its own.
            let clauses = (0..<count).map { clause in
                (Self.forms.filter { !$0.contains("&&") && !$0.contains("||") && !$0.hasPrefix("!") }.randomElement(using: &generator) ?? "§")
                    .putting("data.d\(clause)")
            }
            let tree = Tree.random(0..<count, depth: 3, &generator)
            let data = (0..<count).compactMap { clause in
                (Self.values.randomElement(using: &generator) ?? nil).map { (key: "d\(clause)", value: $0) }
            }
            let bindings: Bindings = ["data": .map(MapValue(fields: data))]
            let program = try Self.environment.compile(tree.text(clauses))
            let truths = clauses.map { try? Self.environment.compile($0).test(bindings) }
            let whyNot = program.whyNot(bindings)
            let message: Comment = "\(program.source.text) with \(bindings["data"]?.description ?? "")"
            #expect((whyNot == nil) == (tree.truth(truths) == true), message)
            #expect(whyNot == program.whyNot(bindings), message)
            guard let whyNot else { continue }
            guard let least = Self.least(tree, truths) else {
                #expect(whyNot.values == nil && !whyNot.clauses.isEmpty, message)
                continue
            }
            #expect(whyNot.clauses.count == least, message)
            var changed = truths
            for (clause, wanted) in zip(whyNot.clauses, whyNot.wanted) {
                let number = try #require(clauses.firstIndex(of: clause.text))
                #expect(clause.holds == (truths[number] == true), message)
                changed[number] = wanted
            }
            #expect(tree.truth(changed) == true, message)
            guard let values = whyNot.values else {
                Issue.record(message)
                continue
            }
            #expect(Self.holds(program, values.reduce(bindings) { $0.setting($1) }), message)
            #expect(values.count == least, message)
        }
    }

    @Test("Clauses about the same data: what is given is true, and the same every time", arguments: 0..<20)
    func entangledClauses(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let clauses = (0..<4).map { _ in
                (Self.forms.randomElement(using: &generator) ?? "§").putting(Bool.random(using: &generator) ? "data.a" : "data.b")
            }
            let tree = Tree.random(0..<4, depth: 3, &generator)
            let value = Self.values.randomElement(using: &generator) ?? nil
            let bindings: Bindings = ["data": value.map { ["a": $0] } ?? [:]]
            let program = try Self.environment.compile(tree.text(clauses))
            let whyNot = program.whyNot(bindings)
            #expect((whyNot == nil) == Self.holds(program, bindings))
            #expect(whyNot == program.whyNot(bindings))
            guard let values = whyNot?.values else { continue }
            #expect(Self.holds(program, values.reduce(bindings) { $0.setting($1) }), "\(program.source.text) with \(values)")
        }
    }
}

extension String {
    /// The form with a path put in.
    fileprivate func putting(_ path: String) -> String { split(separator: "§", omittingEmptySubsequences: false).joined(separator: path) }
}
