import StageModel
import Testing

@Suite("Templates: warnings")
struct TemplatesWarningTests {
    private static func warnings(_ source: String, fieldNames: Set<String>? = ["order_id", "email"]) throws -> [TemplateWarning] {
        try CompiledTemplate(source, in: .root.appending("content"), allowsUserText: true).warnings(fieldNames: fieldNames)
    }

    @Test(
        "A doubtful name is warned of, with the nearest",
        arguments: [
            ("{{bussiness_name}}", "bussiness_name", "business_name"),
            ("{{order_id}}", "order_id", "data.order_id"),
            ("{{data.ordr_id}}", "data.ordr_id", "data.order_id"),
            ("{{extracted_data.emal}}", "extracted_data.emal", "extracted_data.email"),
            ("{{#data}}{{order_d}}{{/data}}", "order_d", "order_id"),
            ("{{data.colour}}", "data.colour", nil),
            ("{{qwertyuiop}}", "qwertyuiop", nil),
            ("{{#fields}}{{nam}}{{/fields}}", "nam", "name"),
            ("{{current_stage.descripton}}", "current_stage.descripton", "current_stage.description"),
            ("{{fields.name}}", "fields.name", nil),
            ("{{agent_name.first}}", "agent_name.first", nil),
            ("{mesage_content}", "mesage_content", "{message_content}"),
            ("{{^fields}}{{value}}{{/fields}}", "value", nil),
        ] as [(String, String, String?)])
    func doubtful(source: String, variable: String, suggestion: String?) throws {
        let warnings = try Self.warnings(source)
        #expect(warnings.map(\.variable) == [variable])
        #expect(warnings.first?.suggestion == suggestion)
    }

    @Test(
        "Nothing is said of",
        arguments: [
            "{{data.order_id}} {{data.email.deep}} {{extracted_data.email}}", "{{#data}}{{order_id}}{{business_name}}{{/data}}",
            "{{#fields}}{{name}}{{value}}{{missing}}{{.}}{{agent_name}}{{/fields}}", "{{#available_stages}}{{stage_id}}{{/available_stages}}",
            "{{#last_10_messages}}{{role}}{{text}}{{/last_10_messages}}", "{{#data.order_id}}{{anything}}{{/data.order_id}}",
            "{json} {x} {\"order_id\": null}", "{{current_stage}}{{current_stage.stage_id}}",
        ])
    func fine(source: String) throws {
        #expect(try Self.warnings(source) == [])
    }

    @Test("Data of any name pass when the fields are not known")
    func unknownFields() throws {
        #expect(try Self.warnings("{{data.colour}}{{#data}}{{x}}{{/data}}", fieldNames: nil) == [])
    }

    @Test("A warning shows its place")
    func place() throws {
        let warning = try #require(try Self.warnings("Hello\n  {{bussiness_name}}").first)
        #expect(warning.pointer.description == "/content")
        #expect(warning.line == 2 && warning.column == 3)
        let message = """
            There is no variable 'bussiness_name'; it is printed as nothing (line 2, column 3); did you mean 'business_name'?
                {{bussiness_name}}
                ^
            """
        #expect(warning.message == message)
        #expect(warning.jsonText.hasPrefix(#"{"pointer":"/content","message":"There is no"#))
    }

    @Test("Each name is warned of once, and twenty names of many")
    func many() throws {
        #expect(try Self.warnings("{{a}}{{a}}{{b}}").map(\.variable) == ["a", "b"])
        #expect(try Self.warnings((0..<500).map { "{{name\($0)}}" }.joined()).count == 20)
    }
}
