import StageModel
import Testing

@Suite("What a reading tells beside the value")
struct ReadingReasonTests {
    private static let order = DataField(
        name: "order_id", pattern: #"[A-Z]{2}-\d{4,}"#, description: "The number of the order, two capital letters and digits, such as LL-20417.",
        isSensitive: true)
    private static let choice = DataField(name: "resolution", kind: .choice, values: ["refund", "replacement", "store_credit"])

    /// A field, an answer to it, and what the user is told.
    static let reasons: [(DataField, String, String)] = [
        (order, "secret4711", "That does not fit. Please give the number of the order, two capital letters and digits, such as LL-20417."),
        (DataField(name: "size_code", pattern: "[SML]"), "huge", "That does not look like a valid value for 'size code'."),
        (
            DataField(name: "size", pattern: "[SML]", description: "One of S, M and L"), "huge",
            "That does not look like a valid value for 'size'. One of S, M and L."
        ),
        (DataField(name: "email", kind: .email), "secret@4711", "That does not look like an e-mail address, such as anna@example.com."),
        (DataField(name: "count", kind: .number), "secret", "I can't read that as a number; 3 or 12.50 would do."),
        (DataField(name: "day", kind: .date), "secret", "I can't read that as a date; 2026-01-31 or 'next Friday' would do."),
        (DataField(name: "day", kind: .date), "31.2.2026", "There is no such day; a date such as 2026-01-31 would do."),
        (DataField(name: "wrap", kind: .boolean), "secret", "Please answer yes or no."),
        (choice, "secret", "Please choose one of: refund, replacement or store credit."),
        (DataField(name: "one", kind: .choice, values: ["single"]), "secret", "Please choose one of: single."),
        (
            DataField(name: "many", kind: .choice, values: (10..<30).map { "value\($0)" }), "secret",
            "Please choose one of: value10, value11, value12, value13, value14, value15, value16, value17, value18, value19 and 10 more."
        ),
        (DataField(name: "phone_number"), "secret", "That does not look like a telephone number, such as +49 170 1234567."),
        (DataField(name: "postal_code"), "secret", "That does not look like a postal code, such as 10115."),
        (
            DataField(name: "contact", description: "The telephone number or e-mail address."), "secret",
            "Please give a telephone number, such as +49 170 1234567, or an e-mail address, such as anna@example.com."
        ),
    ]

    @Test("A mistake is told in plain words, with what would be right and without the message", arguments: reasons)
    func reason(field: DataField, text: String, expected: String) throws {
        let now = try #require(ReadingCase.now)
        #expect(FieldReader(fields: [field]).read(text, asked: field.name, at: now) == [field.name: .invalid(reason: expected)])
        #expect(!expected.contains("secret"))
        #expect(FieldReader(fields: [field]).read(text, at: now).isEmpty)
    }

    /// A field, what was asked for, a message, and how sure its reading is.
    static let confidences: [(DataField, String?, String, Double)] = [
        (order, nil, "it's AB-1234", 1), (order, nil, "ab-1234", 0.8), (order, nil, "AB-1111 and AB-2222", 0.6), (choice, "resolution", "refund", 1),
        (choice, nil, "a refund", 0.95), (choice, nil, "a refnd", 0.8), (choice, "resolution", "the second", 0.7),
        (DataField(name: "day", kind: .date), nil, "2026-12-01", 1), (DataField(name: "day", kind: .date), nil, "on 3/12/2026", 0.6),
        (DataField(name: "day", kind: .date), nil, "tomorrow", 0.95), (DataField(name: "city"), "city", "Berlin", 0.7),
        (DataField(name: "city"), nil, "city: Berlin", 0.9), (DataField(name: "wrap", kind: .boolean), "wrap", "yes", 0.95),
        (DataField(name: "note"), "note", "it was all fine but the box had a hole", 0.6), (DataField(name: "name"), nil, "I'm Anna", 0.8),
    ]

    @Test("The confidence tells how a value was read", arguments: confidences)
    func confidence(field: DataField, asked: String?, text: String, expected: Double) throws {
        let reading = FieldReader(fields: [field]).read(text, asked: asked, at: try #require(ReadingCase.now))[field.name]
        guard case .value(_, let confidence, _) = reading else {
            Issue.record("\(text) was not read")
            return
        }
        #expect(confidence == expected)
    }

    /// A field, a message and the part of it that is the value.
    static let sources: [(DataField, String, String)] = [
        (order, "Grüße, it's ll 20417!", "ll 20417"), (DataField(name: "email", kind: .email), "👍🏽 anna@Example.com.", "anna@Example.com"),
        (DataField(name: "count", kind: .number), "I'd like twenty-five, please", "twenty-five"),
        (DataField(name: "day", kind: .date), "On Monday, December 7 it is", "Monday, December 7"),
        (choice, "No refund but store credits!", "store credits"),
        (DataField(name: "name"), "Hi, I'm Renée Müller.", "Renée Müller"),
    ]

    @Test("The source is the part of the message that the value was read from", arguments: sources)
    func source(field: DataField, text: String, expected: String) throws {
        let reading = FieldReader(fields: [field]).read(text, at: try #require(ReadingCase.now))[field.name]
        guard case .value(_, _, let source) = reading else {
            Issue.record("\(text) was not read")
            return
        }
        #expect(text[source] == expected)
    }

    @Test("Nothing is read without fields, text, or a field of the name that was asked for")
    func nothing() throws {
        let now = try #require(ReadingCase.now)
        #expect(FieldReader(fields: []).read("AB-1234", at: now).isEmpty)
        #expect(FieldReader(fields: [Self.order]).read("", asked: "order_id", at: now).isEmpty)
        #expect(FieldReader(fields: [DataField(name: "city")]).read("Berlin", asked: "town", at: now).isEmpty)
    }
}
