import StageModel
import Testing

@Suite("JSON: patches, differences and pointers")
struct JSONChangeTests {
    /// Appendix A of RFC 7396: the original, the patch, the result.
    static let patches: [(String, String, String)] = [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#), (#"{"a":"b"}"#, #"{"a":null}"#, "{}"),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#), (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#), (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#), (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
        (#"{"a":"foo"}"#, "null", "null"), (#"{"a":"foo"}"#, #""bar""#, #""bar""#), (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#), ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ]

    @Test("A merge patch does what RFC 7396 shows", arguments: patches)
    func mergePatch(original: String, patch: String, result: String) throws {
        #expect(try JSONValue(parsing: original).merging(JSONValue(parsing: patch)) == JSONValue(parsing: result))
    }

    @Test("A patch that was applied once changes nothing when it is applied again", arguments: 0..<4)
    func idempotent(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let (original, patch) = (generator.document(), generator.document())
            let once = original.merging(patch)
            #expect(once.merging(patch) == once)
        }
    }

    /// The old document, the new one, and each difference as its pointer, what was and what is.
    static let differences: [(JSONValue, JSONValue, [String])] = [
        (["a": 1], ["a": 1], []), (["a": 1], ["a": 2], ["/a 1 2"]), ([:], ["b": .null, "a": 2], ["/a - 2", "/b - null"]),
        (["a": .null], [:], ["/a null -"]), (["a": ["b": 1, "c": 2]], ["a": ["b": 1, "c": 3]], ["/a/c 2 3"]),
        (["a": [1, 2]], ["a": [1]], ["/a [1,2] [1]"]), (["a": ["b": 1]], ["a": 1], [#"/a {"b":1} 1"#]), (1, "x", [#" 1 "x""#]),
        (["x/y": 1], ["x/y": .number(1)], ["/x~1y 1 1.0"]), (["a": 1, "b": 2], ["b": 3, "c": 4], ["/a 1 -", "/b 2 3", "/c - 4"]),
    ]

    @Test("The differences of two documents are told one by one, in the order of names", arguments: differences)
    func tells(old: JSONValue, new: JSONValue, expected: [String]) {
        let found = new.differences(from: old)
        #expect(found.map { "\($0.pointer) \($0.before?.jsonText ?? "-") \($0.after?.jsonText ?? "-")" } == expected)
    }

    static let names: [(String, String)] = [
        ("a", "/a"), ("", "/"), ("a/b", "/a~1b"), ("~", "/~0"), ("~1", "/~01"), ("/~/", "/~1~0~1"), ("é \"", "/é \""),
        ("/\u{301}~\u{301}", "/~1\u{301}~0\u{301}"),
    ]

    @Test("A pointer escapes names as RFC 6901 says", arguments: names)
    func pointers(name: String, text: String) {
        #expect(Array(JSONPointer.root.appending(name).description.utf8) == Array(text.utf8))
        #expect(Array(JSONPointer.root.appending(0).inside(name).description.utf8) == Array("\(text)/0".utf8))
    }

    @Test("A pointer grows at its end, and at its start when its document becomes a member")
    func pointerParts() {
        let pointer = JSONPointer.root.appending("fields").appending(2).appending("name")
        #expect(pointer.description == "/fields/2/name")
        #expect(pointer.inside("configuration").description == "/configuration/fields/2/name")
        #expect(JSONPointer.root.description.isEmpty)
    }
}
