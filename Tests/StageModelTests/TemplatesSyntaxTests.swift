import StageModel
import Testing

@Suite("Templates: what is refused")
struct TemplatesSyntaxTests {
    private static func faults(_ source: String, allowsUserText: Bool = true) -> [String] {
        do throws(InvalidInput) {
            _ = try CompiledTemplate(source, in: .root.appending("content"), allowsUserText: allowsUserText)
            return []
        } catch {
            return error.faults.map(\.message)
        }
    }

    @Test(
        "A fault names what is wrong and where",
        arguments: [
            ("{{#fields}}x", "The section 'fields' is not closed; '{{/fields}}' is missing (line 1, column 1)."),
            ("a\n  {{/fields}}", "'{{/fields}}' closes a section that is not open; none is open (line 2, column 3)."),
            ("{{#data}}{{/fields}}{{/data}}", "'{{/fields}}' closes a section that is not open; the open section is 'data' (line 1, column 10)."),
            ("Hi {{user_name", "The tag is not closed; '}}' is missing (line 1, column 4)."),
            ("Hi {{user_name, {{agent_name}}", "The tag is not closed; '}}' is missing (line 1, column 4)."),
            ("{{! never closed", "The comment is not closed; '}}' is missing (line 1, column 1)."),
            ("{{}}", "The tag is empty; it must name a variable (line 1, column 1)."),
            ("{{# }}", "The tag is empty; it must name a variable (line 1, column 1)."),
            ("{{{user_name}} ", "'{{{' must be closed by '}}}' (line 1, column 1)."),
            ("é {{> footer}}", "Partials ('{{>…}}') are not available in templates; write their text here (line 1, column 3)."),
            ("{{<base}}", "Inheritance ('{{<…}}') is not available in templates; write the text here (line 1, column 1)."),
            ("{{$block}}", "Inheritance ('{{$…}}') is not available in templates; write the text here (line 1, column 1)."),
            ("{{% CONTENT_TYPE:HTML}}", "Pragmas ('{{%…}}') are not available in templates; leave the tag out (line 1, column 1)."),
            ("{{=<% %>=}}", "The delimiters can't be changed ('{{=…}}'); they are always '{{' and '}}' (line 1, column 1)."),
            ("{{*name}}", "Dynamic names ('{{*…}}') are not available in templates; name the variable itself (line 1, column 1)."),
            (
                "{{upper(user_name)}}",
                "Functions such as 'upper(user_name)' are not available in templates; name the variable itself (line 1, column 1)."
            ),
            ("{{#if data}}", "There is no 'if' in Mustache; a section does its work: {{#name}}…{{/name}} (line 1, column 1)."),
            ("{{.}}", "'.' is the current element of a section, and no section is open (line 1, column 1)."),
            (
                "{{data..order_id}}",
                "'data..order_id' is not a name; names have letters, digits, '_' and '-', and single dots between their parts (line 1, column 1)."
            ),
            (
                "{{ \"order_id\": 1 }}",
                "'\"order_id\": 1' is not a name; for braces that are not a tag put a blank between them: '{ {' (line 1, column 1)."
            ),
        ])
    func fault(source: String, sentence: String) {
        #expect(Self.faults(source).first?.split(separator: "\n").first.map(String.init) == sentence)
    }

    @Test("A fault shows the line with a caret under the place")
    func caret() {
        let faults = Self.faults("Dear {{user_name}},\n\tgrüße {{#fields}}\nbye")
        let message = "The section 'fields' is not closed; '{{/fields}}' is missing (line 2, column 8).\n   grüße {{#fields}}\n         ^"
        #expect(faults == [message])
    }

    @Test("A long line is cut around the caret")
    func longLine() throws {
        let faults = Self.faults(String(repeating: "word ", count: 200) + "{{>x}}" + String(repeating: " word", count: 200))
        let lines = try #require(faults.first).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[1].count < 80)
        #expect(lines[1].hasPrefix("  …") && lines[1].hasSuffix("…"))
        #expect(lines[1].dropFirst(lines[2].count - 1).hasPrefix("{{>x}}"))
    }

    @Test("All faults are told at once, in the order of the text, and twenty of many")
    func allAtOnce() {
        let faults = Self.faults("{{#data}}\n{{>a}}\n{{/fields}}\n{{b c}}")
        #expect(faults.count == 4)
        #expect(zip(faults, ["line 1", "line 2", "line 3", "line 4"]).allSatisfy { $0.contains($1) })
        #expect(Self.faults(String(repeating: "{{>a}}", count: 1000)).count == 20)
    }

    @Test("Sections nest sixteen deep and no deeper")
    func nesting() {
        let nested = { (depth: Int) in String(repeating: "{{#data}}", count: depth) + String(repeating: "{{/data}}", count: depth) }
        #expect(Self.faults(nested(16)) == [])
        #expect(Self.faults(nested(17)).first?.hasPrefix("Sections may be nested 16 deep, and this is one more (line 1, column 145).") == true)
        #expect(Self.faults(nested(3000)).count == 1)
    }

    @Test("A text of 64 KiB is accepted and one byte more is not")
    func length() {
        #expect(Self.faults(String(repeating: "a", count: 65_536)) == [])
        #expect(Self.faults(String(repeating: "é", count: 32_768) + "a") == ["Must be at most 65536 bytes of UTF-8, not 65537."])
    }

    @Test(
        "What may hold a user's text is refused where it could pose as instructions",
        arguments: [
            "{{message_content}}", "{message_content}", "{{{conversation_history}}}", "{{&last_10_messages}}", "{{user_name}}", "{{extracted_data}}",
            "{{data}}", "{{data.order_id}}", "{data.order_id}", "{{#data}}known{{/data}}", "{{^data.email}}ask{{/data.email}}",
            "{{#fields}}{{value}}{{/fields}}", "{{#fields}}{{#value}}x{{/value}}{{/fields}}", "{{#conversation_history}}.{{/conversation_history}}",
        ])
    func userText(source: String) {
        #expect(Self.faults(source) == [])
        #expect(Self.faults(source, allowsUserText: false).first?.contains("may hold what a user wrote") == true)
    }

    @Test("What the business wrote may stand in a system prompt")
    func businessText() {
        let source = """
            You are {{agent_name}} of {{business_name}} at {{current_stage.description}}, {{current_date}} {{current_time}}.
            {{#fields}}{{name}} {{type}} {{description}} {{#required}}!{{/required}}{{#missing}}?{{/missing}}{{#values}}{{.}}{{/values}}{{/fields}}
            {{fields}}{{available_stages}}{{#available_stages}}{{name}}{{.}}{{/available_stages}}
            """
        #expect(Self.faults(source, allowsUserText: false) == [])
    }

    @Test("A template tells the faults of its content and its system prompt together")
    func template() {
        let template = Template(name: "t", purpose: .responseGeneration, content: "{{#data}}", systemPrompt: "{{user_name}}")
        #expect(template.faults.map(\.pointer.description) == ["/content", "/system_prompt"])
        #expect(Template(name: "t", purpose: .responseGeneration, content: "{{data}}").faults.isEmpty)
    }
}
