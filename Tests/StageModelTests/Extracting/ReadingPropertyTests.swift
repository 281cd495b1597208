import StageModel
import Testing

@Suite("Reading any message")
struct ReadingPropertyTests {
    private static let fields = [
        DataField(name: "order_id", pattern: #"[A-Z]{2}-\d{4,}"#, description: "The number of the order."),
        DataField(name: "tracking_number", pattern: "[A-Z0-9]{8,30}"), DataField(name: "postal_code", pattern: "[0-9A-Z][0-9A-Z -]{2,9}"),
        DataField(name: "email", kind: .email), DataField(name: "day", kind: .date), DataField(name: "purchase_date", kind: .date),
        DataField(name: "quantity", kind: .number, description: "How many items."), DataField(name: "refund", kind: .number),
        DataField(name: "resolution", kind: .choice, values: ["refund", "replacement", "store credit", "other", "2", "é-clair", ""]),
        DataField(name: "gift_wrap", kind: .boolean), DataField(name: "phone_number"), DataField(name: "zip"), DataField(name: "website"),
        DataField(name: "name"), DataField(name: "city", description: "The town or city."), DataField(name: "broken", pattern: "("),
        DataField(name: "", kind: .choice),
    ]

    private static let pieces = [
        "AB-1234", "ll 20417", "anna@example.com", "@", "3", "1.299,90", "€", "2026-11-23", "31.2.", "3/12", "March", "3rd", "the", "of", "Friday",
        "next", "last", "in", "days", "ago", "two", "twenty", "-", "five", "a", "dozen", "hundred", "thousand", "and", "no", "not", "yes", "sorry",
        "refund", "replacmeent", "store", "credit", "gift wrap", ":", "is", "=", "my", "city", "name", "I'm", "Anna", "O'Brien", "+49", "(0)", "170",
        "1234567", "10115", "Berlin", "SW1A", "1AA", "https://", "www.", "example.com/x", ".", ",", "?", "!", "\n", "\"", "'", "’", "e\u{301}", "É",
        "ß",
        "👍🏽", "1️⃣", "\u{200D}", "\u{0}", "\u{FEFF}", "٣", "東京", "999999999999999999999", "0000", "end of", "month", "year", "40000", "weeks",
        "from now",
        "%", "$", "x", "#", "_", "it's", "one", "please", "\u{301}", "\r\n", "(", ")", "24/7", "9999-12-31", "0001-01-01", "may",
    ]

    @Test("No message makes reading fail, and what is read is always a value of its field, from the place that is told", arguments: 0..<40)
    func anyMessage(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let reader = FieldReader(fields: Self.fields)
        for _ in 0..<100 {
            let text = (0..<Int.random(in: 0...14, using: &generator)).compactMap { _ in Self.pieces.randomElement(using: &generator) }
                .joined(separator: Bool.random(using: &generator) ? " " : "")
            let asked = Bool.random(using: &generator) ? Self.fields.randomElement(using: &generator)?.name : nil
            let now = Timestamp(microseconds: Int64.random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &generator))
            let readings = reader.read(text, asked: asked, at: now)
            for (name, reading) in readings {
                let field = try #require(Self.fields.first { $0.name == name })
                switch reading {
                case .value(let value, let confidence, let source):
                    #expect(field.fault(of: value, at: .root) == nil, "\(name) from \(text.debugDescription)")
                    #expect((0.5...1).contains(confidence))
                    #expect(source.lowerBound >= text.startIndex && source.upperBound <= text.endIndex && !source.isEmpty)
                case .invalid(let reason):
                    #expect(name == asked && !reason.isEmpty)
                }
            }
            #expect(readings == reader.read(text, asked: asked, at: now))
        }
    }

    /// What a hostile message may repeat.
    static let units = [
        "1 ", "a@", "a-1-", "no ", "refnd ", "(", "+1 ", "2026-11-23 ", "I'm Anna ", "1.", "my city is ", "@", "é", "AB-", "one hundred ", "😀",
        "e\u{301}\u{301}", "LL 1 ", "gift wrap ", "yes ", "1 000 ",
    ]

    @Test("Of a long message only the beginning is looked at", arguments: units)
    func beginning(unit: String) {
        let reader = FieldReader(fields: Self.fields)
        let now = Timestamp(microseconds: 0)
        let long = String(repeating: unit, count: 65_536 / unit.utf8.count)
        let start = String(String.UnicodeScalarView(long.unicodeScalars.prefix(4_000)))
        let values = reader.read(long, at: now)
        #expect(
            values.mapValues(Self.value)
                == reader.read(start + " LL-20417 anna@example.com yes", at: now).filter { values[$0.key] != nil }.mapValues(Self.value))
        for reading in values.values {
            if case .value(_, _, let source) = reading {
                #expect(long.utf8.distance(from: long.startIndex, to: source.upperBound) <= start.utf8.count)
            }
        }
    }

    private static func value(_ reading: FieldReading) -> JSONValue? { if case .value(let value, _, _) = reading { value } else { nil } }

    @Test("What stands behind the beginning is not read, and an answer that long is none")
    func behind() {
        let reader = FieldReader(fields: Self.fields)
        let filler = String(repeating: "word ", count: 900)
        #expect(reader.read(filler + "AB-1234 anna@example.com", at: Timestamp(microseconds: 0)).isEmpty)
        #expect(reader.read(filler, asked: "city", at: Timestamp(microseconds: 0)).isEmpty)
    }
}
