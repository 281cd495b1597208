import RedisClient
import Testing

@testable import StageStoreRedis

/// What the scripts do to what is stored, as tables. Generation 1 is the position's, 2 another one. `1:5=x` is a value of generation 1 and
/// version 5, `1:5` a bound, `-` nothing.
@Suite("The scripts", .enabled(if: LiveRedis.isThere, LiveRedis.skipped), .timeLimit(.minutes(2)))
struct ScriptTests {
    private let prefix = "sk:{test\(UInt64.random(in: .min ... .max))}"

    private func key(_ name: String) -> RedisArgument { .string("\(prefix):\(name)") }

    private static func value(_ text: String) -> [UInt8]? {
        guard text != "-" else { return nil }
        guard let colon = text.firstIndex(of: ":"), let generation = UInt32(text[..<colon]) else { return Array(text.utf8) }
        let parts = text[text.index(after: colon)...].split(separator: "=")
        return Array((Stamp(generation: generation, number: Int64(parts[0]) ?? 0).text + (parts.count > 1 ? String(parts[1]) : "")).utf8)
    }

    private static func text(_ value: [UInt8]?) -> String {
        guard let value else { return "-" }
        guard let stamp = Stamp(value) else { return String(decoding: value, as: UTF8.self) }
        let rest = String(decoding: value[Stamp.width...], as: UTF8.self)
        return "\(stamp.generation):\(stamp.number)" + (rest.isEmpty ? "" : "=\(rest)")
    }

    /// Puts things there, sends a command, and tells the reply and what is there then.
    private func outcome(
        _ command: RedisCommand, with stored: [(RedisArgument, String)], watching key: RedisArgument
    ) async throws -> (reply: RESPValue, stored: String) {
        try await LiveRedis.with(.operation) { admin in
            for (key, text) in stored {
                if let value = Self.value(text) {
                    try await admin.set(key, .bytes(value), expiringAfter: .seconds(600))
                } else {
                    try await admin.delete(key)
                }
            }
            let reply = try await LiveRedis.with(.service) { try await $0.send(command) }
            return (reply, Self.text(try await admin.get(key)))
        }
    }

    @Test(
        "keep what was committed where something older is, else a bound",
        arguments: [
            ("1:9", "1:4=x", "1:5=new", 1), ("1:9", "1:5=x", "1:5=x", 0), ("1:9", "1:6=x", "1:6=x", 0), ("1:9", "-", "1:5", 2),
            ("1:9", "1:4", "1:5", 2), ("1:9", "1:5", "1:5", 0), ("1:9", "1:6", "1:6", 0), ("1:9", "2:4=x", "1:5", 2),
            ("1:9", "2:6=x", "1:5", 2), ("1:9", "2:6", "1:5", 2), ("1:9", "rubbish", "1:5", 2), ("-", "1:4=x", "1:4=x", -1), ("-", "-", "-", -1),
        ])
    func commit(position: String, stored: String, then: String, reply: Int64) async throws {
        let command = RedisScripts.commit(key("a"), position: key("p"), version: 5, envelope: Array("new".utf8), lifetime: 60_000)
        let outcome = try await outcome(command, with: [(key("p"), position), (key("a"), stored)], watching: key("a"))
        #expect(outcome == (.integer(reply), then))
    }

    @Test(
        "leave a bound above what was erased",
        arguments: [
            ("1:4=x", "1:6", 2), ("1:5=x", "1:6", 2), ("1:6=x", "1:6=x", 0), ("1:7=x", "1:7=x", 0), ("-", "1:6", 2), ("1:5", "1:6", 2),
            ("1:7", "1:7", 0), ("2:9=x", "1:6", 2),
        ] as [(String, String, Int64)])
    func erase(stored: String, then: String, reply: Int64) async throws {
        let command = RedisScripts.commit(key("a"), position: key("p"), version: 6, envelope: [], lifetime: 0)
        let outcome = try await outcome(command, with: [(key("p"), "1:9"), (key("a"), stored)], watching: key("a"))
        #expect(outcome.stored == then)
        // Over an older value, the bound is set as the value would have been.
        #expect(outcome.reply == .integer(stored.hasSuffix("x") && stored < "1:6" ? 1 : reply))
    }

