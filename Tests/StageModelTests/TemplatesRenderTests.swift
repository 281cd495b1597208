import StageModel
import Testing

@Suite("Templates: rendering")
struct TemplatesRenderTests {
    private static let values: [String: JSONValue] = [
        "message_content": "Hi {{data.order_id}} {agent_name} <b>&</b>",
        "business_name": "Shop",
        "agent_name": .null,
        "current_stage": ["name": "Status", "description": "Tells where it is.", "stage_id": "s"],
        "conversation_history": [["role": "user", "text": "Hello"], ["role": "assistant", "text": "Hi!"]],
        "available_stages": [["name": "Status", "description": "Tells where it is."], ["name": "Bye", "description": ""]],
        "fields": [
            ["name": "order_id", "type": "string", "required": true, "description": "The order.", "value": "AB-1", "missing": false],
            ["name": "reason", "type": "enum", "required": true, "values": ["late", "broken"], "value": .null, "missing": true],
            ["name": "note", "type": "string", "required": false, "description": ""],
        ],
        "data": [
            "order_id": "AB-1", "count": 3, "zero": 0, "price": .number(2.5), "paid": true, "open": false, "none": .null, "empty": "",
            "items": ["a", "b"], "lists": [[1, 2], [3]], "address": ["city": "Bonn", "zip": "53111"], "no_items": [], "business_name": "Inner",
        ],
        "secret": "never",
    ]

    private static func render(_ source: String) throws -> String {
        try CompiledTemplate(source, in: .root, allowsUserText: true).render(values)
    }

    @Test(
        "A template renders to",
        arguments: [
            ("", ""),
            ("plain } text }} { { \n", "plain } text }} { { \n"),
            ("{{business_name}}|{{ business_name }}|{{{business_name}}}|{{& business_name}}|{business_name}", "Shop|Shop|Shop|Shop|Shop"),
            ("{{agent_name}}{{user_name}}{{data.none}}{{data.absent.deep}}", ""),
            ("{\"order\": {{data.order_id}}, \"a\": {data.count}}", "{\"order\": AB-1, \"a\": 3}"),
            ("{business}{secret}{a b}{}{data.}", "{business}{secret}{a b}{}{data.}"),
            ("{{secret}}{{nothing}}", ""),
            ("{{message_content}}", "Hi {{data.order_id}} {agent_name} <b>&</b>"),
            (
                "{{data.count}} {{data.price}} {{data.paid}} {{data.items}} {{data.address}}",
                "3 2.5 true [\"a\",\"b\"] {\"city\":\"Bonn\",\"zip\":\"53111\"}"
            ),
            ("{{data.address.city}}", "Bonn"),
            ("{{current_stage}}: {{current_stage.description}}", "Status: Tells where it is."),
            ("{{conversation_history}}", "user: Hello\nassistant: Hi!"),
            ("{{available_stages}}", "- Status: Tells where it is.\n- Bye"),
            ("{{fields}}", "- order_id (string, required): The order.\n- reason (enum: late | broken, required)\n- note (string)"),
            ("{{#data.items}}<{{.}}>{{/data.items}}", "<a><b>"),
            ("{{#data.lists}}[{{#.}}{{.}};{{/.}}]{{/data.lists}}", "[1;2;][3;]"),
            ("{{#data.address}}{{city}} {{data.count}} {{business_name}}{{/data.address}}", "Bonn 3 Shop"),
            ("{{#data}}{{business_name}} {{address.zip}}{{/data}}", "Inner 53111"),
            ("{{#fields}}{{#missing}}{{name}}? {{/missing}}{{/fields}}", "reason? "),
            ("{{#fields}}{{.}};{{/fields}}", "order_id (string, required): The order.;reason (enum: late | broken, required);note (string);"),
            ("{{#conversation_history}}{{role}}={{text}} {{/conversation_history}}", "user=Hello assistant=Hi! "),
            ("{{#data.paid}}paid {{.}}{{/data.paid}}{{^data.open}} closed{{/data.open}}", "paid true closed"),
            ("{{#data.zero}}zero{{/data.zero}}{{^data.zero}}none{{/data.zero}}", "zero"),
            ("{{#data.empty}}x{{/data.empty}}{{^data.empty}}empty{{/data.empty}}", "empty"),
            ("{{#data.no_items}}x{{/data.no_items}}{{^data.no_items}}no items{{/data.no_items}}", "no items"),
            ("{{#user_name}}Hi {{.}}{{/user_name}}{{^user_name}}Hi{{/user_name}}", "Hi"),
            ("a{{! a comment with {{tags }}b", "ab"),
            ("a\n  {{! alone }}  \nb", "a\nb"),
            ("a\n{{#data}}\n  b\n{{/data}}\nc\n{{^data}}\nd\n{{/data}}", "a\n  b\nc\n"),
            ("a\r\n{{#data}}\r\nb\r\n{{/data}}\r\n", "a\r\nb\r\n"),
            ("{{#data}} {{/data}}\n", " \n"),
            ("  {{business_name}}\n", "  Shop\n"),
            ("x {{#data}}\ny\n{{/data}} z", "x \ny\n z"),
            ("日本 {{data.order_id}} 👍🏽", "日本 AB-1 👍🏽"),
            ("{\u{301}business_name}{{business_name}}\u{301}", "{\u{301}business_name}Shop\u{301}"),
        ])
    func renders(source: String, text: String) throws {
        #expect(try Self.render(source) == text)
    }

