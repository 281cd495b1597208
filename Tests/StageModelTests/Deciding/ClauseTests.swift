import CEL
import StageModel
import Testing

@Suite("Clauses")
struct ClauseTests {
    /// The clauses of a condition, each as `text: outcome (operand: outcome, …)`.
    private func described(_ condition: String, _ bindings: Bindings = ConditionSample.bindings) throws -> [String] {
        let program = try ConditionSample.environment.compileUnchecked(condition)
        return program.clauses(of: program.evaluateRecording(bindings)).map { clause in
            let operands = clause.operands.map { "\($0.text): \(text($0.outcome))" }
            return "\(clause.text): \(text(clause.outcome))" + (operands.isEmpty ? "" : " (\(operands.joined(separator: ", ")))")
        }
    }

    private func text(_ outcome: Clause.Outcome) -> String {
        switch outcome {
        case .value(let value): value.description
        case .error(let message, let missing): "\(message)\(missing.map { " [\($0)]" } ?? "")"
        case .notEvaluated: "not evaluated"
        }
    }

    @Test("A condition has the clauses that hold or do not by themselves, in their order")
    func order() throws {
        #expect(
            try described("data.total > 10 && !(data.flag || 'x' in data.tags) && (has(data.name) ? data.kind != 'b' : false)") == [
                "data.total > 10: true (data.total: 50, 10: 10)", "data.flag: false", #"'x' in data.tags: true ('x': "x", data.tags: ["x"])"#,
                "has(data.name): true", #"data.kind != 'b': true (data.kind: "a", 'b': "b")"#, "false: false",
            ])
        #expect(try described("data.total > 10 && data.total > 10").count == 2)
        #expect(try described("(data.flag)") == ["data.flag: false"])
        #expect(try described("(data.total > 10) == true") == ["(data.total > 10) == true: true (data.total > 10: true, true: true)"])
    }

    @Test("Calls and macros come with their target, and the arguments that are not literals")
    func operands() throws {
        #expect(try described("data.name.startsWith('B')") == [#"data.name.startsWith('B'): false (data.name: "Ann")"#])
        #expect(try described("data.name.contains(data.kind)") == [#"data.name.contains(data.kind): false (data.name: "Ann", data.kind: "a")"#])
        #expect(try described("data.items.exists(i, i.price > 5)") == [#"data.items.exists(i, i.price > 5): false (data.items: [{"price": 5}])"#])
        #expect(
            try described("sets.contains(data.tags, ['y'])") == [#"sets.contains(data.tags, ['y']): false (data.tags: ["x"], ['y']: ["y"])"#])
        #expect(try described("type(data.total) == string") == ["type(data.total) == string: false (type(data.total): int, string: string)"])
        #expect(try described("data.date < timestamp('2026-01-01T00:00:00Z')")[0].hasSuffix(#"timestamp("2026-01-01T00:00:00Z"))"#))
    }

    @Test("What was not taken is not evaluated")
    func notEvaluated() throws {
        #expect(
            try described("data.flag ? data.total == 1 : data.kind == 'a'") == [
                "data.flag: false", "data.total == 1: not evaluated (data.total: not evaluated, 1: 1)",
                #"data.kind == 'a': true (data.kind: "a", 'a': "a")"#,
            ])
    }

    @Test(
        "Errors tell what was missing",
        arguments: [
            ("data.order_id == 'x'", "no such key: order_id", "data.order_id"), ("data.address.city == 'x'", "no such key: address", "data.address"),
            ("data.items[0].sku == 'x'", "no such key: sku", "data.items[0].sku"), ("data.tags[9] == 'x'", "index out of range: 9", "data.tags[9]"),
            ("data['first name'] == 'x'", #"no such key: "first name""#, #"data["first name"]"#),
            ("data['sku'] == 'x'", #"no such key: "sku""#, "data.sku"),
            ("data[data.kind] == 'x'", #"no such key: "a""#, "data.a"), ("size(data.list) > 1", "no such key: list", "data.list"),
            ("data.total + data.tax > 1", "no such key: tax", "data.tax"), ("message.text == 'x'", "there is no message", "message"),
            ("other.text == 'x'", "there is no other", "other"), ("has(data.a.b)", "no such key: a", "data.a"),
            ("data.items.exists(i, i.sku == 'x')", "no such key: sku", "i.sku"),
            ("data.?note.value() == 'x'", "optional.none() has no value", "data.note"),
            ("cel.bind(t, data.tax, t > 1)", "no such key: tax", "data.tax"),
        ] as [(String, String, String)])
    func missing(condition: String, message: String, missing: String) throws {
        let program = try ConditionSample.environment.compileUnchecked(condition)
        let clauses = program.clauses(of: program.evaluateRecording(ConditionSample.bindings))
        #expect(clauses.map(\.outcome) == [.error(message: message, missing: missing)])
        #expect(clauses.allSatisfy { !$0.holds })
    }

    @Test(
        "Other errors are not about something missing",
        arguments: ["data.total / 0 == 1", "data.name > 5", "int(data.name) > 5", "data.name.city == 'x'", "data.name.substring(9) == ''"])
    func failing(condition: String) throws {
        let program = try ConditionSample.environment.compileUnchecked(condition)
        let clauses = program.clauses(of: program.evaluateRecording(ConditionSample.bindings))
        guard case .error(_, missing: nil)? = clauses.first?.outcome else {
            Issue.record("\(clauses)")
            return
        }
    }

    @Test("Outcomes are equal when they are the same")
    func equality() {
        let same: [Clause.Outcome] = [
            .value(.double(.nan)), .value(["a": [.double(.nan), 1]]), .value(.optional(.double(.nan))), .error(message: "a", missing: nil),
            .notEvaluated,
        ]
        for (position, outcome) in same.enumerated() {
            #expect(outcome == outcome)
            for other in same[(position + 1)...] { #expect(outcome != other) }
        }
        #expect(Clause.Outcome.value(1) != .value(1.0))
        #expect(Clause.Outcome.value(["a": 1, "b": 2]) == .value(["b": 2, "a": 1]))
        #expect(Clause.Outcome.value(["a": 1]) != .value(["a": 2]))
        #expect(Clause.Outcome.error(message: "a", missing: "b") != .error(message: "a", missing: nil))
    }
}
