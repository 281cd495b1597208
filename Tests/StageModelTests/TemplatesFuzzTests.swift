import Fuzzing
import StageModel
import Testing

@Suite("Templates: any input")
struct TemplatesFuzzTests {
    /// `TEMPLATE_FUZZ_CASES` makes more than these.
    private static let run = FuzzRun("TEMPLATE", short: 4000)

    private static let pieces = [
        "{{", "}}", "{", "}", "{{{", "}}}", "{{#", "{{^", "{{/", "{{!", "{{&", "{{>", "{{=", "{{.}}", "data", "data.order_id", "fields", "name", ".",
        "value", "available_stages", "message_content", "current_stage", " ", "\n", "\r\n", "\t", "é", "\u{301}", "👍🏽", "\u{2028}", "\0", "(", ")",
        "{{#data}}", "{{/data}}", "{{#fields}}\n", "{{/fields}}\n", "{{^data.list}}", "{{/data.list}}", "{{#data.list}}", "{name}", "{fields}",
        "text",
        "{{name}}", "-", "_", "\"", ":",
    ]

    /// Templates that are right, and of every construct.
    private static let corpus = [
        "Hello{{#user_name}} {{user_name}}{{/user_name}}! {{{data.topic}}} {{&data.x}} {order_id} {message_content}",
        "{{#available_stages}}\n- {{name}}: {{description}} ({{stage_id}})\n{{/available_stages}}\n{{^available_stages}}none{{/available_stages}}",
        "{{#fields}}\n{{#missing}}{{name}} ({{type}}) {{description}}{{#values}} {{.}}{{/values}}{{/missing}}\n{{/fields}}\n{{! a comment\nof two lines }}",
        "{{#asked_field}}What is {{description}}?{{/asked_field}}{{#field_error}} {{field_error}}{{/field_error}}",
        "{{#conversation_history}}{{role}}: {{text}}\r\n{{/conversation_history}}{{current_date}} {{current_time}} {{agent_name}} {{business_name}}",
        "{{#data}}{{#list}}{{.}}{{#a}}{{.}}{{/a}}{{/list}}{{#order_id}}{{data.order_id}}{{/order_id}}{{/data}}{{current_stage.name}}",
        "{{#a}}{{#b}}{{#c}}{{#d}}{{#e}}{{#f}}{{#g}}{{#h}}{{x}}{{/h}}{{/g}}{{/f}}{{/e}}{{/d}}{{/c}}{{/b}}{{/a}}",
    ]

    private static let values: [String: JSONValue] = TemplateVariable.samples.merging(
        ["data": ["list": [[1, 2], ["a": ["{{data}}"]], .null, "x"], "order_id": "AB-1234", "name": "{{#data}}"]]
    ) { $1 }

    /// Compiles and renders a text both ways, and checks what must hold of any.
    private static func check(_ source: String, _ values: [String: JSONValue] = values, in name: String) {
        for allowsUserText in [true, false] {
            do throws(InvalidInput) {
                let template = try CompiledTemplate(source, in: .root, allowsUserText: allowsUserText)
                if template.variablesUsed != Set(template.variablesUsed).sorted() { Issue.record("\(name): \(template.variablesUsed)") }
                for warning in template.warnings(fieldNames: ["order_id"]) where !isPlaced(warning.message) {
                    Issue.record("\(name): \(warning.message.debugDescription)")
                }
                let text = (try? template.render(values)) ?? ""
                if text.utf8.count > CompiledTemplate.maximumOutput { Issue.record("\(name): \(text.utf8.count) bytes") }
                // Changed values may have data in the place of the agent's name.
                if !allowsUserText, values == Self.values, text.contains("AB-1234"), !source.contains("AB-1234") {
                    Issue.record("\(name) shows data")
                }
            } catch {
                if !(1...20).contains(error.faults.count) { Issue.record("\(name): \(error.faults.count) faults") }
                for fault in error.faults where !isPlaced(fault.message) { Issue.record("\(name): \(fault.message.debugDescription)") }
            }
        }
    }

    private static func isPlaced(_ message: String) -> Bool { message.contains("(line ") && message.hasSuffix("^") && message.utf8.count < 1000 }

    @Test("Any text is compiled and rendered, or refused with its places")
    func random() {
        Self.run.forEach { number, generator in
            var source =
                generator.isOnce(in: 2)
                ? generator.pick(Self.corpus, or: "") : generator.text(of: Int.random(in: 0...24, using: &generator), pieces: Self.pieces)
            if generator.isOnce(in: 2) { source = generator.mutated(source, times: 1...5, pieces: Self.pieces) }
            if generator.isOnce(in: 200) { source = String(repeating: source, count: generator.length(upTo: 1000)) }
            guard source.utf8.count <= Template.maximumBytes else { return }
            Self.check(source, Self.values(&generator), in: Self.run.name(number))
        }
    }

    /// Values of other types than the variables have, in one case of four.
    private static func values(_ generator: inout CaseGenerator) -> [String: JSONValue] {
        guard generator.isOnce(in: 4) else { return values }
        var document = LooseJSON(JSONValue.object(values).jsonText)
        document.mutate(times: 1...6, using: &generator)
        return (try? JSONValue(parsing: document.bytes))?.object ?? values
    }

    @Test(
        "The worst texts of 64 KiB take no longer than their length",
        arguments: pieces + ["{{a}}", "{a", "{{#a}}{{/a}}", "{{! {{", "{{a {{", "{{a\n"])
    func worst(piece: String) {
        let source = String(repeating: piece, count: Template.maximumBytes / piece.utf8.count)
        let time = processorTime(of: { Self.check(source, in: "64 KiB of '\(piece)'") })
        #expect(time < .seconds(10))
    }
}
