import CEL
import Testing

@Suite("Values")
struct ValueTests {
    @Test("a map finds its entries, however many there are")
    func findsEntries() {
        for count in [0, 1, 8, 16, 17, 40, 1000] {
            let map = MapValue((0..<count).map { (Value.string("key-\($0)"), Value.int(Int64($0))) } + [(.int(7), "seven"), (.bool(true), "yes")])
            #expect(map.count == count + 2)
            for position in 0..<count { #expect(map["key-\(position)"] == .int(Int64(position))) }
            #expect(map["key-\(count)"] == nil)
            #expect(map[key: .uint(7)] == "seven")
            #expect(map[key: 7.0] == "seven")
            #expect(map[key: 7.5] == nil)
            #expect(map[key: true] == "yes")
            #expect(map[key: .null] == nil)
            #expect(map.entries.map(\.0) == map.keys)
        }
    }

    @Test("the last of equal keys counts, and what can't be a key is left out")
    func replacesEntries() {
        let map = MapValue([("a", 1), ("b", 2), ("a", 3), (.null, 4), (1.0, 5), (.uint(1), 6), (1, 7)] as [(Value, Value)])
        #expect(Value.map(map) == ["a": 3, "b": 2, 1: 7])
        #expect(map.count == 3)
        #expect(MapValue(fields: ["x": 1] as [String: Value])["x"] == 1)
        #expect(MapValue(fields: ["x": 1, "y": 2] as KeyValuePairs<String, Value>).keys == ["x", "y"])
        #expect(MapValue.empty.isEmpty)
    }

    @Test("strings that are only canonically equivalent are different keys")
    func tellsScalarsApart() {
        let composed = Value.string("\u{E9}")
        let decomposed = Value.string("e\u{301}")
        #expect(composed != decomposed)
        #expect(MapValue([(composed, 1), (decomposed, 2)] as [(Value, Value)]).count == 2)
    }

    @Test("values are written as expressions write them, and read back")
    func describes() throws {
        let value: Value = [
            1, .uint(2), 3.5, 1e300, "a\"\n", .bytes([0, 65, 255]), .null, true, ["k": [1]], .timestamp(.zero),
            .duration(DurationValue(nanoseconds: -1_500_000_000)),
            .type("int"), .optional(.int(1)), .optional(nil),
        ]
        let text =
            #"[1, 2u, 3.5, 1e+300, "a\"\n", b"\x00A\xff", null, true, {"k": [1]}, timestamp("1970-01-01T00:00:00Z"), duration("-1.5s"), int, optional.of(1), optional.none()]"#
        #expect(value.description == text)
        #expect(try Environment().compile(text).evaluate(Bindings()) == value)
        #expect(Value.list(Array(repeating: "some text", count: 100_000)).description.utf8.count < 5000)
    }

    @Test("timestamps and durations keep to their ranges")
    func keepsRanges() {
        #expect(Timestamp(seconds: 253_402_300_799, nanoseconds: 999_999_999)?.description == "9999-12-31T23:59:59.999999999Z")
        #expect(Timestamp(seconds: 253_402_300_800) == nil)
        #expect(Timestamp(seconds: -62_135_596_800)?.description == "0001-01-01T00:00:00Z")
        #expect(Timestamp(seconds: -62_135_596_801) == nil)
        #expect(Timestamp(seconds: 0, nanoseconds: 1_000_000_000) == nil)
        #expect(DurationValue("9223372036.854775807s")?.nanoseconds == .max)
        #expect(DurationValue("-9223372036.854775808s")?.nanoseconds == .min)
        #expect(DurationValue("9223372036.854775808s") == nil)
    }

    @Test("bindings can be changed")
    func binds() {
        var bindings: Bindings = ["a": 1, "a": 2, "b": 3]
        #expect(bindings["a"] == 1)
        bindings["a"] = 4
        bindings["b"] = nil
        #expect(bindings["a"] == 4)
        #expect(bindings.names == ["a"])
    }
}
