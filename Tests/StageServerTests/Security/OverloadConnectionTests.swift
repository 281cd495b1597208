import HTTPTypes
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
@testable import StageServer
import Testing

/// One connection, over a clock that goes on when it is told to.
@Suite("Connections: slow, idle, oversized and refused clients")
struct OverloadConnectionTests {
    private final class Connection {
        /// Counts how often something is to be read.
        private final class Reads: ChannelOutboundHandler {
            typealias OutboundIn = HTTPResponsePart

            var count = 0

            func read(context: ChannelHandlerContext) {
                count += 1
                context.read()
            }
        }

        let channel = EmbeddedChannel()
        let gate: AdmissionGate
        private let reads = Reads()

        init(requests: Int = 10) throws {
            var limits = ConnectionLimits()
            limits.requests = requests
            gate = AdmissionGate(limits, metrics: PrometheusMetrics(), logger: LoggedLines().logger)
            try channel.pipeline.syncOperations.addHandler(reads)
            try channel.pipeline.syncOperations.addHandler(ConnectionHandler(limits, gate: gate, at: channel.eventLoop.now))
            try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        }

        var isOpen: Bool { channel.isActive }

        func pass(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

        func ask(_ method: HTTPRequest.Method = .get, _ path: String = "/stages", isWhole: Bool = true) throws {
            let head = HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path)
            channel.pipeline.fireChannelRead(HTTPRequestPart.head(head))
            if isWhole { channel.pipeline.fireChannelRead(HTTPRequestPart.end(nil)) }
            channel.pipeline.fireChannelReadComplete()
        }

        func send(_ bytes: Int) {
            channel.pipeline.fireChannelRead(HTTPRequestPart.body(ByteBuffer(repeating: 0x20, count: bytes)))
            channel.pipeline.fireChannelReadComplete()
        }

        func answerBegins() { channel.write(HTTPResponsePart.head(HTTPResponse(status: .ok)), promise: nil) }

        func answerEnds() { channel.writeAndFlush(HTTPResponsePart.end(nil), promise: nil) }

        func answer() {
            answerBegins()
            answerEnds()
        }

        /// How long nothing is read, in milliseconds, if what is to be read next is asked for now.
        func pause() -> Int {
            let before = reads.count
            channel.read()
            for time in 0...2000 {
                if reads.count > before { return time }
                pass(.milliseconds(1))
            }
            return .max
        }

        func quiesce() { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }

        /// The statuses of what was answered since it was last asked.
        func answers() -> [Int] {
            var statuses: [Int] = []
            while let part = (try? channel.readOutbound(as: HTTPResponsePart.self)) ?? nil {
                if case .head(let head) = part { statuses.append(Int(head.status.code)) }
            }
            return statuses
        }

        /// How many requests were handed on since it was last asked.
        func handedOn() -> Int {
            var count = 0
            while let part = (try? channel.readInbound(as: HTTPRequestPart.self)) ?? nil {
                if case .head = part { count += 1 }
            }
            return count
        }
    }

    @Test("A connection on which no request's head comes in time is closed without a word")
    func noHead() throws {
        let connection = try Connection()
        connection.pass(.milliseconds(9_999))
        #expect(connection.isOpen)
        connection.pass(.milliseconds(1))
        #expect(!connection.isOpen && connection.answers().isEmpty)
    }

    @Test("After an answer a connection is kept for a while, however long the answer took")
    func idle() throws {
        let connection = try Connection()
        try connection.ask()
        connection.answerBegins()
        connection.pass(.hours(5))
        #expect(connection.isOpen)
        connection.answerEnds()
        connection.pass(.milliseconds(74_999))
        #expect(connection.isOpen)
        try connection.ask()
        connection.answer()
        connection.pass(.milliseconds(74_999))
        #expect(connection.isOpen)
        connection.pass(.milliseconds(1))
        #expect(!connection.isOpen)
    }

    @Test("A body must come in time, longer the more of it comes; else it is answered 408 and the connection closed")
    func slowBody() throws {
        let connection = try Connection()
        try connection.ask(.post, isWhole: false)
        connection.pass(.seconds(29))
        connection.send(16 << 10)
        connection.pass(.milliseconds(1_999))
        #expect(connection.isOpen && connection.answers().isEmpty)
        connection.pass(.milliseconds(1))
        #expect(connection.answers() == [408])
        #expect(connection.gate.count(.request) == 0)
        // What the server still answers goes nowhere; what is still sent is not kept.
        connection.answer()
        connection.send(100)
        #expect(connection.answers().isEmpty)
        connection.pass(.seconds(2))
        #expect(!connection.isOpen)
    }

    @Test("A body that comes whole has its time for itself, and its answer another")
    func wholeBody() throws {
        let connection = try Connection()
        try connection.ask(.post, isWhole: false)
        connection.pass(.seconds(20))
        connection.channel.pipeline.fireChannelRead(HTTPRequestPart.end(nil))
        connection.pass(.hours(1))
        connection.answer()
        #expect(connection.isOpen && connection.answers() == [200])
    }

