/// What is sent by those who mean no good, and by those who made a mistake.
public enum HostileInput {
    /// Values of JSON of every type.
    public static let values = [
        "null", "true", "false", "0", "-1", "1.5", "\"\"", "\" \"", "\"x\"", "\"true\"", "\"0\"", "\"null\"", "[]", "{}", "[[]]", "[null]", "[{}]",
        "{\"\":null}", "{\"data\":{}}", "\"\\n\"", "\"a\\tb\"", "\"\\u202e\"", "\"é\"", "\"e\\u0301\"", "\"\\ud83d\\ude00\"", "\"{{\"",
        "\"{{data}}\"",
        "\"{{#data}}{{/data}}\"", "\"data.order_id == 1\"", "\"(\"", "\"[\"", "\"(a*)*\"", "\"a{1000}\"", "\"\\\\p{L}\"", "\"2026-02-30\"",
        "\"2026-03-01T12:00:00Z\"", "\"9999-12-31T23:59:59.999999Z\"", "\"0000-01-01T00:00:00+23:59\"", "\"00000000-0000-0000-0000-000000000000\"",
        "\"123E4567-E89B-42D3-A456-426614174000\"", "\"..\"", "\"c-1\"", "\"c-2\"", "\"<welcome>\"", "\"<order>\"", "\"<other_stage>\"", "\"<mara>\"",
        "\"<rule>\"", "\"<selection>\"", "\"conversation\"", "\"form\"", "\"model\"", "\"owner\"", "\"email\"", "\"enum\"", "\"stage\"", "\"none\"",
        "\"%s%n\"", "\"'; DROP TABLE x; --\"", "\"<script>\"", "\"../../etc\"",
    ]

    /// Numbers of JSON, some of which fit nowhere.
    public static let numbers = [
        "0", "-0", "-0.0", "1", "-1", "2", "1.0", "1e0", "1e2", "0.1", "-1.5", "63", "64", "65", "200", "201", "255", "256", "1000", "1001", "65536",
        "1000001", "2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "-9223372036854775809", "18446744073709551616", "9.223372036854775807e18", "1e18", "1e19", "1e308", "-1e308", "1e-308",
        "5e-324", "1e-400", "123456789012345678901234567890", "0.30000000000000004",
    ]

    /// What is no JSON.
    public static let nonsense = [
        "NaN", "-Infinity", "Infinity", "1e400", "-1e999", "01", "1.", ".5", "+1", "0x1F", "1e", "-", "tru", "nulll", "True", "undefined", "'x'",
        "\"",
        "\"\\x\"", "\"\\u12\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"a\nb\"", "\"\u{0}\"", "/* x */1", "", "[", "{", "]", "}", ",",
        "[,]",
        "{,}", "{\"a\"}", "{\"a\":}", "[1 2]", "\u{FEFF}1", "1 // x",
    ]

    /// What may stand in a string of JSON, between its quotes.
    public static let escaped = [
        "", " ", "x", "_", "-", ".", "/", "~", "~0", "~1", "é", "e\\u0301", "😀", "\\ud83d\\ude00", "\\u202e", "\\u200d", "\\ufeff", "\\uffff",
        "\\u2028", "\\u0001", "\\u007f", "\\n", "\\r\\n", "\\t", "\\\"", "\\\\", "\\/", "{{", "}}", "{", "}", "{{data.x}}", "(", ")", "[", "*",
        "\\\\d+",
        "$", "^", "|", "'", "%", "&", "<", ">", "=", "==", " && ", "||", "!", "0", "1", "null", "data", "data.order_id", "message.text", "stage_name",
        "__proto__", "\\u0000", "\\ud800", "\\udfff",
    ]

    /// Names that members have somewhere.
    public static let names = [
        "x", "business_id", "conversation_id", "stage_id", "agent_id", "data", "status", "message", "text", "metadata", "configuration", "fields",
        "revision", "created_at", "updated_at", "version", "is_entry", "stages", "rules", "flow", "format", "variables", "content", "condition",
    ]

    /// Bytes that are no text, or are read otherwise than they look.
    public static let bytes: [[UInt8]] =
        [
            [0x00], [0xFF], [0xFE, 0xFF], [0xC0, 0x80], [0xC3], [0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F, 0x98],
            [0xEF, 0xBB, 0xBF], [0x0D, 0x0A], [0x7F], [0xE2, 0x80, 0xA8],
        ]
        + ["\"", "\\", "{", "}", "[", "]", ":", ",", "null", "1e999", "-", "\\u", "\\ud800", "\n", "\t", " ", "'", "&", "=", "%", "+", "#"].map {
            Array($0.utf8)
        }
}
