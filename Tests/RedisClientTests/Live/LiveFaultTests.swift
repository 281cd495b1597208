import RedisClient
import Synchronization
import Testing

/// What happens when a real server goes away, hangs, or cuts a connection. One test at a time: they share the server that suffers.
@Suite("A real server in trouble", .serialized, .enabled(if: LiveRedis.isThere, LiveRedis.skipped), .timeLimit(.minutes(2)))
struct LiveFaultTests {
    /// Cuts the connections of this name.
    private static func kill(_ name: String, type: RedisArgument, by client: RedisClient) async throws {
        let list = try await client.send(RedisCommand("CLIENT", "LIST", "TYPE", type)).string ?? ""
        let ids = list.split(separator: "\n").filter { $0.contains(" name=\(name) ") }.compactMap { $0.split(separator: " ").first?.dropFirst(3) }
        #expect(!ids.isEmpty)
        for id in ids { _ = try await client.send(RedisCommand("CLIENT", "KILL", "ID", .string(String(id)))) }
    }

    private static func hurry(_ configuration: inout RedisConfiguration) {
        configuration.commandTimeout = .milliseconds(200)
        configuration.connectTimeout = .milliseconds(300)
    }

    private static func code(_ body: () async throws -> Void) async -> RedisError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? RedisError)?.code
        }
    }

    /// Waits until commands succeed again.
    private static func recovered(_ client: RedisClient) async { await LiveRedis.eventually { await code { try await client.ping() } == nil } }

    @Test("that cuts a connection leaves its command with an unknown outcome, and the next one works")
    func killedInFlight() async throws {
        try await LiveRedis.with("plain") { admin in
            let name = "inflight\(UInt32.random(in: .min ... .max))"
            try await LiveRedis.with("plain") {
                ($0.clientName, $0.commandTimeout) = (name, .seconds(60))
            } _: { client in
                let stream = RedisArgument.string(LiveRedis.unique("stream"))
                let blocked = Task { await Self.code { _ = try await client.send(RedisCommand("XREAD", "BLOCK", "0", "STREAMS", stream, "$")) } }
                await LiveRedis.eventually {
                    let list = try? await admin.send(RedisCommand("CLIENT", "LIST")).string
                    return list?.split(separator: "\n").contains { $0.contains(" name=\(name) ") && $0.contains("cmd=xread") } ?? false
                }
                try await Self.kill(name, type: "normal", by: admin)
                #expect(await blocked.value == .connectionLost(wasSent: true))
                await Self.recovered(client)
            }
        }
    }

    @Test("that cuts a subscription's connection gets it back, and the reader is told", arguments: ["plain", "old", "tls"])
    func killedSubscription(server: String) async throws {
        try await LiveRedis.with(server) { admin in
            let name = "reader\(UInt32.random(in: .min ... .max))"
            try await LiveRedis.with(server) {
                $0.clientName = name
            } _: { client in
                let channel = LiveRedis.unique("channel")
                let subscription = client.subscribe(channel)
                func publish(_ text: String) async throws -> RedisSubscription.Event {
                    try await admin.publish(.string(text), to: .string(channel))
                    return .message(RedisMessage(channel: Array(channel.utf8), payload: Array(text.utf8)))
                }
                #expect(try await subscription.next() == .subscribed)
                let first = try await publish("one")
                #expect(try await subscription.next() == first)
                try await Self.kill(name, type: "pubsub", by: admin)
                #expect(try await subscription.next() == .mayHaveMissed)
                let second = try await publish("two")
                #expect(try await subscription.next() == second)
            }
        }
    }

    @Test("that is paused lets the oldest command time out, then commands fail at once, then all is well again")
    func paused() async throws {
        try await LiveRedis.with("mortal", Self.hurry) { client in
            await Self.recovered(client)
            try await LiveRedis.paused("mortal") {
                // One may still be answered.
                var code: RedisError.Code?
                while code == nil { code = await Self.code { try await client.ping() } }
                #expect(code == .timedOut(wasSent: true))
                // However often it tries to connect: that is never complete.
                for _ in 0..<20 { #expect(await Self.code { try await client.ping() } == .notConnected) }
            }
            await Self.recovered(client)
        }
    }

    @Test("that computes for long and says so keeps its connection, and others end what it does")
    func busy() async throws {
        try await LiveRedis.with("mortal") { admin in
            try await LiveRedis.with("mortal") { client in
                try await client.ping()
                _ = try await admin.send(RedisCommand("CONFIG", "SET", "busy-reply-threshold", "1"))
                let script = RedisScript("while true do end -- \(UInt32.random(in: .min ... .max))")
                let endless = Task { await Self.code { _ = try await admin.evaluate(script, keys: []) } }
                await LiveRedis.eventually {
                    do {
                        try await client.ping()
                        return false
                    } catch {
                        return (error as? RedisError)?.serverError?.prefix == "BUSY"
                    }
                }
                #expect(client.status == .connected)
                _ = try await client.send(RedisCommand("SCRIPT", "KILL"))
                #expect(await endless.value == .server)
                try await client.ping()
                _ = try await admin.send(RedisCommand("CONFIG", "SET", "busy-reply-threshold", "5000"))
            }
        }
    }

    @Test("that has forgotten all scripts gets them again")
    func forgottenScripts() async throws {
        try await LiveRedis.with("mortal") { client in
            let script = RedisScript("return {KEYS[1], ARGV[1], #KEYS, \(UInt32.random(in: .min ... .max))}")
            for round in 0..<3 {
                let reply = try await client.evaluate(script, keys: ["k"], arguments: [.string("a\(round)")])
                #expect(reply.elements?.prefix(3).map { $0 } == [.bulkString([107]), .bulkString(Array("a\(round)".utf8)), .integer(1)])
                let known = try await client.send(RedisCommand("SCRIPT", "EXISTS", .string(script.sha)))
                #expect(known == .array([.integer(1)]))
                _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
                let results = try await client.pipeline([script.evaluate(keys: ["p"], arguments: ["b"]), RedisCommand("PING")])
                for result in results { #expect(try result.get() != .null) }
            }
        }
    }

    @Test("that is killed and comes back on the same port is found again, and nothing is mixed up")
    func killedAndBack() async throws {
        try await LiveRedis.with("mortal") { client in
            let channel = LiveRedis.unique("channel")
            let subscription = client.subscribe(channel)
            #expect(try await subscription.next() == .subscribed)
            let echoes = Echoes()
            let load = Task { while !Task.isCancelled { await echoes.ask(client) } }
            await LiveRedis.eventually { echoes.answered > 0 }
            try await LiveRedis.control("halt", LiveRedis.folder, "mortal", "KILL")
            await LiveRedis.eventually { client.status != .connected && client.status != .connecting && echoes.refused > 0 }
            #expect(await Self.code { try await client.ping() } == .notConnected)
            let before = echoes.answered
            try await LiveRedis.control("resume", LiveRedis.folder, "mortal")
            await LiveRedis.eventually { echoes.answered > before }
            load.cancel()
            await load.value
            #expect(try await subscription.next() == .mayHaveMissed)
            try await client.publish("again", to: .string(channel))
            #expect(try await subscription.next() == .message(RedisMessage(channel: Array(channel.utf8), payload: Array("again".utf8))))
        }
    }
}

/// Asks a server for the echo of a text that is never the same, and counts what comes of it.
private final class Echoes: Sendable {
    private let counts = Mutex((answered: 0, refused: 0))

    var answered: Int { counts.withLock { $0.answered } }
    var refused: Int { counts.withLock { $0.refused } }

    func ask(_ client: RedisClient) async {
        let text = LiveRedis.unique("echo")
        do throws(RedisError) {
            let reply = try await client.send(RedisCommand("ECHO", .string(text)))
            if reply.string != text { Issue.record("\(text) was answered with \(reply)") }
            counts.withLock { $0.answered += 1 }
        } catch {
            switch error.code {
            case .notConnected, .connectionLost, .cancelled: counts.withLock { $0.refused += 1 }
            default: Issue.record("\(error.debugDescription)")
            }
            // To ask again without a pause would take the processor from the server.
            try? await Task.sleep(for: .milliseconds(5))
        }
    }
}
