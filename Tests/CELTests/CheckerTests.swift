import CEL
import Testing

@Suite("The checker")
struct CheckerTests {
    private static let environment = Environment(variables: [
        VariableDeclaration("message", .record(RecordType(name: "message", fields: ["text": .string, "type": .string, "received_at": .timestamp]))),
        VariableDeclaration("data", .record(RecordType(name: "data", fields: ["amount": .double], isOpen: true))),
        VariableDeclaration("stage", .record(RecordType(name: "stage", fields: ["name": .string, "visits": .int, "seconds": .int]))),
        VariableDeclaration("tags", .list(.string)),
        VariableDeclaration("scores", .map(.string, .int)),
        VariableDeclaration("nickname", .optional(.string)),
        VariableDeclaration("now", .timestamp),
        VariableDeclaration("intent", .string),
        VariableDeclaration("any", .dyn),
    ])

    @Test(
        "conditions that can hold are accepted",
        arguments: [
            "stage.visits < 3", "data.anything == 'x' && data.amount > 100.0", "message.text.contains('refund')", "'a' in tags",
            "tags.exists(t, t == 'a')",
            "scores.all(k, v, v > 0 && k != '')", "scores['a'] + 1 == 2", "has(data.email) && data.email.matches('^[^@]+@')", "any",
            "now - message.received_at > duration('1h')", "nickname.orValue('') == 'x'", "nickname.optMap(n, n.size()).orValue(0) > 2",
            "stage.visits > 1.5", "stage.visits == 1.0", "data == null || any != null", "intent in ['a', 'b']", "size(tags) > 0 && tags.size() < 5",
            "cel.bind(t, tags.map(x, x + '!'), t.exists(y, y == 'a!'))", "[1, 'a', true].exists(x, x == intent)", "math.greatest(1, 2.0) > 1",
            "math.greatest([1, 2]) == 2", "[[], [1], [[2]]].size() == 3", "tags.sort()[0].startsWith('a')",
            "'%s %d'.format([intent, stage.visits]) != ''",
            "true ? intent == 'a' : any", "[1, 2].map(x, x * 2) == [2, 4]", "{'a': 1}.a == 1", "type(intent) == string", "dyn(1) == 'a'",
            "data['x'] == 1",
            "stage['visits'] == 1", "optional.none().hasValue()", "[?nickname, 'x'].size() == 1", "{?'a': nickname}.size() == 0",
            "scores.?a.orValue(0) == 0",
            "[].all(x, x.foo)", "timestamp('2020-01-01T00:00:00Z') < now", "stage.name.lowerAscii().split('-').size() == 2", "-stage.visits < 0",
            "tags.transformMap(i, t, i + size(t)) == {0: 1}", "sets.contains(tags, ['a'])", "ip('1.2.3.4').family() == 4", "any.matches(any)",
            "string(data.x).contains('a') && int(data.x) > 3", "math.greatest(data.a, 3) > 1", "data.tags.join(',') == '' || tags.join() == ''",
            "now - data.t > duration('1h')", "data.a - data.b > data.c", "now.getHours('Europe/Berlin') > 3", "'x' in data && size(data) > 0",
            "data == {} || data.exists(k, k == 'x')", "['b', 'a'].reverse() == ['a', 'b'].sort()", "stage.?name.orValue('') == 'x'",
            "{'a': 1, 'b': 'x'}.b == 'x'", "duration(data.d) < duration('1s')", "optional.of(1).or(optional.none()).hasValue()",
            "tags.first().orValue('') == 'a'", "data.list.slice(0, 1) == [1]", "data.x.?y.orValue(1) == 1",
            "tags.filter(t, t.startsWith('a')).map(t, size(t)).exists(n, n > 3)", "[tags, ['x']].flatten().distinct().size() == 2", "!(any)",
            "any ? true : any", "google.protobuf.Int64Value{value: 1} == 1", "b'a' + b'b' == bytes('ab')", "uint(data.x) + 1u > 2u",
            "stage.seconds > 86400 * 2",
        ])
    func accepts(_ condition: String) {
        let diagnostics = Self.environment.diagnose(condition, expecting: .bool)
        #expect(diagnostics.isEmpty, "\(diagnostics)")
    }

    @Test("faults are found with their place and the nearest name", arguments: faults)
    func refuses(_ fault: Fault) {
        let diagnostics = Self.environment.diagnose(fault.condition, expecting: .bool)
        #expect(diagnostics.map(\.message) == fault.messages)
        #expect(diagnostics.first?.column == fault.column)
        #expect(diagnostics.first?.suggestion == fault.suggestion)
    }

    struct Fault: Sendable {
        let condition: String
        let column: Int
        let messages: [String]
        var suggestion: String?
    }

