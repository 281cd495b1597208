import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Stands between a connection's HTTP and the tasks that answer: refuses what is too much before any task knows of it, and closes
/// connections whose clients are too slow.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: ConnectionLimits
    private let gate: AdmissionGate
    private var machine: ConnectionStateMachine
    /// What the request is counted as that came when none was under way.
    private var entered: AdmissionGate.Kind?
    private var timer: (at: NIODeadline, task: Scheduled<Void>)?
    private var isPaused = false
    private var isReadWanted = false

    init(_ limits: ConnectionLimits, gate: AdmissionGate, at now: NIODeadline) {
        self.limits = limits
        self.gate = gate
        machine = ConnectionStateMachine(limits, at: now)
    }

    func handlerAdded(context: ChannelHandlerContext) { watch(context) }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        timer?.task.cancel()
        timer = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    // MARK: - What the client sends

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): read(head, data, context)
        case .body(let bytes): if machine.body(bytes.readableBytes) == .handOn { context.fireChannelRead(data) }
        case .end:
            switch machine.end(at: context.eventLoop.now) {
            case .handOn: context.fireChannelRead(data)
            case .drop: break
            case .pause(let time): pause(time, context)
            }
        }
    }

    private func read(_ head: HTTPRequest, _ data: NIOAny, _ context: ChannelHandlerContext) {
        var isAdmitted = true
        if machine.isFree {
            let kind = AdmissionGate.Kind(head)
            isAdmitted = gate.enter(kind)
            leave()
            if isAdmitted { entered = kind }
        }
        if head.offersOtherProtocol { machine.takesNoMore() }
        switch machine.head(isAdmitted: isAdmitted) {
        case .handOn: context.fireChannelRead(data)
        case .refuse: answer(.overloaded, to: head, isLast: machine.isLastRequest, context)
        case .drop: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if machine.isReading {
            machine.waited(at: context.eventLoop.now)
            watch(context)
        }
        if machine.isOver { context.read() }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let fault = RequestError(unreadable: error) else { return context.fireErrorCaught(error) }
        switch machine.fault(at: context.eventLoop.now) {
        case .answer: answer(fault, to: nil, isLast: true, context)
        case .handOn: context.fireErrorCaught(error)
        case .drop: break
        }
    }

    /// Reads nothing for a while.
    private func pause(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        watch(context)
        guard !isPaused else { return }
        isPaused = true
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            isPaused = false
            if isReadWanted {
                isReadWanted = false
                context.read()
            }
        }
    }

    func read(context: ChannelHandlerContext) {
        if isPaused { isReadWanted = true } else { context.read() }
    }

    // MARK: - What is answered

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let action: ConnectionStateMachine.AnswerAction
        var data = data
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if machine.isLastRequest, machine.underWay == 1, head.status.kind != .informational {
                head.headerFields[.connection] = "close"
                data = wrapOutboundOut(.head(head))
            }
            action = machine.answerBegins()
            // What follows takes time, but no work that others would wait for; but for a message, whose turn may begin then.
            if head.status.kind != .informational, entered != .turn { leave() }
        case .body: action = machine.isOver ? .drop : .none
        case .end:
            leave()
            action = machine.answerEnds(at: context.eventLoop.now)
            watch(context)
        }
        switch action {
        case .none: context.write(data, promise: promise)
        case .drop: promise?.fail(ChannelError.ioOnClosedChannel)
        case .close:
            context.writeAndFlush(data, promise: promise)
            context.close(promise: nil)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        machine.isWritable(context.channel.isWritable, at: context.eventLoop.now)
        watch(context)
        context.fireChannelWritabilityChanged()
    }

    /// Gives an answer of its own, without anybody behind it.
    /// - Parameter head: the request; nil: it could not be read.
    private func answer(_ error: RequestError, to head: HTTPRequest?, isLast: Bool, _ context: ChannelHandlerContext) {
        let problem = Problem(error)
        let requestID = Dispatcher.requestID(in: head?.headerFields ?? [:])
        let body = problem.body(requestID: requestID)
        var fields: HTTPFields = [
            .contentType: "application/problem+json", .contentLength: String(body.count), .requestID: requestID, .xContentTypeOptions: "nosniff",
            .cacheControl: "no-store",
        ]
        for (name, value) in problem.headers { fields[name] = value }
        let isLast = isLast || head?.headerFields[.connection]?.lowercased() == "close"
        if isLast { fields[.connection] = "close" }
        context.write(wrapOutboundOut(.head(HTTPResponse(status: problem.status, headerFields: fields))), promise: nil)
        if head?.method != .head { context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        guard isLast else { return }
        context.close(mode: .output, promise: nil)
        watch(context)
    }

    private func leave() {
        if let entered { gate.leave(entered) }
        entered = nil
    }

    // MARK: - Time

    /// Sees to it that the connection is looked at when that is due.
    private func watch(_ context: ChannelHandlerContext) {
        guard let deadline = machine.deadline else { return }
        if let timer {
            guard deadline < timer.at else { return }
            timer.task.cancel()
        }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in look(context) }
        timer = (deadline, task)
    }

    private func look(_ context: ChannelHandlerContext) {
        timer = nil
        switch machine.timeout(at: context.eventLoop.now) {
        case .wait, .rest: watch(context)
        case .answerTimeout:
            leave()
            answer(.timeout, to: nil, isLast: true, context)
            // Whoever waits for the body is told that there will be none.
            context.fireErrorCaught(ChannelError.eof)
        case .close: context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            switch machine.quiesce(at: context.eventLoop.now) {
            case .none: watch(context)
            case .drop: break
            case .close: context.close(promise: nil)
            }
        case ChannelEvent.inputClosed where machine.isOver: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }
}

extension HTTPRequest {
    /// Whether the parser reads nothing more after the request, since its sender offers to go on with another protocol. None is taken up.
    fileprivate var offersOtherProtocol: Bool { method == .connect || headerFields[.upgrade] != nil }
}

extension RequestError {
    /// What the client sends is no HTTP that is accepted; nil: the error is another one.
    fileprivate init?(unreadable error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow: self = .headersTooLarge
        case is HTTPParserError, is ByteToMessageDecoderError:
            self = .malformed(code: "malformed_request", message: "What was sent is no HTTP/1.1 request.")
        default:
            // What a request is made of is checked once more when it is read; those errors have no public type.
            guard String(reflecting: type(of: error)).hasPrefix("NIOHTTPTypesHTTP1.") else { return nil }
            self = .malformed(code: "malformed_request", message: "The request's method or target can't be used.")
        }
    }
}
