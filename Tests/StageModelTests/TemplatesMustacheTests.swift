#if canImport(Mustache)
import Mustache
import StageModel
import Testing

/// What both languages have must mean the same: swift-mustache, which renders the pages, is the measure.
@Suite("Templates: as Mustache has it")
struct TemplatesMustacheTests {
    private static let data: [String: any Sendable] = [
        "title": "T<i>", "count": 3, "yes": true, "no": false, "list": ["a", "b", "c"], "none": [String](),
        "person": ["name": "Ann", "city": "Bonn"], "people": [["name": "Ann"], ["name": "Bob"]],
    ]
    private static let json: JSONValue = [
        "title": "T<i>", "count": 3, "yes": true, "no": false, "list": ["a", "b", "c"], "none": [],
        "person": ["name": "Ann", "city": "Bonn"], "people": [["name": "Ann"], ["name": "Bob"]],
    ]

    @Test(
        "A template reads the same in both",
        arguments: [
            "{{{data.title}}}, {{&data.title}} {{data.count}}", "{{#data.yes}}yes{{/data.yes}}{{^data.yes}}no{{/data.yes}}",
            "{{#data.no}}yes{{/data.no}}{{^data.no}}no{{/data.no}}", "{{#data.list}}{{.}}, {{/data.list}}", "{{^data.none}}none{{/data.none}}",
            "{{#data.none}}some{{/data.none}}", "{{#data.person}}{{name}} of {{city}}{{/data.person}}",
            "{{#data.people}}\n- {{name}}\n{{/data.people}}\n",
            "{{#data.people}}{{name}} {{data.count}};{{/data.people}}", "{{#data}}{{#people}}{{name}}{{count}}{{/people}}{{/data}}",
            "{{data.person.name}} {{data.person.absent}}{{data.absent.name}}", "a {{! comment }} b\n  {{! alone }}\nc",
            "x\n  {{#data.yes}}\n  y\n  {{/data.yes}}\nz", "{{#data.absent}}a{{/data.absent}}{{^data.absent}}b{{/data.absent}}", "{ data } }} {\nx",
            "{{#data.list}}{{#data.people}}{{name}}{{/data.people}}{{/data.list}}", "{{#data.yes}}{{data.count}}{{/data.yes}}\r\nend",
        ])
    func same(source: String) throws {
        let expected = try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}\n" + source).render(["data": Self.data])
        #expect(try CompiledTemplate(source, in: .root, allowsUserText: true).render(["data": Self.json]) == expected)
    }
}
#endif
