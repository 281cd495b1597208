import Testing
import YAML

@Suite("YAML")
struct YAMLNodeTests {
    /// A document without its places.
    private func plain(_ node: YAMLNode) -> String {
        switch node.content {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)d"
        case .string(let value): "'\(value)'"
        case .sequence(let elements): "[\(elements.map(plain).joined(separator: ", "))]"
        case .mapping(let members): "{\(members.map { "\($0.name): \(plain($0.value))" }.joined(separator: ", "))}"
        }
    }

    @Test(
        "A text without quotes is what the core schema of YAML 1.2 says; with quotes it is a text",
        arguments: [
            ("~", "null"), ("null", "null"), ("NULL", "null"), ("nULL", "'nULL'"), ("true", "true"), ("False", "false"), ("yes", "'yes'"),
            ("no", "'no'"), ("on", "'on'"), ("Y", "'Y'"), ("0", "0"), ("-12", "-12"), ("+12", "12"), ("007", "7"), ("0o17", "15"), ("0x1F", "31"),
            ("0b1", "'0b1'"), ("0x", "'0x'"), ("0x-1", "'0x-1'"), ("1_000", "'1_000'"), ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "9.223372036854776e+18d"), ("1.5", "1.5d"), ("-.5", "-0.5d"), ("5.", "5.0d"), ("1e3", "1000.0d"),
            ("5.e2", "500.0d"), ("+.5E-1", "0.05d"), ("1.", "1.0d"), (".", "'.'"), ("e5", "'e5'"), ("1e", "'1e'"), ("1.2.3", "'1.2.3'"),
            ("--1", "'--1'"), ("2026-01-31", "'2026-01-31'"), ("2026-01-31T10:00:00Z", "'2026-01-31T10:00:00Z'"), ("12:30", "'12:30'"),
            ("10m", "'10m'"), ("\"1\"", "'1'"), ("'true'", "'true'"), ("''", "''"), ("\"\"", "''"), ("\"~\"", "'~'"),
            ("\"\\u00e9\\x41\\n\"", "'éA\n'"), ("|\n  1\n", "'1\n'"), (">-\n  one\n  two\n", "'one two'"), ("one\n two", "'one two'"),
        ])
    func scalars(text: String, value: String) throws {
        #expect(plain(try YAMLNode(parsing: text)) == value)
    }

    @Test("Mappings and sequences nest, in both styles, in the order of the document")
    func collections() throws {
        let node = try YAMLNode(
            parsing: """
                # A comment.
                b: 1
                a:
                - x: [1, {y: 2}]   # Another.
                  z:
                - {}
                7: seven
                """)
        #expect(plain(node) == "{b: 1, a: [{x: [1, {y: 2}], z: null}, {}], 7: 'seven'}")
    }

    @Test("JSON is read as it is")
    func json() throws {
        let node = try YAMLNode(parsing: "\u{FEFF}{\"a\":[1,-2.5e1,true,null,\"\\u00fc\\/\\t\"],\r\n\t\"b\":{\"c\":\"x: y # z\"}}")
        #expect(plain(node) == "{a: [1, -25.0d, true, null, 'ü/\t'], b: {c: 'x: y # z'}}")
    }

    @Test("Every value and every name remembers where it stands")
    func places() throws {
        let node = try YAMLNode(parsing: "one: ü\ntwo:\n  - x\n  - three: 3\n")
        guard case .mapping(let members) = node.content, case .sequence(let elements) = members[1].value.content,
            case .mapping(let inner) = elements[1].content
        else {
            Issue.record("\(plain(node))")
            return
        }
        #expect(members.map(\.place) == [YAMLPlace(line: 1, column: 1), YAMLPlace(line: 2, column: 1)])
        #expect(members[0].value.place == YAMLPlace(line: 1, column: 6))
        #expect(elements[0].place == YAMLPlace(line: 3, column: 5))
        #expect(inner[0].place == YAMLPlace(line: 4, column: 5) && inner[0].value.place == YAMLPlace(line: 4, column: 12))
    }

    @Test(
        "What is no plain data is refused with its place",
        arguments: [
            ("", 1, 1, "empty"), ("# Nothing.\n", 2, 1, "empty"), ("a: 1\nb: 2\na: 3", 3, 1, "'a' is given twice; the first is at line 1"),
            ("{a: 1, 'a': 2}", 1, 8, "twice"), ("a: &x 1", 1, 4, "Anchors"), ("a: &x [1]", 1, 4, "Anchors"), ("a: *x", 1, 4, "Aliases"),
            ("a: !!str 1", 1, 4, "tag:yaml.org,2002:str"), ("a: !thing {}", 1, 4, "!thing"), ("a: 1\n---\nb: 2", 2, 1, "second begins here"),
            ("? [a]\n: 1", 1, 3, "name of a member"), (": 1", 1, 1, "no YAML"), ("{: 1}", 1, 2, "no YAML"), ("? \n: 1", 1, 2, "name of a member"),
            ("a: .inf", 1, 4, "in quotes"),
            ("a: -.INF", 1, 4, "in quotes"),
            ("a: .nan", 1, 4, "in quotes"), ("a: 1e999", 1, 4, "out of range"), ("a: \"\\0\"", 1, 4, "NUL"), ("a: [1,\nb", 3, 1, "no YAML"),
            ("a:\n\t- b", 2, 1, "no YAML"), ("a: 'b\n", 2, 1, "no YAML"), ("a: 1\n b: 2", 2, 3, "no YAML"), ("a: \"\\q\"", 1, 5, "no YAML"),
            ("a: @b", 1, 4, "no YAML"), ("ü: \u{7}", 1, 4, "UTF-8"),
        ])
    func refusals(text: String, line: Int, column: Int, words: String) throws {
        let error = try #require(throws: YAMLError.self) { try YAMLNode(parsing: text) }
        #expect(error.place == YAMLPlace(line: line, column: column) && error.message.contains(words), "\(error)")
    }

    @Test("Bytes that are no UTF-8 are refused with their place")
    func badBytes() throws {
        let error = try #require(throws: YAMLError.self) { try YAMLNode(parsing: Array("a: 1\nb: ".utf8) + [0xFF]) }
        #expect(error.place == YAMLPlace(line: 2, column: 4), "\(error)")
    }

    @Test("Nesting is read to 64 levels, a document to 1 MiB")
    func limits() throws {
        let open = String(repeating: "[", count: 64)
        #expect(throws: Never.self) { try YAMLNode(parsing: open + String(repeating: "]", count: 64)) }
        let deep = try #require(throws: YAMLError.self) { try YAMLNode(parsing: String(repeating: "[", count: 100_000)) }
        #expect(deep.place == YAMLPlace(line: 1, column: 65) || deep.message.contains("no YAML"), "\(deep)")
        let long = String(repeating: "x", count: YAMLNode.maximumBytes)
        #expect(throws: Never.self) { try YAMLNode(parsing: long) }
        #expect(throws: YAMLError.self) { try YAMLNode(parsing: long + "x") }
    }

    @Test(
        "A text that is written is read as the same text",
        arguments: [
            "", " ", "Hello!", "Order status", "yes", "No", "null", "~", "1", "1.5", "0x1", "- a", "a: b", "a #b", "# a", "a\nb", "\ta", "a ", "'a'",
            "\"a\"", "\\", "ü", "é\u{301}", "👋🏽 Hi", "[a]", "{a}", "*a", "&a", "!a", "|", ">", "%", "@a", "`", "a\u{7F}b\u{85}\u{2028}\u{FEFF}\u{1}",
            "2026-01-31", "LL-20417", "I don't know", "true", "It's 5 o'clock - really?", "a:", "---", "...", "a\r\nb", "\u{E000}",
        ])
    func writing(text: String) throws {
        #expect(plain(try YAMLNode(parsing: text.yaml)) == "'\(text)'", "\(text.yaml)")
        #expect(plain(try YAMLNode(parsing: "- k: \(text.yaml)\n  l: 1")) == "[{k: '\(text)', l: 1}]", "\(text.yaml)")
    }
}
