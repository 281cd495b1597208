import NIOCore

/// What happens to a connection, in this order: created, opened, received any number of times, ended.
enum ConnectionEvent: Sendable {
    case created(any Channel)
    /// The server has accepted us; commands may be written.
    case opened(any Channel, RedisProtocolVersion)
    case received([RedisReply])
    case ended(RedisError)
}

/// Turns the bytes of one connection into replies, and agrees with the server on how to talk before anybody else may.
final class RedisConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case idle
        case handshake(HandshakeStateMachine)
        case open
        case ended
    }

    private var decoder: RESPDecoder
    private var phase: Phase = .idle
    private let settings: HandshakeStateMachine.Settings
    private let report: @Sendable (ConnectionEvent) -> Void

    init(settings: HandshakeStateMachine.Settings, limits: RESPLimits, report: @escaping @Sendable (ConnectionEvent) -> Void) {
        decoder = RESPDecoder(limits: limits)
        self.settings = settings
        self.report = report
    }

    func handlerAdded(context: ChannelHandlerContext) {
        report(.created(context.channel))
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard case .idle = phase else { return }
        var handshake = HandshakeStateMachine(settings: settings)
        let action = handshake.start()
        phase = .handshake(handshake)
        perform(action, context)
    }

    private func perform(_ action: HandshakeStateMachine.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .send(let step): context.writeAndFlush(wrapOutboundOut(step.command.encoded), promise: nil)
        case .succeed(let version):
            phase = .open
            report(.opened(context.channel, version))
        case .fail(let error): end(error, context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.feed(unwrapInboundIn(data))
        do throws(RESPFault) {
            try readHandshake(context)
            guard case .open = phase else { return }
            var replies: [RedisReply] = []
            // What came before a fault was in order.
            defer { if !replies.isEmpty { report(.received(replies)) } }
            try decoder.drain(into: &replies)
        } catch {
            end(RedisError(error), context)
        }
    }

    private func readHandshake(_ context: ChannelHandlerContext) throws(RESPFault) {
        while case .handshake(var handshake) = phase, let value = try decoder.next() {
            // Servers may announce things at any time.
            if case .push = value { continue }
            let action = handshake.received(value)
            phase = .handshake(handshake)
            perform(action, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(RedisError(connecting: error), context) }

    func channelInactive(context: ChannelHandlerContext) {
        end(RedisError(.connectionLost(wasSent: false), "The server has closed the connection."), context)
        context.fireChannelInactive()
    }

    private func end(_ error: RedisError, _ context: ChannelHandlerContext) {
        if case .ended = phase { return }
        phase = .ended
        report(.ended(error))
        context.close(promise: nil)
    }
}
