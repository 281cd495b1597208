import CEL
import Foundation
import Fuzzing
import Testing

@Suite("Limits")
struct LimitTests {
    /// Debug builds are slower than the fifty milliseconds that hold for optimised ones, and need more of the stack.
    #if DEBUG
    private static let allowance = Duration.seconds(5)
    private static let smallStack = 2 << 20
    #else
    private static let allowance = Duration.milliseconds(50)
    private static let smallStack = 512 << 10
    #endif

    private func timed(_ what: String = "", _ body: () throws -> Void) rethrows {
        let time = try processorTime(of: body)
        #expect(time < Self.allowance, "\(what)")
    }

    @Test(
        "what nests deeper than the limit is refused",
        arguments: [
            ("(", ")"), ("[", "]"), ("-", ""), ("!", ""), ("{1: ", "}"), ("a.b(", ")"), ("f(", ")"), ("true ? 1 : ", ""), ("has(a.", ")"),
            ("x[", "]"),
            ("[1].map(x, ", ")"), ("cel.bind(x, ", ", 1)"),
        ])
    func limitsNesting(_ open: String, _ close: String) {
        let source = String(repeating: open, count: 10_000) + "1" + String(repeating: close, count: 10_000)
        timed {
            let error = #expect(throws: Diagnostics.self) {
                try Environment(limits: Limits(sourceLength: 1 << 20)).compileUnchecked(source)
            }
            #expect(error?.all.first?.code == .limit)
        }
    }

    @Test("chains that nest to one side are limited too", arguments: ["+ 1", ".a", "[0]", ".a()", "* 2", "== 1"])
    func limitsChains(_ link: String) {
        let source = "x" + String(repeating: " " + link, count: 10_000)
        timed {
            let error = #expect(throws: Diagnostics.self) { try Environment(limits: Limits(sourceLength: 1 << 20)).compileUnchecked(source) }
            #expect(error?.all.first?.code == .limit)
        }
    }

    @Test("long chains of conditions are not deep")
    func allowsLongConditions() throws {
        let source = Array(repeating: "x == 1", count: 3000).joined(separator: " || ")
        #expect(try Environment(variables: [VariableDeclaration("x", .int)]).compile(source, expecting: .bool).evaluate(["x": 1] as Bindings) == true)
    }

    @Test("everything that nests up to the limit works")
    func allowsNesting() throws {
        let source = String(repeating: "[", count: 199) + String(repeating: "]", count: 199)
        let value = try Environment().compile(source).evaluate(Bindings())
        #expect(value == value)
        #expect(try Environment().compile("\(source) == \(source)").evaluate(Bindings()) == true)
    }

    @Test("what nests up to the limit fits a small stack")
    func fitsSmallStacks() async throws {
        var sources: [String] = []
        for (open, close) in [
            ("(", ")"), ("[", "]"), ("!", ""), ("-", ""), ("[1].map(x, ", ")"), ("cel.bind(x, ", ", x)"), ("true ? x : ", ""), ("x[", "]"),
        ] {
            sources.append(String(repeating: open, count: 190) + "x" + String(repeating: close, count: 190))
        }
        for link in [" + 1", ".a", "[0]", " == 1", ".?a"] { sources.append("x" + String(repeating: link, count: 190)) }
        let environment = Environment(variables: [VariableDeclaration("x", .dyn)])
        let (finished, continuation) = AsyncStream<Int>.makeStream()
        let thread = Thread { [sources] in
            for source in sources {
                _ = environment.diagnose(source)
                guard let program = try? environment.compileUnchecked(source) else { continue }
                _ = try? program.evaluate(["x": 1] as Bindings)
                _ = program.evaluateRecording(["x": 1] as Bindings)
                continuation.yield(1)
            }
            continuation.finish()
        }
        thread.stackSize = Self.smallStack
        thread.start()
        var count = 0
        for await one in finished { count += one }
        #expect(count == sources.count)
    }

    @Test("a source that is too long is refused")
    func limitsSource() {
        let source = String(repeating: "1 + ", count: 1 << 18)
        timed {
            let error = #expect(throws: Diagnostics.self) { try Environment().compile(source) }
            #expect(error?.all.first?.code == .limit)
        }
        timed {
            let error = #expect(throws: Diagnostics.self) { try Environment(limits: Limits(sourceLength: 1 << 21)).compile(source) }
            #expect(error?.all.first?.code == .limit)
        }
    }

    @Test(
        "what takes too many steps ends with the limit's error",
        arguments: [
            "lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, a + b + c >= 0)))",
            "lists.range(1000).exists(a, lists.range(1000).exists(b, lists.range(1000).exists(c, a + b + c < 0)))",
            "lists.range(1000).map(a, lists.range(1000).map(b, lists.range(1000).map(c, c))).size()",
            "lists.range(100000).map(a, lists.range(100000)).size()",
            "lists.range(1000).map(a, [a]).map(x, lists.range(1000).map(y, [y]).distinct()).size()",
            "lists.range(100000).all(a, !'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'.matches('a' + string(a)))",
            "lists.range(100000).all(a, sets.contains(lists.range(1000), lists.range(1000)))",
            "cel.bind(a, lists.range(1000), cel.bind(b, a.map(x, a), cel.bind(c, b.map(x, b), c == c.map(x, x))))",
        ])
    func limitsSteps(_ expression: String) throws {
        let program = try Environment().compile(expression)
        timed {
            let error = #expect(throws: EvaluationError.self) { try program.evaluate(Bindings()) }
            #expect(error?.code == .stepLimit)
        }
    }

    @Test(
        "whatever an expression does, its evaluation ends soon",
        arguments: [
            "lists.range(30000).all(a, a in lists.range(30000 + x))",
            "lists.range(100000).all(a, timestamp(a).getHours('Europe/Ber' + 'lin') >= x)",
            "lists.range(100000).all(a, '%s'.format([lists.range(100)]).size() > x)",
            "lists.range(1000).all(a, lists.range(1000 + x).sort() != lists.range(1))",
            "lists.range(1000).all(a, lists.range(1000 + x).map(b, string(b)).sort() != [])",
            "lists.range(100000).all(a, string(a).contains('x') || ip('1.2.3.4').family() > a && cidr('10.0.0.0/8').masked() != cidr('10.0.0.0/8') || a >= x)",
            "lists.range(100000).all(a, timestamp(string(timestamp(a))) == timestamp(a))",
            "lists.range(100000).all(a, duration(string(a) + 's') >= duration('0s'))",
            "lists.range(100000).all(a, double(string(double(a))) >= 0.0)",
            "lists.range(100000).all(a, '%.1000f %e'.format([double(a), double(a)]) != '')",
            "lists.range(100000).all(a, {'a': a, 'b': a, 'c': a, 'd': a, 'e': a, 'f': a, 'g': a, 'h': a, 'i': a, 'j': a}.j == a)",
            "lists.range(100000).transformMap(i, v, string(v)).size() > x",
            "lists.range(100000).transformMapEntry(i, v, {string(v): v}).size() > x",
            "lists.range(100000).map(a, string(a)).distinct().size() > x",
            "lists.range(100000).map(a, [a]).distinct().size() > x",
            "lists.range(100000).map(a, string(a)).join(',').split(',').size() > x",
            "lists.range(100000).map(a, string(a)).join(',').replace(',', '----').reverse().upperAscii().trim().size() > x",
            "lists.range(10000).all(a, base64.decode(base64.encode(b'abcdefghijklmnopqrstuvwxyz')).size() > x)",
            "lists.range(100000).sortBy(a, -a).size() > x",
            "lists.range(100000).map(a, string(a)).sortBy(a, a.reverse()).size() > x",
        ])
    func endsSoon(_ expression: String) throws {
        let program = try Environment(variables: [VariableDeclaration("x", .int)]).compile(expression)
        timed { _ = try? program.evaluate(["x": 0] as Bindings) }
    }

    @Test("logic does not absorb a limit's error")
    func propagatesLimits() throws {
        let program = try Environment().compile("lists.range(100000).all(a, lists.range(100000).size() > 0) || true")
        #expect(throws: EvaluationError.self) { try program.evaluate(Bindings()) }
    }

    @Test("values that grow beyond the limit end the evaluation")
    func limitsSizes() throws {
        var doubling = "'0123456789abcdef'"
        for _ in 0..<40 { doubling = "cel.bind(x, \(doubling), x + x)" }
        var growing = "[1, 2, 3, 4]"
        for _ in 0..<40 { growing = "cel.bind(x, \(growing), x + x)" }
        for expression in [
            doubling, growing, "lists.range(2000000)",
            "'%.1000f'.format([1.0]).replace('', 'x').replace('', 'y').replace('', 'abcdefghijkl').split('').map(x, 'aaaaaaaaaa').join().replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')",
        ] {
            let program = try Environment().compile(expression)
            timed(expression) {
                let error = #expect(throws: EvaluationError.self) { try program.evaluate(Bindings()) }
                #expect(error?.code == .sizeLimit || error?.code == .stepLimit)
            }
        }
        let small = Environment(limits: Limits(resultSize: 8))
        let error = #expect(throws: EvaluationError.self) { try small.compile("'12345' + string(67890)").evaluate(Bindings()) }
        #expect(error?.code == .sizeLimit)
    }

    @Test("blocks that expand without end are refused")
    func limitsBlocks() {
        let slots = (0..<40).map { $0 == 0 ? "x" : "cel.index(\($0 - 1)) == cel.index(\($0 - 1))" }.joined(separator: ", ")
        timed {
            let error = #expect(throws: Diagnostics.self) { try Environment().compileUnchecked("cel.block([\(slots)], cel.index(39))") }
            #expect(error?.all.first?.code == .limit)
        }
    }

    @Test("matching takes time linear in the text, whatever the pattern")
    func matchesLinearly() throws {
        let text = String(repeating: "a", count: 100_000) + "b"
        let environment = Environment(variables: [VariableDeclaration("text", .string), VariableDeclaration("pattern", .string)])
        let constant = try environment.compile("text.matches('(a+)+$')")
        let dynamic = try environment.compile("text.matches(pattern)")
        try timed("constant") { try #expect(constant.evaluate(["text": .string(text)] as Bindings) == false) }
        try timed("dynamic") { try #expect(dynamic.evaluate(["text": .string(text), "pattern": "(a+)+$"] as Bindings) == false) }
    }

    @Test("searching takes time linear in the text, whatever is searched for")
    func searchesLinearly() throws {
        let text = String(repeating: "a", count: 200_000)
        let part = String(repeating: "a", count: 100_000) + "b"
        let environment = Environment(variables: [VariableDeclaration("text", .string), VariableDeclaration("part", .string)])
        let bindings: Bindings = ["text": .string(text), "part": .string(part)]
        for expression in ["text.contains(part)", "text.indexOf(part) >= 0", "text.lastIndexOf(part) >= 0", "text.split(part).size() > 1"] {
            let program = try environment.compile(expression)
            timed(expression) {
                do { try #expect(program.evaluate(bindings) == false) } catch { #expect((error as? EvaluationError)?.code == .stepLimit) }
            }
        }
        #expect(try environment.compile("text.contains(part)").evaluate(["text": .string(text + part), "part": .string(part)] as Bindings) == true)
    }

    @Test("values of a host that nest without end can be compared and printed")
    func survivesDeepValues() throws {
        var deep = Value.list([])
        for _ in 0..<5000 { deep = .list([deep]) }
        let environment = Environment(variables: [VariableDeclaration("deep", .dyn)])
        let bindings: Bindings = ["deep": deep]
        #expect(deep.description.utf8.count < 10_000)
        #expect(deep != deep)
        for expression in ["deep == deep", "'%s'.format([deep])", "deep.flatten(100000)", "deep in [deep]"] {
            let error = #expect(throws: EvaluationError.self) { try environment.compile(expression).evaluate(bindings) }
            #expect(error?.code == .depthLimit)
        }
    }

    @Test("JSON nests up to a limit")
    func limitsJSON() throws {
        #expect(throws: JSONSyntaxError.self) { try Value(json: String(repeating: "[", count: 100_000)) }
        #expect(
            try Value(json: #"{"a": [1, 2.5, -0.0, 1e3, 9223372036854775808, "\u00e9\ud83d\ude00\n", true, null]}"#)
                == ["a": [1, 2.5, -0.0, 1000.0, 9223372036854775808.0, "é😀\n", true, .null]])
        for broken in ["", "{", "[1,]", "{\"a\" 1}", "01", "1.", "\"a", "nul", "[1] 2", "\"\\x\"", "\"\u{01}\"", "1e999", "-"] {
            #expect(throws: JSONSyntaxError.self, "\(broken)") { try Value(json: broken) }
        }
    }
}
