/// Reads data from messages by the types, patterns and words of fields, without a language model.
///
/// Made once for the fields of a stage; reading takes time linear in the message, of which `MessageText.limit` scalars are looked at. Fields are read
/// in the order of how certain their values are told from other text, and what one was read from is not read again for another: e-mail addresses
/// and what matches a pattern, then dates, telephone numbers, choices, numbers, yes and no, and last answers in the user's own words.
public struct FieldReader: Sendable {
    private let fields: [ReadableField]

    public init(fields: [DataField]) { self.fields = fields.map(ReadableField.init) }

    /// What a message tells about the fields, by their names; fields of which it tells nothing are left out.
    /// - Parameters:
    ///   - asked: the field that the last reply asked for: a short answer without context belongs to it; nil: nothing was asked
    ///   - now: what "tomorrow" is relative to, in UTC
    public func read(_ text: String, asked: String? = nil, at now: Timestamp) -> [String: FieldReading] {
        guard !fields.isEmpty, !text.isEmpty else { return [:] }
        let asked = asked.flatMap { name in fields.firstIndex { $0.field.name == name } }
        var reading = MessageReading(MessageText(text), fields: fields, asked: asked, at: now)
        reading.run()
        var readings: [String: FieldReading] = [:]
        for (index, value) in reading.values.enumerated() {
            guard let value else { continue }
            let start = text.utf8.index(text.utf8.startIndex, offsetBy: value.bytes.lowerBound)
            let end = text.utf8.index(text.utf8.startIndex, offsetBy: value.bytes.upperBound)
            readings[fields[index].field.name] = .value(value.value, confidence: value.confidence, source: start..<end)
        }
        if let asked, let reason = reading.reasonAgainstAnswer() { readings[fields[asked].field.name] = .invalid(reason: reason) }
        return readings
    }
}
