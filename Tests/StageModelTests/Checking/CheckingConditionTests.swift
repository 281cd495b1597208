import CEL
@testable import StageModel
import Testing

@Suite("Checking: conditions")
struct CheckingConditionTests {
    private static let atoms = [
        "true", "false", "data.a", "data.b", "data.a == 1", "data.a != 1", "data.a == 2", "1 == data.a", "data.a == 'x'", "has(data.a)",
        "data.a == data.a", "data.a < data.a", "data.b == true", "data.b != true", "1 < 2", "1 / 0 == 1", "[1, 2].exists(n, n == data.a)",
        "[1, 2].all(n, n == 3 || data.b)", "data.?a.orValue(1) == 1", "message.text == 'x'", "size(data) > 1", "data['a'] == 1",
    ]

    private static func condition(_ generator: inout SeededGenerator, depth: Int) -> String {
        func part() -> String { condition(&generator, depth: depth - 1) }
        guard depth > 0 else { return atoms.randomElement(using: &generator) ?? "true" }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0, 1: return "(\(part()) && \(part()))"
        case 2, 3: return "(\(part()) || \(part()))"
        case 4: return "!(\(part()))"
        default: return "(\(part()) ? \(part()) : \(part()))"
        }
    }

    private static let values: [[String: Value]] = [
        [:], ["a": 1], ["a": 2, "b": true], ["a": "x", "b": false], ["b": true], ["a": true, "b": 7], ["a": [1], "b": .null],
        ["a": 1.0, "b": true],
    ]

    private static func outcome(of program: Program, _ data: [String: Value]) throws -> Outcomes {
        let data = Value.map(MapValue(data.sorted { $0.key < $1.key }.map { (Value.string($0.key), $0.value) }))
        var bindings: Bindings = ["data": data]
        if data.size == 2 { bindings["message"] = ["text": "x", "type": "text", "metadata": [:], "received_at": .timestamp(.zero)] }
        do throws(EvaluationError) { return try program.test(bindings) ? .isTrue : .isFalse } catch { return .isMissing }
    }

    @Test("What a condition comes to is among what it is said to come to", arguments: 0..<300)
    func outcomes(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let text = Self.condition(&generator, depth: 3)
        let program = try Condition.compile(text)
        for data in Self.values { #expect(program.outcomes.isSuperset(of: try Self.outcome(of: program, data)), "\(text) with \(data)") }
    }

    private static func key(_ text: String) throws -> String { try Condition.compile(text).tree.root.key }

    static let rewritten = [
        ("data.x==1&&data.y", " ( data.x == 1 ) && ((data.y)) // so"), ("data.x == 'a'", "data.x == \"\\x61\""),
        ("data.x == 10", "data.x == 0xA"),
        ("data.list.exists(n, n > 1)", "data.list.exists( n,n>1 )"), ("true", "(true)"),
    ]

    @Test("Conditions that differ in their writing alone are the same", arguments: rewritten)
    func same(left: String, right: String) throws { #expect(try Self.key(left) == Self.key(right)) }

    @Test("Conditions that differ in anything else are not")
    func different() throws {
        let conditions = [
            "data.x", "data.y", "data.?x.orValue(true)", "data.x.y", "data['x']", "data[?'x'].orValue(true)", "has(data.x)", "data.x == 1",
            "data.x == 1u",
            "data.x == 1.0", "data.x == '1'", "data.x == b'1'", "data.x == null", "data.x != 1", "1 == data.x", "data.x == -1", "!data.x",
            "data.x && data.y",
            "data.y && data.x", "data.x || data.y", "data.x && data.y && data.z", "data.x && (data.y || data.z)",
            "data.x ? data.y : data.z",
            "data.l.exists(n, n)", "data.l.all(n, n)", "data.l.exists(m, m)", "data.l == [1, 2]", "data.l == [[1], 2]",
            "data.l == {'a': 1}",
            "data.l.contains('x')", "data.l.startsWith('x')", "size(data.l) == 1", "data.l.size() == 1", "cel.bind(x, data.x, x)",
        ]
        let keys = try conditions.map(Self.key)
        for (index, key) in keys.enumerated() { #expect(keys.firstIndex(of: key) == index, "\(conditions[index])") }
    }

    static let readers: [(String, [String], Bool)] = [
        ("true", [], false), ("data.x == data.y.z", ["x", "y"], false), ("has(data.x) && 'y' in data", ["x", "y"], false),
        ("data['x'] == 1 || data.?y.orValue(true)", ["x", "y"], false), ("message.metadata.x == 1", [], false),
        ("size(data) > 1", [], true),
        ("data[message.text] == 1", [], true), ("data.x && data.exists(n, n == 'y')", ["x"], true), ("message.text in data", [], true),
        ("data.list[data.index] == 1", ["index", "list"], false),
    ]

    @Test("The data that a condition reads are told by name, or that they may be any", arguments: readers)
    func reads(text: String, names: [String], readsAny: Bool) throws {
        let reads = DataReads(try Condition.compile(text).tree.root)
        #expect(reads.names.sorted() == names && reads.readsAny == readsAny)
    }
}
