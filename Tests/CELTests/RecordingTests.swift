import CEL
import Testing

@Suite("Recording")
struct RecordingTests {
    private let environment = Environment(variables: [
        VariableDeclaration("data", .dyn), VariableDeclaration("stage", .dyn), VariableDeclaration("a.b", .dyn), VariableDeclaration("unbound", .dyn),
    ])
    private let bindings: Bindings = ["data": ["amount": 50, "tags": ["x", "y"]], "stage": ["visits": 2], "a.b": ["c": 7]]

    /// The texts of all sub-expressions that were recorded, with what they came to.
    private func recorded(_ condition: String) throws -> [String: String] {
        let program = try environment.compile(condition)
        let recording = program.evaluateRecording(bindings)
        var texts: [String: String] = [:]
        var rest = [program.tree.root]
        while let expression = rest.popLast() {
            rest += expression.children
            if case .literal = expression.kind { continue }
            switch recording[expression] {
            case .success(let value): texts[program.source.text(of: expression.range)] = value.description
            case .failure(let error): texts[program.source.text(of: expression.range)] = error.message
            case nil: break
            }
        }
        return texts
    }

    @Test("every clause is recorded, also those that no longer matter")
    func recordsClauses() throws {
        #expect(
            try recorded("data.amount > 100 && stage.visits < 3 && data.email == 'x'") == [
                "data.amount > 100 && stage.visits < 3 && data.email == 'x'": "false", "data.amount > 100": "false", "data.amount": "50",
                "data": #"{"amount": 50, "tags": ["x", "y"]}"#, "stage.visits < 3": "true", "stage.visits": "2", "stage": #"{"visits": 2}"#,
                "data.email == 'x'": "no such key: email", "data.email": "no such key: email",
            ])
        #expect(try recorded("stage.visits < 3 || unbound.x")["unbound"] == "unknown name 'unbound'")
        #expect(try recorded("a.b.c == 7") == ["a.b.c == 7": "true", "a.b.c": "7", "a.b": #"{"c": 7}"#])
    }

    @Test("operands are recorded also where one before them fails, and the names of types")
    func recordsOperands() throws {
        #expect(
            try recorded("data.missing < stage.visits || data.missing.contains(data.tags[0])").filter { $0.key != "data" && $0.key != "stage" } == [
                "data.missing < stage.visits || data.missing.contains(data.tags[0])": "no such key: missing",
                "data.missing < stage.visits": "no such key: missing", "data.missing": "no such key: missing", "stage.visits": "2",
                "data.missing.contains(data.tags[0])": "no such key: missing", "data.tags[0]": "\"x\"", "data.tags": #"["x", "y"]"#,
            ])
        #expect(try recorded("type(data.amount) == string")["string"] == "string")
    }

    @Test("only the taken branch and no macro body is recorded")
    func recordsWhatIsEvaluated() throws {
        let ternary = try recorded("stage.visits > 5 ? data.amount == 1 : has(data.tags)")
        #expect(ternary["data.amount == 1"] == nil)
        #expect(ternary["has(data.tags)"] == "true")
        let macro = try recorded("data.tags.exists(t, t == 'y') && cel.bind(n, data.amount, n == 50)")
        #expect(macro["data.tags.exists(t, t == 'y')"] == "true")
        #expect(macro["data.tags"] == #"["x", "y"]"#)
        #expect(macro["t == 'y'"] == nil)
        #expect(macro["n == 50"] == "true")
    }

    @Test("the clauses of a condition can be walked")
    func walksClauses() throws {
        let tree = try environment.parse("data.amount > 100 && !(stage.visits == 1 || has(data.x))")
        guard case .and(let clauses) = tree.root.kind, case .not(let negated) = clauses[1].kind, case .or(let alternatives) = negated.kind,
            case .binary(.equal, let left, let right) = alternatives[0].kind, case .presence(_, let field, _) = alternatives[1].kind
        else {
            Issue.record("another tree")
            return
        }
        #expect(clauses.map { tree.source.text(of: $0.range) } == ["data.amount > 100", "!(stage.visits == 1 || has(data.x))"])
        #expect([left, right].map { tree.source.text(of: $0.range) } == ["stage.visits", "1"])
        #expect(field == "x")
        #expect(tree.source.location(of: left.range.start).column == 24)
    }

    @Test("an error tells its place")
    func tellsPlaces() throws {
        let program = try environment.compile("stage.visits == 2 &&\n  data.tags[9] == 'x'")
        let error = #expect(throws: EvaluationError.self) { try program.evaluate(bindings) }
        let range = try #require(error?.range)
        #expect(program.source.text(of: range) == "data.tags[9]")
        #expect(program.source.excerpt(of: range) == "  data.tags[9] == 'x'\n  ^^^^^^^^^^^^")
        #expect(try program.source.location(of: #require(error?.range?.start)).line == 2)
    }

    @Test("an activation may look values up by index")
    func looksUpByIndex() throws {
        struct Host: Activation {
            func value(of variable: Variable) -> Value? { variable.index == 1 ? ["visits": 3] : nil }
        }
        #expect(try environment.compile("stage.visits == 3").test(Host()))
        #expect(throws: EvaluationError.self) { try environment.compile("stage.visits").test(Host()) }
    }
}
