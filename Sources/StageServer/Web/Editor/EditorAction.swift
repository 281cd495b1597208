import StageEngine
import StageModel

/// What a button of the stage editor does; each sends the whole form.
enum EditorAction: Equatable {
    enum Direction {
        case up, down
    }

    enum Side {
        case yours, theirs
    }

    case save
    case addField
    case removeField(Int)
    case moveField(Int, Direction)
    case addRule(isFromAny: Bool)
    case removeRule(Int)
    case moveRule(Int, Direction)
    case tryRule(Int)
    case preview(Template.Purpose)
    case editTemplate(Template.Purpose)
    case newTemplate(Template.Purpose)
    case saveTemplate(Template.Purpose)
    case closeTemplate(Template.Purpose)
    case choose(Side)

    /// Reads the value of a button: a name, and behind a colon the row or the template's type that it is about.
    /// - Parameter text: nil: the form was sent without a button, which saves.
    init(_ text: String?) throws(EngineError) {
        let parts = (text ?? "save").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let action = Self.simple[parts[0]] ?? Self.placed(parts[0], parts.count > 1 ? parts[1] : "") else {
            throw .invalid("action", "There is no such action.")
        }
        self = action
    }

    private static let simple: [String: EditorAction] = [
        "save": .save, "add_field": .addField, "add_rule": .addRule(isFromAny: false), "add_rule_from_any": .addRule(isFromAny: true),
        "choose_yours": .choose(.yours), "choose_theirs": .choose(.theirs),
    ]

    private static func placed(_ name: String, _ place: String) -> EditorAction? {
        if let row = Int(place) { return onRow(name, row) }
        return Template.Purpose(rawValue: place).flatMap { onTemplate(name, $0) }
    }

    private static func onRow(_ name: String, _ row: Int) -> EditorAction? {
        switch name {
        case "remove_field": .removeField(row)
        case "field_up": .moveField(row, .up)
        case "field_down": .moveField(row, .down)
        case "remove_rule": .removeRule(row)
        case "rule_up": .moveRule(row, .up)
        case "rule_down": .moveRule(row, .down)
        case "try_rule": .tryRule(row)
        default: nil
        }
    }

    private static func onTemplate(_ name: String, _ purpose: Template.Purpose) -> EditorAction? {
        switch name {
        case "preview": .preview(purpose)
        case "edit_template": .editTemplate(purpose)
        case "new_template": .newTemplate(purpose)
        case "save_template": .saveTemplate(purpose)
        case "close_template": .closeTemplate(purpose)
        default: nil
        }
    }
}
