import HTTPTypes
import StageEngine
import StageModel
import StageStore

/// Previews of templates; the rest is as with every definition.
struct TemplateAPI: Sendable {
    let configuration: ConfigurationService
    let stages: StageService

    var operations: [Operation] {
        let type = QueryParameter("type", .choice(Template.Purpose.allCases.map(\.rawValue)), "Only templates of this type.")
        var definitions = DefinitionAPI<Template>(configuration: configuration, filters: [type])
        definitions.accepts = { template, call in call.query["type"].map { $0 == template.purpose.rawValue } ?? true }
        definitions.remarks = { template, flow in template.body.warnings(fieldNames: flow.fieldNames) }
        return definitions.operations + [
            Operation(
                id: "previewTemplate", method: .post, path: "/templates/preview",
                summary: "Renders a text as a template would be, with sample values, given ones, or those of a real conversation.",
                access: .readers, body: Self.body(withContent: true), answer: Self.answer, handler: previewContent),
            Operation(
                id: "previewSavedTemplate", method: .post, path: "/templates/{template_id}/preview",
                summary: "Renders a template with sample values, given ones, or those of a real conversation.", access: .readers,
                body: Self.body(withContent: false), isBodyOptional: true, answer: Self.answer, handler: previewSaved),
        ]
    }

    // MARK: - Handlers

    private func previewContent(_ call: Call) async throws -> Reply {
        try await preview(try call.body.member("content", \.string), call)
    }

    private func previewSaved(_ call: Call) async throws -> Reply {
        let template: Saved<Template> = try await configuration.definition(try call.pathID("template_id"), of: try call.caller.business)
        return try await preview(template.content, call)
    }

    private func preview(_ content: String, _ call: Call) async throws -> Reply {
        let conversation = try call.body.optional("conversation_id") { $0.string.flatMap { ConversationID($0) } }
        let preview = try await TemplatePreviewer(configuration: configuration, stages: stages).preview(
            content, variables: try call.body.optional("variables", \.object) ?? [:], of: conversation, by: try call.caller)
        return .json { json in
            json.field("rendered", preview.rendered)
            json.field("variables_used", array: preview.variablesUsed)
            json.field("warnings", array: preview.warnings)
        }
    }

    // MARK: - Bodies

    private static func body(withContent: Bool) -> Schema {
        let content = Schema.Property.required("content", .text(0...Template.maximumBytes), "The text of the template.")
        let properties: [Schema.Property] = [
            .optional("variables", .map(of: .anything), "Values by the names of variables; others have samples."),
            .optional("conversation_id", .conversationID, "A conversation whose values are taken; sensitive ones are masked."),
            .optional("business_id", .identifier, "Must be the key's own."),
        ]
        return .named(withContent ? "TemplatePreview" : "SavedTemplatePreview", .object((withContent ? [content] : []) + properties))
    }

    private static let answer = Schema.named(
        "Preview",
        .object([
            .required("rendered", .text(0...CompiledTemplate.maximumOutput), "The text with its variables filled in."),
            .required("variables_used", .array(of: .text(1...500), count: 0...100_000), "The variables in the text."),
            .required("warnings", .array(of: warningSchema), "What may be a mistake."),
        ]))

    static let warningSchema = Schema.named(
        "TemplateWarning",
        .object([
            .required("pointer", .text(0...200), "The text that it is in."), .required("variable", .text(0...500), "The variable."),
            .required("suggestion", .nullable(.text(0...500)), "The nearest known variable."),
            .required("line", .integer(1...Int64.max), "Counted from 1."), .required("column", .integer(1...Int64.max), "Counted from 1."),
            .required("message", .text(0...10_000), "What may be wrong, with the place."),
        ]))
}

extension Flow {
    /// The names of all data that stages declare.
    var fieldNames: Set<String> { Set(stages.all.flatMap { $0.configuration.fields.map(\.name) }) }
}
