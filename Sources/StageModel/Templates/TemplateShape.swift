/// What a value in a template is: what can be named inside it, and how it reads when it is printed as a whole.
enum TemplateShape: Sendable {
    /// A text, a number or a truth value, with nothing inside.
    case text
    case stage, stages
    case message, messages
    case field, fields
    /// An object whose members are the declared fields of the stages.
    case data
    /// A datum, or something inside one.
    case anything
}

extension TemplateShape {
    /// The shape of a list's elements; nil when it is no list.
    var element: TemplateShape? {
        switch self {
        case .stages: .stage
        case .messages: .message
        case .fields: .field
        case .text, .stage, .message, .field, .data, .anything: nil
        }
    }

    /// Whether the value as a whole holds what an end user wrote; single members may although the whole, as it is printed, does not.
    var holdsUserText: Bool {
        switch self {
        case .message, .messages, .data, .anything: true
        case .text, .stage, .stages, .field, .fields: false
        }
    }

    /// What can be named inside; for a datum that is not known beforehand.
    var members: [TemplateVariable.Member] {
        switch self {
        case .text, .stages, .messages, .fields, .data, .anything: []
        case .stage:
            [
                .init(name: "name", summary: "What the stage is called.", holdsUserText: false),
                .init(name: "description", summary: "What happens at the stage.", holdsUserText: false),
                .init(name: "stage_id", summary: "The id of the stage.", holdsUserText: false),
            ]
        case .message:
            [
                .init(name: "role", summary: "Who wrote it: user or assistant.", holdsUserText: true),
                .init(name: "text", summary: "What was written.", holdsUserText: true),
            ]
        case .field:
            [
                .init(name: "name", summary: "The name of the field.", holdsUserText: false),
                .init(name: "type", summary: "The type of its value.", holdsUserText: false),
                .init(name: "description", summary: "What the field is, in words.", holdsUserText: false),
                .init(name: "required", summary: "Whether a form asks for it.", holdsUserText: false),
                .init(name: "values", summary: "The values to choose from, for a field of type enum.", holdsUserText: false),
                .init(name: "value", summary: "What is known of it so far.", holdsUserText: true),
                .init(name: "missing", summary: "Whether it is required and not known yet.", holdsUserText: false),
            ]
        }
    }
}
