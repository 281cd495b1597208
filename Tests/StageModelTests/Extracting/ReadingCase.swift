import StageModel
import Testing

/// A message and what is read from it.
struct ReadingCase: CustomTestStringConvertible {
    /// A Monday.
    static let now = Timestamp("2026-11-23T10:00:00Z")

    let text: String
    let fields: [DataField]
    let asked: String?
    let expected: [String: JSONValue]
    let isInvalid: Bool

    init(_ text: String, _ fields: DataField..., asked: String? = nil, is expected: [String: JSONValue] = [:], isInvalid: Bool = false) {
        self.text = text
        self.fields = fields
        self.asked = asked
        self.expected = expected
        self.isInvalid = isInvalid
    }

    var testDescription: String { "\(text.debugDescription) asked for \(asked ?? "nothing")" }

    func verify(_ location: SourceLocation = #_sourceLocation) throws {
        let readings = FieldReader(fields: fields).read(text, asked: asked, at: try #require(Self.now))
        var values: [String: JSONValue] = [:]
        var invalid: [String] = []
        for (name, reading) in readings {
            switch reading {
            case .value(let value, let confidence, let source):
                values[name] = value
                #expect((0.5...1).contains(confidence), sourceLocation: location)
                #expect(!text[source].isEmpty, sourceLocation: location)
            case .invalid: invalid.append(name)
            }
        }
        #expect(values == expected, sourceLocation: location)
        #expect(invalid == (isInvalid ? [asked ?? ""] : []), sourceLocation: location)
    }
}
