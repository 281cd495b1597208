/// Makes the values of the variables that are lists or objects, as templates expect them.
public enum TemplateValues {
    /// The value of `current_stage`, or an element of `available_stages`.
    public static func stage(_ stage: Saved<Stage>) -> JSONValue {
        ["name": .string(stage.name), "description": .string(stage.description), "stage_id": .string(stage.id.description)]
    }

    /// The value of `available_stages`.
    public static func stages(_ stages: some Sequence<Saved<Stage>>) -> JSONValue { .array(stages.map(stage)) }

    /// The value of `fields`.
    /// - Parameter data: what is known so far; a required field that is null in it, or not in it, is missing.
    public static func fields(_ fields: [DataField], data: [String: JSONValue]) -> JSONValue {
        .array(fields.map { field($0, data: data) })
    }

    /// The value of `asked_field`, or an element of `fields`.
    public static func field(_ field: DataField, data: [String: JSONValue]) -> JSONValue {
        let value = data[field.name] ?? .null
        return [
            "name": .string(field.name), "type": .string(field.kind.rawValue), "description": .string(field.description),
            "required": .bool(field.isRequired), "values": .array(field.values.map(JSONValue.string)), "value": value,
            "missing": .bool(field.isRequired && value.isNull),
        ]
    }

    /// The value of `conversation_history` or `last_10_messages`.
    /// - Parameter messages: oldest first; the role is `user` or `assistant`.
    public static func history(_ messages: some Sequence<(role: String, text: String)>) -> JSONValue {
        .array(messages.map { ["role": .string($0.role), "text": .string($0.text)] })
    }
}
