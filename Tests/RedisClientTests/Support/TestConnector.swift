import Logging
import NIOCore
import NIOEmbedded
@testable import RedisClient
import Synchronization
import Testing

/// Connects to no server: the test is the server, and moves the clock.
final class TestConnector: RedisConnector {
    let eventLoop = NIOAsyncTestingEventLoop()
    private let accepted: AsyncStream<NIOAsyncTestingChannel>
    private let accept: AsyncStream<NIOAsyncTestingChannel>.Continuation
    private let refusals = Mutex<[RedisError]>([])
    private let count = Mutex(0)

    init() { (accepted, accept) = AsyncStream.makeStream() }

    /// How often somebody tried to connect.
    var attemptCount: Int { count.withLock { $0 } }

    /// Lets the next attempt fail.
    func refuseNext(_ error: RedisError = RedisError(.notConnected, "refused")) { refusals.withLock { $0.append(error) } }

    func connect(
        on eventLoop: any EventLoop, timeout: TimeAmount, handler: @escaping @Sendable () -> RedisConnectionHandler
    ) -> EventLoopFuture<any Channel> {
        count.withLock { $0 += 1 }
        if let refusal = refusals.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return eventLoop.makeFailedFuture(refusal) }
        let channel = NIOAsyncTestingChannel(loop: self.eventLoop)
        do {
            try channel.pipeline.syncOperations.addHandler(handler())
            let connected = channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 6379))
            accept.yield(channel)
            return connected.map { channel }
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
    }

    /// The next connection that somebody makes.
    func next() async throws -> TestServer {
        for await channel in accepted { return TestServer(channel: channel) }
        throw RedisError(.closed, "No more connections come.")
    }

    /// The next connection, with the handshake done.
    func nextOpen() async throws -> TestServer {
        let server = try await next()
        try await server.shakeHands()
        return server
    }

    func client(_ change: (inout RedisConfiguration) -> Void = { _ in }) -> RedisClient {
        var configuration = RedisConfiguration()
        change(&configuration)
        return RedisClient(
            configuration: configuration, connector: self, eventLoop: eventLoop,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}

/// The other end of a connection.
struct TestServer: Sendable {
    let channel: NIOAsyncTestingChannel

    func shakeHands() async throws {
        #expect(try await receive() == "HELLO 3")
        try await reply("%0\r\n")
    }

    /// Everything that was written at once: the parts of commands by spaces, commands by commas.
    func receive() async throws -> String {
        let buffer = try await channel.waitForOutboundWrite(as: ByteBuffer.self)
        var decoder = RESPDecoder()
        decoder.feed(buffer)
        var commands: [String] = []
        while let command = try decoder.next() { commands.append((command.elements ?? []).map { $0.string ?? "?" }.joined(separator: " ")) }
        return commands.joined(separator: ", ")
    }

    func reply(_ wire: String) async throws { try await channel.writeInbound(ByteBuffer(string: wire)) }

    /// The connection breaks.
    func hangUp() async throws { try await channel.close() }

    var isClosed: Bool { !channel.isActive }
}

/// Waits for something that other tasks do; a test's time limit ends it.
func eventually(_ condition: () async -> Bool) async {
    while !Task.isCancelled, await !condition() { await Task.yield() }
}

/// Runs a client while the body runs, and closes it.
func running<Value: Sendable>(_ client: RedisClient, _ body: () async throws -> Value) async throws -> Value {
    let run = Task { await client.run() }
    do {
        let value = try await body()
        run.cancel()
        await run.value
        return value
    } catch {
        run.cancel()
        await run.value
        throw error
    }
}

/// What a command comes to: its reply, or the code of its error.
func outcome(_ body: @escaping @Sendable () async throws(RedisError) -> RESPValue) -> Task<String, Never> {
    Task {
        do throws(RedisError) { return try await body().string ?? "?" } catch { return "\(error.code)" }
    }
}
