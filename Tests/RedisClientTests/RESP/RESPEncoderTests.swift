import NIOCore
@testable import RedisClient
import Testing

@Suite("Commands")
struct RESPEncoderTests {
    static let commands: [(command: RedisCommand, wire: String)] = [
        (RedisCommand("PING"), "*1\r\n$4\r\nPING\r\n"),
        (RedisCommand("GET", key: "a"), "*2\r\n$3\r\nGET\r\n$1\r\na\r\n"),
        (RedisCommand("SET", key: "", ""), "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$0\r\n\r\n"),
        (RedisCommand("ECHO", "a\r\n$3\r\nb"), "*2\r\n$4\r\nECHO\r\n$8\r\na\r\n$3\r\nb\r\n"),
        (RedisCommand("INCRBY", key: .bytes([107]), -42), "*3\r\n$6\r\nINCRBY\r\n$1\r\nk\r\n$3\r\n-42\r\n"),
        (
            RedisCommand("X", .integer(0), .integer(.min), .integer(.max)),
            "*4\r\n$1\r\nX\r\n$1\r\n0\r\n$20\r\n-9223372036854775808\r\n$19\r\n9223372036854775807\r\n"
        ),
        (RedisCommand("SET", key: "é", .buffer(ByteBuffer(string: "ü"))), "*3\r\n$3\r\nSET\r\n$2\r\né\r\n$2\r\nü\r\n"),
        (RedisCommand("DEL", key: "a", arguments: ["b", "c"]), "*4\r\n$3\r\nDEL\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        (
            RedisCommand("LONG", arguments: [.string(String(repeating: "x", count: 123))]),
            "*2\r\n$4\r\nLONG\r\n$123\r\n" + String(repeating: "x", count: 123) + "\r\n"
        ),
    ]

    @Test("are written with the length of each part", arguments: commands.indices)
    func writes(index: Int) { #expect(String(buffer: Self.commands[index].command.encoded) == Self.commands[index].wire) }

    @Test("with many parts come back as they were")
    func roundTrip() throws {
        let parts = (0..<1000).map { RedisArgument.bytes([UInt8](repeating: UInt8($0 % 256), count: $0)) }
        var decoder = RESPDecoder()
        decoder.feed(RedisCommand("MANY", arguments: parts).encoded)
        let elements = try #require(try decoder.next()?.elements)
        #expect(elements.count == 1001)
        #expect(elements.dropFirst().enumerated().allSatisfy { $1.bytes == [UInt8](repeating: UInt8($0 % 256), count: $0) })
    }

    @Test("that call a script name it by its SHA-1, and carry it whole when asked to")
    func scripts() throws {
        let script = RedisScript("return 1")
        #expect(script.sha == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
        let command = script.evaluate(keys: ["k1", "k2"], arguments: [.integer(7)])
        let rest = "$1\r\n2\r\n$2\r\nk1\r\n$2\r\nk2\r\n$1\r\n7\r\n"
        #expect(String(buffer: command.encoded) == "*6\r\n$7\r\nEVALSHA\r\n$40\r\n\(script.sha)\r\n" + rest)
        #expect(command.key == "k1")
        let whole = try #require(command.withWholeScript)
        #expect(String(buffer: whole.encoded) == "*6\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n" + rest)
        #expect(whole.key == "k1")
        #expect(RedisCommand("GET", key: "a").withWholeScript == nil)
        #expect(RedisScript("").sha == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    }

    @Test("never tell what they carry")
    func secrecy() {
        let command = RedisCommand("SET", key: "secret-key", "secret-value")
        for text in ["\(command)", String(reflecting: command), "\(RedisArgument.string("secret-key"))", "\(RedisArgument.integer(4711))"] {
            #expect(!text.contains("secret") && !text.contains("4711"), "\(text)")
        }
        #expect("\(command)".contains("SET"))
    }

    @Test(
        "that would disturb other tasks are refused, with what to do instead",
        arguments: ["SUBSCRIBE", "multi", "Select", "BLPOP", "QUIT", "monitor", "AUTH"])
    func refusals(name: String) {
        let error = #expect(throws: RedisError.self) { try RedisCommand(name, "x").check() }
        #expect(error?.code == .refusedCommand)
        #expect(error?.message.contains("\(name.uppercased()) can't be sent over a connection that many tasks share; ") == true)
    }

    @Test("of all other names are let through", arguments: ["GET", "get", "EVALSHA", "XADD", "PUBLISH", "HGETALL", ""])
    func acceptance(name: String) throws { try RedisCommand(name, "x").check() }
}
