import CEL
import StageModel
import Testing

/// What the conditions of these tests are about.
enum ConditionSample {
    private static func record(_ name: String, _ fields: [String: ValueType]) -> VariableDeclaration {
        VariableDeclaration(name, .record(RecordType(name: name, fields: fields)))
    }

    static let environment = Environment(variables: [
        record("message", ["text": .string, "type": .string, "metadata": .map(.string, .dyn), "received_at": .timestamp]),
        VariableDeclaration("data", .map(.string, .dyn)), record("stage", ["name": .string, "type": .string, "visits": .int, "seconds": .int]),
        record("conversation", ["id": .string, "turns": .int, "created_at": .timestamp]), record("agent", ["id": .string, "name": .string]),
        VariableDeclaration("now", .timestamp),
    ])

    static func time(_ text: String) -> CEL.Value { CEL.Timestamp(text).map { .timestamp($0) } ?? .null }

    /// No message is at hand.
    static let bindings: Bindings = [
        "data": ["total": 50, "kind": "a", "tags": ["x"], "items": [["price": 5]], "name": "Ann", "flag": false, "nan": .double(.nan)],
        "stage": ["name": "Order", "type": "form", "visits": 1, "seconds": 10],
        "conversation": ["id": "c1", "turns": 3, "created_at": time("2026-01-31T12:00:00Z")], "agent": ["id": "", "name": ""],
        "now": time("2026-01-31T12:30:00Z"),
    ]

    static func text(_ whyNot: WhyNot?) -> String {
        guard let whyNot else { return "holds" }
        let clauses = zip(whyNot.clauses, whyNot.wanted).map { ($1 ? "" : "not ") + $0.text }
        return "\(clauses.joined(separator: " ; ")) ⇒ \(text(whyNot.values))"
    }

    static func text(_ values: [WhyNot.Assignment]?) -> String {
        guard let values else { return "nothing" }
        return values.map { "\($0.text) = \($0.value?.description ?? "absent")" }.joined(separator: " ; ")
    }

    static func value(_ text: String) -> CEL.Value? { try? Environment().compileUnchecked(text).evaluate(Bindings()) }
}

@Suite("Why not")
struct WhyNotTests {
    /// Written one a line as `condition ⇒ clauses ⇒ values`; `it` is the condition as a whole, `not` stands before a clause that would have to fail.
    struct Row: Sendable, CustomTestStringConvertible {
        let condition: String
        let expected: String
        var testDescription: String { condition }

        static func read(_ table: String) -> [Row] {
            table.split(separator: "\n").map { line in
                let parts = line.split(separator: " ⇒ ").map(String.init)
                return Row(condition: parts[0], expected: "\(parts[1] == "it" ? parts[0] : parts[1]) ⇒ \(parts[2])")
            }
        }
    }

    @Test("The fewest clauses are named, and the most natural values", arguments: Row.read(rows))
    func names(row: Row) throws {
        let program = try ConditionSample.environment.compile(row.condition, expecting: .bool)
        let whyNot = program.whyNot(ConditionSample.bindings)
        #expect(ConditionSample.text(whyNot) == row.expected)
        guard let values = whyNot?.values else { return }
        #expect(try program.test(values.reduce(ConditionSample.bindings) { $0.setting($1) }))
    }

    @Test("A condition that holds has no reason not to", arguments: ["data.total == 50", "data.kind == 'a' || data.missing", "!data.flag", "true"])
    func holds(condition: String) throws {
        #expect(try ConditionSample.environment.compile(condition).whyNot(ConditionSample.bindings) == nil)
    }

