/// What a message tells about a field.
public enum FieldReading: Equatable, Sendable {
    case value(JSONValue, confidence: Double, source: Range<String.Index>)
    case invalid(reason: String)
}

/// Reads data from messages by the types and patterns of fields.
public struct FieldReader: Sendable {
    public init(fields: [DataField]) {}
    public func read(_ text: String, asked: String?, at now: Timestamp) -> [String: FieldReading] { [:] }
}