    @Test("A value that looks like a template is printed and not rendered, inside sections too")
    func noSecondRendering() throws {
        let template = try CompiledTemplate("{{#data.list}}{{.}}{{/data.list}}{{data.text}}", in: .root, allowsUserText: true)
        let text = try template.render(["data": ["list": ["{{business_name}}"], "text": "{{#data}}"], "business_name": "Shop"])
        #expect(text == "{{business_name}}{{#data}}")
    }

    @Test("The longest output is 256 KiB")
    func longOutput() throws {
        let template = try CompiledTemplate("{{data.text}}{{data.text}}", in: .root, allowsUserText: true)
        let half = String(repeating: "a", count: 128 << 10)
        #expect(try template.render(["data": ["text": .string(half)]]).utf8.count == 256 << 10)
        #expect(throws: TemplateRenderError.outputTooLong) { try template.render(["data": ["text": .string(half + "b")]]) }
    }

    @Test("Lists inside lists end in an error and not in an explosion", arguments: ["", "x", "{{data.none}}"])
    func explosion(body: String) throws {
        let source = String(repeating: "{{#data.list}}", count: 16) + body + String(repeating: "{{/data.list}}", count: 16)
        let template = try CompiledTemplate(source, in: .root, allowsUserText: true)
        let list = JSONValue.array(Array(repeating: 1, count: 30))
        #expect(throws: TemplateRenderError.self) { try template.render(["data": ["list": list]]) }
    }

    @Test("Values of unexpected kinds are printed as JSON", arguments: TemplateVariable.allCases)
    func oddValues(variable: TemplateVariable) throws {
        let source = "{{\(variable.name)}}{{#\(variable.name)}}{{.}}{{name}}{{/\(variable.name)}}"
        let template = try CompiledTemplate(source, in: .root, allowsUserText: true)
        let odd: [JSONValue] = [.null, true, 7, "text", [], [1, "a", .null, []], [["name": 3]], ["role": "user"], ["name": ["x": 1]]]
        for value in odd { _ = try template.render([variable.name: value]) }
        #expect(try template.render([variable.name: 7]) == "77")
    }

    @Test("The values that the model makes read as the samples do")
    func modelValues() throws {
        let fields = [DataField(name: "order_id", isRequired: true, description: "The order."), DataField(name: "email", kind: .email)]
        let values = [
            "fields": TemplateValues.fields(fields, data: ["email": "a@b.c"]), "last_10_messages": TemplateValues.history([("user", "Hi")]),
        ]
        let source = "{{fields}}|{{#fields}}{{#missing}}{{name}} {{/missing}}{{value}}{{/fields}}|{{last_10_messages}}"
        let template = try CompiledTemplate(source, in: .root, allowsUserText: true)
        #expect(try template.render(values) == "- order_id (string, required): The order.\n- email (email)|order_id a@b.c|user: Hi")
        #expect(Set(TemplateVariable.fields.members.map(\.name)) == Set((TemplateValues.fields(fields, data: [:]).array?.first?.object ?? [:]).keys))
    }

    @Test("The variables used are sorted, each once, and data by their own names")
    func variablesUsed() throws {
        let source =
            "{{fields}}{{data.b}}{data.a}{{#data.a}}{{x}}{{/data.a}}{{#fields}}{{name}}{{/fields}}{{current_stage.name}}{{unknown}}{{data.c.d}}"
        let template = Template(name: "t", purpose: .dataExtraction, content: source, systemPrompt: "{{agent_name}}{{fields}}")
        #expect(template.variablesUsed == ["agent_name", "current_stage", "data.a", "data.b", "data.c", "fields"])
    }
}
