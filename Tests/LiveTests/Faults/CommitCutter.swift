import NIOCore
import NIOPosix
import Synchronization

/// Stands between a server and its PostgreSQL and cuts connections in the COMMIT of what they write, just before or just after it is carried out.
final class CommitCutter: Sendable {
    enum Moment: String, Sendable, CaseIterable {
        /// The COMMIT never arrives.
        case before
        /// The COMMIT is carried out and its answer never arrives.
        case after
    }

    private let listener: any Channel
    private let moment: Moment
    private let cuts: Cuts

    /// Which commits are cut.
    final class Cuts: Sendable {
        private let state = Mutex((commits: 0, isOn: false, cut: 0))

        var count: Int { state.withLock { $0.cut } }

        func turn(on isOn: Bool) { state.withLock { $0.isOn = isOn } }

        /// Every second, while it is turned on.
        fileprivate func takesNext() -> Bool {
            state.withLock { state in
                guard state.isOn else { return false }
                state.commits += 1
                guard state.commits.isMultiple(of: 2) else { return false }
                state.cut += 1
                return true
            }
        }
    }

    /// - Parameter port: where PostgreSQL listens, on this machine.
    static func start(before port: Int, cutting moment: Moment) async throws -> CommitCutter {
        let cuts = Cuts()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .channelInitializer { server in
                        server.eventLoop.makeCompletedFuture {
                            let side = FrontendSide(server: server, moment: moment, cuts: cuts)
                            try client.pipeline.syncOperations.addHandler(side)
                            try server.pipeline.syncOperations.addHandler(BackendSide(client: client, frontend: side))
                        }
                    }
                    .connect(host: "127.0.0.1", port: port)
                    .flatMap { _ in client.setOption(.autoRead, value: true) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return CommitCutter(listener: listener, moment: moment, cuts: cuts)
    }

    private init(listener: any Channel, moment: Moment, cuts: Cuts) {
        self.listener = listener
        self.moment = moment
        self.cuts = cuts
    }

    var port: Int { listener.localAddress?.port ?? 0 }

    /// How many connections were cut.
    var count: Int { cuts.count }

    func turn(on isOn: Bool) { cuts.turn(on: isOn) }

    func stop() async throws { try await listener.close() }
}

/// Reads what the client sends, message by message.
private final class FrontendSide: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let server: any Channel
    private let moment: CommitCutter.Moment
    private let cuts: CommitCutter.Cuts
    private var pending = ByteBuffer()
    /// The first message has no type.
    private var hasStarted = false
    /// Whether the transaction may only read, so that nothing hangs on its COMMIT.
    private var isReading = false
    /// Whether the answer to a COMMIT is on its way that must not arrive.
    private(set) var swallowsAnswer = false

    init(server: any Channel, moment: CommitCutter.Moment, cuts: CommitCutter.Cuts) {
        self.server = server
        self.moment = moment
        self.cuts = cuts
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        pending.writeBuffer(&bytes)
        while let message = next() {
            if isCommit(message), !isReading, cuts.takesNext() {
                switch moment {
                case .before:
                    server.close(promise: nil)
                    context.close(promise: nil)
                    return
                case .after: swallowsAnswer = true
                }
            }
            server.write(message, promise: nil)
        }
        server.flush()
    }

    func channelInactive(context: ChannelHandlerContext) { server.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func next() -> ByteBuffer? {
        let typeLength = hasStarted ? 1 : 0
        guard let length = pending.getInteger(at: pending.readerIndex + typeLength, as: UInt32.self),
            let message = pending.readSlice(length: typeLength + Int(length))
        else { return nil }
        hasStarted = true
        return message
    }

    /// Whether it is a Query or a Parse with nothing but COMMIT.
    private func isCommit(_ message: ByteBuffer) -> Bool {
        let view = message.readableBytesView
        guard let type = view.first, type == UInt8(ascii: "Q") || type == UInt8(ascii: "P") else { return false }
        let texts = Array(view.dropFirst(5)).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        if let begin = texts.first(where: { $0.hasPrefix("BEGIN") }) { isReading = begin.contains("READ ONLY") }
        return texts.contains("COMMIT")
    }
}

/// Hands on what PostgreSQL answers, except to a COMMIT whose connection is to be cut.
private final class BackendSide: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: any Channel
    private let frontend: FrontendSide
    private var swallowed: [UInt8] = []

    init(client: any Channel, frontend: FrontendSide) {
        self.client = client
        self.frontend = frontend
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !frontend.swallowsAnswer else {
            swallowed += unwrapInboundIn(data).readableBytesView
            // Only what was answered is surely done.
            guard swallowed.split(separator: 0).contains(where: { $0.suffix(6).elementsEqual("COMMIT".utf8) }) else { return }
            client.close(promise: nil)
            context.close(promise: nil)
            return
        }
        client.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