    @Test(
        "keep what was read unless the position is another or something newer is there",
        arguments: [
            ("1:9", "-", "1:5=new", 1), ("1:9", "1:4=x", "1:5=new", 1), ("1:9", "1:5=x", "1:5=new", 1), ("1:9", "1:6=x", "1:6=x", 0),
            ("1:9", "1:5", "1:5=new", 1), ("1:9", "1:6", "1:6", 0), ("1:9", "2:6=x", "1:5=new", 1), ("1:9", "rubbish", "1:5=new", 1),
            ("1:10", "-", "-", -1), ("1:8", "1:4=x", "1:4=x", -1), ("2:9", "-", "-", -1), ("-", "-", "-", -1),
        ])
    func fill(position: String, stored: String, then: String, reply: Int64) async throws {
        let ticket = Stamp(generation: 1, number: 9).text
        let command = RedisScripts.fill(
            key("a"), position: key("p"), ticket: ticket, version: 5, envelope: Array("new".utf8), lifetime: 60_000)
        let outcome = try await outcome(command, with: [(key("p"), position), (key("a"), stored)], watching: key("a"))
        #expect(outcome == (.integer(reply), then))
    }

    @Test(
        "replace by a bound what a commit has outdated",
        arguments: [
            ("1:4=x", "1:5"), ("1:5=x", "1:5=x"), ("1:6=x", "1:6=x"), ("-", "-"), ("1:4", "1:5"), ("1:6", "1:6"), ("2:4=x", "1:5"),
            ("2:9=x", "1:5"), ("rubbish", "1:5"),
        ])
    func follow(stored: String, then: String) async throws {
        let command = RedisScripts.follow(position: key("p"), from: 9, to: 12, entries: [(key("a"), 5)])
        let outcome = try await outcome(command, with: [(key("p"), "1:9"), (key("a"), stored)], watching: key("a"))
        #expect(outcome == (.integer(1), then))
    }

    @Test(
        "move a position on, never back, and only from where it was or beyond",
        arguments: [
            ("1:9", "1:12", 1), ("1:11", "1:12", 1), ("1:12", "1:12", 1), ("1:15", "1:15", 1), ("2:10", "2:12", 1), ("1:8", "1:8", 0), ("-", "-", 0),
        ] as [(String, String, Int64)])
    func advance(position: String, then: String, reply: Int64) async throws {
        let entries = [(key: key("a"), least: Int64(5))]
        let command = RedisScripts.follow(position: key("p"), from: 9, to: 12, entries: entries)
        let outcome = try await outcome(command, with: [(key("p"), position), (key("a"), "1:4=x")], watching: key("p"))
        #expect(outcome == (.integer(reply), then))
    }

    @Test(
        "begin a new generation only where nobody else has",
        arguments: [("-", "-", "3:20"), ("1:9", "1:9", "3:20"), ("1:9", "1:10", "1:10"), ("-", "1:10", "1:10"), ("1:9", "-", "-")])
    func renew(seen: String, position: String, then: String) async throws {
        let command = RedisScripts.renew(
            position: key("p"), seen: Self.value(seen) ?? [], stamp: Stamp(generation: 3, number: 20))
        let outcome = try await outcome(command, with: [(key("p"), position)], watching: key("p"))
        #expect(outcome.stored == then)
        #expect(outcome.reply.bytes == (then == "-" ? [] : Self.value(then)))
    }

    @Test("compare numbers that are too large for Lua")
    func largeNumbers() async throws {
        let stored = "1:\(Int64.max - 1)=x"
        let command = RedisScripts.commit(key("a"), position: key("p"), version: .max, envelope: Array("new".utf8), lifetime: 60_000)
        let outcome = try await outcome(command, with: [(key("p"), "1:9"), (key("a"), stored)], watching: key("a"))
        #expect(outcome == (.integer(1), "1:\(Int64.max)=new"))
    }
}
