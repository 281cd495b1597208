import StageModel
import Testing

@Suite("Moments")
struct TimestampTests {
    static let canonical: [(String, Int64)] = [
        ("1970-01-01T00:00:00.000000Z", 0), ("1970-01-01T00:00:00.000001Z", 1), ("1969-12-31T23:59:59.999999Z", -1),
        ("2000-02-29T12:00:00.000000Z", 951_825_600_000_000), ("1900-03-01T00:00:00.000000Z", -2_203_891_200_000_000),
        ("2024-12-31T23:59:59.000000Z", 1_735_689_599_000_000), ("2026-11-22T13:09:31.123456Z", 1_795_352_971_123_456),
        ("0000-01-01T00:00:00.000000Z", -62_167_219_200_000_000), ("0001-01-01T00:00:00.000000Z", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ]

    @Test("A moment is written in UTC with six decimals and read back", arguments: canonical)
    func isCanonical(text: String, microseconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).description == text)
        #expect(Timestamp(text)?.microseconds == microseconds)
        #expect(Timestamp(microseconds: microseconds).jsonText == "\"\(text)\"")
    }

    @Test("Every moment of the years 0000 to 9999 is read back from its text", arguments: 0..<4)
    func roundTrip(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let moment = Timestamp(microseconds: .random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &generator))
            #expect(Timestamp(moment.description) == moment)
        }
    }

    static let accepted: [(String, String)] = [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000Z"), ("2026-01-31t12:00:00z", "2026-01-31T12:00:00.000000Z"),
        ("2026-01-31 12:00:00Z", "2026-01-31T12:00:00.000000Z"), ("2026-01-31T12:00:00.5Z", "2026-01-31T12:00:00.500000Z"),
        ("2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123456Z"), ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00.000000Z"),
        ("2026-01-31T23:30:00-01:45", "2026-02-01T01:15:00.000000Z"), ("2026-01-31T12:00:00-00:00", "2026-01-31T12:00:00.000000Z"),
        ("2024-03-01T00:00:00+00:01", "2024-02-29T23:59:00.000000Z"), ("1999-12-31T23:59:59.999999-23:59", "2000-01-01T23:58:59.999999Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"), ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000Z"),
    ]

    @Test("Any offset and up to nine decimals are read", arguments: accepted)
    func accepts(text: String, canonical: String) { #expect(Timestamp(text)?.description == canonical) }

    static let refused = [
        "", "2026", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00Z", "2026-1-31T12:00:00Z", "26-01-31T12:00:00Z", "2026-00-10T12:00:00Z",
        "2026-13-10T12:00:00Z", "2026-01-00T12:00:00Z", "2026-01-32T12:00:00Z", "2026-04-31T12:00:00Z", "2026-02-29T12:00:00Z",
        "1900-02-29T12:00:00Z", "2100-02-29T12:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:00:60Z",
        "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00.1234567890Z", "2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00+02:60",
        "2026-01-31T12:00:00+0200", "2026-01-31T12:00:00+2", "2026-01-31T12:00:00ZZ", " 2026-01-31T12:00:00Z", "-2026-01-31T12:00:00Z",
        "+2026-01-31T12:00:00Z", "2026-01-31_12:00:00Z", "٢٠٢٦-01-31T12:00:00Z", "2026-01-31T12:00:00,5Z",
    ]

    @Test("Anything else is no moment", arguments: refused)
    func refuses(text: String) { #expect(Timestamp(text) == nil) }

    @Test(
        "A text whose moment in UTC lies outside the years 0000 to 9999 is no moment",
        arguments: ["0000-01-01T00:00:00+00:01", "0000-01-01T22:00:00+23:59", "9999-12-31T23:59:59-00:01", "9999-12-31T00:01:00-23:59"])
    func outside(text: String) {
        let isRead = Timestamp(text) != nil
        #expect(!isRead)
    }

    @Test("The text of a moment that no year of four digits has traps nothing")
    func extremes() async {
        await #expect(processExitsWith: .success) {
            for microseconds in [Int64.min, -62_167_219_200_000_001, 253_402_300_800_000_000, .max] {
                guard Timestamp(microseconds: microseconds).description.utf8.count == 27 else { throw CancellationError() }
            }
        }
    }

    @Test("Adding seconds moves on or back, and saturates instead of overflowing")
    func adding() throws {
        let start = try #require(Timestamp("2024-02-28T23:59:59Z"))
        #expect(start.adding(seconds: 1).description == "2024-02-29T00:00:00.000000Z")
        #expect(start.adding(seconds: -Timestamp.secondsPerDay).description == "2024-02-27T23:59:59.000000Z")
        #expect(start.adding(seconds: .max) > start.adding(seconds: 1_000_000))
        #expect(start.adding(seconds: .min) < start.adding(seconds: -1_000_000))
    }

    @Test("The seconds since a later moment are none")
    func since() {
        let (early, late) = (Timestamp(microseconds: 1_000_000), Timestamp(microseconds: 3_500_000))
        #expect(late.seconds(since: early) == 2.5)
        #expect(early.seconds(since: late) == 0)
        #expect(early < late)
    }

    @Test("The start of an hour is at or before the moment, also before 1970")
    func hours() throws {
        #expect(Timestamp("2026-11-22T13:59:59.999999Z")?.startOfHour == Timestamp("2026-11-22T13:00:00Z"))
        #expect(Timestamp("2026-11-22T13:00:00Z")?.startOfHour == Timestamp("2026-11-22T13:00:00Z"))
        #expect(Timestamp("1969-12-31T23:30:00Z")?.startOfHour == Timestamp("1969-12-31T23:00:00Z"))
    }
}
