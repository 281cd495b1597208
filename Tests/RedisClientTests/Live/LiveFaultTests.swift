import NIOCore
import NIOPosix
import RedisClient
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

    private static func patience(_ configuration: inout RedisConfiguration) { configuration.commandTimeout = .seconds(20) }

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
        try await LiveRedis.with("mortal", Self.patience) { admin in
            try await LiveRedis.with("mortal", Self.hurry) { client in
                try await client.ping()
                _ = try await admin.send(RedisCommand("CLIENT", "PAUSE", "1500", "ALL"))
                #expect(await Self.code { try await client.ping() } == .timedOut(wasSent: true))
                #expect(await Self.code { try await client.ping() } == .notConnected)
                await Self.recovered(client)
            }
        }
    }

    @Test("that computes for long is no different")
    func sleeping() async throws {
        try await LiveRedis.with("mortal", Self.patience) { admin in
            try await LiveRedis.with("mortal", Self.hurry) { client in
                try await client.ping()
                let sleeping = Task { try await admin.send(RedisCommand("DEBUG", "SLEEP", "1")) }
                await LiveRedis.eventually { await Self.code { try await client.ping() } == .timedOut(wasSent: true) }
                #expect(await Self.code { try await client.ping() } == .notConnected)
                _ = try await sleeping.value
                await Self.recovered(client)
            }
        }
    }

    @Test("that is killed and comes back on the same port is found again within two seconds, and nothing is mixed up")
    func killedAndBack() async throws {
        try await LiveRedis.with("mortal") { client in
            let channel = LiveRedis.unique("channel")
            let subscription = client.subscribe(channel)
            #expect(try await subscription.next() == .subscribed)
            let load = Task {
                var refused = 0
                while !Task.isCancelled {
                    let text = LiveRedis.unique("echo")
                    do throws(RedisError) {
                        let reply = try await client.send(RedisCommand("ECHO", .string(text)))
                        if reply.string != text { Issue.record("\(text) was answered with \(reply)") }
                    } catch {
                        refused += 1
                        switch error.code {
                        case .notConnected, .connectionLost, .cancelled: break
                        default: Issue.record("\(error.debugDescription)")
                        }
                        try? await Task.sleep(for: .milliseconds(5))
                    }
                }
                return refused
            }
            try await LiveRedis.control("halt", LiveRedis.folder, "mortal", "KILL")
            await LiveRedis.eventually { client.status != .connected && client.status != .connecting }
            #expect(await Self.code { try await client.ping() } == .notConnected)
            try await LiveRedis.control("resume", LiveRedis.folder, "mortal")
            let time = await ContinuousClock().measure { await Self.recovered(client) }
            #expect(time < .seconds(2))
            load.cancel()
            #expect(await load.value > 0)
            #expect(try await subscription.next() == .mayHaveMissed)
            try await client.publish("again", to: .string(channel))
            #expect(try await subscription.next() == .message(RedisMessage(channel: Array(channel.utf8), payload: Array("again".utf8))))
        }
    }
}

@Suite("A host in trouble", .timeLimit(.minutes(1)))
struct LiveHostTests {
    /// Says something to whoever connects, or nothing.
    private final class Greeter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let greeting: String

        init(_ greeting: String) { self.greeting = greeting }

        func channelActive(context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: greeting)), promise: nil)
        }
    }

    private static func listener(_ greeting: String) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Greeter(greeting)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    @Test("that takes connections and never answers does not block anybody for long, then fails at once")
    func hangs() async throws {
        let host = try await Self.listener("")
        var configuration = RedisConfiguration(port: host.localAddress?.port ?? 0)
        configuration.connectTimeout = .milliseconds(100)
        let client = try RedisClient(configuration: configuration)
        try await running(client) {
            let error = await #expect(throws: RedisError.self) { try await client.ping() }
            #expect(error?.code == .notConnected)
            #expect(error?.debugDescription.contains("did not complete the connection within 100 ms") == true)
        }
        try await host.close()
    }

    @Test("that speaks another protocol is told so", arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH\r\n", "*999999999\r\n"])
    func speaksOtherwise(answer: String) async throws {
        let host = try await Self.listener(answer)
        let client = try RedisClient(configuration: RedisConfiguration(port: host.localAddress?.port ?? 0))
        try await running(client) {
            let error = await #expect(throws: RedisError.self) { try await client.ping() }
            #expect(error?.code == .notConnected)
            #expect(error?.debugDescription.contains("does not speak the Redis protocol") == true, "\(error?.debugDescription ?? "")")
        }
        try await host.close()
    }

    @Test("where nobody listens refuses at once")
    func nobodyListens() async throws {
        let host = try await Self.listener("")
        let port = host.localAddress?.port ?? 0
        try await host.close()
        let client = try RedisClient(configuration: RedisConfiguration(port: port))
        try await running(client) {
            let error = await #expect(throws: RedisError.self) { try await client.ping() }
            #expect(error?.code == .notConnected)
            #expect(error?.debugDescription.contains("look whether it runs") == true)
        }
    }
}
