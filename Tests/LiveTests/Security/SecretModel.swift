import NIOCore
import NIOHTTP1
import NIOPosix
import StageModel
import Synchronization

/// A model's server that refuses everything, and quotes in its refusal all that it was sent, the key first.
final class SecretModel: Sendable {
    private let channel: any Channel
    private let asked: Counter

    /// How often it was asked.
    var count: Int { asked.count.load(ordering: .relaxed) }

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/v1" }

    private init(_ channel: any Channel, _ asked: Counter) {
        self.channel = channel
        self.asked = asked
    }

    static func run<Value>(_ body: (SecretModel) async throws -> Value) async throws -> Value {
        let asked = Counter()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(QuotingHandler(asked))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let value = try await body(SecretModel(channel, asked))
            try await channel.close()
            return value
        } catch {
            try await channel.close()
            throw error
        }
    }
}

private final class Counter: Sendable {
    let count = Atomic<Int>(0)
}

private final class QuotingHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let asked: Counter
    private var said = ""

    init(_ asked: Counter) { self.asked = asked }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): said = "\(head.method) \(head.uri) \(head.headers)\n"
        case .body(let part): said += String(buffer: part)
        case .end: refuse(context)
        }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        asked.count.add(1, ordering: .relaxed)
        let answer: JSONValue = ["error": ["code": "invalid_api_key", "message": .string("Incorrect API key provided: \(said)")]]
        let bytes = answer.jsonBytes
        let head = HTTPResponseHead(
            version: .http1_1, status: .unauthorized, headers: ["Content-Type": "application/json", "Content-Length": "\(bytes.count)"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