    @Test("A client that takes nothing of what it is sent is closed")
    func stalled() throws {
        let connection = try Connection()
        try connection.ask()
        connection.answerBegins()
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        connection.pass(.milliseconds(59_999))
        #expect(connection.isOpen)
        connection.pass(.milliseconds(1))
        #expect(!connection.isOpen)
    }

    @Test("What can't be read is answered, and is the last that is", arguments: [("large", 431), ("no HTTP", 400)])
    func unreadable(_ kind: String, _ status: Int) throws {
        let connection = try Connection()
        let error: any Error = kind == "large" ? HTTPParserError.headerOverflow : HTTPParserError.invalidMethod
        connection.channel.pipeline.fireErrorCaught(error)
        connection.channel.pipeline.fireErrorCaught(error)
        #expect(connection.answers() == [status])
        connection.pass(.seconds(2))
        #expect(!connection.isOpen)
    }

    @Test("What breaks off while it is answered is answered to the end, and the connection closed soon after")
    func broken() throws {
        let connection = try Connection()
        try connection.ask(.post, isWhole: false)
        connection.channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
        connection.pass(.minutes(5))
        connection.answer()
        #expect(connection.isOpen && connection.answers() == [200])
        connection.pass(.seconds(2))
        #expect(!connection.isOpen)

        let other = try Connection()
        try other.ask(.post, isWhole: false)
        other.channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
        // Whoever handles the connection answers the request, then what can't be read.
        other.answer()
        other.answer()
        other.channel.embeddedEventLoop.run()
        #expect(!other.isOpen && other.answers() == [200, 200])
    }

    @Test("A refused request is answered and dropped, and the next is served")
    func refused() throws {
        let first = try Connection(requests: 1)
        #expect(first.gate.enter(.request))
        try first.ask(.post, isWhole: false)
        first.send(100)
        first.channel.pipeline.fireChannelRead(HTTPRequestPart.end(nil))
        #expect(first.answers() == [503] && first.handedOn() == 0)
        first.gate.leave(.request)
        try first.ask()
        #expect(first.handedOn() == 1 && first.gate.count(.request) == 1)
        first.answerBegins()
        #expect(first.gate.count(.request) == 0)
        first.answerEnds()
        #expect(first.answers() == [200])
    }

    @Test("Nothing is read for a while after a refusal, for longer when the next request is refused, too, until one was served")
    func pauses() throws {
        let connection = try Connection(requests: 1)
        for (isServed, pause) in [(false, 250), (false, 1000), (false, 1000), (true, 0), (false, 250), (false, 1000)] {
            if !isServed { #expect(connection.gate.enter(.request)) }
            try connection.ask()
            if isServed { connection.answer() } else { connection.gate.leave(.request) }
            #expect(connection.answers() == [isServed ? 200 : 503] && connection.pause() == pause)
        }
    }

    @Test("Requests that come before the last is answered count as one")
    func pipelined() throws {
        let connection = try Connection(requests: 1)
        for _ in 0..<3 { try connection.ask() }
        #expect(connection.handedOn() == 3 && connection.gate.count(.request) == 1)
        for _ in 0..<3 { connection.answer() }
        #expect(connection.answers() == [200, 200, 200] && connection.gate.count(.request) == 0)
    }

    @Test("A message of an end user keeps its place until its answer has ended: it may be streamed")
    func turn() throws {
        let connection = try Connection()
        try connection.ask(.post, "/conversations/c/messages")
        connection.answerBegins()
        #expect(connection.gate.count(.turn) == 1 && connection.gate.count(.request) == 0)
        connection.answerEnds()
        #expect(connection.gate.count(.turn) == 0)
    }

    @Test("A client that goes leaves its place")
    func gone() throws {
        let connection = try Connection()
        try connection.ask()
        #expect(connection.gate.count(.request) == 1)
        connection.channel.close(promise: nil)
        connection.channel.embeddedEventLoop.run()
        #expect(connection.gate.count(.request) == 0)
    }

    @Test("When the server is to end: idle connections are closed, answers are given, and half of a request is waited for, not for long")
    func ending() throws {
        let idle = try Connection()
        idle.quiesce()
        #expect(!idle.isOpen)

        let busy = try Connection()
        try busy.ask()
        busy.quiesce()
        busy.pass(.minutes(1))
        #expect(busy.isOpen)
        busy.answer()
        #expect(busy.answers() == [200])
        busy.channel.embeddedEventLoop.run()
        #expect(!busy.isOpen)

        let half = try Connection()
        try half.ask(.post, isWhole: false)
        half.quiesce()
        half.pass(.milliseconds(9_999))
        #expect(half.isOpen && half.answers().isEmpty)
        half.pass(.milliseconds(1))
        #expect(half.answers() == [408])
        half.pass(.seconds(2))
        #expect(!half.isOpen)
    }
}
