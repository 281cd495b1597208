import NIOCore
@testable import RedisClient
import Testing

@Suite("The decoder refuses")
struct RESPFaultTests {
    private static let limits = RESPLimits(depth: 4, stringLength: 100, lineLength: 50, valueCount: 20, replyLength: 300)

    static let hostile: [(wire: String, fault: RESPFault)] = [
        ("HTTP/1.1 400 Bad Request\r\n", .unknownType(UInt8(ascii: "H"))), ("\r\n", .unknownType(13)), ("\0", .unknownType(0)),
        ("@", .unknownType(UInt8(ascii: "@"))),
        ("$?\r\n", .streamedValue), ("*?\r\n", .streamedValue), ("%?\r\n", .streamedValue), (";4\r\n", .unknownType(UInt8(ascii: ";"))),
        ("$\r\n", .malformed(.length)), ("$-2\r\n", .malformed(.length)), ("$+1\r\n", .malformed(.length)), ("$1x\r\n", .malformed(.length)),
        ("$99999999999999999999\r\n", .malformed(.length)), ("$-0\r\n", .malformed(.length)), ("$ 1\r\n", .malformed(.length)),
        ("~-1\r\n", .malformed(.length)), ("%-1\r\n", .malformed(.length)), (">-1\r\n", .malformed(.length)), ("=-1\r\n", .malformed(.length)),
        ("!-1\r\n", .malformed(.length)),
        ("$9223372036854775807\r\n", .stringTooLong(length: .max, limit: 100)), ("$101\r\n", .stringTooLong(length: 101, limit: 100)),
        ("!101\r\n", .stringTooLong(length: 101, limit: 100)), ("=101\r\n", .stringTooLong(length: 101, limit: 100)),
        ("*9223372036854775807\r\n", .tooManyValues(limit: 20)), ("*20\r\n", .tooManyValues(limit: 20)), ("%10\r\n", .tooManyValues(limit: 20)),
        ("%9223372036854775807\r\n", .tooManyValues(limit: 20)), ("|9223372036854775807\r\n", .tooManyValues(limit: 20)),
        ("*10\r\n*10\r\n", .tooManyValues(limit: 20)), (String(repeating: "|0\r\n", count: 21), .tooManyValues(limit: 20)),
        (String(repeating: "*1\r\n", count: 20), .tooDeep(limit: 4)), (String(repeating: "|1\r\n", count: 9), .tooDeep(limit: 4)),
        ("*4\r\n" + String(repeating: "$90\r\n" + String(repeating: "a", count: 90) + "\r\n", count: 4), .replyTooLong(limit: 300)),
        ("*9\r\n" + String(repeating: "+" + String(repeating: "a", count: 45) + "\r\n", count: 9), .replyTooLong(limit: 300)),
        ("+" + String(repeating: "a", count: 51) + "\r\n", .lineTooLong(limit: 50)),
        ("+" + String(repeating: "a", count: 60), .lineTooLong(limit: 50)),
        ("$" + String(repeating: "0", count: 60), .lineTooLong(limit: 50)),
        ("+OK\n", .missingLineEnd), (":1\n", .missingLineEnd), ("+\n", .missingLineEnd), ("$1\r\nab\r\n", .missingLineEnd),
        ("$1\r\na\n\r\n", .missingLineEnd), ("$0\r\nxx", .missingLineEnd),
        (":\r\n", .malformed(.integer)), (":+\r\n", .malformed(.integer)), (":1.0\r\n", .malformed(.integer)),
        (":9223372036854775808\r\n", .malformed(.integer)), (":-9223372036854775809\r\n", .malformed(.integer)),
        (",\r\n", .malformed(.double)), (",0x10\r\n", .malformed(.double)), (",infinity\r\n", .malformed(.double)), (",1e\r\n", .malformed(.double)),
        ("(\r\n", .malformed(.bigNumber)), ("(-\r\n", .malformed(.bigNumber)), ("(12a\r\n", .malformed(.bigNumber)),
        ("#\r\n", .malformed(.boolean)), ("#true\r\n", .malformed(.boolean)), ("#x\r\n", .malformed(.boolean)), ("_x\r\n", .malformed(.null)),
        ("=3\r\ntxt\r\n", .malformed(.verbatimString)), ("=5\r\ntxt.a\r\n", .malformed(.verbatimString)),
        ("=5\r\nt\u{1}t:a\r\n", .malformed(.verbatimString)),
        ("*1\r\n>1\r\n:1\r\n", .nestedPush), ("*1\r\n>0\r\n", .nestedPush), ("*1\r\n@\r\n", .unknownType(UInt8(ascii: "@"))),
    ]

    @Test("what no server sends, with the reason, however it is cut", arguments: hostile)
    func refuses(wire: String, fault: RESPFault) {
        for size in [wire.utf8.count, 1, 3] {
            var decoder = RESPDecoder(limits: Self.limits)
            var rest = Array(wire.utf8)[...]
            var found: RESPFault?
            while !rest.isEmpty, found == nil {
                decoder.feed(ByteBuffer(bytes: rest.prefix(size)))
                rest = rest.dropFirst(size)
                do throws(RESPFault) { while try decoder.next() != nil {} } catch { found = error }
            }
            #expect(found == fault, "in pieces of \(size)")
            // A decoder that has lost its place never finds it again.
            decoder.feed(ByteBuffer(string: ":1\r\n"))
            #expect(throws: fault) { try decoder.next() }
        }
    }

    @Test("nothing that is within its limits")
    func accepts() throws {
        var decoder = RESPDecoder(limits: Self.limits)
        decoder.feed(ByteBuffer(string: "*1\r\n*1\r\n*1\r\n:1\r\n$100\r\n" + String(repeating: "a", count: 100) + "\r\n"))
        decoder.feed(ByteBuffer(string: "+" + String(repeating: "a", count: 50) + "\r\n*19\r\n" + String(repeating: ":1\r\n", count: 19)))
        #expect(try decoder.next() == .array([.array([.array([.integer(1)])])]))
        #expect(try decoder.next()?.bytes?.count == 100)
        #expect(try decoder.next()?.bytes?.count == 50)
        // Limits are for each reply anew.
        #expect(try decoder.next()?.elements?.count == 19)
    }
}
