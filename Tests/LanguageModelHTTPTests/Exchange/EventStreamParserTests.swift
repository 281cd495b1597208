@testable import LanguageModelHTTP
import Testing

@Suite("Server-sent events")
struct EventStreamParserTests {
    /// Streams, and the data of their events.
    static let streams: [(String, [String])] = [
        ("", []),
        ("data: one\n\n", ["one"]),
        ("data: one\r\n\r\ndata: two\r\n\r\n", ["one", "two"]),
        ("data: one\r\rdata: two\r\r", ["one", "two"]),
        ("data: one\n\rdata: two\r\n\r\r\n\n", ["one", "two"]),
        ("data:one\n\n", ["one"]),
        ("data:  one \n\n", [" one "]),
        ("data: one\ndata: two\n\n", ["one\ntwo"]),
        ("data: one\r\ndata: two\r\n: three\r\ndata: four\r\n\r\n", ["one\ntwo\nfour"]),
        ("data: one\rdata: two\r\r", ["one\ntwo"]),
        ("data\n\n", [""]),
        ("data:\ndata:\n\n", ["\n"]),
        ("data: {\"a\": \"b:c\"}\n\n", ["{\"a\": \"b:c\"}"]),
        (": a comment\n\n:\n\ndata: one\n: another\ndata: two\n\n", ["one\ntwo"]),
        ("event: message\nid: 7\nretry: 10\ndata: one\n\n", ["one"]),
        ("event: ping\n\ndata: one\n\n", ["one"]),
        ("datax: one\n\nDATA: two\n\n data: three\n\n", []),
        ("\n\n\r\n\rdata: one\n\n\n\n", ["one"]),
        ("\u{FEFF}data: one\n\n\u{FEFF}data: two\n\n", ["one"]),
        ("data: Grüße, 世界, 👩‍👩‍👧\n\n", ["Grüße, 世界, 👩‍👩‍👧"]),
        ("data: [DONE]\n\n", ["[DONE]"]),
        ("data: one\n\ndata: cut short", ["one"]),
        ("data: one\n\ndata: no blank line\n", ["one"]),
        ("data: one\u{2028}still\u{85}one\n\n", ["one\u{2028}still\u{85}one"]),
    ]

    @Test("are found in a stream", arguments: streams)
    func reads(stream: String, events: [String]) throws {
        var parser = EventStreamParser()
        #expect(try parser.feed(stream.utf8).map(Self.text) == events)
    }

    @Test("are the same wherever the stream is cut in two", arguments: streams)
    func splits(stream: String, events: [String]) throws {
        let bytes = Array(stream.utf8)
        for position in 0...bytes.count {
            var parser = EventStreamParser()
            let found = try parser.feed(bytes[..<position]) + parser.feed([]) + parser.feed(bytes[position...])
            #expect(found.map(Self.text) == events, "cut at \(position)")
        }
    }

    @Test("are the same when every byte comes alone", arguments: streams)
    func crawls(stream: String, events: [String]) throws {
        var parser = EventStreamParser()
        var found: [[UInt8]] = []
        for byte in stream.utf8 { found += try parser.feed([byte]) }
        #expect(found.map(Self.text) == events)
    }

    @Test("are handed out with the byte that completes them")
    func isPrompt() throws {
        var parser = EventStreamParser()
        #expect(try parser.feed("data: one\n".utf8).isEmpty)
        #expect(try parser.feed("\n".utf8).map(Self.text) == ["one"])
        #expect(try parser.feed("data: two\r".utf8).isEmpty)
        #expect(try parser.feed("\n\r".utf8).map(Self.text) == ["two"])
        // The rest of the last line's end is no blank line.
        #expect(try parser.feed("\ndata: three\n\n".utf8).map(Self.text) == ["three"])
    }

    @Test(
        "are bounded: a line, and the lines of an event together",
        arguments: [
            ("data: 3456\n\n", true), ("data: 34567\n\n", false), (": 34567890", true), (": 345678901", false), ("0123456789", true),
            ("01234567890", false), ("data: 1\ndata: 2\ndata: 3\ndata: 4\n\n", true), ("data: 12\ndata: 34\ndata: 56\ndata: 78\n\n", false),
        ])
    func isBounded(stream: String, isAccepted: Bool) {
        var parser = EventStreamParser(maximumLength: 10)
        if isAccepted {
            #expect(throws: Never.self) { try parser.feed(stream.utf8) }
        } else {
            #expect(throws: EventStreamParser.TooLong.self) { try parser.feed(stream.utf8) }
        }
    }

    @Test("keep no more than their bound of any bytes, and never trap on them")
    func survivesNoise() {
        var generator = Noise(state: 7)
        let alphabet = Array("data: \r\n:x".utf8) + [0, 0xEF, 0xBB, 0xBF, 0xFF]
        for _ in 0..<2000 {
            let bytes = (0..<60).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] }
            var whole = EventStreamParser(maximumLength: 40)
            var pieces = EventStreamParser(maximumLength: 40)
            let position = Int.random(in: 0...60, using: &generator)
            let expected = try? whole.feed(bytes)
            let found = try? pieces.feed(bytes[..<position]) + pieces.feed(bytes[position...])
            #expect(found == expected)
            #expect(expected?.allSatisfy { $0.count <= 40 } ?? true)
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// The same numbers in every run.
struct Noise: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