    @Test("Hints are tried first, and only where they help")
    func hints() throws {
        let hints: [String: [CEL.Value]] = ["data.kind": ["b", "c"], "data.plan": ["free", "pro"], "data.first name": ["Bob"]]
        for (condition, expected) in [
            ("data.kind != 'a'", #"data.kind = "b""#), ("data.kind == 'c'", #"data.kind = "c""#), ("has(data.plan)", #"data.plan = "free""#),
            ("data.plan.endsWith('o')", #"data.plan = "pro""#), ("data.plan == 'gold'", #"data.plan = "gold""#),
            ("data.plan != 'free' && data.kind in ['c', 'd']", #"data.plan = "pro" ; data.kind = "c""#), ("data.total > 60", "data.total = 61"),
        ] {
            let whyNot = try ConditionSample.environment.compile(condition).whyNot(ConditionSample.bindings, hints: hints)
            #expect(ConditionSample.text(whyNot?.values) == expected)
        }
    }

    @Test("Clauses come with what they came to, also in a branch that was not taken")
    func clauses() throws {
        let program = try ConditionSample.environment.compile("data.total > 10 ? data.kind == 'y' && message.text == 'x' : !data.flag && data.paid")
        let whyNot = try #require(program.whyNot(ConditionSample.bindings))
        #expect(whyNot.clauses.map(\.text) == ["data.kind == 'y'", "message.text == 'x'"])
        #expect(whyNot.clauses[0].outcome == .value(false))
        #expect(whyNot.clauses[0].operands.map(\.outcome) == [.value("a"), .value("y")])
        #expect(whyNot.clauses[1].outcome == .error(message: "there is no message", missing: "message"))
        var bindings = ConditionSample.bindings.setting(WhyNot.Assignment(path: ["data", "total"], value: 1))
        bindings = bindings.setting(WhyNot.Assignment(path: ["data", "flag"], value: true))
        // Turning to the other branch would take more: both of its clauses fail, one of them not evaluated.
        let other = try ConditionSample.environment.compile("data.total > 10 ? data.kind == 'a' : !data.flag && data.paid").whyNot(bindings)
        #expect(ConditionSample.text(other) == "data.total > 10 ⇒ data.total = 11")
    }

    @Test("An assignment puts a value in, makes maps on the way, and takes values away")
    func setting() {
        let bindings: Bindings = ["data": ["a": 1, "b": ["c": 2]], "text": "x"]
        for (path, value, expected) in [
            (["data", "a"], 2, #"{"a": 2, "b": {"c": 2}}"#), (["data", "b", "d", "e"], "y", #"{"a": 1, "b": {"c": 2, "d": {"e": "y"}}}"#),
            (["data", "a", "b"], true, #"{"a": {"b": true}, "b": {"c": 2}}"#), (["data", "b", "c"], nil, #"{"a": 1, "b": {}}"#),
            (["data", "x", "y"], nil, #"{"a": 1, "b": {"c": 2}}"#), (["data"], ["z": 1], #"{"z": 1}"#), ([], 1, #"{"a": 1, "b": {"c": 2}}"#),
        ] as [([String], CEL.Value?, String)] {
            let changed = bindings.setting(WhyNot.Assignment(path: path, value: value))
            #expect(changed["data"]?.description == expected)
            #expect(changed["text"] == "x")
        }
        #expect(bindings.setting(WhyNot.Assignment(path: ["text"], value: nil))["text"] == nil)
        #expect(bindings.setting(WhyNot.Assignment(path: ["message", "text"], value: "hi"))["message"] == ["text": "hi"])
        #expect(WhyNot.Assignment(path: ["data", "order_id"], value: nil).text == "data.order_id")
        #expect(WhyNot.Assignment(path: ["data", "first name", "2nd", ""], value: nil).text == #"data["first name"]["2nd"][""]"#)
    }

    @Test("The same answers are equal, also with what is no number in them")
    func equality() throws {
        let program = try ConditionSample.environment.compile("data.nan > 1.0 && data.kind == 'b'")
        #expect(program.whyNot(ConditionSample.bindings) == program.whyNot(ConditionSample.bindings))
        let assignment = WhyNot.Assignment(path: ["a"], value: .double(.nan))
        #expect(assignment == assignment)
        #expect(assignment != WhyNot.Assignment(path: ["a"], value: nil))
        #expect(WhyNot.Assignment(path: ["a"], value: 1) != WhyNot.Assignment(path: ["a"], value: 1.0))
    }

    // MARK: Hostile conditions

    private static let hostile: [(condition: String, clauses: Int, isSolved: Bool)] = [
        ((0..<200).map { "data.k\($0) == \($0)" }.joined(separator: " && "), 200, true),
        ((0..<200).map { "data.k\($0) == \($0)" }.joined(separator: " || "), 1, true),
        ((0..<2000).map { "data.k\($0) == \($0)" }.joined(separator: " && "), 2000, false),
        ((0..<150).map { "(data.a\($0) || data.b\($0))" }.joined(separator: " && "), 150, true),
        (String(repeating: "!", count: 151) + "data.paid", 1, true),
        (String(repeating: "(", count: 60) + "data.a" + (0..<60).map { " ? data.b\($0) : data.c\($0))" }.joined(), 61, true),
        ((0..<60).map { "data.x != \($0)" }.joined(separator: " && "), 60, true),
        ("data.a" + String(repeating: " + data.a", count: 90) + " > 1000", 1, false),
        (String(repeating: "(", count: 80) + "data.a" + String(repeating: " + data.b)", count: 80) + " > 1000", 1, false),
        ((0..<60).map { "(data.x > \($0) && data.x < \($0 - 5))" }.joined(separator: " || "), 2, false),
        ("size(data.text) > 1000000", 1, false), ("data.big.exists(i, data.big.exists(j, j == i + 1000000))", 1, false),
        ("data.big.all(i, data.big.exists(j, j == i + 1000000)) && data.total > 100", 2, true), ("data.big.exists(i, i == -1)", 1, true),
        ("data.l.exists(a, a.l.exists(b, b.l.exists(c, c.l.exists(d, d.l.exists(e, e == 1)))))", 1, false),
        ("data.text.matches(data.pattern)", 1, false),
        ("data.kind == 'b' && !(data.kind == 'b')", 1, false), ("[1, 2].all(x, x / 0 == data.kind)", 1, false),
    ]

    @Test(
        "Numbers, times and indices at the ends of their ranges get an answer",
        arguments: [
            ("data.total * 1 > 9223372036854775806", true), ("data.total - -9223372036854775808 == 5", true),
            ("data.total / -1 == -9223372036854775808", false),
            ("-9223372036854775808 - data.total == 5", false), ("-data.total == -9223372036854775808", false),
            ("data.total < -9223372036854775808", false),
            ("data.total % 9223372036854775807 == 9223372036854775806", true), ("data.tags[9223372036854775807] == 1", false),
            ("data.tags[-1] == 1", false),
            ("size(data.tags) > 9223372036854775806", false), ("data.text.indexOf('a') == 9223372036854775807", false),
            ("data.text.indexOf('a') == -9223372036854775808", false), ("now.getHours() == -9223372036854775808", false),
            ("(now - conversation.created_at).getHours() == 9223372036854775807", false), ("now.getFullYear() == 99999", false),
            ("now > timestamp('9999-12-31T23:59:59Z')", false), ("now - duration(data.wait) < timestamp('0001-01-01T00:00:01Z')", false),
            ("data.price > 1.7976931348623157e308", false), ("data.price * 1e308 > 1e308", true), ("data.n < 0u", false),
            ("uint(data.n) == 18446744073709551615u", true), ("data.text > '\\U0010ffff'", true),
        ])
    func answersAtTheEnds(condition: String, isSolved: Bool) throws {
        let program = try ConditionSample.environment.compile(condition, expecting: .bool)
        let whyNot = try #require(program.whyNot(ConditionSample.bindings))
        #expect(whyNot.clauses.count == 1)
        #expect((whyNot.values != nil) == isSolved)
    }

    @Test("Hostile conditions get an answer", arguments: hostile.indices)
    func answersHostile(index: Int) throws {
        let (condition, count, isSolved) = Self.hostile[index]
        let big = WhyNot.Assignment(path: ["data", "big"], value: .list((0..<3000).map { .int($0) }))
        let bindings = ConditionSample.bindings.setting(big)
        let program = try ConditionSample.environment.compile(condition, expecting: .bool)
        let whyNot = try #require(program.whyNot(bindings))
        #expect(whyNot.clauses.count == count)
        #expect((whyNot.values != nil) == isSolved)
        if let values = whyNot.values { #expect(try program.test(values.reduce(bindings) { $0.setting($1) })) }
    }
}

private let rows = #"""
    data.total > 100 ⇒ it ⇒ data.total = 101
    data.total >= 100 ⇒ it ⇒ data.total = 100
    data.total < 10 ⇒ it ⇒ data.total = 9
    data.price > 0.8 ⇒ it ⇒ data.price = 0.9
    data.price <= 2.5 ⇒ it ⇒ data.price = 2.5
    data.total == 7 ⇒ it ⇒ data.total = 7
    data.kind == "b" ⇒ it ⇒ data.kind = "b"
    data.kind != "a" ⇒ it ⇒ data.kind = "other"
    data.total > 100 && data.kind == "b" ⇒ data.total > 100 ; data.kind == "b" ⇒ data.total = 101 ; data.kind = "b"
    data.total > 100 || data.kind == "b" ⇒ data.total > 100 ⇒ data.total = 101
    message.text == "a" || data.total == 60 && data.kind == "b" ⇒ message.text == "a" ⇒ message.text = "a"
    !(data.total > 10) ⇒ not data.total > 10 ⇒ data.total = 10
    !(data.total > 10 && data.flag == false) ⇒ not data.total > 10 ⇒ data.total = 10
    !(data.kind == "a" || data.total == 50) ⇒ not data.kind == "a" ; not data.total == 50 ⇒ data.kind = "other" ; data.total = 51
    data.total > 10 ? data.kind == "q" : data.name == "Ann" ⇒ data.kind == "q" ⇒ data.kind = "q"
    data.flag ? data.total > 5 : data.kind == "q" ⇒ data.flag ⇒ data.flag = true
    data.total > 10 ? data.kind == "y" && data.name == "Bob" : data.flag == false ⇒ not data.total > 10 ⇒ data.total = 10
    (data.flag && data.paid) || (data.flag && data.shipped) ⇒ data.flag ; data.paid ⇒ data.flag = true ; data.paid = true
    data.flag ⇒ it ⇒ data.flag = true
    !data.flag && data.paid ⇒ data.paid ⇒ data.paid = true
    data.total > 100 && data.total > 200 ⇒ data.total > 100 ; data.total > 200 ⇒ data.total = 201
    data.kind == "a" && (data.kind == "b" || data.total == 1) ⇒ data.total == 1 ⇒ data.total = 1
    data.total > 5 && data.total < 3 || data.kind == "z" ⇒ data.kind == "z" ⇒ data.kind = "z"
    data.order_id.matches("^[A-Z]{2}-\\d{4,}$") ⇒ it ⇒ data.order_id = "AA-0000"
    data.order_id.matches("^[A-Z]{2}-\\d{4,}$") && data.order_id.startsWith("DE") ⇒ data.order_id.matches("^[A-Z]{2}-\\d{4,}$") ; data.order_id.startsWith("DE") ⇒ data.order_id = "DE-0000"
    data.email.matches("[^@]+@[^@]+\\.[a-z]{2,}") ⇒ it ⇒ data.email = "a@a.aa"
    message.text.contains("refund") ⇒ it ⇒ message.text = "refund"
    message.text.lowerAscii().contains("refund") && message.type == "text" ⇒ message.text.lowerAscii().contains("refund") ; message.type == "text" ⇒ message.text = "refund" ; message.type = "text"
    ["refund", "return"].exists(w, message.text.contains(w)) ⇒ it ⇒ message.text = "refund"
    message.metadata.channel == "web" ⇒ it ⇒ message.metadata.channel = "web"
    !data.name.contains("nn") ⇒ not data.name.contains("nn") ⇒ data.name = "A"
    data.name.startsWith("B") && data.name.endsWith("z") && size(data.name) >= 8 ⇒ data.name.startsWith("B") ; data.name.endsWith("z") ; size(data.name) >= 8 ⇒ data.name = "Bzzzzzzz"
    data.code.trim().upperAscii() == "ABC" ⇒ it ⇒ data.code = "ABC"
    has(data.email) ⇒ it ⇒ data.email = "x"
    has(data.email) && data.email.endsWith("@x.de") ⇒ has(data.email) ; data.email.endsWith("@x.de") ⇒ data.email = "@x.de"
    !has(data.name) ⇒ not has(data.name) ⇒ data.name = absent
    "k" in data ⇒ it ⇒ data.k = "x"
    "z" in data.tags ⇒ it ⇒ data.tags = ["x", "z"]
    !("x" in data.tags) ⇒ not "x" in data.tags ⇒ data.tags = []
    data.kind in ["b", "c"] ⇒ it ⇒ data.kind = "b"
    !(data.kind in ["a", "c"]) ⇒ not data.kind in ["a", "c"] ⇒ data.kind = "other"
    !(data.total in [50, 51]) ⇒ not data.total in [50, 51] ⇒ data.total = 49
    data.items.exists(i, i.price > 10) ⇒ it ⇒ data.items = [{"price": 5}, {"price": 11}]
    data.items.all(i, i.price > 10 && i.kind == "x") ⇒ it ⇒ data.items = [{"price": 11, "kind": "x"}]
    data.items.filter(i, i.price > 10).size() >= 2 ⇒ it ⇒ data.items = [{"price": 5}, {"price": 11}, {"price": 11}]
    data.words.exists(w, w == "x") ⇒ it ⇒ data.words = ["x"]
    !data.tags.exists(t, t == "x") ⇒ not data.tags.exists(t, t == "x") ⇒ data.tags = []
    data.tags.exists_one(t, t == "y") ⇒ it ⇒ data.tags = ["x", "y"]
    size(data.name) > 5 ⇒ it ⇒ data.name = "Annxxx"
    data.tags.size() >= 3 ⇒ it ⇒ data.tags = ["x", "x", "x"]
    data.words.size() > 1 ⇒ it ⇒ data.words = ["x", "x"]
    data.?note.orValue("") == "y" ⇒ it ⇒ data.note = "y"
    data.?a.?b.orValue(0) > 3 ⇒ it ⇒ data.a.b = 4
    !data.?kind.hasValue() ⇒ not data.?kind.hasValue() ⇒ data.kind = absent
    data.total * 2 + 1 == 205 ⇒ it ⇒ data.total = 102
    data.total % 7 == 3 && data.total > 100 ⇒ data.total % 7 == 3 ; data.total > 100 ⇒ data.total = 101
    data.price * 1.2 > 100 ⇒ it ⇒ data.price = 84.17
    int(data.age) >= 18 ⇒ it ⇒ data.age = 18
    double(data.price) > 99.5 ⇒ it ⇒ data.price = 99.6
    string(data.total) == "7" ⇒ it ⇒ data.total = 7
    type(data.note) == string ⇒ it ⇒ data.note = "x"
    data.total == data.limit ⇒ it ⇒ data.limit = 50
    data.total < data.limit ⇒ it ⇒ data.limit = 51
    data.a == data.b ⇒ it ⇒ data.a = "x" ; data.b = "x"
    stage.name == data.wanted ⇒ it ⇒ data.wanted = "Order"
    stage.visits > 3 && stage.seconds < 5 ⇒ stage.visits > 3 ; stage.seconds < 5 ⇒ stage.visits = 4 ; stage.seconds = 4
    stage.visits < 0 ⇒ it ⇒ nothing
    conversation.turns >= 3 && conversation.turns % 2 == 0 ⇒ conversation.turns % 2 == 0 ⇒ conversation.turns = 4
    now - conversation.created_at > duration("1h") ⇒ it ⇒ now = timestamp("2026-01-31T13:00:01Z")
    now > timestamp("2027-01-01T00:00:00Z") ⇒ it ⇒ now = timestamp("2027-01-01T00:00:01Z")
    now.getHours() >= 18 ⇒ it ⇒ now = timestamp("2026-01-31T18:00:00Z")
    now.getDayOfWeek() == 1 ⇒ it ⇒ now = timestamp("2026-02-02T12:30:00Z")
    timestamp(data.date) < now ⇒ it ⇒ data.date = "2026-01-31T12:29:59Z"
    data.date > "2026-01-31" ⇒ it ⇒ data.date = "2026-02-01"
    duration(data.wait) > duration("1h") ⇒ it ⇒ data.wait = "3601s"
    cel.bind(t, data.total, t > 60 && t < 70) ⇒ it ⇒ data.total = 61
    data.tags[2] == "q" ⇒ it ⇒ data.tags = ["x", "q", "q"]
    data["first name"] == "x" ⇒ it ⇒ data["first name"] = "x"
    data.address.city == "Berlin" ⇒ it ⇒ data.address.city = "Berlin"
    data[data.key] == "x" ⇒ it ⇒ data.key = "x" ; data.x = "x"
    data.items[0].price > 10 ⇒ it ⇒ data.items = [{"price": 11}]
    data.text == null ⇒ it ⇒ data.text = null
    data.nan > 1.0 ⇒ it ⇒ data.nan = 2.0
    false || data.total == 1 ⇒ data.total == 1 ⇒ data.total = 1
    1 == 2 ⇒ it ⇒ nothing
    data.total == 1 && data.total == 2 ⇒ data.total == 1 ; data.total == 2 ⇒ nothing
    data.kind.reverse().replace("a", "b") == "c" ⇒ it ⇒ data.kind = "c"
    now.getHours() < 9 ⇒ it ⇒ now = timestamp("2026-02-01T08:00:00Z")
    now.getDayOfWeek() == 1 ⇒ it ⇒ now = timestamp("2026-02-02T12:30:00Z")
    now.getHours("Europe/Berlin") < 9 ⇒ it ⇒ now = timestamp("2026-02-01T07:00:00Z")
    now.getMinutes() == 5 ⇒ it ⇒ now = timestamp("2026-01-31T13:05:00Z")
    now.getDate() == 5 ⇒ it ⇒ now = timestamp("2026-01-05T12:30:00Z")
    now.getDayOfYear() == 5 ⇒ it ⇒ now = timestamp("2026-01-06T12:30:00Z")
    now.getHours() >= 9 && now.getHours() < 12 ⇒ now.getHours() < 12 ⇒ now = timestamp("2026-02-01T11:00:00Z")
    now.getDayOfWeek() in [1,2,3,4,5] && now.getHours() >= 18 ⇒ now.getDayOfWeek() in [1,2,3,4,5] ; now.getHours() >= 18 ⇒ now = timestamp("2026-02-02T18:00:00Z")
    now.getFullYear() > 2026 ⇒ it ⇒ now = timestamp("2027-01-31T12:30:00Z")
    timestamp(data.x).getHours() == 3 ⇒ it ⇒ data.x = "2026-02-01T03:00:00Z"
    """#
