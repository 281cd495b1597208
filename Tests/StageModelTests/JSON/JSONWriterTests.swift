import StageModel
import Testing

@Suite("JSON: what is written")
struct JSONWriterTests {
    static let compact: [(JSONValue, String)] = [
        (.null, "null"), (true, "true"), (false, "false"), (0, "0"), (.integer(.min), "-9223372036854775808"), (.number(2.5), "2.5"),
        (.number(3), "3.0"), (.number(.infinity), "null"), (.number(.nan), "null"), ("", #""""#), ("é/👍🏽", #""é/👍🏽""#),
        ("\"\\\n\r\t\u{1}\u{1F}\u{7F}", "\"\\\"\\\\\\n\\r\\t\\u0001\\u001f\u{7F}\""), ([], "[]"), ([:], "{}"), ([[], [1, [:]]], "[[],[1,{}]]"),
        (["b": 1, "a": ["d": .null, "c": "x:"]], #"{"a":{"c":"x:","d":null},"b":1}"#), (["x:", "y, "], #"["x:","y, "]"#),
    ]

    @Test("A value is written without white space, its members in the order of their names", arguments: compact)
    func writesCompactly(value: JSONValue, text: String) { #expect(value.jsonText == text) }

    @Test("The indented form has a line a member, two blanks a level")
    func indented() {
        var json = JSONWriter(indented: true)
        json.object { json in
            json.field("name", "a: b ")
            json.field("none", JSONValue.null)
            json.field("empty", array: [String]())
            json.field("object") { json in json.field("deep", [["x": 1], []] as JSONValue) }
            json.field("list", array: ["one: ", "two"])
            json.name("numbers")
            json.array { json in
                json.value(1)
                json.value(2.5)
                json.object { _ in }
            }
        }
        let expected = """
            {
              "name": "a: b ",
              "none": null,
              "empty": [],
              "object": {
                "deep": [
                  {
                    "x": 1
                  },
                  []
                ]
              },
              "list": [
                "one: ",
                "two"
              ],
              "numbers": [
                1,
                2.5,
                {}
              ]
            }
            """
        #expect(String(decoding: json.bytes, as: UTF8.self) == expected)
    }

    @Test("Ids, times and pointers are written as strings, absent values as null")
    func ownTypes() throws {
        let id = try #require(Stage.ID("123E4567-e89b-42d3-a456-426614174000"))
        let bytes = JSONWriter.bytes { json in
            json.object { json in
                json.field("id", id)
                json.field("at", Timestamp(microseconds: 1))
                json.field("pointer", JSONPointer.root.appending("a").appending(0))
                json.field("nothing", Optional<String>.none)
                json.field("conversation", ConversationID("a@b"))
            }
        }
        let expected =
            #"{"id":"123e4567-e89b-42d3-a456-426614174000","at":"1970-01-01T00:00:00.000001Z","pointer":"/a/0","nothing":null,"conversation":"a@b"}"#
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test("Whatever is written is read back as the same value, indented or not", arguments: 0..<8)
    func roundTrip(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let value = generator.document()
            #expect(try JSONValue(parsing: value.jsonBytes) == value)
            var indented = JSONWriter(indented: true)
            indented.value(value)
            #expect(try JSONValue(parsing: indented.bytes) == value)
        }
    }

    @Test("Doubles are read back bit by bit", arguments: 0..<4)
    func doubles(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let value = generator.double()
            #expect(try JSONValue(parsing: JSONValue.number(value).jsonText).double?.bitPattern == value.bitPattern)
        }
    }

    @Test("Mutated documents are read or refused with a place inside them, never trapped on", arguments: 0..<8)
    func fuzz(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("{}[]\",:\\ue0-+.19tfn \n".utf8) + [0, 0x1F, 0x80, 0xC3, 0xED, 0xF4, 0xFF]
        for _ in 0..<500 {
            var bytes = generator.document().jsonBytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0...bytes.count, using: &generator)
                let byte = alphabet.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes.insert(byte, at: place)
                case 1 where place < bytes.count: bytes[place] = byte
                default: bytes.removeLast(bytes.count - place)
                }
            }
            do throws(JSONSyntaxError) {
                let value = try JSONValue(parsing: bytes)
                #expect((try? JSONValue(parsing: value.jsonBytes)) == value)
            } catch {
                let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                #expect((1...lines.count).contains(error.line))
                #expect((1...(lines[min(error.line, lines.count) - 1].count + 1)).contains(error.column))
                #expect(error.message.hasSuffix(".") || error.message.hasSuffix(")."))
            }
        }
    }
}
