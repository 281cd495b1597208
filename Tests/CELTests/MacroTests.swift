import CEL
import Testing

@Suite("Macros")
struct MacroTests {
    @Test("macros with one variable go over elements and keys", arguments: Table.read(oneVariable))
    func goesOver(_ table: Table) { table.verify() }

    static let oneVariable = #"""
        [1, 2, 3].exists(e, e > 2) ⇒ true
        [1, 2, 3].exists(e, e > 3) ⇒ false
        [1, 'foo', 3].exists(e, e != '1') ⇒ true
        [1, 'foo', 3].exists(e, e == '10') ⇒ false
        [0, 5].exists(e, 10 / e == 2) ⇒ true
        [0, 5].exists(e, 10 / e == 3) ⇒ error
        [].exists(e, e / 0 == 1) ⇒ false
        {'key1': 1, 'key2': 2}.exists(k, k == 'key2') ⇒ true
        [1].exists(e, e) ⇒ error
        [1].exists(1, true) ⇒ error
        [1].exists(e.f, true) ⇒ error
        1.exists(e, true) ⇒ error
        [1, 2, 3].all(e, e > 0) ⇒ true
        [1, 2, 3].all(e, e > 1) ⇒ false
        [1, 'foo', 3].all(e, e == 1) ⇒ false
        [0, 1].all(e, 1 / e > 5) ⇒ false
        [0, 1].all(e, 1 / e < 5) ⇒ error
        [].all(e, e > 0) ⇒ true
        {'key1': 1}.all(k, k == 'key1') ⇒ true
        [7].exists_one(a, a == 7) ⇒ true
        [7, 7].exists_one(a, a == 7) ⇒ false
        [7].existsOne(a, a == 8) ⇒ false
        [].exists_one(a, a == 7) ⇒ false
        [3, 2, 1, 0].exists_one(n, 12 / n > 1) ⇒ error
        {6: 'six', 7: 'seven'}.exists_one(foo, foo % 5 == 2) ⇒ true
        [].map(n, n / 2) ⇒ []
        [2, 4, 6].map(n, n / 2) ⇒ [1, 2, 3]
        [2, 4, 6].map(n, n > 2, n / 2) ⇒ [2, 3]
        [2, 1, 0].map(n, 4 / n) ⇒ error
        {'John': 'smart'}.map(key, key) ⇒ ['John']
        [1, 2, 3].filter(x, x % 2 == 1) ⇒ [1, 3]
        [3, 2, 1, 0].filter(n, 1 / n > 0) ⇒ error
        [].filter(x, false) ⇒ []
        {'a': 1, 'b': 2}.filter(k, k > 'a') ⇒ ['b']
        ['signer'].filter(signer, ['artifact'].all(artifact, true)) ⇒ ['signer']
        ['signer'].all(signer, ['artifact'].all(artifact, true)) ⇒ true
        [1, 2].map(x, [3, 4].map(y, x * y)) ⇒ [[3, 4], [6, 8]]
        [1].exists(y, [0].exists(y, y == 0)) ⇒ true
        [1].map(x, x + [10].map(x, x)[0] + x) ⇒ [12]
        [[1, 2], [3]].map(x, x.map(x, x + 1)) ⇒ [[2, 3], [4]]
        """#

    @Test("macros with two variables go over indices and elements, or keys and values", arguments: Table.read(twoVariables))
    func goesOverPairs(_ table: Table) { table.verify() }

    static let twoVariables = #"""
        [1, 2, 3].exists(i, v, i == 1 && v == 2) ⇒ true
        [1, 2, 3].exists(i, v, i > 2 && v > 3) ⇒ false
        [1, 2, 3].exists(i, v, v / i == 17) ⇒ error
        {'key1': 1, 'key2': 2}.exists(k, v, k == 'key2' && v == 2) ⇒ true
        [1, 2, 3].all(i, v, i > -1 && v > 0) ⇒ true
        [1, 2, 3].all(i, v, 6 / (2 - v) == i) ⇒ false
        [0, 'foo', 5].all(i, v, v % 3 == i) ⇒ error
        {'key1': 1, 'key2': 2}.all(k, v, k == 'key2' && v == 2) ⇒ false
        [5, 7, 8].existsOne(i, v, v % 5 == i) ⇒ true
        [3, 2, 1, 0].existsOne(i, v, v / i > 1) ⇒ error
        {6: 'six', 7: 'seven'}.exists_one(k, v, k % 5 == 2 && v == 'seven') ⇒ true
        [].transformList(i, v, i / v) ⇒ []
        [2, 4, 6].transformList(i, v, v / 2 + i) ⇒ [1, 3, 5]
        [2, 4, 6].transformList(i, v, i != 1 && v != 4, v / 2 + i) ⇒ [1, 5]
        {'a': 1}.transformList(k, v, k + string(v)) ⇒ ['a1']
        [2, 1, 0].transformList(i, v, v / i) ⇒ error
        {}.transformMap(k, v, k + v) ⇒ {}
        {'foo': 'bar', 'baz': 'bux'}.transformMap(k, v, k + v) ⇒ {'foo': 'foobar', 'baz': 'bazbux'}
        {'foo': 'bar', 'baz': 'bux'}.transformMap(k, v, k != 'baz', k + v) ⇒ {'foo': 'foobar'}
        [10, 20].transformMap(i, v, v + i) ⇒ {0: 10, 1: 21}
        {'foo': 2, 'baz': 0}.transformMap(k, v, 4 / v) ⇒ error
        {'a': 'x', 'b': 'y'}.transformMapEntry(k, v, {v: k}) ⇒ {'x': 'a', 'y': 'b'}
        {'a': 'x', 'b': 'x'}.transformMapEntry(k, v, {v: k}) ⇒ error
        ['a', 'b'].transformMapEntry(i, v, i > 0, {v: i}) ⇒ {'b': 1}
        ['a'].transformMapEntry(i, v, i) ⇒ error
        [1].all(x, x, true) ⇒ error
        """#

    @Test("cel.bind names a value and cel.block many", arguments: Table.read(bindings))
    func binds(_ table: Table) { table.verify() }

    static let bindings = #"""
        cel.bind(t, true, t) ⇒ true
        cel.bind(msg, 'hello', msg + msg + msg) ⇒ 'hellohellohello'
        cel.bind(t1, true, cel.bind(t2, true, t1 && t2)) ⇒ true
        cel.bind(valid, [1, 2, 3], [3, 4, 5].exists(e, e in valid)) ⇒ true
        cel.bind(valid, [1, 2, 3], ![4, 5].exists(e, e in valid)) ⇒ true
        cel.bind(x, 1, cel.bind(x, x + 1, x)) ⇒ 2
        cel.bind(x, 1 / 0, true) ⇒ true
        cel.bind(x, 1 / 0, x == 1) ⇒ error
        cel.bind(x, 1 / 0, x == 1 || true) ⇒ true
        [1, 0].map(d, cel.bind(x, 4 / d, d == 0 ? 7 : x)) ⇒ [4, 7]
        cel.bind(1, 2, 3) ⇒ error
        cel.block([1, cel.index(0) + 1, cel.index(1) + 1, cel.index(2) + 1], cel.index(3)) ⇒ 4
        cel.block([[1, 2], size(cel.index(0)), cel.index(1) + cel.index(1)], cel.index(2)) ⇒ 4
        cel.@block([[1], cel.iterVar(0, 0) > 0], [@index0.exists(cel.iterVar(0, 0), @index1)]) ⇒ [true]
        cel.@block([[1, 2, 3], cel.iterVar(1, 0) + 1], @index0.map(cel.iterVar(0, 0), @index0.map(cel.iterVar(1, 0), @index1))) ⇒ [[2, 3, 4], [2, 3, 4], [2, 3, 4]]
        cel.block([{'a': true}, has(cel.index(0).a), cel.index(0)['a']], cel.index(1) && cel.index(2)) ⇒ true
        cel.block([optional.of('hello'), {?'hello': cel.index(0)}], cel.index(1)['hello']) ⇒ 'hello'
        cel.block(['h' + 'e', cel.index(0) + 'l'], cel.index(1).matches(cel.index(0))) ⇒ true
        cel.index(0) ⇒ error
        """#

    @Test("names resolve to the longest bound name, the innermost namespace first")
    func resolvesNames() throws {
        let cases: [(expression: String, container: String, bindings: Bindings, expected: Value)] = [
            ("x.y", "", ["x.y": true], true),
            ("a.b.c", "", ["a.b": ["c": "oops"], "a.b.c": "yeah"], "yeah"),
            ("a.b.c", "", ["a.b": ["c": "yeah"]], "yeah"),
            ("a.b.c", "", ["a": ["b": ["c": "yeah"]]], "yeah"),
            ("y", "x", ["x.y": true, "y": false], true),
            ("y", "com.example", ["com.example.y": 1, "com.y": 2, "y": 3], 1),
            ("y", "com.example", ["com.y": 2, "y": 3], 2),
            (".y", "com.example", ["com.example.y": 1, "y": "string"], "string"),
            ("[0].exists(y, y == 0)", "com.example", ["com.example.y": 42], true),
            ("[{'z': 0}].exists(y, y.z == 0)", "", ["y.z": 42], true),
            ("[{'z': 0}].exists(y, y.z == 0)", "com.example", ["com.example.y.z": 42], true),
            ("[{'z': 0}].exists(y, .y.z == 42)", "com.example", ["com.example.y.z": 1, "y.z": 42], true),
            ("[1].exists(y, [0].exists(y, y == 0))", "com.example", ["com.example.y": 42, "y": 42], true),
            ("a[a[a[a[0]]]]", "", ["a": [0]], 0),
            ("int(x)", "", ["x": 7, "int": 1], 7),
            ("math.abs(-1)", "math", ["math": 1], 1),
            ("abs(-1)", "math", [:], 1),
        ]
        for (expression, container, bindings, expected) in cases {
            let environment = Environment(variables: bindings.names.map { VariableDeclaration($0, .dyn) }, container: container)
            #expect(try environment.compileUnchecked(expression).evaluate(bindings) == expected, "\(expression)")
            #expect(environment.diagnose(expression).isEmpty, "\(expression)")
        }
    }

    @Test("a search for a value among constants comes to the same as any other")
    func findsAmongConstants() throws {
        let environment = Environment(variables: [VariableDeclaration("x", .dyn)])
        let cases: [(expression: String, x: Value?, expected: Value?)] = [
            ("['a', 'b'].exists(e, e == x)", "b", true), ("['a', 'b'].exists(e, x == e)", "c", false), ("[1, 2.5].exists(e, e == x)", .uint(1), true),
            ("['a', 'b'].exists(e, e == x.y)", ["y": "a"], true), ("['a', 'b'].exists(e, e == x.y)", [:], nil),
            ("[].exists(e, e == x.y)", [:], false),
            ("['a'].exists(e, e == x)", nil, nil), ("[].exists(e, e == x)", nil, false), ("[[1]].exists(e, e == x)", [1], true),
            ("[1, 2].exists(e, [3, 2].exists(f, f == e))", nil, true), ("['a', 'b'].exists(e, e == e)", nil, true),
            ("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].exists(e, e == x)", 10, true), ("[1, 2].exists(e, e != x)", 1, true),
            ("[double('NaN')].exists(e, e == x)", .double(.nan), false),
        ]
        for (expression, x, expected) in cases {
            var bindings = Bindings()
            bindings["x"] = x
            let program = try environment.compile(expression)
            #expect((try? program.evaluate(bindings)) == expected, "\(expression)")
            #expect((try? program.evaluateRecording(bindings).result.get()) == expected, "\(expression)")
        }
    }

    @Test("a variable that is declared but not bound is an error where it is needed")
    func refusesUnbound() throws {
        let environment = Environment(variables: [VariableDeclaration("x", .int)])
        let error = #expect(throws: EvaluationError.self) { try environment.compile("x + 1").evaluate(Bindings()) }
        #expect(error?.code == .unknownName)
        #expect(error?.subject == "x")
        #expect(try environment.compile("x == 1 || true").evaluate(Bindings()) == true)
    }
}
