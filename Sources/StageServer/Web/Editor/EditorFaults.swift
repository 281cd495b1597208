import StageModel

/// Something that is wrong with the form, and the field that it is at.
struct EditorFault: Sendable, Equatable {
    /// The name of the field: `stage_name`, `rules.0.condition`.
    let field: String
    let message: String
    /// A text that is shown with it: another's version.
    let excerpt: String?

    init(_ field: String, _ message: String, excerpt: String? = nil) {
        self.field = field
        self.message = message
        self.excerpt = excerpt
    }

    var caret: CaretFault { excerpt.map { CaretFault(message: message, excerpt: $0) } ?? CaretFault(message) }

    /// A fault of the stage, or of one of its rules, at its place in them.
    init(_ fault: InputFault) {
        let name = fault.pointer.description.dropFirst().split(separator: "/").joined(separator: ".")
        let list = "configuration.fields"
        field = name.hasPrefix(list) ? String(name.dropFirst("configuration.".count)) : name
        message = fault.message
        excerpt = nil
    }
}

/// Everything that is wrong with the form.
struct EditorFaults: Sendable {
    private(set) var all: [EditorFault]
    /// What is wrong with none of the fields.
    var general: [String]

    init(_ all: [EditorFault] = [], general: [String] = []) {
        self.all = all
        self.general = general
    }

    var isEmpty: Bool { all.isEmpty && general.isEmpty }

    /// Adds faults of the flow, but not where the field itself is wrong: there they are about what stands in for it.
    mutating func add(_ faults: [InputFault]) {
        let known = Set(all.map(\.field))
        all += faults.map { EditorFault($0) }.filter { !known.contains($0.field) }
    }

    func caret(_ field: String) -> CaretFault? { all.first { $0.field == field }?.caret }

    func sentence(_ field: String) -> PageValue { .optional(caret(field)?.message) }

    /// Whether anything is wrong with a row: `fields.0`.
    func isWrong(_ row: String) -> Bool { all.contains { $0.field.hasPrefix("\(row).") } }

    /// All of them with links to their fields; nothing when there are none.
    var summary: PageValue {
        guard !isEmpty else { return .none }
        let headline =
            all.isEmpty ? "It can't be saved." : all.count == 1 ? "One value is not acceptable." : "\(all.count) values are not acceptable."
        let placed = all.map { fault -> PageValue in
            let (label, anchor) = Self.place(of: fault.field)
            return ["href": .optional(anchor), "label": .optional(label), "message": .text(fault.caret.message)]
        }
        return ["headline": .text(headline), "faults": .list(placed + general.map { ["message": .text($0)] })]
    }

    /// A field in words, and the part of the page where it is.
    private static func place(of field: String) -> (label: String?, anchor: String?) {
        let parts = field.split(separator: ".").map(String.init)
        if parts.count == 3, let row = Int(parts[1]), let list = lists[parts[0]] {
            return ("\(list) \(row + 1), \(words[parts[2]] ?? parts[2])", "#\(field)")
        }
        if parts.count == 3, parts[0] == "templates" {
            let anchors = ["template_name": "name-error", "content": "content", "system_prompt": "system_prompt"]
            return ("Template, \(words[parts[2]] ?? parts[2])", "#templates.\(parts[1]).\(anchors[parts[2]] ?? parts[2])")
        }
        return (labels[field], labels[field].map { _ in "#\(anchors[field] ?? field)" })
    }

    private static let lists = ["fields": "Field", "rules": "Rule"]

    private static let words = [
        "to_stage_id": "target", "template_name": "name", "content": "text", "system_prompt": "system prompt",
    ]

    /// Choices have no field of their name; the message stands below them.
    private static let anchors = ["stage_type": "stage_type-error"]

    private static let labels: [String: String] = {
        var labels = [
            "stage_name": "Name", "stage_description": "Description", "stage_type": "Type", "agent_id": "Agent",
            "configuration.fallback_reply": "Fallback reply", "configuration.merge_ms": "Time to wait for more",
            "configuration.max_visits": "Most visits", "configuration.timeout.seconds": "Longest stay",
            "configuration.timeout.to_stage_id": "After that, go to", "fields": "Fields", "rules": "Transition rules",
            "configuration.persistence.ttl_seconds": "Forget a silent conversation after",
            "configuration.persistence.history_limit": "Transitions at hand", "preview.conversation_id": "Preview",
            "try.conversation_id": "Try conditions",
        ]
        for purpose in Template.Purpose.allCases { labels[purpose.column] = purpose.title }
        return labels
    }()
}
