import Fuzzing
import StageModel
import Testing

@Suite("Reading: any message against any fields")
struct FuzzReadingTests {
    /// `READER_FUZZ_CASES` makes more than these.
    private static let run = FuzzRun("READER", short: 1500)

    private static let names = [
        "order_id", "email", "phone_number", "zip", "website", "name", "first_name", "last_name", "city", "day", "purchase_date", "delivery_date",
        "amount", "quantity", "gift_wrap", "resolution", "notes", "_", "e", "a_b_c_d_e_f_g", "ünïcödé", "",
    ]
    private static let patterns = [
        #"[A-Z]{2}-\d{4,}"#, "[A-Z0-9]{8,30}", "yes|no", ".*", "", "(", #"\p{L}+"#, "^a$", "(?i)x+", #"\d"#, "(a*)*", #"(?s).+"#, "[^a]", "é+",
    ]
    private static let pieces = [
        "AB-1234", "ll 20417", "anna@example.com", "a@b", "@", "3", "3.14", "1.299,90", "1,299.90", "-7", "€", "$", "2026-11-23", "31.2.", "3/12",
        "12/31/1999", "March", "3rd", "of", "Friday", "next", "last", "in", "days", "ago", "tomorrow", "two", "twenty", "five", "dozen", "hundred",
        "thousand", "million", "and", "no", "not", "yes", "sorry", "I mean", "or", "refund", "replacmeent", "the second one", "store", "credit",
        "gift",
        "wrap", ":", "is", "=", "my", "city", "name", "I'm", "Anna", "O'Brien", "+49", "(0)", "170", "1234567", "10115", "Berlin", "SW1A", "https://",
        "www.", "example.com/x", ".", ",", "?", "!", "\n", "\r\n", "\"", "'", "’", "e\u{301}", "İ", "ß", "ﬁ", "👍🏽", "1️⃣", "\u{200D}", "\u{FEFF}", "٣",
        "東京",
        "999999999999999999999", "0000", "24/7", "9999-12-31", "0001-01-01", "29.2.2027", "it's", "don't", "%", "#", "_", " ", " ", " ", "\u{301}",
    ]

    @Test("Reading never traps, and what is read is a value of its field, from a place in the message that nothing else was read from")
    func survives() {
        var slowest = Duration.zero
        Self.run.forEach { number, generator in
            let fields = (0..<Int.random(in: 1...8, using: &generator)).map { _ in Self.field(&generator) }
            let text = Self.message(&generator)
            let asked = generator.isOnce(in: 2) ? fields.randomElement(using: &generator)?.name : nil
            let now = Timestamp(microseconds: Int64.random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &generator))
            var readings: [String: FieldReading] = [:]
            let reader = FieldReader(fields: fields)
            slowest = max(slowest, processorTime(of: { readings = reader.read(text, asked: asked, at: now) }))
            let faults = Self.faults(readings, of: fields, in: text, asked: asked)
            if !faults.isEmpty { Issue.record("\(Self.run.name(number)): \(faults), message \(text.debugDescription), fields \(fields)") }
            if readings != reader.read(text, asked: asked, at: now) { Issue.record("\(Self.run.name(number)) is read otherwise the second time") }
        }
        // A message is looked at up to its 4,000th character, so that none can take long.
        #expect(slowest < .seconds(2))
    }

    @Test("An accent by itself is no value, whatever a pattern says", arguments: ["\u{301}", " \u{301} ", "twenty \u{327}"])
    func accent(_ text: String) {
        let reader = FieldReader(fields: [DataField(name: "code", pattern: "[^a-z ]")])
        #expect(reader.read(text, at: Timestamp(microseconds: 0)).isEmpty)
    }

    private static func faults(_ readings: [String: FieldReading], of fields: [DataField], in text: String, asked: String?) -> [String] {
        var faults: [String] = []
        var taken: [(name: String, source: Range<String.Index>)] = []
        for (name, reading) in readings.sorted(by: { $0.key < $1.key }) {
            switch reading {
            case .value(let value, let confidence, let source):
                // Of several fields of one name it may be any.
                if !fields.contains(where: { $0.name == name && $0.fault(of: value, at: .root) == nil }) { faults.append("\(name) is \(value)") }
                if !(0.5...1).contains(confidence) { faults.append("\(name) is as sure as \(confidence)") }
                if source.isEmpty || source.lowerBound < text.startIndex || source.upperBound > text.endIndex {
                    faults.append("\(name) from outside")
                }
                if [source.lowerBound, source.upperBound].contains(where: { $0.samePosition(in: text.unicodeScalars) == nil }) {
                    faults.append("\(name) is cut inside a character")
                }
                // The answer to a question is taken as a whole, whatever was read from its middle.
                if let other = taken.first(where: { $0.source.overlaps(source) }), asked != name, asked != other.name {
                    faults.append("\(name) from where \(other.name) is from")
                }
                taken.append((name, source))
            case .invalid(let reason):
                if name != asked || reason.isEmpty { faults.append("\(name) was not asked for, or there is no reason") }
            }
        }
        return faults
    }

    private static func message(_ generator: inout CaseGenerator) -> String {
        let count = generator.isOnce(in: 100) ? generator.length(upTo: 5000) : Int.random(in: 0...16, using: &generator)
        let text = generator.text(of: count, pieces: pieces)
        return generator.isOnce(in: 4) ? generator.mutated(text, times: 1...4, pieces: pieces) : text
    }

    private static func field(_ generator: inout CaseGenerator) -> DataField {
        let kind = generator.pick(DataField.Kind.allCases, or: .string)
        let values = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
            generator.text(of: Int.random(in: 0...3, using: &generator), pieces: pieces)
        }
        return DataField(
            name: generator.pick(names, or: "x"), kind: kind, isRequired: generator.isOnce(in: 2),
            pattern: generator.isOnce(in: 3) ? generator.pick(patterns, or: "") : nil, values: kind == .choice ? values : [],
            description: generator.text(of: Int.random(in: 0...4, using: &generator), pieces: pieces + names), isSensitive: generator.isOnce(in: 4))
    }
}
