import Logging
import NIOCore
import NIOEmbedded
@testable import RedisClient
import ServiceLifecycle
import Testing

/// The client over a connection that the test holds the other end of.
@Suite("A client", .timeLimit(.minutes(1)))
struct CommandLinkTests {
    private static func get(_ client: RedisClient, _ key: String) -> Task<String, Never> {
        outcome { () throws(RedisError) in try await client.send(RedisCommand("GET", key: .string(key))) }
    }

    @Test("writes what has come while it connected in one piece, and gives each its own reply")
    func coalesces() async throws {
        let connector = TestConnector()
        let client = connector.client()
        try await running(client) {
            let server = try await connector.next()
            #expect(client.status == .connecting)
            var tasks: [Task<String, Never>] = []
            for index in 0..<5 {
                tasks.append(Self.get(client, "k\(index)"))
                await eventually { client.pendingCommandCount == index + 1 }
            }
            try await server.shakeHands()
            #expect(try await server.receive() == "GET k0, GET k1, GET k2, GET k3, GET k4")
            #expect(client.status == .connected)
            try await server.reply("+a\r\n+b\r\n+")
            try await server.reply("c\r\n+d\r\n>1\r\n+news\r\n+e\r\n")
            for (task, expected) in zip(tasks, ["a", "b", "c", "d", "e"]) { #expect(await task.value == expected) }
            #expect(client.pendingCommandCount == 0)
        }
    }

    @Test("lets a cancelled task go at once and keeps the place of its reply")
    func cancellation() async throws {
        let connector = TestConnector()
        let client = connector.client()
        try await running(client) {
            let server = try await connector.nextOpen()
            let first = Self.get(client, "a")
            #expect(try await server.receive() == "GET a")
            first.cancel()
            #expect(await first.value == "\(RedisError.Code.cancelled(wasSent: true))")
            let second = Self.get(client, "b")
            #expect(try await server.receive() == "GET b")
            try await server.reply("+for a\r\n+for b\r\n")
            #expect(await second.value == "for b")
            let never = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await Self.failure { () throws(RedisError) in try await client.ping() }
            }
            #expect(await never.value == .cancelled(wasSent: false))
            #expect(client.pendingCommandCount == 0)
        }
    }

