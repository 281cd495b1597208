import StageModel
import Testing

@Suite("JSON: what is read")
struct JSONParserTests {
    static let accepted: [(String, JSONValue)] = [
        ("null", .null), ("true", true), (" false\r\n\t", false), ("0", 0), ("-0", 0), ("42", 42),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.0", .number(1)), ("1e2", .number(100)), ("25E-1", .number(2.5)),
        ("-0.0", .number(0)), ("1E+3", .number(1000)), ("1e-400", .number(0)), ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
        (#""""#, ""), (#""plain é 👍🏽""#, "plain é 👍🏽"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u00E9""#, "éé"),
        (#""\ud83d\ude00""#, "😀"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\u0001\ufffd""#, "\u{1}\u{FFFD}"),
        ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
        ("[]", []), ("[ ]", []), ("{}", [:]), ("{ }", [:]), ("[1,[2,{}],null]", [1, [2, [:]], .null]), (#"{"":{"b":[true]}}"#, ["": ["b": [true]]]),
        ("\n[\t1 ,\r 2 ]\n", [1, 2]), (#"{ "a" : 1 , "b" : "2" }"#, ["a": 1, "b": "2"]),
    ]

    @Test("A well-formed document is read as what it says", arguments: accepted)
    func accepts(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
        #expect(try JSONValue(parsing: Array(text.utf8).lazy.map { $0 }) == value, "Bytes that do not lie together are read the same.")
    }

    @Test("Whole numbers within 64 bits stay whole, other numbers are doubles")
    func numbers() throws {
        #expect(try JSONValue(parsing: "3") == .integer(3))
        #expect(try JSONValue(parsing: "3.0") != .integer(3))
        #expect(try JSONValue(parsing: "3.0").integer == 3)
        #expect(try JSONValue(parsing: "3.5").integer == nil)
        #expect(try JSONValue(parsing: "1e300").integer == nil)
        #expect(try JSONValue(parsing: "3").double == 3)
        #expect(try JSONValue(parsing: "-0.0").double?.sign == .minus)
    }

    static let refused: [(String, String, Int, Int)] = [
        ("", "empty", 1, 1), ("  \n ", "empty", 2, 2), ("tru", "Expected 'true'", 1, 1), ("falsy", "Expected 'false'", 1, 1),
        ("nul", "Expected 'null'", 1, 1), ("NaN", "Expected a JSON value", 1, 1), ("+1", "Expected a JSON value", 1, 1),
        (".5", "Expected a JSON value", 1, 1), ("'a'", "Expected a JSON value", 1, 1), ("// x", "Expected a JSON value", 1, 1),
        ("\u{FEFF}1", "Expected a JSON value", 1, 1), ("01", "Nothing may follow", 1, 2), ("true false", "Nothing may follow", 1, 6),
        ("{}\n}", "Nothing may follow", 2, 1), ("-", "Expected a digit", 1, 2), ("-a", "Expected a digit", 1, 2),
        ("1.", "behind the decimal point", 1, 3), ("1.e5", "behind the decimal point", 1, 3), ("1e", "in the exponent", 1, 3),
        ("1e+", "in the exponent", 1, 4), ("1e400", "out of range", 1, 1), ("[1, -1e999]", "out of range", 1, 5),
        ("[", "Expected a JSON value", 1, 2),
        ("[1", "',' or ']'", 1, 3), ("[1,]", "Expected a JSON value", 1, 4), ("[1 2]", "',' or ']'", 1, 4), ("[1}", "',' or ']'", 1, 3),
        ("{", "name of a member", 1, 2), ("{a:1}", "name of a member", 1, 2), (#"{"a":1,}"#, "name of a member", 1, 8),
        (#"{"a""#, "Expected ':'", 1, 5),
        (#"{"a" 1}"#, "Expected ':'", 1, 6), (#"{"a":}"#, "Expected a JSON value", 1, 6), (#"{"a":1 "b":2}"#, "',' or '}'", 1, 8),
        ("{\n  \"a\": 1,\n  \"a\": 2\n}", "'a' is given twice", 3, 3), (#"{"a":1,"\u0061":2}"#, "'a' is given twice", 1, 8),
        (#""abc"#, "not closed", 1, 5), (#""abc\"#, "not closed", 1, 6), (#""\u0041"#, "not closed", 1, 8), ("\"a\nb\"", "control character", 1, 3),
        ("\"a\\n\u{0}\"", "control character", 1, 5), (#""\x""#, "Unknown escape", 1, 3), (#""\u12G4""#, "four hexadecimal digits", 1, 6),
        (#""\u12"#, "four hexadecimal digits", 1, 6), (#""\u0000""#, "NUL", 1, 2), (#""\ud800""#, "lone surrogate", 1, 2),
        (#""\udc00""#, "lone surrogate", 1, 2), (#""\ud800\u0041""#, "lone surrogate", 1, 2), (#""\ud800\n""#, "lone surrogate", 1, 2),
        (#""a\ud800\ud800""#, "lone surrogate", 1, 3),
    ]

    @Test("Anything else is refused with what is wrong and where", arguments: refused)
    func refuses(text: String, fragment: String, line: Int, column: Int) throws {
        let error = try #require(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
        #expect(error.message.contains(fragment), "\(error.message)")
        #expect([error.line, error.column] == [line, column])
    }

    static let badUTF8: [[UInt8]] = [
        [0xFF], [0x80], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x61, 0xC3], [0xF0, 0x9F, 0x98],
    ]

    @Test("Bad UTF-8 is refused, in names as in values", arguments: badUTF8)
    func badText(bytes: [UInt8]) throws {
        let quote = UInt8(ascii: "\"")
        for document in [[quote] + bytes + [quote], Array("{\"".utf8) + bytes + Array("\":1}".utf8), Array("\"\\n".utf8) + bytes + [quote]] {
            let error = try #require(throws: JSONSyntaxError.self) { try JSONValue(parsing: document) }
            #expect(error.message.contains("UTF-8"))
        }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: bytes) }
    }

    private static func nested(_ open: String, _ inner: String, _ close: String, _ count: Int) -> String {
        String(repeating: open, count: count) + inner + String(repeating: close, count: count)
    }

    static let nestings = [("[", "", "]"), ("[", "1", "]"), (#"{"a":"#, "1", "}"), (#"{"a":["#, "1", "]}")]

    @Test("64 levels of nesting are read, one more is refused", arguments: nestings)
    func depth(open: String, inner: String, close: String) throws {
        let levels = open.utf8.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }
        let deepest = JSONValue.maximumDepth / levels
        #expect(throws: Never.self) { try JSONValue(parsing: Self.nested(open, inner, close, deepest)) }
        let error = try #require(throws: JSONSyntaxError.self) { try JSONValue(parsing: Self.nested(open, inner, close, deepest + 1)) }
        #expect(error.message.contains("Nested over 64 levels"))
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: Self.nested(open, inner, close, 100_000)) }
    }
}
