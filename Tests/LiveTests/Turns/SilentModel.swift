import NIOCore
import NIOHTTP1
import NIOPosix
import StageModel
import Synchronization

/// A model's server that answers everything but one kind of question, to which it never says a word.
final class SilentModel: Sendable {
    /// Told apart by what they are asked for.
    static let purposes = ["stage_selection", "data_extraction", "response_generation"]

    private let channel: any Channel
    private let hush: Hush

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/v1" }

    private init(_ channel: any Channel, _ hush: Hush) {
        self.channel = channel
        self.hush = hush
    }

    /// - Parameter purpose: what it is silent at.
    static func start(silentAt purpose: String) async throws -> SilentModel {
        let hush = Hush()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 64)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(SilentModelHandler(silentAt: purpose, hush))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return SilentModel(channel, hush)
    }

    /// Waits until it is silent.
    func silence() async { await hush.wait() }

    func stop() async throws { try await channel.close() }
}

/// Tells once that something has come about.
private final class Hush: Sendable {
    private struct State {
        var isThere = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if !state.isThere { state.waiter = continuation }
                return state.isThere
            }
            if isThere { continuation.resume() }
        }
    }

    func set() {
        state.withLock { state in
            defer { (state.isThere, state.waiter) = (true, nil) }
            return state.waiter
        }?.resume()
    }
}

private final class SilentModelHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let purpose: String
    private let hush: Hush
    private var body = ByteBuffer()

    init(silentAt purpose: String, _ hush: Hush) {
        self.purpose = purpose
        self.hush = hush
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: body = ByteBuffer()
        case .body(var part): body.writeBuffer(&part)
        case .end: answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        let request = try? JSONValue(parsing: body.readableBytesView)
        let properties = request?["response_format"]?["json_schema"]?["schema"]?["properties"]?.object
        let asked = properties == nil ? "response_generation" : properties?["stage"] != nil ? "stage_selection" : "data_extraction"
        guard asked != purpose else { return hush.set() }
        let text: JSONValue = asked == "response_generation" ? "A reply." : "{}"
        let answer: JSONValue = [
            "choices": [["index": 0, "finish_reason": "stop", "message": ["role": "assistant", "content": text]]],
            "usage": ["prompt_tokens": 1, "completion_tokens": 1],
        ]
        let bytes = answer.jsonBytes
        let head = HTTPResponseHead(
            version: .http1_1, status: .ok, headers: ["Content-Type": "application/json", "Content-Length": "\(bytes.count)"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
