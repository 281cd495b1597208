import NIOCore
@testable import RedisClient
import Testing

@Suite("The decoder reads")
struct RESPDecoderTests {
    /// Bytes as a server sends them, with what they mean.
    static let values: [(wire: String, value: RESPValue)] = [
        ("+OK\r\n", .simpleString(bytes("OK"))), ("+\r\n", .simpleString([])), ("+a\rb\r\n", .simpleString(bytes("a\rb"))),
        ("-ERR no\r\n", .error(RESPError("ERR no"))), ("-\r\n", .error(RESPError(""))),
        (":0\r\n", .integer(0)), (":-1\r\n", .integer(-1)), (":+7\r\n", .integer(7)), (":9223372036854775807\r\n", .integer(.max)),
        (":-9223372036854775808\r\n", .integer(.min)),
        ("$5\r\nhello\r\n", .bulkString(bytes("hello"))), ("$0\r\n\r\n", .bulkString([])), ("$2\r\n\r\n\r\n", .bulkString([13, 10])),
        ("$-1\r\n", .null), ("*-1\r\n", .null), ("_\r\n", .null),
        ("*0\r\n", .array([])), ("*2\r\n:1\r\n$1\r\na\r\n", .array([.integer(1), .bulkString(bytes("a"))])),
        ("*2\r\n*1\r\n_\r\n*0\r\n", .array([.array([.null]), .array([])])),
        ("#t\r\n", .boolean(true)), ("#f\r\n", .boolean(false)),
        (",1.5\r\n", .double(1.5)), (",-0.25e2\r\n", .double(-25)), (",10\r\n", .double(10)), (",inf\r\n", .double(.infinity)),
        (",-inf\r\n", .double(-.infinity)),
        ("(3492890328409238509324850943850943825024385\r\n", .bigNumber("3492890328409238509324850943850943825024385")),
        ("(-1\r\n", .bigNumber("-1")),
        ("!9\r\nERR no go\r\n", .error(RESPError("ERR no go"))), ("!8\r\nERR a\r\nb\r\n", .error(RESPError("ERR a\r\nb"))),
        ("=8\r\ntxt:text\r\n", .verbatimString(format: "txt", bytes("text"))), ("=4\r\nmkd:\r\n", .verbatimString(format: "mkd", [])),
        ("%0\r\n", .map([])),
        ("%2\r\n+a\r\n:1\r\n:2\r\n*0\r\n", .map([RESPPair(.simpleString(bytes("a")), .integer(1)), RESPPair(.integer(2), .array([]))])),
        ("~2\r\n:1\r\n:2\r\n", .set([.integer(1), .integer(2)])),
        (">2\r\n+message\r\n:1\r\n", .push([.simpleString(bytes("message")), .integer(1)])), (">0\r\n", .push([])),
        // What an attribute says is passed over, wherever it stands.
        ("|1\r\n+ttl\r\n:3600\r\n:5\r\n", .integer(5)), ("*2\r\n:1\r\n|1\r\n+a\r\n*1\r\n:9\r\n:2\r\n", .array([.integer(1), .integer(2)])),
        ("|0\r\n|0\r\n+x\r\n", .simpleString(bytes("x"))), ("|1\r\n:1\r\n:2\r\n>1\r\n:3\r\n", .push([.integer(3)])),
    ]

    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("every type of RESP2 and RESP3", arguments: values)
    func reads(wire: String, value: RESPValue) throws {
        var decoder = RESPDecoder()
        decoder.feed(ByteBuffer(string: wire))
        #expect(try decoder.next() == value)
        #expect(decoder.lastLength == wire.utf8.count)
        #expect(try decoder.next() == nil)
        #expect(decoder.bufferedByteCount == 0)
    }

    @Test("a number that is none")
    func nan() throws {
        var decoder = RESPDecoder()
        decoder.feed(ByteBuffer(string: ",nan\r\n"))
        guard case .double(let number) = try decoder.next() else {
            Issue.record("no double")
            return
        }
        #expect(number.isNaN)
    }

    @Test("the same wherever the bytes are cut in two", arguments: values)
    func readsPieces(wire: String, value: RESPValue) throws {
        // With a second value behind it, which has to come out as well.
        let all = Array((wire + ":77\r\n").utf8)
        for cut in 0...all.count {
            var decoder = RESPDecoder()
            var found: [RESPValue] = []
            for piece in [all[..<cut], all[cut...]] {
                decoder.feed(ByteBuffer(bytes: piece))
                while let value = try decoder.next() { found.append(value) }
            }
            #expect(found == [value, .integer(77)], "cut at \(cut)")
        }
    }

    @Test("the same byte by byte, and many values from one piece")
    func readsBytes() throws {
        let all = Self.values.map(\.wire).joined()
        var decoder = RESPDecoder()
        var found: [RESPValue] = []
        for byte in all.utf8 {
            decoder.feed(ByteBuffer(bytes: [byte]))
            while let value = try decoder.next() { found.append(value) }
        }
        #expect(found == Self.values.map(\.value))

        var replies: [RedisReply] = []
        decoder.feed(ByteBuffer(string: all))
        try decoder.drain(into: &replies)
        #expect(replies.map(\.value) == Self.values.map(\.value))
        #expect(replies.map(\.byteCount).reduce(0, +) == all.utf8.count)
    }

    @Test("a long string that comes in many pieces, keeping no more than has come")
    func longString() throws {
        var decoder = RESPDecoder()
        decoder.feed(ByteBuffer(string: "$1000000\r\n"))
        for _ in 0..<1000 {
            #expect(try decoder.next() == nil)
            decoder.feed(ByteBuffer(repeating: 7, count: 1000))
        }
        decoder.feed(ByteBuffer(string: "\r\n"))
        #expect(try decoder.next() == .bulkString([UInt8](repeating: 7, count: 1_000_000)))
        #expect(decoder.bufferedByteCount == 0)
    }

    @Test("values as what they mean to a program")
    func meanings() {
        #expect(RESPValue.simpleString(Self.bytes("OK")).string == "OK")
        #expect(RESPValue.bulkString([0xFF]).string == nil)
        #expect(RESPValue.bulkString(Self.bytes("42")).integer == 42)
        #expect(RESPValue.bulkString(Self.bytes("4x")).integer == nil)
        #expect(RESPValue.set([.null]).elements == [.null])
        let pairs = [RESPPair(.integer(1), .integer(2))]
        #expect(RESPValue.map(pairs).pairs == pairs)
        #expect(RESPValue.array([.integer(1), .integer(2)]).pairs == pairs)
        #expect(RESPValue.array([.integer(1)]).pairs == nil)
        #expect(RESPError("WRONGTYPE Operation").prefix == "WRONGTYPE")
    }
}