    private static func failure(_ body: () async throws(RedisError) -> Void) async -> RedisError.Code? {
        do throws(RedisError) {
            try await body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test("fails what was sent when the connection breaks, and what comes next waits for the new one")
    func loss() async throws {
        let connector = TestConnector()
        let client = connector.client()
        try await running(client) {
            let server = try await connector.nextOpen()
            let sent = Self.get(client, "sent")
            _ = try await server.receive()
            try await server.hangUp()
            #expect(await sent.value == "\(RedisError.Code.connectionLost(wasSent: true))")
            #expect(client.status == .connecting)
            let next = Self.get(client, "next")
            await eventually { client.pendingCommandCount == 1 }
            await connector.eventLoop.advanceTime(by: .milliseconds(50))
            let second = try await connector.nextOpen()
            #expect(try await second.receive() == "GET next")
            try await second.reply("+here\r\n")
            #expect(await next.value == "here")
        }
    }

    @Test("fails at once while the server is away, says why, and works again when it is back")
    func failsFast() async throws {
        let connector = TestConnector()
        let client = connector.client()
        connector.refuseNext(RedisError(.notConnected, "Nobody listens."))
        try await running(client) {
            await eventually { client.status != .connecting }
            let error = await #expect(throws: RedisError.self) { try await client.ping() }
            #expect(error?.code == .notConnected)
            #expect(error?.debugDescription.contains("Nobody listens.") == true)
            await connector.eventLoop.advanceTime(by: .milliseconds(50))
            _ = try await connector.nextOpen()
            await eventually { client.status == .connected }
        }
    }

    @Test("leaves a server that does not answer: the oldest command has timed out, the others are lost, the next fail at once")
    func hangingServer() async throws {
        let connector = TestConnector()
        let client = connector.client { $0.commandTimeout = .seconds(2) }
        try await running(client) {
            let server = try await connector.nextOpen()
            let first = Self.get(client, "a")
            _ = try await server.receive()
            await connector.eventLoop.advanceTime(by: .seconds(1))
            let second = Self.get(client, "b")
            _ = try await server.receive()
            await connector.eventLoop.advanceTime(by: .milliseconds(999))
            #expect(!server.isClosed)
            await connector.eventLoop.advanceTime(by: .milliseconds(1))
            #expect(await first.value == "\(RedisError.Code.timedOut(wasSent: true))")
            #expect(await second.value == "\(RedisError.Code.connectionLost(wasSent: true))")
            #expect(server.isClosed)
            #expect(await Self.get(client, "c").value == "\(RedisError.Code.notConnected)")
            await connector.eventLoop.advanceTime(by: .milliseconds(50))
            let back = try await connector.nextOpen()
            await eventually { client.status == .connected }
            let last = Self.get(client, "d")
            #expect(try await back.receive() == "GET d")
            try await back.reply("+d\r\n")
            #expect(await last.value == "d")
        }
    }

    @Test("gives up an attempt to connect that takes too long, and closes it")
    func hangingHandshake() async throws {
        let connector = TestConnector()
        let client = connector.client { $0.connectTimeout = .seconds(1) }
        try await running(client) {
            let server = try await connector.next()
            let waiting = Self.get(client, "a")
            await eventually { client.pendingCommandCount == 1 }
            await connector.eventLoop.advanceTime(by: .seconds(1))
            #expect(await waiting.value == "\(RedisError.Code.notConnected)")
            #expect(server.isClosed)
            await connector.eventLoop.advanceTime(by: .milliseconds(50))
            #expect(connector.attemptCount == 2)
        }
    }

    @Test("that nobody runs lets commands time out unsent, and says what is missing")
    func notRunning() async throws {
        let connector = TestConnector()
        let client = connector.client()
        let waiting = Task { await #expect(throws: RedisError.self) { try await client.ping() } }
        await eventually { client.pendingCommandCount == 1 }
        await connector.eventLoop.run()
        await connector.eventLoop.advanceTime(by: .seconds(2))
        let error = await waiting.value
        #expect(error?.code == .timedOut(wasSent: false))
        #expect(error?.message.contains("run()") == true)
        #expect(connector.attemptCount == 0)
    }

    @Test("tells a wrong password to whoever asks")
    func wrongPassword() async throws {
        let connector = TestConnector()
        let client = connector.client { ($0.user, $0.password) = ("u", "geheim") }
        try await running(client) {
            let server = try await connector.next()
            #expect(try await server.receive() == "HELLO 3 AUTH u geheim")
            try await server.reply("-WRONGPASS invalid username-password pair: geheim\r\n")
            await eventually { client.status != .connecting }
            let error = await #expect(throws: RedisError.self) { try await client.ping() }
            #expect(error?.code == .authenticationFailed)
            #expect(error?.debugDescription.contains("geheim") == false)
        }
    }

    @Test(
        "leaves a server that sends what nobody asked for, or no RESP at all",
        arguments: ["+surprise\r\n", "HTTP/1.1 400\r\n", "*99999999999\r\n"])
    func nonsense(wire: String) async throws {
        let connector = TestConnector()
        let client = connector.client()
        try await running(client) {
            let server = try await connector.nextOpen()
            let sent = Self.get(client, "a")
            _ = try await server.receive()
            try await server.reply("+a\r\n" + wire)
            // What came before was in order.
            #expect(await sent.value == "a")
            #expect(server.isClosed)
            #expect(connector.attemptCount == 1)
        }
    }

    @Test("refuses more than may wait")
    func bounds() async throws {
        let connector = TestConnector()
        let client = connector.client { $0.maximumPendingCommands = 2 }
        try await running(client) {
            let server = try await connector.nextOpen()
            let tasks = [Self.get(client, "a"), Self.get(client, "b")]
            await eventually { client.pendingCommandCount == 2 }
            #expect(await Self.get(client, "c").value == "\(RedisError.Code.tooManyPending)")
            try await server.hangUp()
            for task in tasks { #expect(await task.value.hasPrefix("connectionLost")) }
        }
    }

    @Test("sends a script whole when the server does not know it, alone and in a pipeline")
    func scripts() async throws {
        let connector = TestConnector()
        let client = connector.client()
        let script = RedisScript("return 1")
        try await running(client) {
            let server = try await connector.nextOpen()
            let alone = outcome { () throws(RedisError) in try await client.evaluate(script, keys: ["k"], arguments: ["v"]) }
            #expect(try await server.receive() == "EVALSHA \(script.sha) 1 k v")
            try await server.reply("-NOSCRIPT No matching script.\r\n")
            #expect(try await server.receive() == "EVAL return 1 1 k v")
            try await server.reply("+done\r\n")
            #expect(await alone.value == "done")

            let pipeline = Task { try await client.pipeline([script.evaluate(keys: ["k"]), RedisCommand("GET", key: "x"), RedisCommand("FOO")]) }
            #expect(try await server.receive() == "EVALSHA \(script.sha) 1 k, GET x, FOO")
            try await server.reply("-NOSCRIPT No\r\n+x\r\n-ERR no\r\n")
            #expect(try await server.receive() == "EVAL return 1 1 k")
            // Told a second time it is an error like any other.
            try await server.reply("-NOSCRIPT really\r\n")
            let results = try await pipeline.value
            #expect(results[1] == .success(.simpleString(Array("x".utf8))))
            #expect(throws: RedisError(RESPError("NOSCRIPT really"))) { try results[0].get() }
            #expect(throws: RedisError(RESPError("ERR no"))) { try results[2].get() }
        }
    }

    @Test("that is closed answers what it accepted, then refuses and ends")
    func closes() async throws {
        let connector = TestConnector()
        let client = connector.client()
        let run = Task { await client.run() }
        let server = try await connector.nextOpen()
        let sent = Self.get(client, "a")
        _ = try await server.receive()
        let closing = Task { await client.close() }
        await eventually { client.status == .closed }
        #expect(await Self.get(client, "b").value == "closed")
        #expect(!server.isClosed)
        try await server.reply("+a\r\n")
        #expect(await sent.value == "a")
        await closing.value
        await run.value
        #expect(server.isClosed)
        #expect(client.status == .closed)
        await client.close()
    }

    @Test("as a service answers what it accepted when it is shut down")
    func service() async throws {
        let connector = TestConnector()
        let client = connector.client()
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [client.service], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
        let run = Task { try await group.run() }
        let server = try await connector.nextOpen()
        let sent = Self.get(client, "a")
        _ = try await server.receive()
        await group.triggerGracefulShutdown()
        await eventually { client.status == .closed }
        #expect(!server.isClosed)
        try await server.reply("+a\r\n")
        #expect(await sent.value == "a")
        try await run.value
        #expect(server.isClosed)
    }

    @Test("whose run() is cancelled ends at once")
    func cancelledRun() async throws {
        let connector = TestConnector()
        let client = connector.client()
        let run = Task { await client.run() }
        let server = try await connector.nextOpen()
        let sent = Self.get(client, "a")
        _ = try await server.receive()
        run.cancel()
        await run.value
        #expect(await sent.value == "\(RedisError.Code.connectionLost(wasSent: true))")
        #expect(server.isClosed)
    }

    @Test("that is let go of closes its connections")
    func released() async throws {
        let connector = TestConnector()
        var client: RedisClient? = connector.client()
        let subscription = client?.subscribe("news")
        let run = Task { [client] in await client?.run() }
        let servers = [try await connector.nextOpen(), try await connector.nextOpen()]
        run.cancel()
        await run.value
        client = nil
        await eventually { servers.allSatisfy(\.isClosed) }
        #expect(try await subscription?.next() == nil)
    }
}
