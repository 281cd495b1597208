import StageEngine
import StageModel

extension Template: PagedDefinition {
    static let part = PageContent.Part.templates
    static let listTemplate = "Templates"
    static let editorTemplate = "TemplateEditor"
    static let flashes = (
        created: Flash.templateCreated, saved: Flash.templateSaved, deleted: Flash.templateDeleted, restored: Flash.templateRestored
    )
    static let members = [
        (name: "template_name", label: "Name"), (name: "template_type", label: "Type"), (name: "content", label: "Text"),
        (name: "system_prompt", label: "System prompt"),
    ]

    static func list(in flow: Flow, query: [String: String], now: Timestamp) -> [String: PageValue] {
        let (wanted, type) = (query["q"]?.lowercased() ?? "", query["type"] ?? "")
        let found = flow.templates.all.filter {
            (wanted.isEmpty || $0.name.lowercased().contains(wanted)) && (type.isEmpty || $0.purpose.rawValue == type)
        }
        let names = flow.fieldNames
        return [
            "total": .number(flow.templates.all.count), "has_templates": .flag(!found.isEmpty), "pager": .none,
            "filters": [
                "is_shown": .flag(!flow.templates.all.isEmpty), "q": .text(query["q"] ?? ""), "is_filtered": .flag(!wanted.isEmpty || !type.isEmpty),
                "types": .list(Purpose.allCases) { .option($0.rawValue, $0.label, isSelected: $0.rawValue == type) },
            ],
            "templates": .list(found) { template in
                let users = Self.users(of: template.id, in: flow).count
                let warnings = template.body.warnings(fieldNames: names).count
                return [
                    "template_id": .text(template.id.description), "template_name": .text(template.name),
                    "excerpt": .text(String(template.content.prefix(160))), "type_label": .text(template.purpose.label),
                    "used_by": .text(users == 1 ? "1 stage" : "\(users) stages"),
                    "remarks": warnings == 0 ? .none : .text(warnings == 1 ? "1 remark" : "\(warnings) remarks"),
                    "updated_at": .moment(template.updatedAt, now: now),
                ]
            },
        ]
    }

    static func editor(_ typed: Form, faults: [String: String], in flow: Flow, id: ID?) -> [String: PageValue] {
        let users = id.map { Self.users(of: $0, in: flow).count } ?? 0
        return [
            "type_label": .optional(id.flatMap { flow.templates[$0] }?.purpose.label), "template_name": .text(typed["template_name"] ?? ""),
            "name_error": .optional(faults["template_name"]),
            "types": .list(Purpose.allCases) { .option($0.rawValue, $0.label, isSelected: typed["template_type"] == $0.rawValue) },
            "type_error": .optional(faults["template_type"]), "content": .text(typed["content"] ?? ""),
            "content_error": faults["content"].map { CaretFault($0).model } ?? .none, "system_prompt": .text(typed["system_prompt"] ?? ""),
            "system_prompt_error": faults["system_prompt"].map { CaretFault($0).model } ?? .none,
            "variables": .list(TemplateVariable.allCases) { ["name": .text($0.name), "summary": .text($0.summary)] },
            "preview_conversation_id": .text(typed["preview.conversation_id"] ?? ""),
            "save_hint": users == 0
                ? .none : .text("\(users == 1 ? "1 stage uses it; its" : "\(users) stages use it; their") conversations get the new text at once."),
        ]
    }
}

extension DefinitionPages<Template> {
    init(configuration: ConfigurationService, previewer: TemplatePreviewer) {
        self.init(configuration: configuration) { call in
            let panel = try await PreviewPanel(previewer: previewer).model(
                of: call.form["content"] ?? "", for: call.form["preview.conversation_id"] ?? "", by: try call.caller)
            return ["preview": panel.model, "preview_error": .optional(panel.fault)]
        }
    }
}

extension Template.Purpose {
    /// The purpose in a list.
    var label: String { rawValue.split(separator: "_").joined(separator: " ") }
}
