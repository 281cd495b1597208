import NIOCore
import NIOPosix
import RedisClient
import Testing

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

    /// Waits for so long that a busy machine makes no difference.
    private static func configuration(port: Int) -> RedisConfiguration {
        var configuration = RedisConfiguration(port: port)
        configuration.connectTimeout = .seconds(60)
        configuration.commandTimeout = .seconds(60)
        return configuration
    }

    @Test("that takes connections and never answers does not block anybody for long, then fails at once")
    func hangs() async throws {
        let host = try await Self.listener("")
        var configuration = Self.configuration(port: host.localAddress?.port ?? 0)
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
        let client = try RedisClient(configuration: Self.configuration(port: host.localAddress?.port ?? 0))
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
        let client = try RedisClient(configuration: Self.configuration(port: port))
        try await running(client) {
            let error = await #expect(throws: RedisError.self) { try await client.ping() }
            #expect(error?.code == .notConnected)
            #expect(error?.debugDescription.contains("look whether it runs") == true)
        }
    }
}
