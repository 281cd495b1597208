import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on the loopback interface that answers what a test has written down, in that order, and then the last again and again.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        let head: HTTPRequestHead
        let body: String
    }

    struct Reply: Sendable {
        enum Ending: Sendable {
            case complete
            /// It is complete, which only a later packet says.
            case late
            /// The connection is closed as if the server had died.
            case cut
            /// Nothing more comes, and the connection stays.
            case hang
        }

        /// nil: not even a head comes.
        var status: Int?
        var headers: [(String, String)] = []
        var parts: [[UInt8]] = []
        var ending: Ending = .complete
    }

    private struct State {
        var replies: [Reply]
        var requests: [Request] = []
        var connections = 0
        var channels: [any Channel] = []
    }

    private let state: Mutex<State>
    private let listener = Mutex<(any Channel)?>(nil)
    /// Requests as they come, with their bodies.
    let arrivals: AsyncStream<Request>
    private let arrive: AsyncStream<Request>.Continuation
    /// One for each connection that has ended.
    let departures: AsyncStream<Void>
    private let depart: AsyncStream<Void>.Continuation

    init(_ replies: [Reply]) {
        state = Mutex(State(replies: replies))
        (arrivals, arrive) = AsyncStream.makeStream()
        (departures, depart) = AsyncStream.makeStream()
    }

    var requests: [Request] { state.withLock(\.requests) }
    var connectionCount: Int { state.withLock(\.connections) }

    /// - Returns: the port.
    func start() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(ScriptedHandler(server: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        listener.withLock { $0 = channel }
        return channel.localAddress?.port ?? 0
    }

    func stop() async throws {
        // A test may have stopped it already.
        let channel = listener.withLock { $0.take() }
        try await channel?.close()
        await hangUp()
    }

    /// Closes all connections, whatever is under way.
    func hangUp() async {
        for channel in state.withLock(\.channels) { try? await channel.close() }
    }

    fileprivate func connected(_ channel: any Channel) {
        state.withLock {
            $0.connections += 1
            $0.channels.append(channel)
        }
    }

    fileprivate func disconnected() { depart.yield() }

    fileprivate func reply(to request: Request) -> Reply {
        let reply = state.withLock {
            $0.requests.append(request)
            return $0.replies.count > 1 ? $0.replies.removeFirst() : $0.replies.first ?? .silence
        }
        arrive.yield(request)
        return reply
    }
}

private final class ScriptedHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: ScriptedServer
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(server: ScriptedServer) { self.server = server }

    func channelActive(context: ChannelHandlerContext) { server.connected(context.channel) }

    func channelInactive(context: ChannelHandlerContext) { server.disconnected() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(var part): body.writeBuffer(&part)
        case .end:
            guard let head else { return }
            let request = ScriptedServer.Request(head: head, body: String(buffer: body))
            body.clear()
            answer(server.reply(to: request), context)
        }
    }

    private func answer(_ reply: ScriptedServer.Reply, _ context: ChannelHandlerContext) {
        if let status = reply.status {
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: HTTPHeaders(reply.headers))
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
        for part in reply.parts { context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: part)))), promise: nil) }
        switch reply.ending {
        case .complete: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .late:
            let channel = context.channel
            context.eventLoop.scheduleTask(in: .milliseconds(20)) { channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil) }
        case .cut: context.close(promise: nil)
        case .hang: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension ScriptedServer.Reply {
    /// The server takes the request and never says anything.
    static let silence = ScriptedServer.Reply(status: nil, ending: .hang)

    static func json(_ text: String, status: Int = 200, _ headers: [(String, String)] = []) -> Self {
        Self(status: status, headers: headers + [("content-type", "application/json")], parts: [Array(text.utf8)])
    }

    /// An answer as it should be.
    static func text(_ text: String) -> Self {
        json(
            #"{"choices":[{"message":{"role":"assistant","content":"\#(text)"},"finish_reason":"stop"}],"#
                + #""usage":{"prompt_tokens":9,"completion_tokens":4}}"#)
    }

    static func failure(_ status: Int, _ headers: [(String, String)] = []) -> Self {
        json(#"{"error":{"message":"It is so."}}"#, status: status, headers)
    }

    static func stream(_ parts: [String], _ ending: Ending = .complete) -> Self {
        Self(status: 200, headers: [("content-type", "text/event-stream; charset=utf-8")], parts: parts.map { Array($0.utf8) }, ending: ending)
    }

    /// The event of one piece of a stream.
    static func piece(_ text: String) -> String { #"data: {"choices":[{"delta":{"content":"\#(text)"},"finish_reason":null}]}"# + "\n\n" }

    static let stop = #"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"# + "\n\n"
    static let usage = #"data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4}}"# + "\n\n"
    static let done = "data: [DONE]\n\n"
}