    private static let faults: [Fault] = [
        Fault(condition: "stage.vists < 3", column: 7, messages: ["stage has no field 'vists'"], suggestion: "visits"),
        Fault(condition: "intnt == 'a'", column: 1, messages: ["unknown name 'intnt'"], suggestion: "intent"),
        Fault(condition: "foo || bar", column: 1, messages: ["unknown name 'foo'", "unknown name 'bar'"]),
        Fault(condition: "message.text.contain('x')", column: 1, messages: ["unknown function 'contain'"], suggestion: "contains"),
        Fault(condition: "siez(tags) > 1", column: 1, messages: ["unknown function 'siez'"], suggestion: "size"),
        Fault(condition: "stage.visits + 1", column: 1, messages: ["a condition must be a bool, not int"]),
        Fault(condition: "intent && true", column: 1, messages: ["'&&' takes a bool, not string"]),
        Fault(condition: "!intent", column: 2, messages: ["'!' takes a bool, not string"]),
        Fault(condition: "stage.visits == 'a'", column: 1, messages: ["int and string are never equal"]),
        Fault(condition: "stage.visits < intent", column: 1, messages: ["'<' can't compare int with string"]),
        Fault(condition: "stage.visits + 1.5 > 2.0", column: 1, messages: ["'+' can't take int and double; convert one of them"]),
        Fault(condition: "intent - 'a' == ''", column: 1, messages: ["'-' can't take string and string"]),
        Fault(condition: "message.text.contains(1)", column: 1, messages: ["contains() takes string.(string), not string.(int)"]),
        Fault(
            condition: "intent.size(1) == 1", column: 1,
            messages: ["size() takes bytes.() or list(dyn).() or map(dyn, dyn).() or string.(), not string.(int)"]),
        Fault(condition: "1 in tags", column: 1, messages: ["int is never in list(string)"]),
        Fault(condition: "1 in 2", column: 6, messages: ["'in' looks into lists and maps, not int"]),
        Fault(condition: "intent.exists(x, x == 'a')", column: 1, messages: ["exists() goes over lists and maps, not string"]),
        Fault(condition: "tags.all(t, t)", column: 13, messages: ["all() takes a bool, not string"]),
        Fault(condition: "tags.exists(tag, tga == 'a')", column: 18, messages: ["unknown name 'tga'"], suggestion: "tag"),
        Fault(condition: "tags['a'] == 'x'", column: 6, messages: ["a list takes an int as index, not string"]),
        Fault(condition: "scores[1] == 1", column: 8, messages: ["the keys of the map are of type string, not int"]),
        Fault(condition: "intent.foo == 1", column: 1, messages: ["string has no fields, such as 'foo'"]),
        Fault(condition: "intent[0] == 'a'", column: 1, messages: ["string has no elements"]),
        Fault(condition: "has(stage.vists)", column: 11, messages: ["stage has no field 'vists'"], suggestion: "visits"),
        Fault(condition: "intent.matches('(')", column: 16, messages: ["not a regular expression: missing ): ("]),
        Fault(condition: "now > timestamp('yesterday')", column: 17, messages: ["not a timestamp"]),
        Fault(condition: "duration('1 hour') > duration('1h')", column: 10, messages: ["not a duration"]),
        Fault(condition: "{1.5: 'a'} == {}", column: 2, messages: ["a key of a map must be a bool, int, uint or string, not double"]),
        Fault(condition: "Foo{a: 1} == 1", column: 1, messages: ["unknown type 'Foo'"]),
        Fault(condition: "[?1].size() == 1", column: 3, messages: ["an optional element needs an optional value, not int"]),
        Fault(condition: "nickname.optFlatMap(n, 1).hasValue()", column: 24, messages: ["optFlatMap() needs an optional, not int"]),
        Fault(condition: "-intent == 1", column: 1, messages: ["'-' takes an int or a double, not string"]),
        Fault(condition: "stage.visits <", column: 15, messages: ["expected an expression, not the end"]),
        Fault(condition: "stage.visits ~ 3", column: 14, messages: ["unexpected character '~'"]),
        Fault(condition: "stage.visits = 3", column: 14, messages: ["unexpected character '='"]),
        Fault(condition: "as == 1", column: 1, messages: ["'as' is a reserved word"]),
    ]

    @Test("a diagnostic shows the line with carets under the fault")
    func rendersCarets() throws {
        let diagnostics = Self.environment.diagnose("intent == 'ünï' &&\n\tstage.vists < 3")
        #expect(diagnostics.first?.description == "2:8: stage has no field 'vists', did you mean 'visits'?\n\tstage.vists < 3\n\t      ^^^^^")
        #expect(diagnostics.first?.candidates == ["name", "seconds", "visits"])
        let error = #expect(throws: Diagnostics.self) { try Self.environment.compile("intnt", expecting: .bool) }
        #expect(error?.all.count == 1)
    }

    @Test("a result of another type than expected is refused")
    func checksResults() {
        #expect(Self.environment.diagnose("intent", expecting: .string).isEmpty)
        #expect(Self.environment.diagnose("any", expecting: .int).isEmpty)
        #expect(Self.environment.diagnose("1", expecting: .string).map(\.message) == ["the result must be of type string, not int"])
    }

    @Test("functions of the host are checked and called")
    func callsHostFunctions() throws {
        let double = Function("double2", parameters: [.int], result: .int) { arguments throws(EvaluationError) in
            guard case .int(let number) = arguments[0] else { throw EvaluationError(message: "not an int") }
            return .int(number * 2)
        }
        let shout = Function("shout", isMember: true, parameters: [.string], result: .string) { arguments throws(EvaluationError) in
            guard case .string(let text) = arguments[0] else { throw EvaluationError(message: "not a string") }
            return .string(text.uppercased())
        }
        let environment = Environment(variables: [VariableDeclaration("x", .dyn)], functions: [double, shout])
        #expect(try environment.compile("double2(21)").evaluate(Bindings()) == 42)
        #expect(try environment.compile("'a'.shout() + 'b'").evaluate(Bindings()) == "Ab")
        #expect(throws: EvaluationError.self) { try environment.compile("double2(x)").evaluate(["x": "a"] as Bindings) }
        #expect(environment.diagnose("double2('a')").count == 1)
        #expect(environment.diagnose("shout('a')").count == 1)
    }
}
