import StageModel
import Testing

@Suite("Schemas")
struct SchemaTests {
    private static let person = Schema.named(
        "Person",
        .object([
            .required("name", .text(1...5), "What they are called."), .optional("age", .integer(0...150), "In years."),
            .readOnly("id", .identifier, "Set by the server."), .optional("tags", .array(of: .text(0...3), count: 0...2), ""),
        ]))

    /// A schema, a value, and each fault as its pointer and a part of its message.
    static let cases: [(Schema, JSONValue, [String])] = [
        (.anything, [.null, [:]], []), (.boolean, true, []), (.boolean, "true", [#": Must be true or false, not "true""#]),
        (.boolean, .null, [": Must be true or false, not null"]), (.integer(), 5, []), (.integer(), .number(5), []),
        (.integer(), .number(5.5), [": Must be a whole number, not 5.5"]), (.integer(1...3), 3, []),
        (.integer(1...3), 4, [": Must be a whole number from 1 to 3, not 4"]), (.integer(1...3), "2", [": Must be a whole number from 1 to 3"]),
        (.number, 1, []), (.number, .number(-1.5), []), (.number, [], [": Must be a number, not an array"]), (.text(0...3), "", []),
        (.text(0...3), "👍🏽é", []), (.text(0...3), "abcd", [": Must be a string of at most 3 characters"]), (.text(1...3), " a ", []),
        (.text(1...3), "", [": Must be a string of 1 to 3 characters, not all blank"]), (.text(1...3), " \n", [": Must be a string of 1 to 3"]),
        (.text(0...3), .string(String(repeating: "x", count: 500)), [": Must be a string of at most 3 characters, not a string of 500 characters"]),
        (.identifier, "123e4567-e89b-42d3-a456-426614174000", []), (.identifier, "123", [": Must be a UUID"]),
        (.fieldName, "order_id", []), (.fieldName, "_A9", []), (.fieldName, .string(String(repeating: "x", count: 64)), []),
        (.conversationID, "a@b", []), (.conversationID, "a b", [": Must be a conversation id"]), (.timestamp, "2026-01-31T12:00:00Z", []),
        (.timestamp, "2026-01-31", [": Must be a time in RFC 3339"]), (.timestamp, 5, [": Must be a time"]), (.choice(["a", "b"]), "b", []),
        (.choice(["a", "b"]), "c", [#": Must be one of 'a', 'b', not "c""#]), (.nullable(.number), .null, []), (.nullable(.number), 1, []),
        (.nullable(.number), "1", [": Must be a number"]), (.array(of: .number, count: 1...2), [1], []),
        (.array(of: .number, count: 1...2), [], [": Must have 1 to 2 elements, not 0"]),
        (.array(of: .number), [1, "x", .null], ["/1: Must be a number", "/2: Must be a number, not null"]),
        (.array(of: .number), [:], [": Must be an array, not an object"]), (.map(of: .number), ["a": 1], []),
        (.map(of: .number), ["b": .null, "a/": "x", "c": 1], ["/a~1: Must be a number", "/b: Must be a number"]),
        (.map(of: .number), [1], [": Must be an object, not an array"]), (.anyOf([.number, .boolean]), true, []),
        (.anyOf([.number, .boolean]), "x", [": Fits none of the forms"]), (person, ["name": "Ada"], []),
        (person, ["name": "Ada", "age": 36, "id": "123e4567-e89b-42d3-a456-426614174000", "tags": ["x"]], []),
        (person, .null, [": Must be an object, not null"]), (person, [:], ["/name: Is missing: must be a string of 1 to 5 characters"]),
        (
            person, ["nane": "Ada", "age": -1, "id": 7, "tags": ["long", 1], "zzz": 1],
            [
                "/name: Is missing", "/age: Must be a whole number from 0 to 150, not -1", "/id: Must be a UUID", "/tags/0: Must be a string",
                "/tags/1: Must be a string", "/nane: Is not known here; did you mean 'name'?", "/zzz: Is not known here.",
            ]
        ),
        (.array(of: person), [["name": "Ada", "Age": 1]], ["/0/Age: Is not known here; did you mean 'age'?"]),
    ]

    @Test("Every fault of a value is told at its place, all at once", arguments: cases)
    func check(schema: Schema, value: JSONValue, expected: [String]) {
        var faults: [InputFault] = []
        do throws(InvalidInput) { try schema.check(value) } catch { faults = error.faults }
        let texts = faults.map { "\($0.pointer): \($0.message)" }
        #expect(texts.count == expected.count, "\(texts)")
        for (text, fragment) in zip(texts, expected) { #expect(text.hasPrefix(fragment), "\(text)") }
    }

    @Test(
        "A field's name is a letter or underscore, then letters, digits and underscores, 64 at most",
        arguments: ["", "1a", "a-b", "a b", "é", "a.b", "a\u{0}", "@a", "[a", "`", String(repeating: "x", count: 65)])
    func fieldName(text: String) { #expect(throws: InvalidInput.self) { try Schema.fieldName.check(.string(text)) } }

    static let suggestions: [(String, String?)] = [
        ("stage_nam", "stage_name"), ("stage_names", "stage_name"), ("stagename", "stage_name"), ("Stage_Name", "stage_name"), ("typ", "type"),
        ("stage", nil), ("x", nil), (String(repeating: "stage_name", count: 10), nil), ("", nil),
    ]

    @Test("An unknown member is told with the nearest known name, if one is near", arguments: suggestions)
    func suggestion(name: String, nearest: String?) throws {
        let schema = Schema.object([.optional("stage_name", .name, ""), .optional("type", .name, "")])
        let error = try #require(throws: InvalidInput.self) { try schema.check(.object([name: "x"])) }
        let message = try #require(error.faults.first?.message)
        if let nearest { #expect(message.contains("did you mean '\(nearest)'?")) } else { #expect(message == "Is not known here.") }
    }

    @Test("The document of a schema says the same in JSON Schema, named ones once")
    func document() {
        #expect(Schema.nullable(.integer(1...3)).document == ["anyOf": [["type": "integer", "minimum": 1, "maximum": 3], ["type": "null"]]])
        #expect(Schema.text(1...5).document == ["type": "string", "minLength": 1, "maxLength": 5, "pattern": #"\S"#])
        #expect(Schema.array(of: Self.person).document["items"] == ["$ref": "#/components/schemas/Person"])
        let person = Schema.object([.required("one", Self.person, ""), .optional("many", .array(of: Self.person), "")]).components["Person"]
        #expect(person?["required"] == ["name"])
        #expect(person?["additionalProperties"] == false)
        #expect(person?["properties"]?["id"] == ["type": "string", "format": "uuid", "description": "Set by the server.", "readOnly": true])
    }
}
