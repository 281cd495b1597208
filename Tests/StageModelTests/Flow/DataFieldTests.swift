import StageModel
import Testing

@Suite("Fields")
struct DataFieldTests {
    private static let text = DataField(name: "f")
    private static let number = DataField(name: "f", kind: .number)
    private static let boolean = DataField(name: "f", kind: .boolean)
    private static let date = DataField(name: "f", kind: .date)
    private static let email = DataField(name: "f", kind: .email)
    private static let choice = DataField(name: "f", kind: .choice, values: ["red", "green"])
    private static let order = DataField(name: "f", pattern: #"[A-Z]{2}-\d{4,}"#)
    private static let either = DataField(name: "f", pattern: "a|ab")

    /// A field, a value, and what is wrong with it.
    static let values: [(DataField, JSONValue, String?)] = [
        (text, "", nil), (text, "x", nil), (text, 1, "Must be a string, not a number."), (text, [], "Must be a string, not an array."),
        (number, 1, nil), (number, .number(1.5), nil), (number, "1", #"Must be a number, not "1"."#),
        (number, true, "Must be a number, not a boolean."),
        (boolean, true, nil), (boolean, 0, "Must be true or false, not a number."), (boolean, "true", #"Must be true or false, not "true"."#),
        (date, "2024-02-29", nil), (date, "2024-02-29T10:00:00Z", nil), (date, "2023-02-29", "Must be a date such as 2026-01-31, not"),
        (date, "29.02.2024", "Must be a date"), (date, "2024-02-29 ", "Must be a date"), (date, 20_240_229, "Must be a date"),
        (email, "a@b.c", nil), (email, "first.last+tag@mail.example.org", nil), (email, "a@b", "Must be an e-mail address"),
        (email, "@b.c", "Must be an e-mail address"), (email, "a@b@c.d", "Must be an e-mail address"),
        (email, "a b@c.d", "Must be an e-mail address"),
        (email, "a@.c", "Must be an e-mail address"), (email, "a@b..c", "Must be an e-mail address"), (email, "a@b.c\n", "Must be an e-mail address"),
        (email, .string(String(repeating: "x", count: 65) + "@b.c"), "Must be an e-mail address"),
        (email, .string("a@" + String(repeating: "x", count: 260) + ".c"), "Must be an e-mail address"), (choice, "red", nil),
        (choice, "Red", #"Must be one of 'red', 'green', not "Red"."#), (choice, "", "Must be one of"), (order, "AB-1234", nil),
        (order, "AB-123456", nil),
        (order, "AB-123", "Must match the pattern [A-Z]{2}-"), (order, "xAB-1234", "Must match"), (order, "AB-1234x", "Must match"),
        (order, "AB-1234\n", "Must match"), (order, 5, "Must be a string"), (either, "a", nil), (either, "ab", nil), (either, "b", "Must match"),
    ]

    @Test("A value is taken or refused by the field's kind and pattern", arguments: values)
    func value(field: DataField, value: JSONValue, message: String?) throws {
        let place = JSONPointer.root.appending("data").appending("f")
        let fault = field.fault(of: value, at: place)
        guard let message else {
            #expect(fault == nil)
            return
        }
        #expect(try #require(fault).message.hasPrefix(message), "\(fault?.message ?? "")")
        #expect(fault?.pointer == place)
    }

    @Test("What is wrong with a sensitive value is told without the value")
    func sensitive() throws {
        for (kind, value) in [(DataField.Kind.email, "4111-1111"), (.date, "4111-1111"), (.number, "4111-1111"), (.choice, "4111-1111")] {
            let field = DataField(name: "card", kind: kind, values: kind == .choice ? ["x"] : [], isSensitive: true)
            #expect(try #require(field.fault(of: .string(value), at: .root)).message.contains("4111") == false)
        }
        let patterned = DataField(name: "card", pattern: "x+", isSensitive: true)
        #expect(try #require(patterned.fault(of: "4111-1111", at: .root)).message.contains("4111") == false)
    }

    /// A declaration and each of its faults.
    static let declarations: [(DataField, [String])] = [
        (text, []), (choice, []), (order, []), (DataField(name: "_a1"), []),
        (DataField(name: "a", pattern: "["), ["/fields/0/pattern: Is no RE2 pattern"]),
        (DataField(name: "a", pattern: "(?=x)"), ["/fields/0/pattern: Is no RE2 pattern"]),
        (DataField(name: "a", kind: .choice), ["/fields/0/values: A field of type enum needs"]),
        (DataField(name: "a", values: ["x"]), ["/fields/0/values: Only a field of type enum"]),
        (DataField(name: "a", kind: .number, pattern: "1"), ["/fields/0/pattern: Only a field whose value is a string"]),
        (
            DataField(name: "a", kind: .boolean, pattern: "(", values: ["x"]),
            ["/fields/0/pattern: Is no", "/fields/0/values", "/fields/0/pattern: Only"]
        ),
    ]

    @Test("A declaration's faults are told all at once", arguments: declarations)
    func declaration(field: DataField, expected: [String]) {
        var configuration = StageConfiguration()
        configuration.fields = [field]
        let lines = configuration.faults(at: .root).map(\.line)
        #expect(lines.count == expected.count, "\(lines)")
        for (line, fragment) in zip(lines, expected) { #expect(line.hasPrefix(fragment), "\(line)") }
    }
}
